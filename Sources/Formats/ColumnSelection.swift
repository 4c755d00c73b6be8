package import Columnar
package import Diagnostics

/// An item of `--columns`: a path into the record and, perhaps, the name that it gets.
package struct ColumnSelection: Sendable, Equatable {
  package let path: FieldPath
  /// nil for the last name of the path.
  package let name: String?

  package init(_ path: FieldPath, as name: String? = nil) {
    self.path = path
    self.name = name
  }

  /// Reads a list: `user.id AS uid, kind, tags[0]`. A name that holds anything but letters, digits,
  /// `_`, `-`, `$`, `@` and what is beyond ASCII stands in backticks.
  package static func parse(_ text: String) throws(StreamError) -> [ColumnSelection] {
    var reader = SelectionReader(text)
    var list: [ColumnSelection] = []
    repeat { list.append(try reader.item()) } while reader.take(",")
    try reader.expectEnd()
    return list
  }

  /// Finds the column in a schema.
  ///
  /// A field of the record whose name is the whole text of the path comes first, so that a CSV
  /// column may be called `user.id`.
  package func resolved(in record: Schema) throws(StreamError) -> SelectedColumn {
    if let index = record.index(of: path.description) {
      let field = record.fields[index]
      return SelectedColumn(
        path: FieldPath(field.name), field: Field(name ?? path.description, field.type))
    }
    let first = try record.field(called: path.head)
    var type = first.type
    var steps: [FieldPath.Step] = []
    for step in path.steps {
      let below = try descend(from: type, step, at: FieldPath(first.name, steps))
      steps.append(below.step)
      type = below.type
    }
    return SelectedColumn(
      path: FieldPath(first.name, steps), field: Field(name ?? path.lastName, type))
  }

  private func descend(
    from type: DataType, _ step: FieldPath.Step, at path: FieldPath
  ) throws(StreamError) -> (step: FieldPath.Step, type: DataType) {
    switch (step, type) {
    case (.member(let name), .structure(let fields)):
      let field = try Schema(fields).field(called: name, within: path)
      return (.member(field.name), field.type)
    case (.member, .map(key: .string, let value)): return (step, value)
    case (.element, .array(let element)): return (step, element)
    case (.member(let name), _):
      throw StreamError(.usage, "no field '\(name)' in '\(path)', which is \(type.phrase)")
    case (.element, _):
      throw StreamError(.usage, "'\(path)' is \(type.phrase), so it has no elements")
    }
  }
}

extension Schema {
  /// The field of that name, by ``index(of:)``.
  ///
  /// - Parameter path: the struct that has this schema; nil for the record.
  /// - Throws: a usage error that says which fields there are.
  package func field(called name: String, within path: FieldPath? = nil) throws(StreamError)
    -> Field
  {
    if let index = index(of: name) { return fields[index] }
    let place = path.map { " in '\($0)'" } ?? ""
    let suggestion = nearest(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    throw StreamError(
      .usage,
      "no column '\(name)'\(place)\(suggestion); columns: \(names.joined(separator: ", "))")
  }
}

extension DataType {
  /// With its article, for messages: `a string`, `an array<bigint>`.
  package var phrase: String {
    let text = description
    return text.first.map { "aeiou".contains($0) } == true ? "an \(text)" : "a \(text)"
  }
}

/// Takes a `--columns` list apart.
private struct SelectionReader {
  private let text: String
  private let bytes: [UInt8]
  private var offset = 0

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  mutating func item() throws(StreamError) -> ColumnSelection {
    let head = try name()
    var steps: [FieldPath.Step] = []
    while offset < bytes.count {
      if take(".") {
        steps.append(.member(try name()))
      } else if take("[") {
        steps.append(.element(try index()))
      } else {
        break
      }
    }
    let path = FieldPath(head, steps)
    return ColumnSelection(path, as: takeAS() ? try name() : nil)
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  mutating func expectEnd() throws(StreamError) {
    skipSpaces()
    guard offset == bytes.count else { throw failure("a comma or 'AS'") }
  }

  private mutating func skipSpaces() {
    while offset < bytes.count, bytes[offset] <= 0x20 { offset += 1 }
  }

  private mutating func takeAS() -> Bool {
    skipSpaces()
    guard offset + 2 <= bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "a"),
      bytes[offset + 1] | 0x20 == UInt8(ascii: "s"),
      offset + 2 == bytes.count || !isNameByte(bytes[offset + 2])
    else { return false }
    offset += 2
    return true
  }

  private mutating func name() throws(StreamError) -> String {
    skipSpaces()
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "`") { return try quotedName() }
    let start = offset
    while offset < bytes.count, isNameByte(bytes[offset]) { offset += 1 }
    guard offset > start else { throw failure("a column's name") }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private mutating func quotedName() throws(StreamError) -> String {
    let opening = offset
    var name: [UInt8] = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte != UInt8(ascii: "`") {
        name.append(byte)
      } else if offset < bytes.count, bytes[offset] == UInt8(ascii: "`") {
        name.append(byte)
        offset += 1
      } else {
        return String(decoding: name, as: UTF8.self)
      }
    }
    throw StreamError(
      .usage, "no closing '`'", excerpt: Excerpt(text, opening..<opening + 1))
  }

  private mutating func index() throws(StreamError) -> Int {
    skipSpaces()
    let start = offset
    while offset < bytes.count, 0x30...0x39 ~= bytes[offset] { offset += 1 }
    let digits = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard let value = Int32(digits) else {
      offset = start
      throw failure("an index, from 0")
    }
    guard take("]") else { throw failure("']'") }
    return Int(value)
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
    case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"), UInt8(ascii: "@"): true
    default: false
    }
  }

  private func failure(_ expected: String) -> StreamError {
    let rest = String(decoding: bytes[offset...], as: UTF8.self)
    let found = rest.first.map { "'\($0)'" } ?? "the end of the list"
    let width = rest.first.map { $0.utf8.count } ?? 0
    return StreamError(
      .usage, "expected \(expected) but found \(found)",
      excerpt: Excerpt(text, offset..<offset + width),
      hint: "names with other characters stand in backticks: --columns '`unit price` AS price'")
  }
}
