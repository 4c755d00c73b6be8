/// A hash of values one after the other, each with the result of the one before as its seed.
package protocol RowHash: SendableMetatype {
  associatedtype Word: FixedWidthInteger & BitwiseCopyable & SendableMetatype

  static func hash(_ value: Int32, seed: Word) -> Word
  static func hash(_ value: Int64, seed: Word) -> Word
  static func hash(_ bytes: Span<UInt8>, seed: Word) -> Word
}

/// MurmurHash3 for 32 bits as Spark's `hash` has it: the bytes behind the last four go in one by
/// one, each widened with its sign.
package enum Murmur3: RowHash {
  @inline(__always)
  package static func hash(_ value: Int32, seed: Int32) -> Int32 {
    finished(mixed(UInt32(bitPattern: seed), UInt32(bitPattern: value)), length: 4)
  }

  @inline(__always)
  package static func hash(_ value: Int64, seed: Int32) -> Int32 {
    let bits = UInt64(bitPattern: value)
    let low = mixed(UInt32(bitPattern: seed), UInt32(truncatingIfNeeded: bits))
    return finished(mixed(low, UInt32(truncatingIfNeeded: bits >> 32)), length: 8)
  }

  package static func hash(_ bytes: Span<UInt8>, seed: Int32) -> Int32 {
    var hash = UInt32(bitPattern: seed)
    let whole = bytes.count / 4
    for index in 0..<whole { hash = mixed(hash, word(index, of: bytes, isBigEndian: false)) }
    for index in whole * 4..<bytes.count {
      hash = mixed(hash, UInt32(bitPattern: Int32(Int8(bitPattern: bytes[index]))))
    }
    return finished(hash, length: UInt32(truncatingIfNeeded: bytes.count))
  }

  @inline(__always)
  private static func mixed(_ hash: UInt32, _ word: UInt32) -> UInt32 {
    let turned = rotateLeft(word &* 0xCC9E_2D51, 15) &* 0x1B87_3593
    return rotateLeft(hash ^ turned, 13) &* 5 &+ 0xE654_6B64
  }

  @inline(__always)
  private static func finished(_ hash: UInt32, length: UInt32) -> Int32 {
    var hash = hash ^ length
    hash = (hash ^ hash >> 16) &* 0x85EB_CA6B
    hash = (hash ^ hash >> 13) &* 0xC2B2_AE35
    return Int32(bitPattern: hash ^ hash >> 16)
  }
}

/// XXH64, as its specification has it.
package enum XXHash64: RowHash {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5
  )

  @inline(__always)
  package static func hash(_ value: Int32, seed: Int64) -> Int64 {
    let start = UInt64(bitPattern: seed) &+ primes.4 &+ 4
    return finished(withHalf(start, UInt32(bitPattern: value)))
  }

  @inline(__always)
  package static func hash(_ value: Int64, seed: Int64) -> Int64 {
    let start = UInt64(bitPattern: seed) &+ primes.4 &+ 8
    return finished(withWhole(start, UInt64(bitPattern: value)))
  }

  package static func hash(_ bytes: Span<UInt8>, seed: Int64) -> Int64 {
    let seed = UInt64(bitPattern: seed)
    var place = 0
    var hash = seed &+ primes.4
    if bytes.count >= 32 {
      var lanes = [
        seed &+ primes.0 &+ primes.1, seed &+ primes.1, seed, seed &- primes.0,
      ]
      while bytes.count - place >= 32 {
        for lane in 0..<4 { lanes[lane] = round(lanes[lane], whole(bytes, place + lane * 8)) }
        place += 32
      }
      hash = rotateLeft(lanes[0], 1) &+ rotateLeft(lanes[1], 7)
      hash = hash &+ rotateLeft(lanes[2], 12) &+ rotateLeft(lanes[3], 18)
      for lane in lanes { hash = (hash ^ round(0, lane)) &* primes.0 &+ primes.3 }
    }
    hash = hash &+ UInt64(bytes.count)
    while bytes.count - place >= 8 {
      hash = withWhole(hash, whole(bytes, place))
      place += 8
    }
    if bytes.count - place >= 4 {
      hash = withHalf(hash, half(bytes, place))
      place += 4
    }
    for index in place..<bytes.count {
      hash = rotateLeft(hash ^ UInt64(bytes[index]) &* primes.4, 11) &* primes.0
    }
    return finished(hash)
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotateLeft(lane &+ word &* primes.1, 31) &* primes.0
  }

  @inline(__always)
  private static func withWhole(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    rotateLeft(hash ^ round(0, word), 27) &* primes.0 &+ primes.3
  }

  @inline(__always)
  private static func withHalf(_ hash: UInt64, _ word: UInt32) -> UInt64 {
    rotateLeft(hash ^ UInt64(word) &* primes.0, 23) &* primes.1 &+ primes.2
  }

  @inline(__always)
  private static func finished(_ hash: UInt64) -> Int64 {
    var hash = (hash ^ hash >> 33) &* primes.1
    hash = (hash ^ hash >> 29) &* primes.2
    return Int64(bitPattern: hash ^ hash >> 32)
  }

  private static func half(_ bytes: Span<UInt8>, _ place: Int) -> UInt32 {
    var word: UInt32 = 0
    for index in 0..<4 { word |= UInt32(bytes[place + index]) << UInt32(index * 8) }
    return word
  }

  private static func whole(_ bytes: Span<UInt8>, _ place: Int) -> UInt64 {
    UInt64(half(bytes, place)) | UInt64(half(bytes, place + 4)) << 32
  }
}
