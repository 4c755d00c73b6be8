import Columnar
import Scalars

/// Reads JSON records slowly and obviously: a recursive descent over an array of bytes, that makes
/// a tree first and values then.
struct JSONTwin {
  struct Malformed: Error {}

  struct Node {
    var value: Tree
    /// As it stands in the text.
    var text: [UInt8]
  }

  indirect enum Tree {
    case null
    case boolean(Bool)
    case number
    case string([UInt8])
    case array([Node])
    case object([(key: [UInt8], value: Node)])
  }

  private let bytes: [UInt8]
  private var index = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The tree of a line that holds one value.
  static func tree(_ line: [UInt8]) throws -> Node {
    var twin = JSONTwin(line)
    let node = try twin.node(depth: 0)
    twin.skipSpaces()
    guard twin.index == line.count else { throw Malformed() }
    return node
  }

  private func peek() throws -> UInt8 {
    guard index < bytes.count else { throw Malformed() }
    return bytes[index]
  }

  private mutating func skipSpaces() {
    while index < bytes.count, [0x20, 0x09, 0x0D].contains(bytes[index]) { index += 1 }
  }

  private mutating func expect(_ text: String) throws {
    for byte in text.utf8 {
      guard try peek() == byte else { throw Malformed() }
      index += 1
    }
  }

  private mutating func node(depth: Int) throws -> Node {
    skipSpaces()
    let start = index
    let value = try tree(depth: depth)
    return Node(value: value, text: Array(bytes[start..<index]))
  }

  private mutating func tree(depth: Int) throws -> Tree {
    switch try peek() {
    case UInt8(ascii: "n"):
      try expect("null")
      return .null
    case UInt8(ascii: "t"):
      try expect("true")
      return .boolean(true)
    case UInt8(ascii: "f"):
      try expect("false")
      return .boolean(false)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    default:
      try number()
      return .number
    }
  }

  private mutating func array(depth: Int) throws -> [Node] {
    guard depth < 256 else { throw Malformed() }
    try expect("[")
    skipSpaces()
    var nodes: [Node] = []
    if try peek() == UInt8(ascii: "]") {
      index += 1
      return nodes
    }
    while true {
      nodes.append(try node(depth: depth + 1))
      skipSpaces()
      if try peek() == UInt8(ascii: "]") {
        index += 1
        return nodes
      }
      try expect(",")
    }
  }

  private mutating func object(depth: Int) throws -> [(key: [UInt8], value: Node)] {
    guard depth < 256 else { throw Malformed() }
    try expect("{")
    skipSpaces()
    var members: [(key: [UInt8], value: Node)] = []
    if try peek() == UInt8(ascii: "}") {
      index += 1
      return members
    }
    while true {
      skipSpaces()
      let key = try string()
      skipSpaces()
      try expect(":")
      members.append((key, try node(depth: depth + 1)))
      skipSpaces()
      if try peek() == UInt8(ascii: "}") {
        index += 1
        return members
      }
      try expect(",")
    }
  }

  private mutating func digits() throws {
    guard 0x30...0x39 ~= (try peek()) else { throw Malformed() }
    while index < bytes.count, 0x30...0x39 ~= bytes[index] { index += 1 }
  }

  private mutating func number() throws {
    if try peek() == UInt8(ascii: "-") { index += 1 }
    if try peek() == UInt8(ascii: "0") { index += 1 } else { try digits() }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if try [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(peek()) { index += 1 }
      try digits()
    }
  }

  private mutating func string() throws -> [UInt8] {
    try expect("\"")
    var text: [UInt8] = []
    while true {
      let byte = try peek()
      index += 1
      if byte == UInt8(ascii: "\"") { break }
      guard byte >= 0x20 else { throw Malformed() }
      if byte == UInt8(ascii: "\\") { try escape(&text) } else { text.append(byte) }
    }
    guard String(validating: text, as: UTF8.self) != nil else { throw Malformed() }
    return text
  }

  private mutating func escape(_ text: inout [UInt8]) throws {
    let plain: [UInt8: UInt8] = [
      0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D,
      0x74: 0x09,
    ]
    let letter = try peek()
    index += 1
    if let byte = plain[letter] {
      text.append(byte)
      return
    }
    guard letter == UInt8(ascii: "u") else { throw Malformed() }
    var units = [try unit()]
    if 0xD800..<0xDC00 ~= units[0] {
      try expect("\\u")
      units.append(try unit())
    }
    var decoder = UTF16()
    var iterator = units.makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { throw Malformed() }
    guard iterator.next() == nil else { throw Malformed() }
    text += Array(String(Character(scalar)).utf8)
  }

