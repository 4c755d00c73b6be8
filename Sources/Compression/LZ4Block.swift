package import Columnar

/// A block of LZ4 without a frame. The source is "LZ4 Block Format Description".
package enum LZ4Block {
  /// - Returns: nil when the block is damaged, or does not hold that many bytes.
  package static func decode(_ source: Buffer<UInt8>, byteCount: Int) -> Buffer<UInt8>? {
    guard mayHold(byteCount, source) else { return nil }
    var output = BlockOutput(Memory(byteCount: byteCount), byteCount: byteCount)
    guard decode(source, into: &output), output.isFull else { return nil }
    return output.memory.bytes
  }

  /// Whether so few bytes may stand for so many: each for 255 at most. To be asked before memory is
  /// taken.
  package static func mayHold(_ byteCount: Int, _ source: Buffer<UInt8>) -> Bool {
    byteCount / 300 <= source.count
  }

  /// Appends what the block holds, which may refer to what is there already.
  ///
  /// - Returns: false when it is damaged.
  static func decode(_ source: Buffer<UInt8>, into output: inout BlockOutput) -> Bool {
    unsafe decode(source.pointer, source.count, &output)
  }

  // SAFETY: `place` never passes `end` but by a vector, for which the source has slack.
  @unsafe
  private static func decode(
    _ source: UnsafePointer<UInt8>, _ end: Int, _ output: inout BlockOutput
  ) -> Bool {
    var place = 0
    while place < end {
      let token = unsafe Int(source[place])
      place &+= 1
      guard let literals = unsafe length(token >> 4, source, end, &place),
        literals <= end &- place, unsafe output.append(source + place, literals)
      else { return false }
      place &+= literals
      if place == end { return true }
      guard end &- place >= 2 else { return false }
      let offset = unsafe Int(source[place]) | Int(source[place + 1]) << 8
      place &+= 2
      guard let matched = unsafe length(token & 15, source, end, &place),
        output.copy(matched &+ 4, back: offset)
      else { return false }
    }
    return true
  }

  /// A length of which the token has the first 4 bits.
  @unsafe @inline(__always)
  private static func length(
    _ bits: Int, _ source: UnsafePointer<UInt8>, _ end: Int, _ place: inout Int
  ) -> Int? {
    var length = bits
    guard length == 15 else { return length }
    while place < end {
      let more = unsafe source[place]
      place &+= 1
      length &+= Int(more)
      if more < 255 { return length }
    }
    return nil
  }
}
