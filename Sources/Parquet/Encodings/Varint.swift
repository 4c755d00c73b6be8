import Columnar

extension Buffer<UInt8> {
  /// Reads a number of 7 bits a byte, the lowest ones first.
  ///
  /// - Parameters:
  ///   - place: of its first byte; passes it.
  ///   - truncated: what the error says where the bytes end.
  @inline(__always)
  func varint(
    at place: inout Int, orSay truncated: StaticString
  ) throws(ParquetError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard place < count else { throw .truncated("\(truncated)") }
      let byte = self[place]
      place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw .malformed("it holds a number of more than 64 bits")
  }
}

extension Int64 {
  /// A number whose sign is the lowest bit.
  init(zigzag value: UInt64) {
    self = Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }
}

extension MutableBuffer<UInt8> {
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
