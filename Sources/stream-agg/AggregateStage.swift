import Columnar
import Diagnostics
import Expressions
import Operators
import Toolkit
import Wire

/// The options of `stream-agg`, checked as far as they can be without knowing the input.
struct AggregateStage {
  private let aggregates: [Expression]
  private let keys: [Expression]
  private let having: Expression?
  private let order: [SortKey]
  private let limit: Int?
  /// nil when the input decides.
  private let mode: OutputMode?
  private let options: PlanOptions

  init(_ tool: AggregateTool) throws {
    aggregates = try Expression.parseList(tool.aggregates.joinedList)
    keys = try tool.keys.isEmpty ? [] : Expression.parseList(tool.keys.joinedList)
    having = try tool.having.map { try Expression.parse($0.text) }
    order = try tool.orderBy.map { try Expression.parseOrder($0.text) } ?? []
    if let limit = tool.limit, limit < 0 {
      throw StreamError(.usage, "--limit: expected a number of rows but found '\(limit)'")
    }
    limit = tool.limit
    mode = try tool.mode.map { try AggregateStage.parseMode($0) }
    options = PlanOptions([tool.aggregates.joinedList])
      .adding("by", tool.keys.map(\.text))
      .adding("mode", tool.mode)
      .adding("having", tool.having?.text)
      .adding("order-by", tool.orderBy?.text)
      .adding("limit", tool.limit.map(String.init))
  }

  func plan(behind header: Header, _ input: Schema) throws -> StagePlan {
    try requireAppended(header.shape)
    let mode = mode ?? (header.shape.isBounded ? .append : .update)
    try requireEnd(mode, header.shape)
    let aggregation = try Aggregation(
      keys: keys, aggregates: aggregates, having: having, order: order, over: input)
    let operation = Aggregate(
      try AggregatePlan(aggregation, mode: mode.aggregateMode, limit: limit))
    var shape = header.shape
    shape.mode = mode
    shape.keys = aggregation.keys.map(\.name)
    shape.eventTime = nil
    shape.window = nil
    return StagePlan(operation, shape: shape, options: options.json)
  }

  private static func parseMode(_ text: String) throws -> OutputMode {
    if let mode = OutputMode(rawValue: text) { return mode }
    let meant = nearest(to: text, among: OutputMode.allCases.map(\.rawValue))
    throw StreamError(
      .usage, "--mode: no mode '\(text)'" + (meant.map { " (did you mean '\($0)'?)" } ?? ""),
      hint: "modes: \(OutputMode.allCases.map(\.rawValue).joined(separator: ", "))")
  }

  /// What has been sent cannot be taken out of an aggregate again.
  private func requireAppended(_ shape: Shape) throws {
    guard let upstream = shape.mode, upstream != .append else { return }
    throw StreamError(
      .usage,
      "the aggregation in front sends its rows again when they change "
        + "(\(upstream.rawValue) mode), and they would be counted twice",
      hint: "let it send each row once: stream-agg --mode append")
  }

  private func requireEnd(_ mode: OutputMode, _ shape: Shape) throws {
    guard mode == .append, !shape.isBounded else { return }
    throw StreamError(
      .usage, "append mode waits for the end of the input, and this input may have none",
      hint: "say --final at the source if it ends, or use --mode update here")
  }
}

extension OutputMode {
  fileprivate var aggregateMode: AggregateMode {
    switch self {
    case .append: .append
    case .update: .update
    case .complete: .complete
    }
  }
}
