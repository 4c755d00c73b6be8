import CZstd
import Columnar

/// How the buffers of a batch are stored.
package enum BodyCompression: Sendable, Hashable {
  case none
  /// - Parameter level: what the library knows, 1...22 or negative; it takes the nearest.
  case zstd(level: Int)
}

/// Compresses the buffers of one batch after another into the same memory.
@safe final class ZstdEncoder {
  private let context: OpaquePointer
  /// The compressed body, padded.
  private(set) var bytes = MutableBuffer<UInt8>()

  init() {
    guard let context = unsafe ZSTD_createCCtx() else { fatalError("out of memory") }
    unsafe self.context = context
  }

  deinit { _ = unsafe ZSTD_freeCCtx(context) }

  func removeAll() { bytes.removeAll() }

  /// Appends the length of a buffer and its zstd frame; nothing for an empty one.
  ///
  /// - Returns: how many bytes that takes.
  @unsafe
  func append(_ source: UnsafeRawBufferPointer, level: Int) -> Int {
    guard let base = source.baseAddress, source.count > 0 else { return 0 }
    let bound = ZSTD_compressBound(source.count)
    bytes.reserve(8 + bound)
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: source.count >> (8 * shift))) }
    let written = unsafe ZSTD_compressCCtx(
      context, bytes.pointer + bytes.count, bound, base, source.count, Int32(clamping: level))
    // The only other outcome is a target that is too small, and it is as large as it can get.
    precondition(written <= bound)
    unsafe bytes.setCount(bytes.count + written)
    return 8 + written
  }

  func pad(to alignment: Int) {
    bytes.append(repeating: 0, count: -bytes.count & (alignment - 1))
  }
}
