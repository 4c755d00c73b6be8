package import Columnar

/// Snappy's raw format. The source is "Snappy compressed format description".
package enum Snappy {
  /// - Returns: nil when the block is damaged, or does not hold that many bytes.
  package static func decode(_ source: Buffer<UInt8>, byteCount: Int) -> Buffer<UInt8>? {
    var start = 0
    guard let length = varint(source, &start), length == UInt64(byteCount) else { return nil }
    // Two bytes stand for 11 at most, three for 64.
    guard byteCount / 22 <= source.count else { return nil }
    var output = BlockOutput(Memory(byteCount: byteCount), byteCount: byteCount)
    guard unsafe decode(source.pointer, start, source.count, &output), output.isFull else {
      return nil
    }
    return output.memory.bytes
  }

  private static func varint(_ source: Buffer<UInt8>, _ place: inout Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 35, by: 7) {
      guard place < source.count else { return nil }
      let byte = source[place]
      place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  // SAFETY: up to 4 bytes are read behind a tag, and whole vectors behind literals: the source has
  // 64 bytes of slack. What they mean is checked against `end` before it counts.
  @unsafe
  private static func decode(
    _ source: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ output: inout BlockOutput
  ) -> Bool {
    var place = start
    while place < end {
      let tag = unsafe Int(source[place])
      let raw = unsafe UnsafeRawPointer(source + place + 1)
      let next = unsafe Int(raw.loadUnaligned(as: UInt32.self))
      switch tag & 3 {
      case 0:
        var length = tag >> 2
        place &+= 1
        if length >= 60 {
          let extra = length &- 59
          length = next & (1 << (8 &* extra) &- 1)
          place &+= extra
        }
        length &+= 1
        guard length <= end &- place, unsafe output.append(source + place, length) else {
          return false
        }
        place &+= length
      case 1:
        place &+= 2
        let offset = (tag >> 5) << 8 | next & 0xFF
        guard place <= end, output.copy((tag >> 2 & 7) &+ 4, back: offset) else { return false }
      case 2:
        place &+= 3
        guard place <= end, output.copy(tag >> 2 &+ 1, back: next & 0xFFFF) else { return false }
      default:
        place &+= 5
        guard place <= end, output.copy(tag >> 2 &+ 1, back: next) else { return false }
      }
    }
    return true
  }
}
