internal import Scalars

/// How deep arrays and objects may stand in each other.
package let jsonDepthMax = 128

extension JSON {
  /// Reads a text that holds one value, with whitespace around it at most.
  ///
  /// Of equal keys the last one's value counts, at the place of the first.
  ///
  /// - Complexity: O(bytes).
  package init(parsing text: Span<UInt8>) throws(JSONError) {
    if let offset = firstInvalidUTF8(text) { throw .invalidUTF8(offset: offset) }
    self = try unsafe text.withUnsafeBufferPointer { bytes throws(JSONError) in
      var parser = unsafe JSONParser(bytes)
      return try parser.document()
    }
  }

  package init(parsing text: [UInt8]) throws(JSONError) {
    self = try JSON(parsing: text.span)
  }

  package init(parsing text: String) throws(JSONError) {
    self = try JSON(parsing: Array(text.utf8))
  }
}

/// A recursive descent over bytes that are valid UTF-8.
@safe
private struct JSONParser: ~Copyable {
  // SAFETY: readable while the value lives; it stays inside the call that was given the bytes.
  private let bytes: UnsafeBufferPointer<UInt8>
  private var offset = 0
  private var depth = 0

  @unsafe
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.bytes = unsafe bytes
  }

  /// The byte at the offset; nil at the end.
  private var next: UInt8? { byte(at: offset) }

  private var count: Int { unsafe bytes.count }

  private func byte(at index: Int) -> UInt8? {
    index < count ? unsafe bytes[index] : nil
  }

  private func failure(_ expectation: JSONError.Expectation) -> JSONError {
    .expected(expectation, found: next, offset: offset)
  }

  private mutating func skipWhitespace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  /// Takes a byte, and the whitespace in front of it, if it comes next.
  private mutating func take(_ byte: UInt8) -> Bool {
    skipWhitespace()
    guard next == byte else { return false }
    offset += 1
    return true
  }

  mutating func document() throws(JSONError) -> JSON {
    let value = try value()
    skipWhitespace()
    guard next == nil else { throw failure(.end) }
    return value
  }

  private mutating func value() throws(JSONError) -> JSON {
    skipWhitespace()
    guard let first = next else { throw failure(.value) }
    switch first {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure(.value)
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSON
  ) throws(JSONError) -> JSON {
    guard depth < jsonDepthMax else { throw .tooDeep(offset: offset) }
    depth += 1
    offset += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let length = word.utf8CodeUnitCount
    for index in 0..<length where unsafe byte(at: offset + index) != word.utf8Start[index] {
      throw failure(.value)
    }
    offset += length
    return value
  }

  private mutating func array() throws(JSONError) -> JSON {
    if take(UInt8(ascii: "]")) { return .array([]) }
    var elements: [JSON] = []
    repeat {
      elements.append(try value())
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw failure(.commaOrBracket) }
    return .array(elements)
  }

  private mutating func object() throws(JSONError) -> JSON {
    if take(UInt8(ascii: "}")) { return .object([]) }
    var members = MemberList()
    repeat {
      skipWhitespace()
      guard next == UInt8(ascii: "\"") else { throw failure(.key) }
      let key = try string()
      guard take(UInt8(ascii: ":")) else { throw failure(.colon) }
      members.set(key, try value())
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw failure(.commaOrBrace) }
    return .object(members.members)
  }

  private mutating func skipDigits() throws(JSONError) {
    guard let byte = next, isDigit(byte) else { throw failure(.digit) }
    while let byte = next, isDigit(byte) { offset += 1 }
  }

  private mutating func number() throws(JSONError) -> JSON {
    let first = offset
    var isInteger = true
    if next == UInt8(ascii: "-") { offset += 1 }
    let leading = next
    let digits = offset
    try skipDigits()
    if leading == UInt8(ascii: "0"), offset > digits + 1 {
      offset = digits + 1
      throw failure(.end)
    }
    if next == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      try skipDigits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      offset += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
      try skipDigits()
    }
    let text = unsafe UnsafeBufferPointer(rebasing: bytes[first..<offset])
    if isInteger, let value = try? unsafe parseInt64(text.span) { return .integer(value) }
    guard !isInteger, let value = try? unsafe parseDouble(text.span), value.isFinite else {
      throw .numberOutOfRange(offset: first)
    }
    return .double(value)
  }

  /// Takes a string with its quotes.
  private mutating func string() throws(JSONError) -> String {
    offset += 1
    var text: [UInt8] = []
    while true {
      let first = offset
      while let byte = next, byte >= 0x20, byte != 0x22, byte != 0x5C { offset += 1 }
      let run = unsafe UnsafeBufferPointer(rebasing: bytes[first..<offset])
      guard let byte = next else { throw failure(.quote) }
      if byte == UInt8(ascii: "\""), text.isEmpty {
        offset += 1
        return unsafe String(decoding: run, as: UTF8.self)
      }
      unsafe text.append(contentsOf: run)
      guard byte >= 0x20 else { throw .controlCharacter(byte, offset: offset) }
      if byte == UInt8(ascii: "\"") {
        offset += 1
        return String(decoding: text, as: UTF8.self)
      }
      text.append(contentsOf: String(try escape()).utf8)
    }
  }

  /// Takes an escape, from its backslash on.
  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let first = offset
    guard let letter = byte(at: offset + 1) else {
      offset = count
      throw failure(.quote)
    }
    offset += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try codePoint(escapedAt: first)
    default: throw .invalidEscape(offset: first)
    }
  }

  /// Takes the digits behind `\u`, and a second escape where the first is half of a pair.
  private mutating func codePoint(escapedAt first: Int) throws(JSONError) -> Unicode.Scalar {
    let unit = try codeUnit(escapedAt: first)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard unit < 0xDC00, next == UInt8(ascii: "\\"), byte(at: offset + 1) == UInt8(ascii: "u")
    else { throw .loneSurrogate(offset: first) }
    let second = offset
    offset += 2
    let low = try codeUnit(escapedAt: second)
    guard 0xDC00...0xDFFF ~= low,
      let scalar = Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF))
    else { throw .loneSurrogate(offset: first) }
    return scalar
  }

  private mutating func codeUnit(escapedAt first: Int) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for index in offset..<offset + 4 {
      guard let byte = byte(at: index) else { throw .invalidEscape(offset: first) }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte & 0x0F
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        digit = byte & 0x0F + 9
      default: throw .invalidEscape(offset: first)
      }
      unit = unit << 4 | UInt32(digit)
    }
    offset += 4
    return unit
  }
}

private func isDigit(_ byte: UInt8) -> Bool {
  byte &- UInt8(ascii: "0") <= 9
}

/// The members of an object that is being read.
private struct MemberList {
  private(set) var members: [JSON.Member] = []
  /// Where the keys are, by their bytes; made once the object is large.
  private var places: [[UInt8]: Int] = [:]

  mutating func set(_ key: String, _ value: JSON) {
    if let index = place(of: key) {
      members[index].value = value
      return
    }
    if !places.isEmpty { places[Array(key.utf8)] = members.count }
    members.append(JSON.Member(key, value))
  }

  private mutating func place(of key: String) -> Int? {
    if members.count < 16 { return members.firstIndex { $0.key.isSame(as: key) } }
    if places.isEmpty {
      for (index, member) in members.enumerated() { places[Array(member.key.utf8)] = index }
    }
    return places[Array(key.utf8)]
  }
}
