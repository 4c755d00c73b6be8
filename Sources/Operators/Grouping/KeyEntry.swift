import Columnar

/// A byte string in 16 bytes: itself and its length in the last one, if it has at most 15, else
/// where it stands.
struct KeyEntry: BitwiseCopyable {
  static let longestShort = 15

  /// The first 8 bytes; of a long key its place in the arena.
  var low: UInt64
  /// The next 7 and the length; of a long key (from the top) 0xFF, 24 bits of its hash, its length.
  var high: UInt64

  /// Equals no key.
  static let none = KeyEntry(low: .max, high: .max)
  static let null = KeyEntry(low: 0, high: 0x7F << 56)

  @inline(__always)
  init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  // SAFETY: the caller vouches for 16 readable bytes, of which `length` belong to the key.
  @inline(__always)
  @unsafe init(short start: UnsafePointer<UInt8>, _ length: Int) {
    let raw = unsafe UnsafeRawPointer(start)
    let first = min(length, 8)
    let rest = length &- first
    unsafe low = raw.loadUnaligned(as: UInt64.self) & KeyEntry.mask(first)
    let next = unsafe raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    high = next & KeyEntry.mask(rest) | UInt64(truncatingIfNeeded: length) &<< 56
  }

  /// A key that stands in a batch; equals no entry of the table by itself.
  @inline(__always)
  init(longAt start: Int, _ length: Int, _ hash: UInt64) {
    low = 1 << 63 | UInt64(truncatingIfNeeded: start)
    high = 0xFF << 56 | (hash &>> 40) &<< 32 | UInt64(truncatingIfNeeded: length)
  }

  @inline(__always) var isLong: Bool { high &>> 56 == 0xFF }
  @inline(__always) var isNull: Bool { high == KeyEntry.null.high }
  @inline(__always) var shortLength: Int { Int(truncatingIfNeeded: high &>> 56) }
  @inline(__always) var longLength: Int { Int(truncatingIfNeeded: high & 0xFFFF_FFFF) }
  @inline(__always) var sourceStart: Int { Int(truncatingIfNeeded: low & ~(1 << 63)) }

  /// The lowest `count` (0...8) bytes. Two shifts, since one by 64 would be none.
  @inline(__always)
  private static func mask(_ count: Int) -> UInt64 {
    let half = UInt64(truncatingIfNeeded: (8 &- count) &* 4)
    return (~0 &>> half) &>> half
  }
}

/// What is reused from one run of rows to the next.
struct KeyScratch: ~Copyable {
  /// So few that the lines that they ask for stay in the first cache.
  static let rows = 256
  /// A table up to this size stays in the second cache: asking ahead costs more than it brings.
  static let cachedBytes = 512 << 10

  var keys = MutableBuffer<KeyEntry>(capacity: rows)
  var hashes = MutableBuffer<UInt32>(capacity: rows)
  /// Of those that are looked up.
  var candidates = MutableBuffer<UInt32>(capacity: rows)
  /// Rows whose keys do not stand in their home slots, and room for one more.
  var displaced = MutableBuffer<UInt16>(capacity: rows + 1)
}

/// The secrets of a hash.
struct HashSeeds {
  /// What a table of honest keys does not reach, half full as it is at most.
  static let longestProbe = 500

  var first: UInt64
  var second: UInt64

  static let fixed = HashSeeds(first: 0xA076_1D64_78BD_642F, second: 0xE703_7ED1_A0B4_28DB)

  static func random() -> HashSeeds {
    HashSeeds(first: .random(in: .min ... .max) | 1, second: .random(in: .min ... .max) | 1)
  }

  @inline(__always)
  func hash(_ low: UInt64, _ high: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: HashSeeds.fold(low ^ first, high ^ second))
  }

  // SAFETY: the caller vouches for `length` readable bytes, at least 16.
  @inline(__always)
  @unsafe func hash(_ start: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
    let raw = unsafe UnsafeRawPointer(start)
    var state = first ^ UInt64(truncatingIfNeeded: length)
    var offset = 0
    while offset < length &- 16 {
      let low = unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let high = unsafe raw.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
      state = HashSeeds.fold(low ^ state, high ^ second)
      offset &+= 16
    }
    let low = unsafe raw.loadUnaligned(fromByteOffset: length &- 16, as: UInt64.self)
    let high = unsafe raw.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
    return HashSeeds.fold(low ^ state, high ^ second)
  }

  @inline(__always)
  static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.low ^ product.high
  }
}

/// - Parameter count: at least 16.
@inline(__always)
@unsafe func equalBytes(
  _ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int
) -> Bool {
  let (left, right) = unsafe (UnsafeRawPointer(left), UnsafeRawPointer(right))
  var offset = 0
  while offset < count &- 8 {
    guard
      unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        == right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    else { return false }
    offset &+= 8
  }
  return unsafe left.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    == right.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
}
