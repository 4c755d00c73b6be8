import Columnar

/// Reads runs of repeated and of bit-packed numbers. Apache Parquet, "Encodings", "Run Length
/// Encoding / Bit-Packing Hybrid".
///
/// A value: a copy of it remembers a place.
@safe struct HybridDecoder {
  private let bytes: Buffer<UInt8>
  private let bitWidth: Int
  private var position = 0
  /// What is left of the run.
  private var runCount = 0
  private var isPacked = false
  private var repeated: UInt32 = 0
  /// Of the run's next number.
  private var bitPosition = 0

  /// - Parameter bitWidth: 0...32.
  init(_ bytes: Buffer<UInt8>, bitWidth: Int) {
    self.bytes = bytes
    self.bitWidth = bitWidth
  }

  /// The bits that hold numbers up to this one.
  static func bitWidth(max: Int) -> Int { Int.bitWidth - max.leadingZeroBitCount }

  private mutating func beginRun() throws(ParquetError) {
    while runCount == 0 {
      let head = try bytes.varint(
        at: &position, orSay: "a page ends in the middle of a run")
      let count = head >> 1
      guard count <= UInt64(Int32.max) else { throw .malformed("a run is too long") }
      if head & 1 == 1 {
        isPacked = true
        bitPosition = position * 8
        // The last run may be cut off where its numbers end.
        let bits = min(Int(count) * 8 * bitWidth, (bytes.count - position) * 8)
        runCount = bitWidth == 0 ? Int(count) * 8 : bits / bitWidth
        position += (bits + 7) / 8
        if runCount == 0, count > 0 { throw HybridDecoder.truncated }
      } else {
        isPacked = false
        runCount = Int(count)
        try readRepeated()
      }
    }
  }

  private static var truncated: ParquetError { .truncated("a page ends in the middle of a run") }

  private mutating func readRepeated() throws(ParquetError) {
    let byteCount = (bitWidth + 7) / 8
    guard byteCount <= bytes.count - position else { throw HybridDecoder.truncated }
    repeated = 0
    for index in 0..<byteCount {
      repeated |= UInt32(bytes[position + index]) << UInt32(8 * index)
    }
    position += byteCount
  }

  /// The next numbers.
  ///
  /// - Parameter limit: all must be below it.
  mutating func numbers(_ count: Int, below limit: UInt32) throws(ParquetError) -> Buffer<Int32> {
    let memory = Memory(byteCount: count * 4)
    var largest: UInt32 = 0
    // SAFETY: `count` numbers are written, no more.
    let target = unsafe memory.mutableBytes.bindMemory(to: Int32.self).baseAddress
    guard let target = unsafe target else { return Buffer() }
    var done = 0
    while done < count {
      if runCount == 0 { try beginRun() }
      let step = min(runCount, count - done)
      if isPacked {
        unsafe largest = max(largest, unpack(step, into: target + done))
      } else {
        largest = max(largest, repeated)
        unsafe (target + done).update(repeating: Int32(truncatingIfNeeded: repeated), count: step)
      }
      runCount -= step
      done += step
    }
    guard count == 0 || largest < limit else {
      throw .malformed("a page holds the number \(largest), but only \(limit) are possible")
    }
    return unsafe Buffer(owner: memory, base: UnsafeMutableRawPointer(target), count: count)
  }

  // SAFETY: a number of up to 32 bits is found in the 8 bytes from its first one on, of which those
  // behind the end are slack.
  @unsafe @inline(__always)
  private mutating func unpack<Number: FixedWidthInteger>(
    _ count: Int, into target: UnsafeMutablePointer<Number>
  ) -> UInt32 {
    let mask = UInt64(1) << UInt64(bitWidth) &- 1
    let source = unsafe UnsafeRawPointer(bytes.pointer)
    var (bit, largest) = (bitPosition, UInt32(0))
    for index in 0..<count {
      let word = unsafe (source + bit >> 3).loadUnaligned(as: UInt64.self)
      let number = UInt32(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: bit & 7) & mask)
      largest = max(largest, number)
      unsafe target[index] = Number(truncatingIfNeeded: number)
      bit &+= bitWidth
    }
    bitPosition = bit
    return largest
  }

  /// The next numbers as bits, for a width of 1.
  mutating func append(_ count: Int, to bits: inout BitmapBuilder) throws(ParquetError) {
    var left = count
    while left > 0 {
      if runCount == 0 { try beginRun() }
      let step = min(runCount, left)
      if isPacked {
        appendPacked(step, to: &bits)
      } else {
        bits.append(repeating: repeated != 0, count: step)
      }
      runCount -= step
      left -= step
    }
  }

  private mutating func appendPacked(_ count: Int, to bits: inout BitmapBuilder) {
    var left = count
    while left > 0 {
      let step = min(left, 56)
      // SAFETY: as above.
      let source = unsafe UnsafeRawPointer(bytes.pointer) + bitPosition >> 3
      let word = unsafe source.loadUnaligned(as: UInt64.self)
      bits.append(bits: word >> UInt64(bitPosition & 7), count: step)
      bitPosition += step
      left -= step
    }
  }

  /// The next numbers as bytes.
  ///
  /// - Parameter limit: all must be at most it, and it at most 255.
  mutating func append(
    _ count: Int, upTo limit: Int, to levels: inout MutableBuffer<UInt8>
  ) throws(ParquetError) {
    levels.reserve(count)
    var left = count
    var largest: UInt32 = 0
    while left > 0 {
      if runCount == 0 { try beginRun() }
      let step = min(runCount, left)
      if isPacked {
        unsafe largest = max(largest, unpack(step, into: levels.pointer + levels.count))
        unsafe levels.setCount(levels.count + step)
      } else {
        largest = max(largest, repeated)
        levels.append(repeating: UInt8(truncatingIfNeeded: repeated), count: step)
      }
      runCount -= step
      left -= step
    }
    guard largest <= UInt32(limit) else {
      throw .malformed("a page holds the level \(largest), but its column has \(limit)")
    }
  }
}
