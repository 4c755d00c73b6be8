import Diagnostics

extension Lexer {
  /// - Returns: nil, with nothing consumed, when letters follow that make a name of it.
  mutating func number() -> Token? {
    let start = offset
    var end = digitsEnd(start)
    var hasPoint = false
    if byte(at: end) == UInt8(ascii: ".") {
      let fractionEnd = digitsEnd(end + 1)
      hasPoint = true
      end = fractionEnd
    }
    let mantissaEnd = end
    var hasExponent = false
    if let letter = byte(at: end), letter | 0x20 == UInt8(ascii: "e") {
      var digits = end + 1
      if let sign = byte(at: digits), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
        digits += 1
      }
      let exponentEnd = digitsEnd(digits)
      if exponentEnd > digits {
        hasExponent = true
        end = exponentEnd
      }
    }
    let tail = slice(end..<wordEnd(end)).uppercased()
    let suffix = NumberForm.Suffix(rawValue: tail)
    let takesSuffix =
      suffix.map { allows($0, hasPoint: hasPoint, hasExponent: hasExponent) } ?? false
    guard tail.isEmpty || takesSuffix else {
      // `1.x` is the field x of a column called 1; not so `1.5x`.
      guard hasPoint, digitsEnd(start) + 1 == mantissaEnd, digitsEnd(start) > start else {
        return nil
      }
      return integer(start..<digitsEnd(start))
    }
    let form = NumberForm(
      digits: slice(start..<end), hasPoint: hasPoint, hasExponent: hasExponent,
      suffix: takesSuffix ? suffix : nil)
    offset = end + tail.utf8.count
    return Token(kind: .number(form), range: start..<offset)
  }

  private mutating func integer(_ range: Range<Int>) -> Token {
    offset = range.upperBound
    let form = NumberForm(digits: slice(range), hasPoint: false, hasExponent: false, suffix: nil)
    return Token(kind: .number(form), range: range)
  }

  private func allows(_ suffix: NumberForm.Suffix, hasPoint: Bool, hasExponent: Bool) -> Bool {
    switch suffix {
    case .tinyint, .smallint, .bigint: !hasPoint && !hasExponent
    case .float, .double, .decimal: true
    }
  }

  private func digitsEnd(_ start: Int) -> Int {
    var end = start
    while let byte = byte(at: end), isDigit(byte) { end += 1 }
    return end
  }

  mutating func quotedName() throws -> String {
    let start = offset
    var name: [UInt8] = []
    offset += 1
    while let byte = byte(at: offset) {
      offset += 1
      if byte != UInt8(ascii: "`") {
        name.append(byte)
      } else if self.byte(at: offset) == UInt8(ascii: "`") {
        name.append(byte)
        offset += 1
      } else if name.isEmpty {
        throw failure("expected a name between the backquotes", start..<offset)
      } else {
        return String(decoding: name, as: UTF8.self)
      }
    }
    throw failure("the name is not closed: expected '`'", start..<start + 1)
  }

  /// The text between two quotes, with its escapes replaced unless it is raw.
  mutating func quotedText(isRaw: Bool) throws -> String {
    let start = offset
    let quote = bytes[offset]
    var text = EscapedText()
    offset += 1
    while let byte = byte(at: offset) {
      offset += 1
      if byte == quote {
        guard self.byte(at: offset) == quote, !isRaw else { return text.take() }
        text.append(byte)
        offset += 1
      } else if byte == UInt8(ascii: "\\"), !isRaw {
        escape(into: &text)
      } else {
        text.append(byte)
      }
    }
    let mark = Character(Unicode.Scalar(quote))
    throw failure("the text is not closed: expected \(mark)", start..<start + 1)
  }

  /// The escape whose backslash has been read.
  private mutating func escape(into text: inout EscapedText) {
    guard let letter = byte(at: offset) else { return text.append(UInt8(ascii: "\\")) }
    if let code = code(after: letter) {
      offset = code.end
      return text.append(unit: code.value)
    }
    offset += 1
    switch letter {
    case UInt8(ascii: "0"): text.append(0)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "Z"): text.append(0x1A)
    case UInt8(ascii: "%"), UInt8(ascii: "_"):
      // Left as they are: the backslash means something to LIKE.
      text.append(UInt8(ascii: "\\"))
      text.append(letter)
    default: text.append(letter)
    }
  }

  /// `\101` (octal), `\u00e9`, `\U0001F600`.
  private func code(after letter: UInt8) -> (value: UInt32, end: Int)? {
    switch letter {
    case UInt8(ascii: "u"): digits(offset + 1, count: 4, radix: 16)
    case UInt8(ascii: "U"): digits(offset + 1, count: 8, radix: 16)
    case UInt8(ascii: "0"), UInt8(ascii: "1"): digits(offset, count: 3, radix: 8)
    default: nil
    }
  }

  private func digits(_ start: Int, count: Int, radix: Int) -> (value: UInt32, end: Int)? {
    let end = start + count
    guard end <= bytes.count, bytes[start..<end].allSatisfy(isWordByte),
      let value = UInt32(slice(start..<end), radix: radix)
    else { return nil }
    return (value, end)
  }
}

/// Text under construction, in which two `\u` escapes may be halves of one character.
private struct EscapedText {
  private var bytes: [UInt8] = []
  private var highSurrogate: UInt32?

  mutating func append(_ byte: UInt8) {
    closeSurrogate()
    bytes.append(byte)
  }

  mutating func append(unit: UInt32) {
    if let high = highSurrogate, (0xDC00...0xDFFF).contains(unit) {
      highSurrogate = nil
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00))
      return bytes.append(contentsOf: String(Character(scalar ?? "\u{FFFD}")).utf8)
    }
    closeSurrogate()
    if (0xD800...0xDBFF).contains(unit) {
      highSurrogate = unit
    } else {
      let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
      bytes.append(contentsOf: String(Character(scalar)).utf8)
    }
  }

  mutating func take() -> String {
    closeSurrogate()
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func closeSurrogate() {
    guard highSurrogate != nil else { return }
    highSurrogate = nil
    bytes.append(contentsOf: "\u{FFFD}".utf8)
  }
}
