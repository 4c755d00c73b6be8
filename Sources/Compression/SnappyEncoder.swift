import CKernels
package import Columnar

/// Compresses blocks into Snappy's raw format. Used by one thread at a time.
@safe package struct SnappyEncoder: ~Copyable {
  /// Where in the window the four bytes with a hash stood last; somewhere else at first.
  private var table = MutableBuffer<UInt16>(capacity: 1 << tableBits)

  /// Offsets of copies take two bytes.
  private static let windowByteCount = 1 << 16
  private static let tableBits = 14

  package init() {}

  /// Appends the compressed block.
  package mutating func append(
    _ source: Buffer<UInt8>, to output: inout MutableBuffer<UInt8>
  ) {
    // A copy is no longer than what it stands for. A literal has one more byte, and long ones three.
    output.reserve(32 + source.count + source.count / 6)
    var length = source.count
    while length >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: length) | 0x80)
      length >>= 7
    }
    output.append(UInt8(length))
    // SAFETY: room for the longest result was reserved.
    var target = unsafe output.pointer + output.count
    var start = 0
    while start < source.count {
      let count = min(source.count - start, SnappyEncoder.windowByteCount)
      unsafe encode(source.pointer + start, count, &target)
      start += count
    }
    unsafe output.setCount(target - output.pointer)
  }

  // SAFETY: places in the table are those of earlier bytes of the window, or 0. Up to 8 bytes are
  // read from a place within the window, which has slack behind it.
  @unsafe
  private mutating func encode(
    _ source: UnsafePointer<UInt8>, _ count: Int, _ target: inout UnsafeMutablePointer<UInt8>
  ) {
    let bits = min(SnappyEncoder.tableBits, max(8, Int.bitWidth - count.leadingZeroBitCount))
    let table = unsafe table.pointer
    unsafe table.update(repeating: 0, count: 1 << bits)
    let shift = UInt32(truncatingIfNeeded: 32 - bits)
    var (place, literals, misses) = (1, 0, 0)
    while place <= count &- 4 {
      let word = unsafe load(source + place)
      let slot = Int((word &* 0x1E35_A7BD) &>> shift)
      let candidate = unsafe Int(table[slot])
      unsafe table[slot] = UInt16(truncatingIfNeeded: place)
      guard unsafe load(source + candidate) == word else {
        // Where nothing repeats, fewer places are tried.
        misses &+= 1
        place &+= 1 &+ misses &>> 5
        continue
      }
      let length =
        unsafe 4 + sameCount(source + place + 4, source + candidate + 4, count - place - 4)
      unsafe appendLiterals(source + literals, place &- literals, &target)
      unsafe appendCopy(length, back: place &- candidate, &target)
      place &+= length
      literals = place
      misses = 0
    }
    unsafe appendLiterals(source + literals, count &- literals, &target)
  }

  @unsafe @inline(__always)
  private func load(_ source: UnsafePointer<UInt8>) -> UInt32 {
    unsafe UnsafeRawPointer(source).loadUnaligned(as: UInt32.self)
  }

  /// How many bytes are the same at both places, at most `limit`.
  @unsafe @inline(__always)
  private func sameCount(
    _ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ limit: Int
  ) -> Int {
    var count = 0
    while count < limit {
      let first = unsafe UnsafeRawPointer(left + count).loadUnaligned(as: UInt64.self)
      let second = unsafe UnsafeRawPointer(right + count).loadUnaligned(as: UInt64.self)
      let difference = first ^ second
      if difference != 0 { return min(limit, count &+ difference.trailingZeroBitCount / 8) }
      count &+= 8
    }
    return limit
  }

  @unsafe @inline(__always)
  private func appendLiterals(
    _ source: UnsafePointer<UInt8>, _ count: Int, _ target: inout UnsafeMutablePointer<UInt8>
  ) {
    if count == 0 { return }
    let length = count &- 1
    if length < 60 {
      unsafe target[0] = UInt8(truncatingIfNeeded: length &<< 2)
      unsafe target += 1
    } else {
      // A window has 64 KiB.
      let isLong = length >= 256
      unsafe target[0] = isLong ? 61 << 2 : 60 << 2
      unsafe target[1] = UInt8(truncatingIfNeeded: length)
      unsafe target[2] = UInt8(truncatingIfNeeded: length &>> 8)
      unsafe target += isLong ? 3 : 2
    }
    if count <= 16 {
      unsafe kernel_copy_16(target, source)
    } else {
      unsafe target.update(from: source, count: count)
    }
    unsafe target += count
  }

  @unsafe @inline(__always)
  private func appendCopy(
    _ count: Int, back offset: Int, _ target: inout UnsafeMutablePointer<UInt8>
  ) {
    var rest = count
    while rest > 0 {
      if rest < 12, rest >= 4, offset < 2048 {
        unsafe target[0] = UInt8(truncatingIfNeeded: (offset &>> 8) &<< 5 | (rest &- 4) &<< 2 | 1)
        unsafe target[1] = UInt8(truncatingIfNeeded: offset)
        unsafe target += 2
        return
      }
      // What is left is not too short for a copy of two bytes.
      let step = rest > 64 ? min(rest &- 4, 64) : rest
      unsafe target[0] = UInt8(truncatingIfNeeded: (step &- 1) &<< 2 | 2)
      unsafe target[1] = UInt8(truncatingIfNeeded: offset)
      unsafe target[2] = UInt8(truncatingIfNeeded: offset &>> 8)
      unsafe target += 3
      rest &-= step
    }
  }
}
