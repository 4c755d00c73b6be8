import Diagnostics

/// Cuts a text into tokens, skipping blanks and comments.
struct Lexer {
  let text: String
  let bytes: [UInt8]
  var offset = 0

  static func tokens(of text: String) throws -> [Token] {
    var lexer = Lexer(text: text, bytes: Array(text.utf8))
    var tokens: [Token] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  func byte(at offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func failure(_ message: String, _ range: Range<Int>, hint: String? = nil) -> StreamError {
    StreamError(.usage, message, excerpt: Excerpt(text, range), hint: hint)
  }

  func slice(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  mutating func next() throws -> Token {
    try skipBlanks()
    let start = offset
    guard let first = byte(at: offset) else { return Token(kind: .end, range: start..<start) }
    switch first {
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      return Token(kind: .string(try quotedText(isRaw: false)), range: start..<offset)
    case UInt8(ascii: "`"):
      return Token(kind: .quotedName(try quotedName()), range: start..<offset)
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      return number() ?? word(from: start)
    case UInt8(ascii: ".") where byte(at: offset + 1).map(isDigit) == true:
      if let number = number() { return number }
      throw failure(
        "malformed number '\(slice(start..<wordEnd(start + 1)))'", start..<wordEnd(start + 1))
    case UInt8(ascii: "r"), UInt8(ascii: "R"):
      let quote = byte(at: offset + 1)
      guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
        return word(from: start)
      }
      offset += 1
      return Token(kind: .string(try quotedText(isRaw: true)), range: start..<offset)
    default:
      if wordEnd(start) > start { return word(from: start) }
      return try symbol()
    }
  }

  private mutating func word(from start: Int) -> Token {
    offset = wordEnd(start)
    return Token(kind: .word, range: start..<offset)
  }

  /// The end of the letters, digits and underscores at `start`.
  func wordEnd(_ start: Int) -> Int {
    var end = start
    while let byte = byte(at: end) {
      if isWordByte(byte) {
        end += 1
      } else if byte >= 0x80, let scalar = scalar(at: end), scalar.properties.isAlphabetic {
        end += scalar.utf8.count
      } else {
        break
      }
    }
    return end
  }

  func scalar(at offset: Int) -> Unicode.Scalar? {
    String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
      .unicodeScalars.first
  }

  private mutating func symbol() throws -> Token {
    let start = offset
    for length in [3, 2, 1] where start + length <= bytes.count {
      guard let symbol = Symbol(rawValue: slice(start..<start + length)) else { continue }
      offset = start + length
      return Token(kind: .symbol(symbol), range: start..<offset)
    }
    let stranger = scalar(at: start) ?? "?"
    let range = start..<start + stranger.utf8.count
    if "‘’“”´".unicodeScalars.contains(stranger) {
      throw failure("unexpected character '\(stranger)'", range, hint: "quote with ' or \"")
    }
    throw failure("unexpected character '\(stranger)'", range)
  }

  private mutating func skipBlanks() throws {
    while let byte = byte(at: offset) {
      if byte == 0x20 || (0x09...0x0D).contains(byte) {
        offset += 1
      } else if starts(with: "--") {
        while let byte = self.byte(at: offset), byte != 0x0A { offset += 1 }
      } else if starts(with: "/*") {
        try skipComment()
      } else if byte >= 0x80, let scalar = scalar(at: offset), scalar.properties.isWhitespace {
        offset += scalar.utf8.count
      } else {
        return
      }
    }
  }

  private mutating func skipComment() throws {
    let start = offset
    offset += 2
    while !starts(with: "*/") {
      guard offset < bytes.count else {
        throw failure("the comment is not closed", start..<start + 2, hint: "end it with */")
      }
      offset += 1
    }
    offset += 2
  }

  private func starts(with pair: String) -> Bool { bytes[offset...].starts(with: pair.utf8) }
}

func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

func isWordByte(_ byte: UInt8) -> Bool {
  isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
}
