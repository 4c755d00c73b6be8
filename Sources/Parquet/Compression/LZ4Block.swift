import Columnar

/// A block of LZ4 without a frame. The source is "LZ4 Block Format Description".
enum LZ4Block {
  /// - Returns: nil when the block is damaged, or does not hold that many bytes.
  static func decode(_ source: Buffer<UInt8>, byteCount: Int) -> Buffer<UInt8>? {
    // A byte stands for 255 at most.
    guard byteCount / 300 <= source.count else { return nil }
    var output = BlockOutput(byteCount: byteCount)
    guard unsafe decode(source.pointer, source.count, &output), output.isFull else { return nil }
    return output.memory.bytes
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
    return output.isFull
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
