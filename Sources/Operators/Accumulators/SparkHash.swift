import Columnar

/// XXH64 of values, as Spark's `xxhash64` has it: seed 42; integers of 32 bits or fewer as 4 bytes,
/// longer ones as 8; strings as their bytes; nested values one member after the other, the hash of
/// one being the seed of the next. The algorithm is that of the xxHash specification.
enum SparkHash {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  /// The hash of each value; -0.0 is 0.0 and NaN is one.
  static func hashes(of column: Column) -> Buffer<UInt64> {
    if case .bytes(let strings) = column.storage {
      return Buffer(count: column.count) { output in
        for row in 0..<column.count { output.append(hash(strings[row], seed: 42)) }
      }
    }
    guard column.type.isWord, column.type != .float else {
      return Buffer(count: column.count) { output in
        for row in 0..<column.count { output.append(hash(column, row, seed: 42)) }
      }
    }
    let words = column.equalityWords().span
    let isShort = column.isShortWord
    return Buffer(count: words.count) { output in
      for row in words.indices {
        output.append(isShort ? hash32(words[row], seed: 42) : hash64(words[row], seed: 42))
      }
    }
  }

  private static func hash(_ column: Column, _ row: Int, seed: UInt64) -> UInt64 {
    if column.isNull(row) { return seed }
    switch column.storage {
    case .float(let values):
      let value = values[row] + 0
      let bits = (value.isNaN ? Float.nan : value).bitPattern
      return hash32(Int64(bits), seed: seed)
    case .decimal(let values):
      if case .decimal(let precision, _) = column.type, precision <= 18 {
        return hash64(Int64(truncatingIfNeeded: values[row]), seed: seed)
      }
      return hash(bigEndian(values[row]).span, seed: seed)
    case .bytes(let strings): return hash(strings[row], seed: seed)
    case .list(let offsets, let elements):
      return (Int(offsets[row])..<Int(offsets[row + 1])).reduce(seed) {
        hash(elements, $1, seed: $0)
      }
    case .structure(let fields, _): return fields.reduce(seed) { hash($1, row, seed: $0) }
    case .void: return seed
    default:
      let word = column[row..<row + 1].equalityWords()[0]
      return column.isShortWord ? hash32(word, seed: seed) : hash64(word, seed: seed)
    }
  }

  /// As few bytes, the most significant first, as hold the number with its sign.
  private static func bigEndian(_ value: Int128) -> [UInt8] {
    var bytes = (0..<16).map { UInt8(truncatingIfNeeded: value >> (120 - 8 * $0)) }
    while bytes.count > 1, bytes[0] == (bytes[1] >= 128 ? 255 : 0) { bytes.removeFirst() }
    return bytes
  }

  @inline(__always)
  private static func hash64(_ word: Int64, seed: UInt64) -> UInt64 {
    finish(mix8(seed &+ prime5 &+ 8, UInt64(bitPattern: word)))
  }

  @inline(__always)
  private static func hash32(_ word: Int64, seed: UInt64) -> UInt64 {
    finish(mix4(seed &+ prime5 &+ 4, UInt32(truncatingIfNeeded: word)))
  }

  private static func hash(_ bytes: borrowing Span<UInt8>, seed: UInt64) -> UInt64 {
    unsafe bytes.withUnsafeBytes { unsafe hash($0, seed: seed) }
  }

  // SAFETY of the loads: each begins so far before the end as it is long.
  @unsafe private static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    var offset = 0
    var state = bytes.count >= 32 ? unsafe stripes(bytes, seed, &offset) : seed &+ prime5
    state &+= UInt64(bytes.count)
    while offset + 8 <= bytes.count {
      state = unsafe mix8(state, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    if offset + 4 <= bytes.count {
      state = unsafe mix4(state, bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      offset += 4
    }
    while offset < bytes.count {
      state = unsafe rotate(state ^ (UInt64(bytes[offset]) &* prime5), 11) &* prime1
      offset += 1
    }
    return finish(state)
  }

  @unsafe private static func stripes(
    _ bytes: UnsafeRawBufferPointer, _ seed: UInt64, _ offset: inout Int
  ) -> UInt64 {
    var lanes: InlineArray<4, UInt64> = [
      seed &+ prime1 &+ prime2, seed &+ prime2, seed, seed &- prime1,
    ]
    while offset + 32 <= bytes.count {
      for lane in 0..<4 {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: offset + lane * 8, as: UInt64.self)
        lanes[lane] = round(lanes[lane], word)
      }
      offset += 32
    }
    var state =
      rotate(lanes[0], 1) &+ rotate(lanes[1], 7) &+ rotate(lanes[2], 12) &+ rotate(lanes[3], 18)
    for lane in 0..<4 { state = (state ^ round(0, lanes[lane])) &* prime1 &+ prime4 }
    return state
  }

  @inline(__always)
  private static func mix8(_ state: UInt64, _ word: UInt64) -> UInt64 {
    rotate(state ^ round(0, word), 27) &* prime1 &+ prime4
  }

  @inline(__always)
  private static func mix4(_ state: UInt64, _ word: UInt32) -> UInt64 {
    rotate(state ^ (UInt64(word) &* prime1), 23) &* prime2 &+ prime3
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotate(lane &+ word &* prime2, 31) &* prime1
  }

  @inline(__always)
  private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 &- count)
  }

  @inline(__always)
  private static func finish(_ state: UInt64) -> UInt64 {
    var state = (state ^ (state &>> 33)) &* prime2
    state = (state ^ (state &>> 29)) &* prime3
    return state ^ (state &>> 32)
  }
}

extension Column {
  /// Whether Spark hashes the values as 4 bytes.
  fileprivate var isShortWord: Bool {
    switch type {
    case .boolean, .tinyint, .smallint, .int, .date, .yearMonthInterval: true
    default: false
    }
  }
}
