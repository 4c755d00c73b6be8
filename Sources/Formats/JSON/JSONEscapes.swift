internal import CKernels
internal import Columnar

extension JSONCursor {
  /// The value of the four hexadecimal digits that stand here; nil if they are none.
  var hexadecimalUnit: UInt32? {
    var unit: UInt32 = 0
    for offset in 0..<4 {
      let byte = self[offset]
      switch byte {
      case 0x30...0x39: unit = unit << 4 | UInt32(byte - 0x30)
      case 0x41...0x46: unit = unit << 4 | UInt32(byte - 0x37)
      case 0x61...0x66: unit = unit << 4 | UInt32(byte - 0x57)
      default: return nil
      }
    }
    return unit
  }

  /// How many bytes the sequence takes that begins here with a byte beyond ASCII; 0 if it is
  /// invalid. Unicode, table 3-7.
  var utf8Length: Int {
    let lead = byte
    guard lead >= 0xC2, lead <= 0xF4, self[1] & 0xC0 == 0x80 else { return 0 }
    if lead < 0xE0 { return 2 }
    guard self[2] & 0xC0 == 0x80 else { return 0 }
    if lead < 0xF0 {
      // Neither overlong nor a surrogate.
      return lead == 0xE0 && self[1] < 0xA0 || lead == 0xED && self[1] > 0x9F ? 0 : 3
    }
    guard self[3] & 0xC0 == 0x80 else { return 0 }
    return lead == 0xF0 && self[1] < 0x90 || lead == 0xF4 && self[1] > 0x8F ? 0 : 4
  }
}

extension MutableBuffer<UInt8> {
  /// Appends the text that a string stands for.
  ///
  /// - Parameters:
  ///   - start: behind the opening quote of a string whose escapes are known to be well formed.
  ///   - end: its closing quote.
  mutating func append(unescaping start: JSONCursor, to end: JSONCursor) {
    // No escape stands for more bytes than it has.
    reserve(end - start + 64)
    var place = start
    while true {
      let rest = end - place
      let run = unsafe min(rest, kernel_mask_equal_64(place.pointer, 0x5C).trailingZeroBitCount)
      unsafe kernel_copy_64(pointer + count, place.pointer)
      unsafe setCount(count + run)
      if run == rest { return }
      place = place + run
      if run < 64 { place = append(escape: place) }
    }
  }

  /// - Parameter escape: a backslash.
  /// - Returns: the place behind the escape.
  private mutating func append(escape: JSONCursor) -> JSONCursor {
    switch escape[1] {
    case UInt8(ascii: "b"): append(0x08)
    case UInt8(ascii: "f"): append(0x0C)
    case UInt8(ascii: "n"): append(0x0A)
    case UInt8(ascii: "r"): append(0x0D)
    case UInt8(ascii: "t"): append(0x09)
    case UInt8(ascii: "u"):
      let unit = (escape + 2).hexadecimalUnit ?? 0xFFFD
      guard unit & 0xFC00 == 0xD800 else {
        append(codePoint: unit)
        return escape + 6
      }
      let low = (escape + 8).hexadecimalUnit ?? 0xDC00
      append(codePoint: 0x1_0000 + (unit & 0x3FF) << 10 + low & 0x3FF)
      return escape + 12
    default: append(escape[1])
    }
    return escape + 2
  }

  private mutating func append(codePoint: UInt32) {
    switch codePoint {
    case 0..<0x80:
      append(UInt8(truncatingIfNeeded: codePoint))
    case 0x80..<0x800:
      append(UInt8(truncatingIfNeeded: 0xC0 | codePoint >> 6))
      append(continuation: codePoint)
    case 0x800..<0x1_0000:
      append(UInt8(truncatingIfNeeded: 0xE0 | codePoint >> 12))
      append(continuation: codePoint >> 6)
      append(continuation: codePoint)
    default:
      append(UInt8(truncatingIfNeeded: 0xF0 | codePoint >> 18))
      append(continuation: codePoint >> 12)
      append(continuation: codePoint >> 6)
      append(continuation: codePoint)
    }
  }

  private mutating func append(continuation bits: UInt32) {
    append(UInt8(truncatingIfNeeded: 0x80 | bits & 0x3F))
  }
}
