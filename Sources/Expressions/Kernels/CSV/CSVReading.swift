import Columnar
import Scalars

/// Makes structs of records of CSV: `from_csv`.
///
/// A field that does not fit is null; those beside it are kept.
struct CSVReading {
  private let fields: [Field]
  private let options: CSVOptions
  private let splitter: CSVFields
  private var scalars: CSVScalars
  /// Where among the fields the text goes that cannot be read.
  private let corrupt: Int?

  private init(_ fields: [Field], _ options: CSVOptions) {
    self.fields = fields
    self.options = options
    splitter = CSVFields(options)
    scalars = CSVScalars(options)
    corrupt = fields.firstIndex { $0.name == options.corruptColumn }
  }

  static func kernel(_ fields: [Field], _ options: CSVOptions) -> Kernel {
    Kernel(canFail: options.isFailFast) { arguments in
      let texts = arguments.strings(0)
      let builder = ColumnBuilder(arguments.type)
      var reading = CSVReading(fields, options)
      for row in 0..<arguments.rowCount {
        if arguments[0].isNull(row) {
          builder.appendNull()
          continue
        }
        guard let value = reading.record(texts[row]) else {
          throw RowFailure(
            row: row,
            Reason(
              "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
              "a text is not CSV of type \(arguments.type)"))
        }
        builder.append(value)
      }
      return builder.take()
    }
  }

  /// - Returns: nil for what must not be.
  private mutating func record(_ text: Span<UInt8>) -> Value? {
    var members = fields.map { _ in Value.null }
    let wanted = fields.count - (corrupt == nil ? 0 : 1)
    let found = splitter.split(text, limit: wanted + 1)
    if found.isEmpty { return .structure(members) }

    var isWhole = found.count == wanted
    var column = 0
    for field in found.prefix(wanted) {
      if column == corrupt { column += 1 }
      if let bytes = bytes(of: field) {
        if let value = scalars.value(bytes, fields[column].type) {
          members[column] = value
        } else {
          isWhole = false
        }
      }
      column += 1
    }
    if isWhole { return .structure(members) }
    guard !options.isFailFast else { return nil }
    if let corrupt {
      members[corrupt] = .string(String(decoding: text.bytes(0..<text.count), as: UTF8.self))
    }
    return .structure(members)
  }

  private func bytes(of field: CSVFields.Field) -> [UInt8]? {
    switch field {
    case .missing: nil
    case .empty: options.emptyText == options.nullText ? nil : options.emptyText
    case .text(let bytes): bytes == options.nullText ? nil : bytes
    }
  }
}

/// Reads values out of fields.
struct CSVScalars {
  private let options: CSVOptions
  private var timestamps = TimestampParser()

  init(_ options: CSVOptions) {
    self.options = options
  }

  /// - Returns: nil for what does not fit.
  mutating func value(_ bytes: [UInt8], _ type: DataType) -> Value? {
    let text = String(decoding: bytes, as: UTF8.self)
    switch type {
    case .string: return .string(text)
    case .binary: return .binary(bytes)
    case .boolean: return boolean(bytes).map { .boolean($0) }
    case .tinyint: return integer(bytes).flatMap { Int8(exactly: $0) }.map { .integer(Int64($0)) }
    case .smallint: return integer(bytes).flatMap { Int16(exactly: $0) }.map { .integer(Int64($0)) }
    case .int: return integer(bytes).flatMap { Int32(exactly: $0) }.map { .integer(Int64($0)) }
    case .bigint: return integer(bytes).map { .integer($0) }
    case .float: return double(bytes) { try? parseSQLFloat($0) }.map { .double(Double($0)) }
    case .double: return double(bytes) { try? parseSQLDouble($0) }.map { .double($0) }
    case .decimal(let precision, let scale):
      return decimal(bytes, precision, scale).map { .decimal($0) }
    case .date: return date(bytes).map { .integer(Int64($0)) }
    case .timestamp: return timestamp(bytes).map { .integer($0) }
    case .dayTimeInterval: return IntervalText.amount(of: text, .dayToSecond).map { .integer($0) }
    case .yearMonthInterval: return IntervalText.amount(of: text, .yearToMonth).map { .integer($0) }
    default: return nil
    }
  }

  func boolean(_ bytes: [UInt8]) -> Bool? {
    switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "true": true
    case "false": false
    default: nil
    }
  }

  /// Other than in a cast, nothing may stand around it.
  func integer(_ bytes: [UInt8]) -> Int64? {
    hasSpaceAround(bytes) ? nil : try? parseSQLInteger(bytes.span)
  }

  func double(_ bytes: [UInt8]) -> Double? { double(bytes) { try? parseSQLDouble($0) } }

  private func double<Number: BinaryFloatingPoint>(
    _ bytes: [UInt8], _ parse: (Span<UInt8>) -> Number?
  ) -> Number? {
    switch String(decoding: bytes, as: UTF8.self).trimmed {
    case "NaN": return .nan
    case "Inf", "Infinity", "+Infinity": return .infinity
    case "-Inf", "-Infinity": return -.infinity
    default:
      // In a cast these names may be in any letters.
      if bytes.contains(where: { $0 | 0x20 == UInt8(ascii: "n") }) { return nil }
      return parse(bytes.span)
    }
  }

  /// Commas part the thousands, wherever they stand.
  private func decimal(_ bytes: [UInt8], _ precision: Int, _ scale: Int) -> Int128? {
    if hasSpaceAround(bytes) { return nil }
    let digits = bytes.filter { $0 != UInt8(ascii: ",") }
    return try? parseSQLDecimal(digits.span, precision: precision, scale: scale)
  }

  func date(_ bytes: [UInt8]) -> Int32? {
    if let pattern = options.datePattern { return try? pattern.parseDate(bytes.span) }
    return try? parseDate(bytes.span)
  }

  mutating func timestamp(_ bytes: [UInt8]) -> Int64? {
    if let pattern = options.timestampPattern { return try? pattern.parseTimestamp(bytes.span) }
    return try? timestamps.parse(bytes.span)
  }

  private func hasSpaceAround(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return true }
    return first <= 0x20 || last <= 0x20
  }
}
