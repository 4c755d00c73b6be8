import Columnar
import Scalars

/// Makes values of a type of JSON texts: `from_json`.
///
/// What does not fit is null; what stands beside it in a struct is kept.
struct JSONReading {
  private let options: JSONOptions
  private var tape: JSONTape
  private var timestamps = TimestampParser()

  /// A value, and whether all of it could be read.
  private enum Outcome {
    case whole(Value)
    /// A struct in which something is missing.
    case partial(Value)
    case none
  }

  private init(_ options: JSONOptions) {
    self.options = options
    tape = JSONTape(options.leniency)
  }

  static func kernel(_ options: JSONOptions) -> Kernel {
    Kernel(canFail: options.isFailFast) { arguments in
      let texts = arguments.strings(0)
      let builder = ColumnBuilder(arguments.type)
      var reading = JSONReading(options)
      for row in 0..<arguments.rowCount {
        if arguments[0].isNull(row) {
          builder.appendNull()
          continue
        }
        do {
          builder.append(try reading.root(texts[row], arguments.type))
        } catch let reason as Reason {
          throw RowFailure(row: row, reason)
        }
      }
      return builder.take()
    }
  }

  private mutating func root(_ text: Span<UInt8>, _ type: DataType) throws -> Value {
    let isBlank = text.indices.allSatisfy { text[$0] <= 0x20 }
    if isBlank { return .null }
    var outcome = Outcome.none
    if tape.parse(text) {
      switch (tape.elements[0].kind, type) {
      case (.object, .array(.structure)):
        if case .array(let element) = type {
          switch value(0, element, text) {
          case .whole(let value): outcome = .whole(.list([value]))
          case .partial(let value): outcome = .partial(.list([value]))
          case .none: break
          }
        }
      case (.object, .structure), (.array, .array), (.object, .map):
        outcome = value(0, type, text)
      default: break
      }
    }
    if case .whole(let value) = outcome { return value }
    guard !options.isFailFast else {
      throw Reason(
        "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "a text is not JSON of type \(type)")
    }
    guard case .structure(let fields) = type else {
      if case .partial(let value) = outcome { return value }
      return .null
    }
    var members = fields.map { _ in Value.null }
    if case .partial(.structure(let found)) = outcome { members = found }
    for (index, field) in fields.enumerated()
    where field.name == JSONOptions.corruptColumn && field.type == .string {
      members[index] = .string(
        String(decoding: text.bytes(0..<text.count), as: UTF8.self))
    }
    return .structure(members)
  }

  private mutating func value(_ index: Int, _ type: DataType, _ text: Span<UInt8>) -> Outcome {
    let element = tape.elements[index]
    switch (element.kind, type) {
    case (.null, _): return .whole(.null)
    case (.array, .array(let inner)): return list(index, inner, text)
    case (.object, .map(let key, let inner)) where key == .string:
      return map(index, inner, text)
    case (.object, .structure(let fields)): return structure(index, fields, text)
    case (_, .array), (_, .map), (_, .structure): return .none
    case (_, .string):
      var output = MutableBuffer<UInt8>()
      if element.kind == .string {
        tape.appendText(of: element, text, to: &output)
      } else {
        tape.append(valueAt: index, text, to: &output)
      }
      return .whole(.string(String(decoding: output.take().elements, as: UTF8.self)))
    default: return scalar(element, type, text).map { .whole($0) } ?? .none
    }
  }

  private mutating func structure(
    _ index: Int, _ fields: [Field], _ text: Span<UInt8>
  ) -> Outcome {
    var members = fields.map { _ in Value.null }
    let names = fields.map { Array($0.name.utf8) }
    var isWhole = true
    var child = index + 1
    while child < Int(tape.elements[index].next) {
      let name = tape.elements[child]
      if let field = names.firstIndex(where: { tape.isText(name, $0, text) }) {
        switch value(child + 1, fields[field].type, text) {
        case .whole(let value): members[field] = value
        case .partial(let value):
          members[field] = value
          isWhole = false
        case .none: isWhole = false
        }
      }
      child = Int(tape.elements[child + 1].next)
    }
    return isWhole ? .whole(.structure(members)) : .partial(.structure(members))
  }

  private mutating func list(_ index: Int, _ type: DataType, _ text: Span<UInt8>) -> Outcome {
    var values: [Value] = []
    var isWhole = true
    var child = index + 1
    while child < Int(tape.elements[index].next) {
      switch value(child, type, text) {
      case .whole(let value): values.append(value)
      case .partial(let value):
        values.append(value)
        isWhole = false
      case .none: return .none
      }
      child = Int(tape.elements[child].next)
    }
    return isWhole ? .whole(.list(values)) : .partial(.list(values))
  }

  private mutating func map(_ index: Int, _ type: DataType, _ text: Span<UInt8>) -> Outcome {
    var entries: [Value] = []
    var child = index + 1
    while child < Int(tape.elements[index].next) {
      let name = tape.text(of: tape.elements[child], text)
      switch value(child + 1, type, text) {
      case .whole(let value), .partial(let value):
        entries.append(.structure([.string(String(decoding: name, as: UTF8.self)), value]))
      case .none: return .none
      }
      child = Int(tape.elements[child + 1].next)
    }
    return .whole(.list(entries))
  }

  // MARK: - Scalars

  private mutating func scalar(
    _ element: JSONTape.Element, _ type: DataType, _ text: Span<UInt8>
  ) -> Value? {
    let span = text.extracting(Int(element.start)..<Int(element.end))
    switch (element.kind, type) {
    case (.true, .boolean): return .boolean(true)
    case (.false, .boolean): return .boolean(false)
    case (.integer, .tinyint): return integer(span, -128...255, 8)
    case (.integer, .smallint): return integer(span, -32_768...32_767, 16)
    case (.integer, .int): return integer(span, Int64(Int32.min)...Int64(Int32.max), 32)
    case (.integer, .bigint): return integer(span, Int64.min...Int64.max, 64)
    case (.integer, .timestamp):
      guard let seconds = try? parseSQLInteger(span) else { return nil }
      let (time, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000)
      return overflows ? nil : .integer(time)
    case (.integer, .float), (.real, .float), (.nonFinite, .float):
      return (try? parseSQLFloat(span)).map { .double(Double($0)) }
    case (.integer, .double), (.real, .double), (.nonFinite, .double):
      return (try? parseSQLDouble(span)).map { .double($0) }
    case (.integer, .decimal(let precision, let scale)),
      (.real, .decimal(let precision, let scale)),
      (.string, .decimal(let precision, let scale)):
      return (try? parseSQLDecimal(span, precision: precision, scale: scale)).map { .decimal($0) }
    case (.string, _): return scalar(ofText: tape.text(of: element, text), type)
    default: return nil
    }
  }

  /// Numbers of one byte wrap around, as they do in the reference.
  private func integer(
    _ text: Span<UInt8>, _ range: ClosedRange<Int64>, _ width: Int
  ) -> Value? {
    guard let value = try? parseSQLInteger(text), range.contains(value) else { return nil }
    return .integer(width == 8 ? Int64(Int8(truncatingIfNeeded: value)) : value)
  }

  private mutating func scalar(ofText bytes: [UInt8], _ type: DataType) -> Value? {
    switch type {
    case .float, .double:
      switch String(decoding: bytes, as: UTF8.self) {
      case "NaN": return .double(.nan)
      case "Infinity", "+Infinity", "INF", "+INF": return .double(.infinity)
      case "-Infinity", "-INF": return .double(-.infinity)
      default: return nil
      }
    case .timestamp:
      if let pattern = options.timestampPattern {
        return (try? pattern.parseTimestamp(bytes.span)).map { .integer($0) }
      }
      return (try? timestamps.parse(bytes.span)).map { .integer($0) }
    case .date:
      if let pattern = options.datePattern {
        return (try? pattern.parseDate(bytes.span)).map { .integer(Int64($0)) }
      }
      return (try? parseDate(bytes.span)).map { .integer(Int64($0)) }
    case .binary:
      var output = MutableBuffer<UInt8>()
      guard Encodings.append(bytesOfBase64: bytes.span, to: &output) else { return nil }
      return .binary(output.take().elements)
    case .dayTimeInterval:
      return IntervalText.microseconds(String(decoding: bytes, as: UTF8.self), .dayToSecond)
        .map { .integer($0) }
    case .yearMonthInterval:
      return IntervalText.months(String(decoding: bytes, as: UTF8.self)).map {
        .integer(Int64($0))
      }
    default: return nil
    }
  }
}
