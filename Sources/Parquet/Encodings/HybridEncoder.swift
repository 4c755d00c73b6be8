import Columnar

/// Writes numbers as runs of repeated and of bit-packed ones.
struct HybridEncoder {
  private let bitWidth: Int
  /// Groups of eight that are to be packed together.
  private var packed: [UInt32] = []
  private var repeated: UInt32 = 0
  private var repeatCount = 0

  /// - Parameter bitWidth: 0...32.
  private init(bitWidth: Int) { self.bitWidth = bitWidth }

  /// Appends the runs.
  static func append<Number: FixedWidthInteger & BitwiseCopyable>(
    _ numbers: borrowing Span<Number>, bitWidth: Int, to output: inout MutableBuffer<UInt8>
  ) {
    var encoder = HybridEncoder(bitWidth: bitWidth)
    for place in numbers.indices {
      encoder.append(UInt32(truncatingIfNeeded: numbers[place]), &output)
    }
    encoder.finish(&output)
  }

  /// Appends one run.
  static func append(
    _ number: UInt32, count: Int, bitWidth: Int, to output: inout MutableBuffer<UInt8>
  ) {
    var encoder = HybridEncoder(bitWidth: bitWidth)
    encoder.repeated = number
    encoder.repeatCount = count
    encoder.flushRepeated(&output)
  }

  private mutating func append(_ number: UInt32, _ output: inout MutableBuffer<UInt8>) {
    if number == repeated, repeatCount > 0 {
      repeatCount += 1
      return
    }
    endRepeated(&output)
    (repeated, repeatCount) = (number, 1)
  }

  /// A run is worth it where eight are left behind those that fill the last packed group.
  private mutating func endRepeated(_ output: inout MutableBuffer<UInt8>) {
    while repeatCount > 0, packed.count % 8 != 0 {
      packed.append(repeated)
      repeatCount -= 1
    }
    if repeatCount >= 8 {
      flushPacked(&output)
      flushRepeated(&output)
    }
    for _ in 0..<repeatCount { packed.append(repeated) }
    repeatCount = 0
    if packed.count >= 504, packed.count % 8 == 0 { flushPacked(&output) }
  }

  private mutating func finish(_ output: inout MutableBuffer<UInt8>) {
    endRepeated(&output)
    while packed.count % 8 != 0 { packed.append(0) }
    flushPacked(&output)
  }

  private mutating func flushRepeated(_ output: inout MutableBuffer<UInt8>) {
    output.append(varint: UInt64(repeatCount) << 1)
    for index in 0..<(bitWidth + 7) / 8 {
      output.append(UInt8(truncatingIfNeeded: repeated >> UInt32(8 * index)))
    }
    repeatCount = 0
  }

  private mutating func flushPacked(_ output: inout MutableBuffer<UInt8>) {
    if packed.isEmpty { return }
    output.append(varint: UInt64(packed.count / 8) << 1 | 1)
    var (word, filled) = (UInt64(0), 0)
    for number in packed {
      word |= UInt64(number) << UInt64(filled)
      filled += bitWidth
      while filled >= 8 {
        output.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
        filled -= 8
      }
    }
    packed.removeAll(keepingCapacity: true)
  }
}
