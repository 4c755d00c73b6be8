import Columnar

/// The type that a JSON text has: `schema_of_json`.
indirect enum JSONSchema: Equatable {
  case null
  case boolean
  case bigint
  /// An integer of so many digits.
  case decimal(Int)
  case double
  case string
  case array(JSONSchema)
  case structure([String: JSONSchema])

  /// - Returns: nil when the text is no JSON.
  init?(_ text: String) {
    var tape = JSONTape()
    let bytes = Array(text.utf8)
    guard tape.parse(bytes.span) else { return nil }
    self.init(tape, 0, bytes.span)
  }

  private init(_ tape: JSONTape, _ index: Int, _ text: Span<UInt8>) {
    let element = tape.elements[index]
    switch element.kind {
    case .null: self = .null
    case .true, .false: self = .boolean
    case .integer:
      let digits = text.bytes(Int(element.start)..<Int(element.end))
      let count = digits.count - (digits.first == 0x2D ? 1 : 0)
      let isBigint = Int64(String(decoding: digits, as: UTF8.self)) != nil
      self = isBigint ? .bigint : count <= 38 ? .decimal(count) : .double
    case .real, .nonFinite: self = .double
    case .string: self = .string
    case .array:
      var inner = JSONSchema.null
      var child = index + 1
      while child < Int(element.next) {
        inner = inner.merged(with: JSONSchema(tape, child, text))
        child = Int(tape.elements[child].next)
      }
      self = .array(inner)
    case .object:
      var fields: [String: JSONSchema] = [:]
      var child = index + 1
      while child < Int(element.next) {
        let name = String(decoding: tape.text(of: tape.elements[child], text), as: UTF8.self)
        fields[name] = JSONSchema(tape, child + 1, text)
        child = Int(tape.elements[child + 1].next)
      }
      self = .structure(fields)
    }
  }

  private func merged(with other: JSONSchema) -> JSONSchema {
    switch (self, other) {
    case _ where self == other: return self
    case (.null, _): return other
    case (_, .null): return self
    case (.array(let left), .array(let right)): return .array(left.merged(with: right))
    case (.structure(let left), .structure(let right)):
      return .structure(left.merging(right) { $0.merged(with: $1) })
    case (.bigint, .double), (.double, .bigint), (.decimal, .double), (.double, .decimal):
      return .double
    case (.bigint, .decimal(let digits)), (.decimal(let digits), .bigint):
      return .decimal(max(digits, 20))
    case (.decimal(let left), .decimal(let right)): return .decimal(max(left, right))
    default: return .string
    }
  }

  /// As Spark writes it: `STRUCT<a: BIGINT, b: ARRAY<DOUBLE>>`.
  var text: String {
    switch self {
    case .null, .string: return "STRING"
    case .boolean: return "BOOLEAN"
    case .bigint: return "BIGINT"
    case .decimal(let digits): return "DECIMAL(\(digits),0)"
    case .double: return "DOUBLE"
    case .array(let element): return "ARRAY<\(element.text)>"
    case .structure(let fields):
      let parts = fields.sorted { $0.key < $1.key }.map { name, type in
        "\(JSONSchema.quoted(name)): \(type.text)"
      }
      return "STRUCT<\(parts.joined(separator: ", "))>"
    }
  }

  private static func quoted(_ name: String) -> String {
    let isPlain =
      name.utf8.allSatisfy { isWordByte($0) && $0 < 0x80 } && !name.isEmpty
      && !(name.utf8.allSatisfy { $0 &- 0x30 <= 9 })
    return isPlain
      ? name
      : "`\(name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``"))`"
  }
}
