/// The cyclic redundancy check of gzip and zip files: RFC 1952, "CRC-32".
package enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
  }

  package static func checksum(_ message: Span<UInt8>) -> UInt32 {
    var crc = UInt32.max
    for index in message.indices {
      crc = crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ message[index])]
    }
    return ~crc
  }
}
