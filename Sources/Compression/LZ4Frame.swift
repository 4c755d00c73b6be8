package import Columnar

/// The LZ4 frame format. The source is "LZ4 Frame Format Description" 1.6.4.
///
/// Checksums are skipped: every byte of a message would need one to help.
package enum LZ4Frame {
  private static let magic: UInt32 = 0x184D_2204

  /// - Parameter memory: gets the bytes; it has at least so many.
  /// - Returns: false when the frame is damaged, or does not hold that many bytes.
  package static func decode(
    _ source: Buffer<UInt8>, into memory: Memory, byteCount: Int
  ) -> Bool {
    guard source.count >= 7, word(source, 0) == magic else { return false }
    var output = BlockOutput(memory, byteCount: byteCount)
    let flags = source[4]
    let hasBlockChecksum = flags & 0x10 != 0
    guard flags >> 6 == 1, flags & 0x01 == 0 else { return false }
    // FLG, BD, then the content size where there is one, and a checksum.
    var place = 7 + (flags & 0x08 != 0 ? 8 : 0)
    while let size = word(source, place) {
      place += 4
      if size == 0 { return output.isFull }
      let count = Int(size & 0x7FFF_FFFF)
      guard count <= source.count - place else { return false }
      let block = source[place..<place + count]
      let isDone =
        size >> 31 == 1
        ? unsafe output.append(block.pointer, count) : LZ4Block.decode(block, into: &output)
      guard isDone else { return false }
      place += count + (hasBlockChecksum ? 4 : 0)
    }
    return false
  }

  private static func word(_ source: Buffer<UInt8>, _ place: Int) -> UInt32? {
    Buffer<UInt32>(source, byteOffset: place, count: 1)?[0]
  }
}
