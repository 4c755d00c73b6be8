package import Columnar
import Diagnostics
package import Expressions

/// Which rows belong together, and when a key has fallen silent.
package struct KeyedPlan: Sendable {
  package enum Clock: String, Sendable, Equatable {
    /// The watermark, against the event times of rows.
    case event
    /// The times of epochs.
    case processing
  }

  package struct Timeout: Sendable, Equatable {
    /// In µs.
    package let duration: Int64
    package let clock: Clock

    package init(_ duration: Int64, by clock: Clock) {
      self.duration = duration
      self.clock = clock
    }
  }

  package let input: Schema
  /// Of the rows that the program answers with.
  package let output: Schema
  package let keys: [BoundExpression]
  /// The column that rows are late by; nil: none is.
  package let eventTime: Int?
  package let timeout: Timeout?
  /// The memory that the state and the rows of an epoch may take, in bytes.
  package let memoryByteLimit: Int?

  /// - Parameters:
  ///   - keys: at least one.
  ///   - eventTime: the event-time column; nil when the rows have none, or no watermark.
  ///   - timeout: positive, at most `AlignedWindows.sizeMax`.
  ///   - memoryByteLimit: looked at after each batch; nil for as much as there is.
  /// - Throws: `StreamError` of kind usage for keys that do not fit the input, and for a timeout by
  ///   event time without one.
  package init(
    keys: [Expression], eventTime: String? = nil, timeout: Timeout? = nil,
    memoryByteLimit: Int? = nil, over schema: Schema, output: Schema
  ) throws {
    precondition(!keys.isEmpty)
    input = schema
    self.output = output
    self.keys = try keys.map { try Aggregation.bindKey($0, schema) }
    self.timeout = timeout
    self.memoryByteLimit = memoryByteLimit
    let time = eventTime.flatMap { schema.index(of: $0) }
    self.eventTime = time
    if let time, schema.fields[time].type != .timestamp {
      let field = schema.fields[time]
      throw StreamError(
        .usage, "the event time '\(field.name)' is of type \(field.type), not a timestamp")
    }
    try KeyedPlan.refuseEqualNames(self.keys)
    if let timeout {
      precondition((1...AlignedWindows.sizeMax).contains(timeout.duration))
      if timeout.clock == .event, time == nil { throw KeyedPlan.missingEventTime(schema) }
    }
  }

  private static func refuseEqualNames(_ keys: [BoundExpression]) throws {
    var names: Set<String> = []
    for key in keys where !names.insert(key.field.name).inserted {
      throw StreamError(
        .usage, "--by: two keys would be called '\(key.field.name)'",
        hint: "name one of them: --by '… AS other'")
    }
  }

  private static func missingEventTime(_ schema: Schema) -> StreamError {
    let time = schema.fields.first { $0.type == .timestamp }?.name ?? "TIME"
    return StreamError(
      .usage,
      "--timeout-by event needs the event time of the rows and a watermark, and there is none here",
      hint: "stream-window --time \(time) --watermark 10m | stream-state …")
  }

  var keySchema: Schema { Schema(keys.map(\.field)) }

  /// The keys, the state, and what a timeout counts from.
  var stateSchema: Schema {
    var fields = keys.map(\.field) + [Field("state", .string)]
    if timeout != nil { fields.append(Field("latest", .timestamp)) }
    return Schema(numberingEqualNames: fields)
  }
}
