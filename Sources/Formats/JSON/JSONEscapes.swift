internal import CKernels
internal import Columnar

extension JSONCursor {
  /// The value of the four hexadecimal digits that stand here; nil if they are none.
  @inline(__always)
  var hexadecimalUnit: UInt32? {
    let unit = unsafe kernel_hex_4(pointer)
    return unit < 0x1_0000 ? unit : nil
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

/// A code point that is written with an escape, and the place behind it.
struct JSONEscape {
  let codePoint: UInt32
  let end: JSONCursor
}

extension JSONScanner {
  /// - Parameter escape: a backslash.
  @inline(__always)
  mutating func readEscape(_ escape: JSONCursor) -> JSONEscape? {
    let byte = kernel_json_escape(escape[1])
    if byte != 0 { return JSONEscape(codePoint: UInt32(byte), end: escape + 2) }
    return readUnicodeEscape(escape)
  }

  private mutating func readUnicodeEscape(_ escape: JSONCursor) -> JSONEscape? {
    guard escape[1] == UInt8(ascii: "u") else {
      let isCut = escape[1] == 0x0A
      _ = fail(isCut ? .unclosedString : .unknownEscape, at: isCut ? escape + 1 : escape)
      return nil
    }
    guard let unit = (escape + 2).hexadecimalUnit else {
      _ = fail(.incompleteEscape, at: escape)
      return nil
    }
    guard unit & 0xF800 == 0xD800 else { return JSONEscape(codePoint: unit, end: escape + 6) }
    guard unit < 0xDC00, escape[6] == UInt8(ascii: "\\"), escape[7] == UInt8(ascii: "u"),
      let low = (escape + 8).hexadecimalUnit, low & 0xFC00 == 0xDC00
    else {
      _ = fail(.loneSurrogate, at: escape)
      return nil
    }
    let codePoint = 0x1_0000 + (unit & 0x3FF) << 10 + low & 0x3FF
    return JSONEscape(codePoint: codePoint, end: escape + 12)
  }

  /// Appends the text that a string stands for, however long, with escapes and beyond ASCII.
  ///
  /// - Parameters:
  ///   - start: behind the opening quote.
  ///   - bytes: unchanged where the string is malformed.
  /// - Returns: the closing quote.
  @inline(never)
  mutating func copyString(
    _ start: JSONCursor, into bytes: inout MutableBuffer<UInt8>
  ) -> JSONCursor? {
    let kept = bytes.count
    var place = start
    while true {
      bytes.reserve(64)
      unsafe kernel_copy_64(bytes.pointer + bytes.count, place.pointer)
      let run = place.stops.trailingZeroBitCount
      unsafe bytes.setCount(bytes.count + run)
      place = place + run
      if run == 64 { continue }
      if place.byte == UInt8(ascii: "\"") { return place }
      guard let next = copyStop(place, into: &bytes) else {
        bytes.truncate(to: kept)
        return nil
      }
      place = next
    }
  }

  /// Appends what an escape stands for, or text beyond ASCII.
  ///
  /// - Parameter place: a byte that ends the plain part of a string, and is no quote.
  @inline(__always)
  private mutating func copyStop(
    _ start: JSONCursor, into bytes: inout MutableBuffer<UInt8>
  ) -> JSONCursor? {
    var place = start
    if place.byte == UInt8(ascii: "\\") {
      guard let escape = readEscape(place) else { return nil }
      bytes.append(codePoint: escape.codePoint)
      return escape.end
    }
    guard place.byte >= 0x80 else { return failAtControl(place) }
    // Where one byte is beyond ASCII more of them follow.
    while place.byte >= 0x80 {
      let length = place.utf8Length
      guard length > 0 else { return fail(.invalidUTF8, at: place) }
      bytes.reserve(4)
      let target = unsafe UnsafeMutableRawPointer(bytes.pointer + bytes.count)
      unsafe target.storeBytes(of: place.word32(), as: UInt32.self)
      unsafe bytes.setCount(bytes.count + length)
      place = place + length
    }
    return place
  }

  mutating func failAtControl(_ place: JSONCursor) -> JSONCursor? {
    fail(place.byte == 0x0A ? .unclosedString : .controlCharacter, at: place)
  }
}

extension MutableBuffer<UInt8> {
  @inline(__always)
  fileprivate mutating func append(codePoint: UInt32) {
    if codePoint < 0x80 { return append(UInt8(truncatingIfNeeded: codePoint)) }
    append(wide: codePoint)
  }

  private mutating func append(wide codePoint: UInt32) {
    switch codePoint {
    case 0..<0x800:
      append(UInt8(truncatingIfNeeded: 0xC0 | codePoint >> 6))
    case 0x800..<0x1_0000:
      append(UInt8(truncatingIfNeeded: 0xE0 | codePoint >> 12))
      append(continuation: codePoint >> 6)
    default:
      append(UInt8(truncatingIfNeeded: 0xF0 | codePoint >> 18))
      append(continuation: codePoint >> 12)
      append(continuation: codePoint >> 6)
    }
    append(continuation: codePoint)
  }

  private mutating func append(continuation bits: UInt32) {
    append(UInt8(truncatingIfNeeded: 0x80 | bits & 0x3F))
  }
}
