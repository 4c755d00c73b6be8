import Columnar
import Diagnostics
import Expressions
import Operators
import Wire

/// The column of the event time: one of the input, or one that is computed.
struct TimeColumn {
  let name: String
  let origin: EventTimePlan.Origin

  /// The time of the rows of a windowed aggregation: it lies in their window.
  private static let windowTime = "window_time"

  /// - Throws: a usage error that says how to make a timestamp of what is there.
  init(_ expression: Expression, _ header: Header, _ schema: Schema) throws {
    if case .name(let name) = expression.syntax.kind,
      name.lowercased() == TimeColumn.windowTime, schema.index(of: name) == nil
    {
      self = try TimeColumn(windowTimeAs: expression.alias ?? name, header, schema)
      return
    }
    let bound = try expression.bind(to: schema)
    switch bound.type {
    case .timestamp:
      if let index = bound.columnIndex, [nil, schema.fields[index].name].contains(expression.alias)
      {
        name = schema.fields[index].name
        origin = .column(index)
      } else {
        name = bound.name
        origin = .computed(expression)
      }
    case .date:
      let column = bound.columnIndex.map { schema.fields[$0].name }
      name = expression.alias ?? column ?? bound.name
      origin = .computed(
        try Expression.parse("CAST(\(expression.source) AS TIMESTAMP) AS \(quoted(name))"))
    default: throw TimeColumn.isNoTimestamp(expression, bound)
    }
  }

  private init(windowTimeAs name: String, _ header: Header, _ schema: Schema) throws {
    let isThere = [Field.windowStart, .windowEnd].allSatisfy { field in
      schema.index(of: field.name).map { schema.fields[$0].type } == field.type
    }
    guard isThere, header.shape.mode == .append else {
      throw StreamError(
        .usage,
        "no column '\(TimeColumn.windowTime)': that is the time of the rows of windows, behind a "
          + "windowed aggregation in append mode")
    }
    self.name = name
    let end = quoted(Field.windowEnd.name)
    origin = .computed(
      try Expression.parse("\(end) - INTERVAL 1 MICROSECOND AS \(quoted(name))"))
  }

  private static func isNoTimestamp(
    _ expression: Expression, _ bound: BoundExpression
  ) -> StreamError {
    let alias = expression.alias ?? (bound.columnIndex == nil ? "ts" : bound.name)
    let function: String? =
      switch bound.type {
      case .string: "to_timestamp"
      case .bigint: "timestamp_millis"
      case let type where type.isNumeric: "timestamp_seconds"
      default: nil
      }
    let others = function == "timestamp_millis" ? " (or timestamp_seconds, timestamp_micros)" : ""
    return StreamError(
      .usage, "--time: \(expression.source) is of type \(bound.typeName), not a timestamp",
      hint: function.map {
        "--time \"\($0)(\(expression.source)) AS \(quotedIfNeeded(alias))\"\(others)"
      })
  }
}

/// A name as it stands in expressions whatever it holds.
private func quoted(_ name: String) -> String {
  "`\(name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``"))`"
}

private func quotedIfNeeded(_ name: String) -> String {
  let isPlain =
    name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    && name.first?.isLetter == true
  return isPlain ? name : quoted(name)
}

extension Schema {
  /// What to say when nobody has named the column of the event time.
  func timeAdvice(_ header: Header) -> String {
    let windows = [Field.windowStart, .windowEnd]
    if header.shape.mode == .append, windows.allSatisfy(fields.contains) {
      return "--time window_time"
    }
    if let field = fields.first(where: { $0.type == .timestamp || $0.type == .date }) {
      return "--time \(quotedIfNeeded(field.name))"
    }
    return "--time \"to_timestamp(…) AS ts\", or --processing-time"
  }
}
