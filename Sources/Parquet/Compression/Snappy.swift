import Columnar

/// Snappy's raw format. The source is "Snappy compressed format description".
enum Snappy {
  /// - Returns: nil when the block is damaged, or does not hold that many bytes.
  static func decode(_ source: Buffer<UInt8>, byteCount: Int) -> Buffer<UInt8>? {
    var start = 0
    guard let length = varint(source, &start), length == UInt64(byteCount) else { return nil }
    // Two bytes stand for 11 at most, three for 64.
    guard byteCount / 22 <= source.count else { return nil }
    var output = BlockOutput(byteCount: byteCount)
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

// MARK: - Encoding

extension Snappy {
  /// Offsets of copies take two bytes.
  private static let windowByteCount = 1 << 16
  private static let tableBits = 14

  /// Appends the compressed block.
  static func encode(_ source: borrowing Span<UInt8>, into output: inout [UInt8]) {
    var length = source.count
    while length >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: length) | 0x80)
      length >>= 7
    }
    output.append(UInt8(length))
    var table = [Int32](repeating: 0, count: 1 << tableBits)
    var start = 0
    while start < source.count {
      let end = min(source.count, start + windowByteCount)
      encodeWindow(source, start..<end, &table, into: &output)
      start = end
    }
  }

  /// Finds, for each place, the last one where the same four bytes stood.
  private static func encodeWindow(
    _ source: borrowing Span<UInt8>, _ window: Range<Int>, _ table: inout [Int32],
    into output: inout [UInt8]
  ) {
    for slot in table.indices { table[slot] = -1 }
    var place = window.lowerBound
    var literals = place
    var misses = 0
    while place + 4 <= window.upperBound {
      let word = word(source, place)
      let slot = Int((word &* 0x1E35_A7BD) >> UInt32(32 - tableBits))
      let candidate = Int(table[slot]) + window.lowerBound
      let isKnown = table[slot] >= 0
      table[slot] = Int32(truncatingIfNeeded: place - window.lowerBound)
      guard isKnown, self.word(source, candidate) == word else {
        // Where nothing repeats, fewer places are tried.
        misses += 1
        place += 1 + misses >> 5
        continue
      }
      misses = 0
      var length = 4
      while place + length < window.upperBound,
        source[place + length] == source[candidate + length]
      {
        length += 1
      }
      appendLiterals(source, literals..<place, into: &output)
      appendCopy(length, back: place - candidate, into: &output)
      place += length
      literals = place
    }
    appendLiterals(source, literals..<window.upperBound, into: &output)
  }

  @inline(__always)
  private static func word(_ source: borrowing Span<UInt8>, _ place: Int) -> UInt32 {
    UInt32(source[place]) | UInt32(source[place + 1]) << 8 | UInt32(source[place + 2]) << 16
      | UInt32(source[place + 3]) << 24
  }

  private static func appendLiterals(
    _ source: borrowing Span<UInt8>, _ range: Range<Int>, into output: inout [UInt8]
  ) {
    if range.isEmpty { return }
    let length = range.count - 1
    if length < 60 {
      output.append(UInt8(length << 2))
    } else {
      // A window has 64 KiB.
      output.append(length < 256 ? 60 << 2 : 61 << 2)
      output.append(UInt8(truncatingIfNeeded: length))
      if length >= 256 { output.append(UInt8(length >> 8)) }
    }
    for place in range { output.append(source[place]) }
  }

  private static func appendCopy(
    _ length: Int, back offset: Int, into output: inout [UInt8]
  ) {
    var rest = length
    while rest > 0 {
      let step = min(rest, 64)
      output.append(UInt8((step - 1) << 2 | 2))
      output.append(UInt8(truncatingIfNeeded: offset))
      output.append(UInt8(truncatingIfNeeded: offset >> 8))
      rest -= step
    }
  }
}
