package import Columnar
import Diagnostics
package import Expressions

/// What makes a row a duplicate of an earlier one, and for how long.
package struct DedupPlan: Sendable {
  /// How long a key is known.
  package enum Retention: Sendable, Equatable {
    case endless
    /// Until rows of its event time are late: the event time is the key of this number.
    case whileOnTime(key: Int)
    /// Until the watermark is so far, in µs, behind the event time of the row that passed.
    case within(Int64)
  }

  package let input: Schema
  package let keys: [BoundExpression]
  package let retention: Retention
  /// The column that rows are late by; nil: none is.
  package let eventTime: Int?
  /// The memory that the state may take, in bytes.
  package let stateByteLimit: Int?

  /// - Parameters:
  ///   - keys: at least one.
  ///   - eventTime: the event-time column; nil when the rows have none, or no watermark.
  ///   - within: in µs, positive, at most `AlignedWindows.sizeMax`.
  ///   - stateByteLimit: looked at after each batch; nil for as much as there is.
  /// - Throws: `StreamError` of kind usage for keys that do not fit the input, and for `within`
  ///   without an event time.
  package init(
    keys: [Expression], eventTime: String? = nil, within: Int64? = nil, stateByteLimit: Int? = nil,
    over schema: Schema
  ) throws {
    precondition(!keys.isEmpty)
    input = schema
    self.keys = try keys.map { try Aggregation.bindKey($0, schema) }
    self.stateByteLimit = stateByteLimit
    let time = eventTime.flatMap { schema.index(of: $0) }
    self.eventTime = time
    if let time, schema.fields[time].type != .timestamp {
      let field = schema.fields[time]
      throw StreamError(
        .usage, "the event time '\(field.name)' is of type \(field.type), not a timestamp")
    }
    if let within {
      precondition((1...AlignedWindows.sizeMax).contains(within))
      guard time != nil else { throw DedupPlan.missingEventTime(schema) }
      retention = .within(within)
    } else if let time, let key = self.keys.firstIndex(where: { $0.columnIndex == time }) {
      retention = .whileOnTime(key: key)
    } else {
      retention = .endless
    }
  }

  private static func missingEventTime(_ schema: Schema) -> StreamError {
    let time = schema.fields.first { $0.type == .timestamp }?.name ?? "TIME"
    return StreamError(
      .usage, "--within needs the event time of the rows and a watermark, and there is none here",
      hint: "stream-window --time \(time) --watermark 10m | stream-dedup …")
  }

  /// The columns of the input that keys and lateness depend on.
  package var columnsUsed: Set<Int> {
    keys.reduce(into: Set([eventTime].compactMap { $0 })) { $0.formUnion($1.columnsUsed) }
  }

  /// The keys, and the time at which a key is forgotten where it does not follow from them.
  var stateSchema: Schema {
    var fields = keys.map(\.field)
    if case .within = retention { fields.append(Field("expires", .timestamp)) }
    return Schema(numberingEqualNames: fields)
  }

  /// When the key of each row would be forgotten; nil when it never is.
  ///
  /// - Parameter times: event times, at most `AlignedWindows.timeMax` away from 1970 where they are
  ///   not null.
  func expiries(of times: Column) -> Buffer<Int64>? {
    switch retention {
    case .endless: nil
    case .whileOnTime: times.expiries()
    case .within(let duration):
      Buffer(count: times.count) { output in
        let words = times.words()
        let source = words.span
        for row in source.indices { output.append(source[row] &+ duration) }
      }
    }
  }
}

extension Column {
  /// Each time; one behind all others in the place of a null.
  func expiries() -> Buffer<Int64> {
    guard let validity else { return words() }
    let words = words()
    let source = words.span
    return Buffer(count: count) { output in
      for row in source.indices { output.append(validity[row] ? source[row] : ExpiryQueue.never) }
    }
  }
}
