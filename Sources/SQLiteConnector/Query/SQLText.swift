/// A statement of SQLite's, cut into tokens.
///
/// It is read for what SQLite does not tell: how the result columns are written, and where there are
/// casts. Whether it is right SQLite has said before.
struct SQLText {
  let text: String
  let bytes: [UInt8]
  /// Without spaces and comments.
  let tokens: [Token]

  struct Token: Equatable {
    enum Kind: Equatable {
      /// A keyword or a name without quotes.
      case word
      /// A name in double quotes, backquotes or brackets.
      case quotedName
      case string
      /// A number or a blob.
      case literal
      case symbol(UInt8)
    }

    let kind: Kind
    /// In bytes.
    let range: Range<Int>
  }

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    var reader = TokenReader(bytes: bytes)
    var tokens: [Token] = []
    while let token = reader.next() { tokens.append(token) }
    self.tokens = tokens
  }

  subscript(range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// What is written from the first to the last of some tokens.
  func source(_ range: Range<Int>) -> String {
    range.isEmpty ? "" : self[tokens[range.lowerBound].range.lowerBound..<end(of: range)]
  }

  /// Where the last of some tokens ends.
  func end(of range: Range<Int>) -> Int { tokens[range.upperBound - 1].range.upperBound }

  /// A word without quotes, in capitals; nil for any other token and outside of the text.
  func word(_ index: Int) -> String? {
    guard tokens.indices.contains(index), tokens[index].kind == .word else { return nil }
    return self[tokens[index].range].uppercased()
  }

  func isSymbol(_ index: Int, _ symbol: Unicode.Scalar) -> Bool {
    tokens.indices.contains(index) && tokens[index].kind == .symbol(UInt8(ascii: symbol))
  }

  /// Whether it is `r` or `t.r`.
  var isColumnName: Bool {
    func isName(_ index: Int) -> Bool {
      tokens[index].kind == .word || tokens[index].kind == .quotedName
    }
    switch tokens.count {
    case 1: return isName(0)
    case 3: return isName(0) && isSymbol(1, ".") && isName(2)
    default: return false
    }
  }

  /// The parenthesis that closes the one at `opening`.
  func closing(_ opening: Int) -> Int? {
    var depth = 0
    for index in opening..<tokens.count {
      depth += depthChange(index)
      if depth == 0 { return index }
    }
    return nil
  }

  /// How much deeper in parentheses it is behind a token.
  func depthChange(_ index: Int) -> Int {
    switch tokens[index].kind {
    case .symbol(UInt8(ascii: "(")): 1
    case .symbol(UInt8(ascii: ")")): -1
    default: 0
    }
  }

  /// What a name, a quoted name or a string says.
  func unquoted(_ index: Int) -> String {
    let token = tokens[index]
    let text = self[token.range]
    guard token.kind == .quotedName || token.kind == .string, let quote = text.first else {
      return text
    }
    let inner = text.dropFirst().dropLast()
    if quote == "[" { return String(inner) }
    return String(inner).split(separator: "\(quote)\(quote)", omittingEmptySubsequences: false)
      .joined(separator: String(quote))
  }
}

/// Reads tokens by SQLite's rules; of what would be no SQL it makes symbols.
private struct TokenReader {
  let bytes: [UInt8]
  var offset = 0

  mutating func next() -> SQLText.Token? {
    skipSpaces()
    guard offset < bytes.count else { return nil }
    let start = offset
    let kind = read(bytes[start])
    return SQLText.Token(kind: kind, range: start..<offset)
  }

  private mutating func read(_ first: UInt8) -> SQLText.Token.Kind {
    switch first {
    case UInt8(ascii: "'"): return readQuoted(until: first, .string)
    case UInt8(ascii: "\""), UInt8(ascii: "`"): return readQuoted(until: first, .quotedName)
    case UInt8(ascii: "["):
      while offset < bytes.count, bytes[offset] != UInt8(ascii: "]") { offset += 1 }
      offset = min(offset + 1, bytes.count)
      return .quotedName
    case 0x30...0x39: return readNumber()
    case UInt8(ascii: ".") where isDigit(offset + 1): return readNumber()
    case UInt8(ascii: "x"), UInt8(ascii: "X"):
      guard offset + 1 < bytes.count, bytes[offset + 1] == UInt8(ascii: "'") else { break }
      offset += 1
      _ = readQuoted(until: bytes[offset], .string)
      return .literal
    default: break
    }
    guard isNameByte(first) else {
      offset += 1
      return .symbol(first)
    }
    while offset < bytes.count, isNameByte(bytes[offset]) { offset += 1 }
    return .word
  }

  /// Two quotes within stand for one.
  private mutating func readQuoted(
    until quote: UInt8, _ kind: SQLText.Token.Kind
  ) -> SQLText.Token.Kind {
    offset += 1
    while offset < bytes.count {
      if bytes[offset] == quote {
        guard offset + 1 < bytes.count, bytes[offset + 1] == quote else {
          offset += 1
          return kind
        }
        offset += 1
      }
      offset += 1
    }
    return kind
  }

  /// Letters too: hexadecimal digits, exponents. A sign belongs to an exponent alone.
  private mutating func readNumber() -> SQLText.Token.Kind {
    while offset < bytes.count, isNameByte(bytes[offset]) || bytes[offset] == UInt8(ascii: ".") {
      let isExponent = bytes[offset] | 0x20 == UInt8(ascii: "e")
      offset += 1
      let isSigned =
        offset < bytes.count
        && (bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-"))
      if isExponent, isSigned, isDigit(offset + 1) { offset += 1 }
    }
    return .literal
  }

  private func isDigit(_ index: Int) -> Bool {
    index < bytes.count && 0x30...0x39 ~= bytes[index]
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80..., UInt8(ascii: "_"), UInt8(ascii: "$"): true
    default: false
    }
  }

  private mutating func skipSpaces() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x09, 0x0A, 0x0C, 0x0D, 0x20: offset += 1
      case UInt8(ascii: "-") where follows(UInt8(ascii: "-")):
        while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
      case UInt8(ascii: "/") where follows(UInt8(ascii: "*")): skipComment()
      default: return
      }
    }
  }

  private mutating func skipComment() {
    offset += 2
    while offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "*"), follows(UInt8(ascii: "/")) {
        offset += 2
        return
      }
      offset += 1
    }
  }

  private func follows(_ byte: UInt8) -> Bool {
    offset + 1 < bytes.count && bytes[offset + 1] == byte
  }
}
