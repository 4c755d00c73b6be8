import Columnar
import Expressions
import Glibc
import JSONText
import Scalars

/// The reference results: expressions over a table, and what Spark made of them for each row.
struct GoldenFile {
  struct Entry {
    let expression: String
    let category: String
    /// Spark's type; nil when the expression was refused.
    let type: String?
    let name: String?
    /// One for each row; nil when the expression fails as a whole.
    let values: [JSON]?
    /// The class of the error that holds for all rows.
    let error: String?
  }

  let entries: [Entry]

  init(_ name: String) throws {
    entries = try GoldenFile.lines(name).map { line in
      Entry(
        expression: line["expr"]?.string ?? "", category: line["category"]?.string ?? "",
        type: line["type"]?.string, name: line["name"]?.string, values: line["values"]?.array,
        error: line["error"]?.string)
    }
  }

  static func lines(_ name: String) throws -> [JSON] {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let path = name.first == "/" ? name : "/\(folder)/Golden/\(name)"
    guard let file = unsafe fopen(path, "r") else { throw Missing(path: path) }
    defer { unsafe _ = fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&block, 1, block.count, file)
      if count == 0 { break }
      bytes += block[..<count]
    }
    return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: Array($0)) }
  }

  struct Missing: Error {
    let path: String
  }

  /// The table that the expressions are over.
  static func table(_ name: String, _ schema: Schema) throws -> Batch {
    let rows = try lines(name)
    let columns = schema.fields.map { field in
      Column(field.type, values: rows.map { value($0[field.name] ?? .null, field.type) })
    }
    return Batch(schema: schema, columns: columns, rowCount: rows.count)
  }

  static func value(_ json: JSON, _ type: DataType) -> Value {
    switch (json, type) {
    case (.null, _): return .null
    case (.bool(let bit), _): return .boolean(bit)
    case (.string(let text), .double): return .double(Double(text) ?? .nan)
    case (_, .double): return .double(json.double ?? .nan)
    case (_, .decimal(_, let scale)):
      return .decimal(Int128(((json.double ?? 0) * Double(powerOfTen(scale))).rounded()))
    case (.integer(let integer), _): return .integer(integer)
    case (.string(let text), .date):
      let bytes = Array(text.utf8)
      return .integer(Int64((try? parseDate(bytes.span)) ?? 0))
    case (.string(let text), .timestamp):
      let bytes = Array(text.utf8)
      var parser = TimestampParser()
      return .integer((try? parser.parse(bytes.span)) ?? 0)
    case (.string(let text), _): return .string(text)
    case (.array(let elements), .array(let element)):
      return .list(elements.map { value($0, element) })
    case (.object, .structure(let fields)):
      return .structure(fields.map { value(json[$0.name] ?? .null, $0.type) })
    default: return .null
    }
  }
}

/// Our values as the reference file writes Spark's.
struct GoldenForm {
  /// Spark's name of the type: it says how some values are written.
  let typeName: String

  func json(_ value: Value, _ type: DataType) -> JSON {
    if typeName == "interval", case .structure(let parts) = value,
      case .integer(let months) = parts[0], case .integer(let days) = parts[1],
      case .integer(let microseconds) = parts[2]
    {
      return .string(
        IntervalText.calendar(
          months: Int32(months), days: Int32(days), microseconds: microseconds))
    }
    switch (value, type) {
    case (.null, _): return .null
    case (.boolean(let bit), _): return .bool(bit)
    case (.integer(let days), .date): return .string(text { $0.appendDate(Int32(days)) })
    case (.integer(let time), .timestamp):
      let full = text { $0.appendTimestamp(time) }
      return .string(typeName == "timestamp_ntz" ? String(full.dropLast()) : full)
    case (.integer(let months), .yearMonthInterval):
      return .string(IntervalText.literal(months: Int32(months), fields))
    case (.integer(let time), .dayTimeInterval):
      return .string(IntervalText.literal(microseconds: time, fields))
    case (.integer(let integer), _): return .integer(integer)
    case (.double(let double), .float) where double.isFinite:
      return .double(Double("\(Float(double))") ?? double)
    case (.double(let double), _):
      if double.isFinite { return .double(double) }
      return .string(double.isNaN ? "NaN" : double < 0 ? "-Infinity" : "Infinity")
    case (.decimal(let unscaled), .decimal(_, let scale)):
      return .string(text { $0.appendDecimal(unscaled, scale: scale) })
    case (.string(let string), _): return .string(string)
    case (.binary(let bytes), _):
      return .string(
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined())
    case (.list(let elements), .array(let element)):
      return .array(elements.map { json($0, element) })
    case (.list(let entries), .map(let key, let value)):
      let pairs = entries.map { entry -> JSON in
        guard case .structure(let members) = entry else { return .null }
        return .array([json(members[0], key), json(members[1], value)])
      }
      return .array(pairs.sorted { ($0[0]?.string ?? "") < ($1[0]?.string ?? "") })
    case (.structure(let members), .structure(let fields)):
      return .object(zip(fields, members).map { .init($0.name, json($1, $0.type)) })
    default: return .null
    }
  }

  private func text(_ body: (inout ByteText) -> Void) -> String {
    var text = ByteText()
    body(&text)
    return text.string
  }

  private var fields: IntervalFields {
    let units = typeName.split(separator: " ").compactMap { word in
      IntervalFields.Unit.allCases.first { $0.name == word }
    }
    return IntervalFields(units.first ?? .day, units.last ?? .second)
  }
}

/// Equal, but for the last digits of doubles that come out of a mathematical library.
func isSame(_ left: JSON, _ right: JSON) -> Bool {
  switch (left, right) {
  case (.double(let left), _):
    guard let right = right.double else { return false }
    return left == right || abs(left - right) <= 4e-15 * max(abs(left), abs(right))
  case (.array(let left), .array(let right)):
    return left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
  case (.object(let left), .object(let right)):
    return left.count == right.count
      && zip(left, right).allSatisfy { $0.key == $1.key && isSame($0.value, $1.value) }
  default: return left == right
  }
}
