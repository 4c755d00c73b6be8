internal import Columnar
internal import Scalars

extension MutableBuffer<UInt8> {
  /// Appends the bytes that base64 text stands for (RFC 4648, section 4); the padding may be left
  /// out.
  ///
  /// - Parameter text: `count` readable bytes.
  /// - Returns: false, with nothing appended, when it is no base64.
  @unsafe
  mutating func append(base64 text: UnsafePointer<UInt8>, count: Int) -> Bool {
    var length = count
    if length % 4 == 0 {
      for _ in 0..<2 where length > 0 {
        if unsafe text[length - 1] == UInt8(ascii: "=") { length -= 1 }
      }
    }
    guard length % 4 != 1 else { return false }
    let start = self.count
    reserve(length / 4 * 3 + 3)
    var pending: UInt32 = 0
    var invalid: UInt8 = 0
    for index in 0..<length {
      let digit = unsafe base64Digit(text[index])
      invalid |= digit
      pending = pending << 6 | UInt32(digit & 63)
      if index & 3 == 3 {
        unsafe append(lowest: 3, of: pending)
        pending = 0
      }
    }
    switch length & 3 {
    case 2:
      invalid |= pending & 0xF == 0 ? 0 : 0xFF
      unsafe append(lowest: 1, of: pending >> 4)
    case 3:
      invalid |= pending & 0x3 == 0 ? 0 : 0xFF
      unsafe append(lowest: 2, of: pending >> 2)
    default: break
    }
    if invalid & 0x80 != 0 { truncate(to: start) }
    return invalid & 0x80 == 0
  }

  @unsafe @inline(__always)
  private mutating func append(lowest byteCount: Int, of bits: UInt32) {
    for index in 0..<byteCount {
      let byte = UInt8(truncatingIfNeeded: bits >> UInt32((byteCount - 1 - index) * 8))
      unsafe appendUnchecked(byte)
    }
  }
}

extension ByteText {
  /// Appends bytes as base64 text, padded.
  ///
  /// - Parameter source: `count` readable bytes.
  @unsafe
  mutating func append(base64Of source: UnsafePointer<UInt8>, count: Int) {
    reserve((count + 2) / 3 * 4)
    var index = 0
    while index < count {
      let present = Swift.min(3, count - index)
      var bits: UInt32 = 0
      for offset in 0..<3 {
        bits = bits << 8 | (offset < present ? UInt32(unsafe source[index + offset]) : 0)
      }
      for digit in 0..<4 {
        let value = UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * digit)) & 63
        append(digit > present ? UInt8(ascii: "=") : base64Character(value))
      }
      index += 3
    }
  }
}

/// The value of a base64 digit; 0xFF for any other byte.
@inline(__always)
private func base64Digit(_ byte: UInt8) -> UInt8 {
  switch byte {
  case 0x41...0x5A: byte - 0x41
  case 0x61...0x7A: byte - 0x61 + 26
  case 0x30...0x39: byte - 0x30 + 52
  case UInt8(ascii: "+"): 62
  case UInt8(ascii: "/"): 63
  default: 0xFF
  }
}

@inline(__always)
private func base64Character(_ value: UInt8) -> UInt8 {
  switch value {
  case 0..<26: value + 0x41
  case 26..<52: value - 26 + 0x61
  case 52..<62: value - 52 + 0x30
  case 62: UInt8(ascii: "+")
  default: UInt8(ascii: "/")
  }
}
