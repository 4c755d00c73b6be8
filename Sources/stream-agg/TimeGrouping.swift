import Columnar
import Diagnostics
import Expressions
import Operators
import Toolkit
import Wire

/// What the rows' time means to the groups: windows that were declared before, or a key.
struct TimeGrouping {
  let grouping: AggregateGrouping
  /// Rows stop coming for a group once the watermark has passed it.
  let isClosedByTime: Bool
  /// The declaration behind this stage: what window its rows are of.
  let declaration: WindowDeclaration?

  /// - Parameters:
  ///   - keys: of the aggregation.
  ///   - header: of the rows that come in.
  /// - Throws: a usage error when the event time has got lost on the way.
  init(_ keys: [Expression], _ header: Header, _ schema: Schema) throws {
    let shape = header.shape
    let time = shape.eventTime.flatMap { schema.index(of: $0) }
    let declaration = try shape.declaration()
    if let declaration, declaration.isProcessingTime || shape.mode == nil || time != nil {
      let rowTime: RowTime
      if declaration.isProcessingTime {
        rowTime = .epoch
      } else if let time {
        rowTime = .column(time)
      } else {
        throw StreamError(
          .usage, "the column of the event time has got lost between stream-window and here",
          hint: "keep it: stream-map --select '…, ts'")
      }
      grouping =
        switch declaration.window {
        case .aligned(let windows): .windows(windows, rowTime)
        case .session(let gap): .sessions(try SessionGapPlan(gap, over: schema), rowTime)
        }
      isClosedByTime = declaration.isProcessingTime || shape.watermark != nil
      self.declaration = WindowDeclaration(declaration.window)
      return
    }
    self.declaration = declaration
    let key = try time.flatMap { time in
      try keys.firstIndex { try $0.bind(to: schema).columnIndex == time }
    }
    grouping = key.map { .timeKey($0) } ?? .keys
    isClosedByTime = key != nil && shape.watermark != nil
  }

  /// Whether the results begin with a window.
  var isWindowed: Bool {
    switch grouping {
    case .keys, .timeKey: false
    case .windows, .sessions: true
    }
  }

  /// Keys that no expression makes.
  var windowKeys: [Field] { isWindowed ? [.windowStart, .windowEnd] : [] }

  /// The columns that tell one row of the results from another.
  func resultKeys(_ names: [String]) -> [String] {
    // A session grows: its end does not tell it apart.
    if case .sessions = grouping { return names.filter { $0 != Field.windowEnd.name } }
    return names
  }

  func operation(_ plan: AggregatePlan) -> any Operator {
    switch grouping {
    case .sessions: SessionAggregate(plan)
    case .windows where plan.mode == .append: PaneAggregate(plan)
    case .keys, .timeKey, .windows: Aggregate(plan)
    }
  }
}
