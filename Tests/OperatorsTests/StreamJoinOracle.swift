import Columnar
import Expressions
import Operators
import TestSupport

/// What comes in of one side in one epoch: rows of a time, a key and a value.
struct JoinInput {
  var side: JoinSide
  var rows: [[Value]]

  static let schema = Schema([Field("ts", .timestamp), Field("k", .string), Field("v", .bigint)])

  static let plain = StreamJoinPlan.Input(schema)
  static let timed = StreamJoinPlan.Input(schema, eventTime: "ts", hasWatermark: true)

  func batch() -> Batch {
    let columns = JoinInput.schema.fields.enumerated().map { index, field in
      Column(field.type, values: rows.map { $0[index] })
    }
    return Batch(schema: JoinInput.schema, columns: columns, rowCount: rows.count)
  }

  /// - Parameters:
  ///   - second: about which the times lie.
  ///   - spread: how far from it, in seconds.
  static func random(
    _ side: JoinSide, second: Int, spread: Int, count: Int, keys: Int,
    _ random: inout SplitMix64
  ) -> JoinInput {
    let rows = (0..<count).map { _ -> [Value] in
      let time = (second + Int.random(in: -spread...spread, using: &random)) * 1_000_000
      return [
        Int.random(in: 0..<30, using: &random) == 0 ? .null : .integer(Int64(time)),
        Int.random(in: 0..<15, using: &random) == 0
          ? .null : .string("k\(Int.random(in: 0..<keys, using: &random))"),
        Int.random(in: 0..<15, using: &random) == 0
          ? .null : .integer(Int64.random(in: 0..<10, using: &random)),
      ]
    }
    return JoinInput(side: side, rows: rows)
  }
}

/// The condition of a join twice: as text, and as what it says of two rows and of one alone.
struct JoinRule: Sendable {
  var text: String
  /// In seconds, of the right row's time less the left row's.
  var least: Int64?
  var most: Int64?
  /// The times are equal, and nothing waits longer.
  var areEqual = false
  /// By value.
  var left: @Sendable (Int64?) -> Bool = { _ in true }
  var right: @Sendable (Int64?) -> Bool = { _ in true }
  var both: @Sendable (Int64?, Int64?) -> Bool = { _, _ in true }

  static let all: [JoinRule] = [
    JoinRule(
      text: "l.k = r.k AND r.ts BETWEEN l.ts - INTERVAL 4 SECONDS AND l.ts + INTERVAL 6 SECONDS",
      least: -4, most: 6),
    JoinRule(
      text:
        "l.k = r.k AND r.ts >= l.ts AND r.ts - INTERVAL 5 SECONDS <= l.ts AND l.v > 2 AND r.v < 8 "
        + "AND l.v + r.v <> 9",
      least: 0, most: 5, left: { ($0 ?? -1) > 2 }, right: { ($0 ?? 99) < 8 },
      both: { left, right in left.flatMap { l in right.map { l + $0 != 9 } } ?? false }),
    JoinRule(text: "l.k = r.k AND l.ts = r.ts", areEqual: true),
    JoinRule(
      text: "r.k = l.k AND l.ts + INTERVAL 2 SECONDS <= r.ts AND INTERVAL 9 SECONDS >= r.ts - l.ts "
        + "AND l.v <= r.v", least: 2, most: 9,
      both: { left, right in left.flatMap { l in right.map { l <= $0 } } ?? false }),
  ]

  /// Nothing but equality: rows wait for ever.
  static let endless = JoinRule(text: "l.k = r.k")
}

/// A join by the rules, row by row, that never forgets a row.
struct SlowStreamJoin {
  private struct Row {
    let values: [Value]
    var hasPartner = false
    /// Seconds; nil: time does not end it.
    let leaves: Int64?
    var isGone = false

    var time: Int64? { if case .integer(let time) = values[0] { time / 1_000_000 } else { nil } }
    var key: String? { if case .string(let key) = values[1] { key } else { nil } }
    var value: Int64? { if case .integer(let value) = values[2] { value } else { nil } }
  }

  let type: JoinType
  let rule: JoinRule
  let isTimed: Bool
  private var rows: [JoinSide: [Row]] = [.left: [], .right: []]

  init(_ type: JoinType, _ rule: JoinRule, isTimed: Bool) {
    (self.type, self.rule, self.isTimed) = (type, rule, isTimed)
  }

  private func sendsUnmatched(_ side: JoinSide) -> Bool {
    side == .left ? [.left, .full, .anti].contains(type) : [.right, .full].contains(type)
  }

  private var isBounded: Bool { isTimed && (rule.areEqual || rule.least != nil) }

  /// The watermark in seconds at which a row has no partner to come.
  private func leaves(_ values: [Value], _ side: JoinSide) -> Int64? {
    guard isBounded, case .integer(let time) = values[0] else { return nil }
    if rule.areEqual { return time / 1_000_000 }
    // Its last possible partner is one that is exactly so late, and not behind the watermark.
    let hold = side == .left ? rule.most ?? 0 : -(rule.least ?? 0)
    return time / 1_000_000 + hold + 1
  }

  private func isPair(_ left: Row, _ right: Row) -> Bool {
    guard let key = left.key, key == right.key, rule.left(left.value), rule.right(right.value),
      rule.both(left.value, right.value)
    else { return false }
    if !rule.areEqual, rule.least == nil { return true }
    guard let one = left.time, let other = right.time else { return false }
    if rule.areEqual { return one == other }
    return other - one >= rule.least ?? .min && other - one <= rule.most ?? .max
  }

