package import Columnar
package import JSONText
import Scalars

extension Batch {
  /// Rows as the reference writes them: times as text, decimals as numbers.
  package init(goldenRows rows: [JSON], schema: Schema) throws {
    let columns = try schema.fields.map { field in
      let values = try rows.map { try Value(golden: $0[field.name] ?? .null, field.type) }
      return Column(field.type, values: values)
    }
    self.init(schema: schema, columns: columns, rowCount: rows.count)
  }

  /// A row as the reference writes it.
  package func goldenRow(_ row: Int) -> JSON {
    .object(
      zip(schema.fields, columns).map { .init($0.name, $1.value(row).golden($0.type)) })
  }
}

extension Value {
  package init(golden json: JSON, _ type: DataType) throws {
    switch (json, type) {
    case (.null, _): self = .null
    case (.bool(let bit), _): self = .boolean(bit)
    case (.string(let text), .date): self = .integer(Int64(try parseDate(Array(text.utf8).span)))
    case (.string(let text), .timestamp):
      var parser = TimestampParser()
      self = .integer(try parser.parse(Array(text.utf8).span))
    case (_, .double), (_, .float): self = .double(json.double ?? .nan)
    case (_, .decimal(_, let scale)):
      let unit = (0..<scale).reduce(1.0) { unit, _ in unit * 10 }
      self = .decimal(Int128(((json.double ?? 0) * unit).rounded()))
    case (.integer(let integer), _): self = .integer(integer)
    case (.string(let text), _): self = .string(text)
    case (.array(let elements), .array(let element)):
      self = .list(try elements.map { try Value(golden: $0, element) })
    default: self = .null
    }
  }

  package func golden(_ type: DataType) -> JSON {
    switch (self, type) {
    case (.null, _): return .null
    case (.boolean(let bit), _): return .bool(bit)
    case (.integer(let days), .date): return .string(text { $0.appendDate(Int32(days)) })
    case (.integer(let time), .timestamp): return .string(text { $0.appendTimestamp(time) })
    case (.integer(let integer), _): return .integer(integer)
    case (.double(let double), _) where double.isFinite: return .double(double)
    case (.double(let double), _):
      return .string(double.isNaN ? "NaN" : double < 0 ? "-Infinity" : "Infinity")
    case (.decimal(let unscaled), .decimal(_, let scale)):
      return .string(text { $0.appendDecimal(unscaled, scale: scale) })
    case (.string(let string), _): return .string(string)
    case (.list(let elements), .array(let element)):
      return .array(elements.map { $0.golden(element) })
    case (.structure(let members), .structure(let fields)):
      return .object(zip(fields, members).map { .init($0.name, $1.golden($0.type)) })
    default: return .string("\(self)")
    }
  }

  private func text(_ body: (inout ByteText) -> Void) -> String {
    var text = ByteText()
    body(&text)
    return text.string
  }
}

extension JSON {
  /// Equal, but for doubles that differ by the order of additions.
  package func isNear(_ other: JSON) -> Bool {
    switch (self, other) {
    case (.double, .double), (.double, .integer), (.integer, .double):
      guard let left = double, let right = other.double else { return false }
      return left == right || abs(left - right) <= 1e-9 * max(abs(left), abs(right))
    case (.array(let left), .array(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.isNear($1) }
    case (.object(let left), .object(let right)):
      return left.count == right.count
        && zip(left, right).allSatisfy { $0.key == $1.key && $0.value.isNear($1.value) }
    default: return self == other
    }
  }
}
