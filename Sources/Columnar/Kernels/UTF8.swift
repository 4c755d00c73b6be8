internal import Scalars

extension ByteStrings {
  /// Whether each value is UTF-8.
  ///
  /// - Complexity: O(bytes); a byte costs next to nothing where all are ASCII.
  package var areUTF8: Bool {
    let (first, last) = (Int(offsets[0]), Int(offsets[count]))
    let text = bytes[first..<last]
    if text.isASCII { return true }
    return firstInvalidUTF8(text.span) == nil && startAtCharacters
  }

  /// Whether no value begins in the middle of a character, if all bytes together are UTF-8.
  private var startAtCharacters: Bool {
    let (offsets, bytes) = (offsets.span, bytes.span)
    let last = offsets[offsets.count - 1]
    for index in offsets.indices where offsets[index] < last {
      if bytes[Int(offsets[index])] & 0xC0 == 0x80 { return false }
    }
    return true
  }
}

extension Buffer<UInt8> {
  fileprivate var isASCII: Bool {
    let span = span
    var bits: UInt8 = 0
    for index in span.indices { bits |= span[index] }
    return bits < 0x80
  }

  /// Whether they are UTF-8.
  package var isUTF8: Bool { firstInvalidUTF8(span) == nil }
}
