import Columnar
import Compression

/// How the buffers of a batch are stored.
package enum BodyCompression: Sendable, Hashable {
  case none
  /// - Parameter level: what the library knows, 1...22 or negative; it takes the nearest.
  case zstd(level: Int)
}

/// Compresses the buffers of one batch after another into the same memory.
final class ZstdEncoder {
  private let compressor = ZstdCompressor()
  /// The compressed body, padded.
  private(set) var bytes = MutableBuffer<UInt8>()

  func removeAll() { bytes.removeAll() }

  /// Appends the length of a buffer and its zstd frame; nothing for an empty one.
  ///
  /// - Returns: how many bytes that takes.
  @unsafe
  func append(_ source: UnsafeRawBufferPointer, level: Int) -> Int {
    if source.count == 0 { return 0 }
    let start = bytes.count
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: source.count >> (8 * shift))) }
    unsafe compressor.append(source, level: level, to: &bytes)
    return bytes.count - start
  }

  func pad(to alignment: Int) {
    bytes.append(repeating: 0, count: -bytes.count & (alignment - 1))
  }
}