  private func output(_ left: Row?, _ right: Row?) -> [Value] {
    let nulls: [Value] = [.null, .null, .null]
    if type == .semi || type == .anti { return left?.values ?? nulls }
    return (left?.values ?? nulls) + (right?.values ?? nulls)
  }

  /// - Parameter watermarks: in seconds.
  mutating func run(
    _ input: JoinInput, watermarks: (before: Int64?, after: Int64?), isFinal: Bool = false
  ) -> [[Value]] {
    var sent: [[Value]] = []
    let side = input.side
    let other: JoinSide = side == .left ? .right : .left
    for values in input.rows {
      var row = Row(values: values, leaves: leaves(values, side))
      if isTimed, let time = row.time, let before = watermarks.before, time <= before { continue }
      for index in (rows[other] ?? []).indices {
        guard let waiting = rows[other]?[index] else { continue }
        let (left, right) = side == .left ? (row, waiting) : (waiting, row)
        guard isPair(left, right) else { continue }
        switch type {
        case .semi: if !left.hasPartner { sent.append(output(left, nil)) }
        case .anti: break
        default: sent.append(output(left, right))
        }
        row.hasPartner = true
        rows[other]?[index].hasPartner = true
      }
      let fits = side == .left ? rule.left(row.value) : rule.right(row.value)
      let isHopeless = !fits || (isBounded && row.time == nil)
      if isHopeless, sendsUnmatched(side) {
        sent.append(side == .left ? output(row, nil) : output(nil, row))
      }
      row.isGone =
        isHopeless || (row.key == nil && !sendsUnmatched(side))
        || (row.hasPartner && side == .left && [.semi, .anti].contains(type))
      rows[side]?.append(row)
    }
    for side in JoinSide.allCases {
      for index in (rows[side] ?? []).indices {
        guard let row = rows[side]?[index], !row.isGone else { continue }
        let isOver = row.leaves.map { leaves in watermarks.after.map { leaves <= $0 } ?? false }
        let isSettled = row.hasPartner && side == .left && [.semi, .anti].contains(type)
        guard isFinal || isOver == true || isSettled else { continue }
        rows[side]?[index].isGone = true
        if !row.hasPartner, sendsUnmatched(side) {
          sent.append(side == .left ? output(row, nil) : output(nil, row))
        }
      }
    }
    return sent
  }

  /// How many rows wait.
  var waitingCount: Int { rows.values.joined().count { !$0.isGone } }
}

/// The watermark of two inputs, the smaller one of both, in seconds.
struct JoinClock {
  let delay: Int64
  private var latest: [JoinSide: Int64] = [:]
  private(set) var watermark: Int64?

  init(delay: Int64) { self.delay = delay }

  mutating func advance(past input: JoinInput) -> (before: Int64?, after: Int64?) {
    let before = watermark
    for row in input.rows {
      guard case .integer(let time) = row[0] else { continue }
      latest[input.side] = max(latest[input.side] ?? .min, time / 1_000_000)
    }
    if let left = latest[.left], let right = latest[.right] {
      watermark = max(before ?? .min, min(left, right) - delay)
    }
    return (before, watermark)
  }
}

/// An epoch of a join as the loop drives it.
struct StreamJoinRun {
  var rows: [[Value]] = []
  var lateCount = 0
  var outcome = EpochOutcome()
  var changes: [StateRows] = []

  /// - Parameters:
  ///   - watermarks: in seconds.
  ///   - complete: the inputs that are, before the epoch and at its end.
  init(
    _ join: StreamJoin, _ input: JoinInput, _ number: Int64,
    _ watermarks: (before: Int64?, after: Int64?), isFinal: Bool = false, size: Int = 7,
    takes: Bool = false, complete: (before: Set<Int>, after: Set<Int>) = ([], [])
  ) throws {
    let before = watermarks.before.map { $0 * 1_000_000 }
    let epoch = Epoch(
      number: number, time: number, watermark: before, completeInputs: complete.before)
    let batch = input.batch()
    let place = input.side == .left ? 0 : 1
    for start in stride(from: 0, to: batch.rowCount, by: size) {
      let part = batch[start..<min(start + size, batch.rowCount)]
      let seen = absentWhereUnused(part, join.columnsUsed(ofInput: place))
      try join.process(seen, .insert, ofInput: place, in: epoch) { batch, _ in
        rows += exactRows([batch])
      }
      lateCount += join.takeRejected().late.count
    }
    let end = EpochEnd(
      epoch: Epoch(
        number: number, time: number, watermark: before, completeInputs: complete.after),
      isFinal: isFinal, watermark: watermarks.after.map { $0 * 1_000_000 })
    outcome = try join.finish(end) { batch, _ in rows += exactRows([batch]) }
    if takes { changes = try join.changes() }
  }
}

extension StreamJoin {
  convenience init(
    _ type: JoinType, _ text: String, isTimed: Bool = true, pairsMax: Int = 65_536,
    slotsMax: Int = Int(Int32.max)
  ) throws {
    let input = isTimed ? JoinInput.timed : JoinInput.plain
    let condition = try JoinCondition(
      parsing: text, left: JoinInput.schema, right: JoinInput.schema, rightName: "the other")
    self.init(
      try StreamJoinPlan(type, on: condition, left: input, right: input), pairsMax: pairsMax,
      slotsMax: slotsMax)
  }
}

/// Rows in an order of their own, to compare two lots of them.
func inOrder(_ rows: [[Value]]) -> [String] { rows.map { "\($0)" }.sorted() }