  private mutating func unit() throws -> UInt16 {
    guard index + 4 <= bytes.count else { throw Malformed() }
    let digits = bytes[index..<index + 4]
    index += 4
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw Malformed() }
    return unit
  }
}

// MARK: - Values

extension JSONTwin {
  /// The rows of a text, and the numbers of the lines that are malformed.
  static func read(_ text: [UInt8], _ schema: Schema) -> (rows: [[Value]], malformed: [Int]) {
    var rows: [[Value]] = []
    var malformed: [Int] = []
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
    if lines.last == [] { lines.removeLast() }
    for (number, line) in lines.enumerated() {
      var line = line
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
      if line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
      do {
        let node = try tree(line)
        guard case .structure(let row) = try value(node, .structure(schema.fields)) else {
          throw Malformed()
        }
        rows.append(row)
      } catch {
        malformed.append(number)
      }
    }
    return (rows, malformed)
  }

  static func value(_ node: Node, _ type: DataType) throws -> Value {
    switch (node.value, type) {
    case (.null, _): return .null
    case (.string(let text), .string): return .string(String(decoding: text, as: UTF8.self))
    case (_, .string): return .string(String(decoding: node.text, as: UTF8.self))
    case (.boolean(let bit), .boolean): return .boolean(bit)
    case (.number, _): return try number(String(decoding: node.text, as: UTF8.self), type)
    case (.string(let text), _): return try value(of: text, type)
    case (.array(let nodes), .array(let element)):
      return .list(try nodes.map { try value($0, element) })
    case (.object(let members), .structure(let fields)):
      let values = try fields.map { field in
        try members.filter { $0.key == Array(field.name.utf8) }.map {
          try value($0.value, field.type)
        }
        .last ?? .null
      }
      return .structure(values)
    case (.object(let members), .map(_, let type)):
      var entries: [(key: [UInt8], value: Value)] = []
      for member in members {
        let value = try value(member.value, type)
        if let known = entries.firstIndex(where: { $0.key == member.key }) {
          entries[known].value = value
        } else {
          entries.append((member.key, value))
        }
      }
      return .list(
        entries.map { .structure([.string(String(decoding: $0.key, as: UTF8.self)), $0.value]) })
    default: throw Malformed()
    }
  }

  private static func number(_ text: String, _ type: DataType) throws -> Value {
    let limits: [DataType: ClosedRange<Int64>] = [
      .tinyint: -128...127, .smallint: -32_768...32_767, .int: -2_147_483_648...2_147_483_647,
      .bigint: .min ... .max,
    ]
    if let limit = limits[type] {
      guard let integer = Int64(text), limit.contains(integer) else { throw Malformed() }
      return .integer(integer)
    }
    switch type {
    case .double: return .double(Double(text)!)
    case .float: return .double(Double(Float(text)!))
    case .timestamp:
      guard let seconds = Int64(text) else { throw Malformed() }
      let (micros, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000)
      if overflows { throw Malformed() }
      return .integer(micros)
    case .decimal(let precision, let scale):
      return .decimal(
        try parseDecimal(Array(text.utf8).span, precision: precision, scale: scale))
    default: throw Malformed()
    }
  }

  private static func value(of text: [UInt8], _ type: DataType) throws -> Value {
    switch type {
    case .double, .float:
      switch String(decoding: text, as: UTF8.self) {
      case "NaN": return .double(.nan)
      case "Infinity", "+Infinity", "INF", "+INF": return .double(.infinity)
      case "-Infinity", "-INF": return .double(-.infinity)
      default: throw Malformed()
      }
    case .timestamp:
      var parser = TimestampParser()
      return .integer(try parser.parse(text.span))
    case .date: return .integer(Int64(try parseDate(text.span)))
    case .decimal(let precision, let scale):
      return .decimal(try parseDecimal(text.span, precision: precision, scale: scale))
    case .binary: return .binary(try base64(text))
    default: throw Malformed()
    }
  }

  private static func base64(_ text: [UInt8]) throws -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var digits = text
    if text.count % 4 == 0 {
      while digits.last == UInt8(ascii: "="), text.count - digits.count < 2 { digits.removeLast() }
    }
    let bits = try digits.flatMap { digit -> [Int] in
      guard let value = alphabet.firstIndex(of: digit) else { throw Malformed() }
      return (0..<6).map { value >> (5 - $0) & 1 }
    }
    guard digits.count % 4 != 1, bits[(bits.count / 8 * 8)...].allSatisfy({ $0 == 0 }) else {
      throw Malformed()
    }
    return (0..<bits.count / 8).map { byte in
      bits[byte * 8..<byte * 8 + 8].reduce(0) { $0 << 1 | UInt8($1) }
    }
  }
}
