package import Columnar
import Diagnostics
package import Expressions

/// One of the two streams of a join.
package enum JoinedSide: String, Sendable, CaseIterable {
  case left
  case right

  var other: JoinedSide { self == .left ? .right : .left }

  /// As a condition calls it.
  var qualifier: String {
    self == .left ? JoinCondition.qualifiers.left : JoinCondition.qualifiers.right
  }
}

/// How the rows of two streams are joined, and how long each is kept.
package struct StreamJoinPlan: Sendable {
  /// An input of the join.
  package struct Input: Sendable {
    package let schema: Schema
    /// A watermark moves along with its rows.
    package let hasWatermark: Bool
    /// The column of the event time; nil where none is declared, or none any more.
    package let eventTime: String?

    package init(_ schema: Schema, eventTime: String? = nil, hasWatermark: Bool = false) {
      self.schema = schema
      self.hasWatermark = hasWatermark
      self.eventTime = hasWatermark ? eventTime : nil
    }
  }

  /// What comes out of which columns.
  package let columns: TableJoinPlan
  package let times: JoinTimes
  let remainder: JoinRemainder
  /// The memory that the state may take, in bytes.
  package var stateByteLimit: Int?

  /// - Parameter prefix: see ``TableJoinPlan``.
  /// - Throws: `StreamError` of kind usage for columns that do not go together.
  package init(
    _ type: JoinType, on condition: JoinCondition, left: Input, right: Input, prefix: String? = nil
  ) throws {
    columns = try TableJoinPlan(
      type, on: condition, left: left.schema, right: right.schema, prefix: prefix)
    let basis = try JoinTimes.Basis(condition, left, right)
    remainder = try condition.remainder(times: basis.isEventTime ? basis.columns : nil)
    times = JoinTimes(basis, remainder.lag)
  }

  package var type: JoinType { columns.type }

  package var output: Schema { columns.output }

  func schema(_ side: JoinedSide) -> Schema { side == .left ? columns.left : columns.right }

  /// Whether rows of a side come out when it is certain that they have no partner.
  package func sendsUnmatched(_ side: JoinedSide) -> Bool {
    switch side {
    case .left: type.keepsUnmatchedLeft || type == .anti
    case .right: type.keepsUnmatchedRight
    }
  }

  /// Whether the first partner of a row settles what becomes of it.
  func isSettledByMatch(_ side: JoinedSide) -> Bool { side == .left && !type.showsRight }

  func condition(on side: JoinedSide) -> Predicate? {
    side == .left ? remainder.left : remainder.right
  }

  func keys(_ side: JoinedSide) -> [BoundExpression] {
    columns.condition.equalities.map { side == .left ? $0.left : $0.right }
  }

  /// The columns of a side that its rows are kept with.
  func kept(_ side: JoinedSide) -> [Int] {
    switch side {
    case .left: return Array(columns.left.fields.indices)
    case .right:
      var used = columns.rightColumnsUsed
      if let time = times.column(.right) { used.insert(time) }
      return used.sorted()
    }
  }

  /// The columns of an input whose values are looked at; nil for all.
  package func columnsUsed(_ side: JoinedSide) -> Set<Int>? {
    guard side == .right else { return nil }
    var used = Set(kept(.right)).union(remainder.right?.columnsUsed ?? [])
    if let late = times.lateColumn(.right) { used.insert(late) }
    return used
  }
}

