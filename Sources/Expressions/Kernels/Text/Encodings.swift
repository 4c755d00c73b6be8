import Columnar
import Scalars

/// Texts as bytes, and bytes as texts.
enum Encodings {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static let base64 = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      append(base64: texts[row], to: &output)
      return true
    }
  }

  static func append(base64 bytes: Span<UInt8>, to output: inout MutableBuffer<UInt8>) {
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var group: UInt32 = 0
      for offset in 0..<3 {
        group = group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0)
      }
      for digit in 0..<4 {
        let index = Int(group >> UInt32(18 - 6 * digit) & 63)
        output.append(digit <= count ? alphabet[index] : UInt8(ascii: "="))
      }
    }
  }

  /// Characters that base 64 does not have are skipped, as Java does.
  static let unbase64 = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      _ = append(bytesOfBase64: texts[row], skippingOthers: true, to: &output)
      return true
    }
  }

  /// - Returns: false when there is a character that base 64 does not have.
  static func append(
    bytesOfBase64 text: Span<UInt8>, skippingOthers: Bool = false,
    to output: inout MutableBuffer<UInt8>
  ) -> Bool {
    var (group, count): (UInt32, Int) = (0, 0)
    for offset in text.indices {
      let byte = text[offset]
      if byte == UInt8(ascii: "=") || byte <= 0x20 { continue }
      guard let digit = digit(byte) else {
        guard skippingOthers else { return false }
        continue
      }
      group = group << 6 | UInt32(digit)
      count += 1
      if count % 4 == 0 {
        for shift in [16, 8, 0] {
          output.append(UInt8(truncatingIfNeeded: group >> UInt32(shift)))
        }
      }
    }
    if count % 4 == 2 { output.append(UInt8(truncatingIfNeeded: group >> 4)) }
    if count % 4 == 3 {
      output.append(UInt8(truncatingIfNeeded: group >> 10))
      output.append(UInt8(truncatingIfNeeded: group >> 2))
    }
    return true
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }

  // MARK: - Character sets

  private enum Charset {
    case utf8
    case ascii
    case latin1
    case utf16(isBig: Bool, hasMark: Bool)

    init?(_ name: String) {
      switch name.uppercased() {
      case "UTF-8", "UTF8": self = .utf8
      case "US-ASCII": self = .ascii
      case "ISO-8859-1": self = .latin1
      case "UTF-16": self = .utf16(isBig: true, hasMark: true)
      case "UTF-16BE": self = .utf16(isBig: true, hasMark: false)
      case "UTF-16LE": self = .utf16(isBig: false, hasMark: false)
      default: return nil
      }
    }
  }

  private static func charset(_ name: String) throws -> Charset {
    guard let charset = Charset(name) else {
      throw Reason(
        "INVALID_PARAMETER_VALUE.CHARSET",
        "no character set '\(name)'; there are UTF-8, US-ASCII, ISO-8859-1, UTF-16, UTF-16BE and UTF-16LE"
      )
    }
    return charset
  }

  private static func unmappable(_ text: String) -> Reason {
    Reason("MALFORMED_CHARACTER_CODING", "'\(text)' has characters that the character set lacks")
  }

  /// `encode(text, charset)`.
  static let encode = Kernel(canFail: true) { arguments in
    let (texts, names) = (arguments.strings(0), arguments.strings(1))
    return try arguments.makeStrings { row, output in
      switch try charset(names.string(row)) {
      case .utf8: output.append(short: texts[row])
      case .ascii: try append(texts.string(row), below: 0x80, to: &output)
      case .latin1: try append(texts.string(row), below: 0x100, to: &output)
      case .utf16(let isBig, let hasMark):
        let units = (hasMark ? [0xFEFF] : []) + Array(texts.string(row).utf16)
        for unit in units {
          let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
          output.append(isBig ? high : low)
          output.append(isBig ? low : high)
        }
      }
      return true
    }
  }

  private static func append(
    _ text: String, below limit: UInt32, to output: inout MutableBuffer<UInt8>
  ) throws {
    for scalar in text.unicodeScalars {
      guard scalar.value < limit else { throw unmappable(text) }
      output.append(UInt8(truncatingIfNeeded: scalar.value))
    }
  }

  /// `decode(bytes, charset)`.
  static let decode = Kernel(canFail: true) { arguments in
    let (texts, names) = (arguments.strings(0), arguments.strings(1))
    return try arguments.makeStrings { row, output in
      let bytes = texts.bytes(row)
      let text: String
      switch try charset(names.string(row)) {
      case .utf8, .ascii:
        guard firstInvalidUTF8(bytes.span) == nil else {
          throw unmappable(String(decoding: bytes, as: UTF8.self))
        }
        text = String(decoding: bytes, as: UTF8.self)
      case .latin1: text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
      case .utf16(let isBig, _): text = utf16(bytes, isBig: isBig)
      }
      output.append(text)
      return true
    }
  }

  private static func utf16(_ bytes: [UInt8], isBig: Bool) -> String {
    var isBig = isBig
    var units: [UInt16] = []
    for index in stride(from: 0, to: bytes.count - 1, by: 2) {
      let pair = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      let unit = isBig ? pair.0 << 8 | pair.1 : pair.1 << 8 | pair.0
      if index == 0, unit == 0xFFFE {
        isBig.toggle()
      } else if index > 0 || unit != 0xFEFF {
        units.append(unit)
      }
    }
    return String(decoding: units, as: UTF16.self)
  }

  // MARK: - URLs

  /// As forms are encoded: a space becomes '+'.
  static let urlEncode = Kernel { arguments in
    let texts = arguments.strings(0)
    let digits = Array("0123456789ABCDEF".utf8)
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      for offset in text.indices {
        let byte = text[offset]
        if byte == 0x20 {
          output.append(UInt8(ascii: "+"))
        } else if isWordByte(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
          || byte == UInt8(ascii: "*")
        {
          output.append(byte)
        } else {
          output.append(UInt8(ascii: "%"))
          output.append(digits[Int(byte >> 4)])
          output.append(digits[Int(byte & 15)])
        }
      }
      return true
    }
  }

  static let urlDecode = Kernel(canFail: true) { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      var offset = 0
      let start = output.count
      while offset < text.count {
        let byte = text[offset]
        offset += 1
        if byte == UInt8(ascii: "+") {
          output.append(0x20)
        } else if byte == UInt8(ascii: "%") {
          guard offset + 2 <= text.count,
            let high = Character(Unicode.Scalar(text[offset])).hexDigitValue,
            let low = Character(Unicode.Scalar(text[offset + 1])).hexDigitValue
          else { throw Reason("CANNOT_DECODE_URL", "'\(texts.string(row))' is not an encoded URL") }
          output.append(UInt8(high << 4 | low))
          offset += 2
        } else {
          output.append(byte)
        }
      }
      guard firstInvalidUTF8(output.span.extracting(start...)) == nil else {
        throw Reason("CANNOT_DECODE_URL", "'\(texts.string(row))' does not decode to UTF-8")
      }
      return true
    }
  }

  // MARK: - Sounds

  static let soundex = Kernel { arguments in
    let texts = arguments.strings(0)
    let codes = Array("01230120022455012623010202".utf8)
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      guard text.count > 0, let first = letter(text[0]) else {
        output.append(short: text)
        return true
      }
      var last = codes[first]
      var count = 1
      output.append(UInt8(ascii: "A") + UInt8(first))
      for offset in 1..<text.count where count < 4 {
        guard let index = letter(text[offset]) else {
          last = UInt8(ascii: "0")
          continue
        }
        // H and W do not part equal sounds.
        if index == 7 || index == 22 { continue }
        let code = codes[index]
        if code != UInt8(ascii: "0"), code != last {
          output.append(code)
          count += 1
        }
        last = code
      }
      output.append(repeating: UInt8(ascii: "0"), count: 4 - count)
      return true
    }
  }

  private static func letter(_ byte: UInt8) -> Int? {
    let index = (byte | 0x20) &- UInt8(ascii: "a")
    return index < 26 ? Int(index) : nil
  }
}
