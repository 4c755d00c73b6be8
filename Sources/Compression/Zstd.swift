import CZstd
package import Columnar

/// Decompresses frames of zstd. Used by one thread at a time.
@safe package final class ZstdDecompressor {
  private let context: OpaquePointer

  package init() {
    guard let context = unsafe ZSTD_createDCtx() else { fatalError("out of memory") }
    unsafe self.context = context
  }

  deinit { _ = unsafe ZSTD_freeDCtx(context) }

  /// Whether so few bytes may stand for so many: a block stands for 128 KiB at most, and takes 4
  /// bytes at least. To be asked before memory is taken.
  package static func mayHold(_ byteCount: Int, _ source: Buffer<UInt8>) -> Bool {
    byteCount >> 15 <= source.count
  }

  /// - Parameter memory: gets the bytes; it has at least so many.
  /// - Returns: false when the source is damaged, or does not hold that many bytes.
  package func decode(_ source: Buffer<UInt8>, into memory: Memory, byteCount: Int) -> Bool {
    precondition(byteCount <= memory.byteCount)
    let written = unsafe ZSTD_decompressDCtx(
      context, memory.mutableBytes.baseAddress, byteCount, source.pointer, source.count)
    return written == byteCount
  }
}

/// Compresses blocks into frames of zstd. Used by one thread at a time.
@safe package final class ZstdCompressor {
  private let context: OpaquePointer

  package init() {
    guard let context = unsafe ZSTD_createCCtx() else { fatalError("out of memory") }
    unsafe self.context = context
  }

  deinit { _ = unsafe ZSTD_freeCCtx(context) }

  /// Appends a frame.
  ///
  /// - Parameter level: what the library knows, 1...22 or negative; it takes the nearest.
  @unsafe
  package func append(
    _ source: UnsafeRawBufferPointer, level: Int, to output: inout MutableBuffer<UInt8>
  ) {
    let bound = ZSTD_compressBound(source.count)
    output.reserve(bound)
    let target = unsafe output.pointer + output.count
    let written = unsafe ZSTD_compressCCtx(
      context, target, bound, source.baseAddress, source.count, Int32(clamping: level))
    // The only other outcome is a target that is too small, and it is as large as it can get.
    precondition(written <= bound)
    unsafe output.setCount(output.count + written)
  }
}