/// What the times of rows say about how long they can find partners.
package struct JoinTimes: Sendable {
  /// Which columns hold the times.
  enum Basis: Sendable {
    /// The ends of windows, which are equal in pairs.
    case windows(left: Int, right: Int)
    /// Event times; they are equal in pairs or not.
    case events(left: Int, right: Int, areEqual: Bool)
    /// A side has no event time with a watermark: the event times that there are.
    case none(left: Int?, right: Int?)
  }

  let basis: Basis
  let lag: TimeLag
  /// How far behind its time, in µs, the watermark is when a row can find no partner any more; nil:
  /// it always can.
  private let holds: (left: Int64?, right: Int64?)

  init(_ basis: Basis, _ lag: TimeLag) {
    self.basis = basis
    self.lag = lag
    switch basis {
    case .windows, .events(_, _, areEqual: true): holds = (0, 0)
    case .events(_, _, areEqual: false):
      holds = (
        lag.most.map { $0.addingSaturating(1) },
        lag.least.map { Int64(0).subtractingSaturating($0).addingSaturating(1) }
      )
    case .none: holds = (nil, nil)
    }
  }

  package func hold(_ side: JoinedSide) -> Int64? { side == .left ? holds.left : holds.right }

  /// Whether a row of one side can be told to be too far away in time from one of the other.
  var isBounded: Bool { hold(.left) != nil || hold(.right) != nil }

  /// Both sides have event times and a watermark.
  package var hasWatermarks: Bool { if case .none = basis { false } else { true } }

  /// The column of the times of a side; nil when none bounds anything.
  func column(_ side: JoinedSide) -> Int? { isBounded ? lateColumn(side) : nil }

  /// The column that says when a row is late.
  func lateColumn(_ side: JoinedSide) -> Int? {
    switch basis {
    case .windows(let left, let right), .events(let left, let right, _):
      side == .left ? left : right
    case .none(let left, let right): side == .left ? left : right
    }
  }

  /// The times of the kept rows that go with a row of a side.
  func partners(of time: Int64, _ side: JoinedSide) -> ClosedRange<Int64>? {
    let least = side == .left ? lag.least : lag.most.map { Int64(0).subtractingSaturating($0) }
    let most = side == .left ? lag.most : lag.least.map { Int64(0).subtractingSaturating($0) }
    let low = least.map { time.addingSaturating($0) } ?? .min
    let high = most.map { time.addingSaturating($0) } ?? .max
    return low <= high ? low...high : nil
  }

  /// The watermark behind the join: a row may come out so late. nil when it may come at any time.
  package func watermark(behind watermark: Int64) -> Int64? {
    guard let left = hold(.left), let right = hold(.right) else { return nil }
    let (milliseconds, rest) = watermark.subtractingSaturating(max(left, right, 0))
      .quotientAndRemainder(dividingBy: 1000)
    return (rest < 0 ? milliseconds - 1 : milliseconds).multipliedReportingOverflow(by: 1000)
      .partialValue
  }
}

extension JoinTimes.Basis {
  fileprivate init(
    _ condition: JoinCondition, _ left: StreamJoinPlan.Input, _ right: StreamJoinPlan.Input
  ) throws {
    func isEqual(_ one: Int, _ other: Int) -> Bool {
      condition.equalities.contains {
        $0.left.columnIndex == one && $0.right.columnIndex == other && !$0.matchesNulls
      }
    }
    let hasWatermarks = left.hasWatermark && right.hasWatermark
    if hasWatermarks, let one = left.windowEnd, let other = right.windowEnd, isEqual(one, other) {
      self = .windows(left: one, right: other)
      return
    }
    let (one, other) = (try left.timeColumn(), try right.timeColumn())
    if let one, let other {
      self = .events(left: one, right: other, areEqual: isEqual(one, other))
    } else {
      self = .none(left: one, right: other)
    }
  }

  var isEventTime: Bool { if case .events = self { true } else { false } }

  var columns: (left: Int, right: Int)? {
    switch self {
    case .windows(let left, let right), .events(let left, let right, _): (left, right)
    case .none: nil
    }
  }
}

extension StreamJoinPlan.Input {
  fileprivate var windowEnd: Int? {
    schema.index(of: Field.windowEnd.name).flatMap {
      schema.fields[$0].type == .timestamp ? $0 : nil
    }
  }

  fileprivate func timeColumn() throws -> Int? {
    guard let eventTime, let index = schema.index(of: eventTime) else { return nil }
    guard schema.fields[index].type == .timestamp else {
      throw StreamError(
        .usage,
        "the event time '\(eventTime)' is of type \(schema.fields[index].type), not a timestamp")
    }
    return index
  }
}

extension Int64 {
  func addingSaturating(_ other: Int64) -> Int64 {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? (other < 0 ? .min : .max) : sum
  }

  func subtractingSaturating(_ other: Int64) -> Int64 {
    let (difference, overflows) = subtractingReportingOverflow(other)
    return overflows ? (other < 0 ? .max : .min) : difference
  }
}
