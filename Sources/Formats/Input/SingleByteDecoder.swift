internal import Diagnostics

/// Turns Latin 1 or windows-1252 into UTF-8.
final class SingleByteDecoder: ByteDecoder {
  /// For each byte its UTF-8, the first byte lowest, and the length in the highest byte.
  private let table: [UInt32]

  init(hasWindowsCharacters: Bool) {
    table = (0..<256).map { byte in
      let isWindows = hasWindowsCharacters && 0x80..<0xA0 ~= byte
      let scalar = isWindows ? windowsCharacters[byte - 0x80] : UInt16(byte)
      return encoded(scalar)
    }
  }

  @unsafe func decode(
    _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
  ) throws(StreamError) -> DecodingStep {
    var step = DecodingStep(taken: 0, written: 0)
    while step.taken < input.count {
      let entry = unsafe table[Int(input[step.taken])]
      let length = Int(entry &>> 24)
      guard room.count &- step.written >= length else { break }
      for index in 0..<length {
        unsafe room[step.written &+ index] = UInt8(truncatingIfNeeded: entry &>> UInt32(8 &* index))
      }
      step.taken &+= 1
      step.written &+= length
    }
    return step
  }

  func finish() throws(StreamError) {}
}

private func encoded(_ scalar: UInt16) -> UInt32 {
  let bytes = Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
  let packed = bytes.reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
  return packed | UInt32(bytes.count) << 24
}

/// The characters of the bytes 0x80 to 0x9F. WHATWG Encoding Standard, index windows-1252.
private let windowsCharacters: [UInt16] = [
  0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
  0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
  0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
  0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
]
