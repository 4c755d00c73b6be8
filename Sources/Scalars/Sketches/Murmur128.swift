/// MurmurHash3 for 64-bit machines, of 128 bits, as Austin Appleby put it into the public domain.
package struct Murmur128: Equatable {
  package private(set) var first: UInt64
  package private(set) var second: UInt64

  private static let factor1: UInt64 = 0x87C3_7B91_1142_53D5
  private static let factor2: UInt64 = 0x4CF5_AD43_2745_937F

  package init(of bytes: borrowing Span<UInt8>, seed: UInt64) {
    (first, second) = (seed, seed)
    let blockCount = bytes.count / 16
    for block in 0..<blockCount {
      first ^= Murmur128.mixed1(Murmur128.word(bytes, at: block * 16, count: 8))
      first = (Murmur128.rotated(first, 27) &+ second) &* 5 &+ 0x52DC_E729
      second ^= Murmur128.mixed2(Murmur128.word(bytes, at: block * 16 + 8, count: 8))
      second = (Murmur128.rotated(second, 31) &+ first) &* 5 &+ 0x3849_5AB5
    }
    let tail = blockCount * 16
    let rest = bytes.count - tail
    if rest > 8 {
      second ^= Murmur128.mixed2(Murmur128.word(bytes, at: tail + 8, count: rest - 8))
    }
    if rest > 0 {
      first ^= Murmur128.mixed1(Murmur128.word(bytes, at: tail, count: min(rest, 8)))
    }
    finish(bytes.count)
  }

  /// Of a word as 8 bytes, the lowest first.
  package init(of word: UInt64, seed: UInt64) {
    (first, second) = (seed ^ Murmur128.mixed1(word), seed)
    finish(8)
  }

  private mutating func finish(_ count: Int) {
    first ^= UInt64(count)
    second ^= UInt64(count)
    first &+= second
    second &+= first
    first = Murmur128.final(first)
    second = Murmur128.final(second)
    first &+= second
    second &+= first
  }

  /// Up to 8 bytes, the lowest first.
  private static func word(
    _ bytes: borrowing Span<UInt8>, at start: Int, count: Int
  ) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<count { word |= UInt64(bytes[start + index]) << UInt64(8 * index) }
    return word
  }

  private static func mixed1(_ word: UInt64) -> UInt64 {
    rotated(word &* factor1, 31) &* factor2
  }

  private static func mixed2(_ word: UInt64) -> UInt64 {
    rotated(word &* factor2, 33) &* factor1
  }

  private static func final(_ state: UInt64) -> UInt64 {
    var state = (state ^ (state &>> 33)) &* 0xFF51_AFD7_ED55_8CCD
    state = (state ^ (state &>> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return state ^ (state &>> 33)
  }

  private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 &- count)
  }
}
