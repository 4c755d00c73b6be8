import Columnar
import Diagnostics
import Expressions
import Operators
import Toolkit
import Wire

/// The options of an aggregation, read; what depends on the input is checked when it is known.
struct AggregateQuery {
  let limit: Int?
  private let keys: [Expression]
  private let aggregates: [Expression]
  private let having: Expression?
  private let order: [SortKey]
  private let wantedMode: AggregateMode?

  init(_ tool: AggregateTool) throws {
    aggregates = try tool.aggregates.flatMap { try Expression.parseList($0.text) }
    keys = try tool.keys.flatMap { try Expression.parseList($0.text) }
    having = try tool.having.map { try Expression.parse($0.text) }
    order = try tool.order.flatMap { try Expression.parseOrder($0.text) }
    limit = try tool.limit.map { Int(try parseCount($0.text, option: "--limit")) }
    wantedMode = try tool.mode.map(AggregateQuery.parseMode)
  }

  private static func parseMode(_ text: String) throws -> AggregateMode {
    if let mode = AggregateMode(rawValue: text) { return mode }
    let names = AggregateMode.allCases.map(\.rawValue)
    let meant = nearest(to: text, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    throw StreamError(.usage, "no mode '\(text)'\(meant); modes: \(names.joined(separator: ", "))")
  }

  func grouping(of header: Header, _ schema: Schema) throws -> TimeGrouping {
    try TimeGrouping(keys, header, schema)
  }

  func aggregation(over schema: Schema, _ time: TimeGrouping) throws -> Aggregation {
    try Aggregation(
      keys: keys, aggregates: aggregates, having: having, order: order,
      windowKeys: time.windowKeys, over: schema)
  }

  /// - Throws: a usage error for a mode that cannot work on this input.
  func mode(for header: Header, _ time: TimeGrouping) throws -> AggregateMode {
    try header.refuseChangingRows(for: "an aggregation")
    let isBounded = header.shape.isBounded
    let mode = wantedMode ?? (isBounded || time.isClosedByTime ? .append : .update)
    // Append mode over a bounded input sends the whole result as well, once.
    if mode == .update, let option = order.isEmpty ? limit.map({ _ in "--limit" }) : "--order-by" {
      throw StreamError(
        .usage,
        "\(option) needs the whole result, but in \(mode.rawValue) mode it is not sent whole",
        hint: "--mode complete")
    }
    if mode == .append, !isBounded, time.isWindowed, !time.isClosedByTime {
      throw StreamError(
        .usage,
        "append mode sends a window when the watermark has passed it, but no watermark is declared",
        hint: "stream-window --watermark 10s, or --mode update here")
    }
    if mode == .append, !isBounded, !time.isClosedByTime {
      throw StreamError(
        .usage,
        "append mode sends a group when it can no longer change, which never happens while the "
          + "input may go on",
        hint: "--mode update, or say that the input ends: stream-source --final")
    }
    return mode
  }

  func refuseEqualNames(_ output: Schema) throws {
    var seen: Set<String> = []
    for name in output.names where !seen.insert(name).inserted {
      throw StreamError(
        .usage, "two columns would be called '\(name)'", hint: "name one of them: … AS other")
    }
  }
}
