import Columnar

/// Reads integers as differences, in blocks of bit-packed ones. Apache Parquet, "Encodings", "Delta
/// Encoding".
///
/// A value: a copy of it remembers a place.
@safe struct DeltaDecoder {
  private let bytes: Buffer<UInt8>
  /// Of the next byte that no block has claimed.
  private(set) var position: Int
  /// How many numbers there are in all.
  let count: Int
  private(set) var left: Int
  private let miniblocksPerBlock: Int
  private let valuesPerMiniblock: Int
  private var isFirst = true
  private var last: Int64
  private var minDelta: Int64 = 0
  /// The place of the widths of the block's miniblocks, and how many were begun.
  private var widths = 0
  private var miniblock: Int
  private var miniblockLeft = 0
  private var bitWidth = 0
  private var bitPosition = 0

  private static let miniblocksMax = 1 << 16
  private static let valuesMax = 1 << 24

  /// - Parameters:
  ///   - start: of the encoded numbers in `bytes`.
  ///   - limit: there may be no more.
  init(_ bytes: Buffer<UInt8>, at start: Int, limit: Int) throws(ParquetError) {
    self.bytes = bytes
    var place = start
    let blockSize = try DeltaDecoder.varint(bytes, &place)
    let miniblocks = try DeltaDecoder.varint(bytes, &place)
    let count = try DeltaDecoder.varint(bytes, &place)
    let first = try DeltaDecoder.varint(bytes, &place)
    guard miniblocks > 0, miniblocks <= UInt64(DeltaDecoder.miniblocksMax),
      blockSize <= UInt64(DeltaDecoder.valuesMax), blockSize % miniblocks == 0,
      blockSize / miniblocks > 0, blockSize / miniblocks % 8 == 0
    else {
      throw .malformed("a page has blocks of \(blockSize) differences in \(miniblocks) parts")
    }
    guard count <= UInt64(limit) else {
      throw .malformed("a page claims to hold \(count) numbers for \(limit) values")
    }
    self.count = Int(count)
    left = Int(count)
    miniblocksPerBlock = Int(miniblocks)
    valuesPerMiniblock = Int(blockSize / miniblocks)
    miniblock = Int(miniblocks)
    last = Int64(zigzag: first)
    position = place
  }

  private static var truncated: ParquetError {
    .truncated("a page ends in the middle of its differences")
  }

  private static func varint(
    _ bytes: Buffer<UInt8>, _ place: inout Int
  ) throws(ParquetError) -> UInt64 {
    try bytes.varint(at: &place, orSay: "a page ends in the middle of its differences")
  }

  private mutating func beginMiniblock() throws(ParquetError) {
    if miniblock == miniblocksPerBlock {
      minDelta = Int64(zigzag: try DeltaDecoder.varint(bytes, &position))
      guard miniblocksPerBlock <= bytes.count - position else { throw DeltaDecoder.truncated }
      widths = position
      position += miniblocksPerBlock
      miniblock = 0
    }
    bitWidth = Int(bytes[widths + miniblock])
    guard bitWidth <= 64 else { throw .malformed("a page has differences of \(bitWidth) bits") }
    let byteCount = valuesPerMiniblock / 8 * bitWidth
    // Some writers cut the last one off where its numbers end.
    let needed = (min(left, valuesPerMiniblock) * bitWidth + 7) / 8
    guard needed <= bytes.count - position else { throw DeltaDecoder.truncated }
    bitPosition = position * 8
    position = min(bytes.count, position + byteCount)
    miniblock += 1
    miniblockLeft = valuesPerMiniblock
  }

  /// The next numbers.
  mutating func numbers(_ count: Int) throws(ParquetError) -> Buffer<Int64> {
    guard count <= left else {
      throw .truncated("a page holds fewer numbers than it has values")
    }
    let memory = Memory(byteCount: count * 8)
    guard let target = unsafe memory.mutableBytes.bindMemory(to: Int64.self).baseAddress,
      count > 0
    else { return Buffer() }
    // SAFETY: `count` numbers are written, no more.
    var done = 0
    if isFirst {
      unsafe target[0] = last
      done = 1
      left -= 1
      isFirst = false
    }
    while done < count {
      if miniblockLeft == 0 { try beginMiniblock() }
      let step = min(miniblockLeft, count - done)
      unsafe unpack(step, into: target + done)
      miniblockLeft -= step
      done += step
      left -= step
    }
    return unsafe Buffer(owner: memory, base: UnsafeMutableRawPointer(target), count: count)
  }

  // SAFETY: a difference lies in the 16 bytes from its first one on, of which those behind the end
  // are slack.
  @unsafe
  private mutating func unpack(_ count: Int, into target: UnsafeMutablePointer<Int64>) {
    let mask = bitWidth == 64 ? ~0 : UInt64(1) << UInt64(bitWidth) &- 1
    let source = unsafe UnsafeRawPointer(bytes.pointer)
    var (bit, value) = (bitPosition, last)
    for index in 0..<count {
      let place = unsafe source + bit >> 3
      let shift = UInt64(truncatingIfNeeded: bit & 7)
      var word = unsafe place.loadUnaligned(as: UInt64.self) &>> shift
      if bitWidth > 57 {
        let high = unsafe UInt64((place + 8).load(as: UInt8.self))
        word |= shift == 0 ? 0 : high &<< (64 &- shift)
      }
      value = value &+ minDelta &+ Int64(bitPattern: word & mask)
      unsafe target[index] = value
      bit &+= bitWidth
    }
    (bitPosition, last) = (bit, value)
  }

  /// Passes over all numbers, so that ``position`` is behind them.
  mutating func skipAll() throws(ParquetError) {
    if isFirst, left > 0 {
      left -= 1
      isFirst = false
    }
    while left > 0 {
      if miniblockLeft == 0 { try beginMiniblock() }
      let step = min(miniblockLeft, left)
      miniblockLeft -= step
      left -= step
    }
  }
}
