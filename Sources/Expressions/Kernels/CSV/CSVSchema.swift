import Columnar
import Scalars

/// The types that the fields of a record of CSV may have: `schema_of_csv`.
struct CSVSchema {
  private let options: CSVOptions
  private let fields: [CSVFields.Field]

  /// - Returns: nil when there is no record.
  init?(_ text: String, _ options: CSVOptions) {
    self.options = options
    let bytes = Array(text.utf8)
    fields = CSVFields(options).split(bytes.span)
    if fields.isEmpty { return nil }
  }

  /// As Spark writes it: `STRUCT<_c0: INT, _c1: STRING>`.
  var text: String {
    var scalars = CSVScalars(options)
    let types = fields.map { field -> String in
      guard case .text(let bytes) = field, bytes != options.nullText else { return "STRING" }
      return type(bytes, &scalars)
    }
    let parts = types.enumerated().map { "_c\($0): \($1)" }
    return "STRUCT<\(parts.joined(separator: ", "))>"
  }

  /// The first type that fits.
  private func type(_ bytes: [UInt8], _ scalars: inout CSVScalars) -> String {
    if let value = scalars.integer(bytes) { return Int32(exactly: value) == nil ? "BIGINT" : "INT" }
    if let count = digitCount(bytes) { return count <= 38 ? "DECIMAL(\(count),0)" : "DOUBLE" }
    if scalars.double(bytes) != nil { return "DOUBLE" }
    if isDate(bytes), scalars.date(bytes) != nil { return "DATE" }
    if scalars.timestamp(bytes) != nil { return "TIMESTAMP" }
    return scalars.boolean(bytes) == nil ? "STRING" : "BOOLEAN"
  }

  /// The digits of an integer without those zeros that it begins with.
  private func digitCount(_ bytes: [UInt8]) -> Int? {
    var digits = bytes[...]
    if digits.first == UInt8(ascii: "-") || digits.first == UInt8(ascii: "+") {
      digits.removeFirst()
    }
    guard !digits.isEmpty, digits.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }) else { return nil }
    return max(digits.drop { $0 == UInt8(ascii: "0") }.count, 1)
  }

  /// Only a date in full is one, unless there is a pattern that says otherwise.
  private func isDate(_ bytes: [UInt8]) -> Bool {
    if options.datePattern != nil { return true }
    let dashes = [4, 7]
    return bytes.count == 10
      && bytes.indices.allSatisfy {
        dashes.contains($0)
          ? bytes[$0] == UInt8(ascii: "-") : bytes[$0] &- UInt8(ascii: "0") <= 9
      }
  }
}
