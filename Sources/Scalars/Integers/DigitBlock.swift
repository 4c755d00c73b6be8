/// Eight ASCII digits handled as one machine word (little-endian: the first is the lowest byte).
@usableFromInline
enum DigitBlock {
  /// The eight bytes at `text`, with the code of '0' taken off each.
  @unsafe @inlinable @inline(__always)
  static func load(_ text: UnsafePointer<UInt8>) -> UInt64 {
    let word = unsafe UnsafeRawPointer(text).loadUnaligned(as: UInt64.self)
    return UInt64(littleEndian: word) ^ 0x3030_3030_3030_3030
  }

  /// The one to seven bytes at `text`, with the code of '0' taken off each, behind zeros.
  ///
  /// Two loads that overlap, in place of a loop whose end the processor would have to guess.
  @unsafe @inlinable @inline(__always)
  static func loadShort(_ text: UnsafePointer<UInt8>, count: Int) -> UInt64 {
    let shift = UInt64(truncatingIfNeeded: (8 &- count) &<< 3)
    if count >= 4 {
      let raw = unsafe UnsafeRawPointer(text)
      let first = unsafe UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self))
      let last = unsafe UInt32(littleEndian: (raw + (count &- 4)).loadUnaligned(as: UInt32.self))
      return UInt64(last ^ 0x3030_3030) &<< 32 | UInt64(first ^ 0x3030_3030) &<< shift
    }
    let middle = count &>> 1
    let first = unsafe UInt64(text[0] ^ 0x30) &<< shift
    let second =
      unsafe UInt64(text[middle] ^ 0x30)
      &<< (shift &+ UInt64(truncatingIfNeeded: middle &<< 3))
    let last = unsafe UInt64(text[count &- 1] ^ 0x30) &<< 56
    return first | second | last
  }

  /// Whether all eight were digits.
  @inlinable @inline(__always)
  static func isValid(_ block: UInt64) -> Bool {
    // A carry into the next byte comes only from a byte that is refused by its own high bit.
    ((block &+ 0x7676_7676_7676_7676) | block) & 0x8080_8080_8080_8080 == 0
  }

  /// The number that the eight digits stand for.
  @inlinable @inline(__always)
  static func value(_ block: UInt64) -> UInt64 {
    let pairs = (block &* 10) &+ (block &>> 8)
    let low = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
    let high = ((pairs &>> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
    return (low &+ high) &>> 32
  }

  /// The eight ASCII digits of a number below 10^8.
  @inlinable @inline(__always)
  static func text(_ value: UInt64) -> UInt64 {
    digits(value) | 0x3030_3030_3030_3030
  }

  /// The eight digits, each a byte of 0 to 9, of a number below 10^8.
  @inlinable @inline(__always)
  static func digits(_ value: UInt64) -> UInt64 {
    let fours = (value / 10_000) | ((value % 10_000) &<< 32)
    let hundreds = ((fours &* 10_486) &>> 20) & 0x0000_007F_0000_007F
    let twos = hundreds | ((fours &- hundreds &* 100) &<< 16)
    let tens = ((twos &* 103) &>> 10) & 0x000F_000F_000F_000F
    return tens | ((twos &- tens &* 10) &<< 8)
  }
}
