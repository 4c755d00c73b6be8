import CZstd
import Columnar
import Synchronization

/// Undoes the compression of buffers, on any thread; contexts are used again.
final class Decompressor: Sendable {
  private let contexts = Mutex<[ZstdDecodingContext]>([])

  /// - Parameter rawByteCount: what the buffer claims to hold, at most 2 GiB.
  func decompress(
    _ source: Buffer<UInt8>, _ codec: BatchBody.Codec, rawByteCount: Int
  ) throws(ArrowError) -> Buffer<UInt8> {
    switch codec {
    case .none: return source
    case .lz4: return try LZ4Frame.decode(source, rawByteCount: rawByteCount)
    case .zstd:
      let context = contexts.withLock { $0.popLast() } ?? ZstdDecodingContext()
      defer { contexts.withLock { $0.append(context) } }
      return try context.decode(source, rawByteCount: rawByteCount)
    }
  }

  /// A block of that many bytes, which ends at a multiple of 8, where it is zero.
  static func block(_ rawByteCount: Int) -> Memory {
    let memory = Memory(byteCount: (rawByteCount + 7) / 8 * 8)
    unsafe memory.mutableBytes[rawByteCount...].initializeMemory(as: UInt8.self, repeating: 0)
    return memory
  }
}

/// A zstd context; whoever holds it is alone with it.
@safe private final class ZstdDecodingContext: @unchecked Sendable {
  private let context: OpaquePointer

  init() {
    guard let context = unsafe ZSTD_createDCtx() else { fatalError("out of memory") }
    unsafe self.context = context
  }

  deinit { _ = unsafe ZSTD_freeDCtx(context) }

  func decode(_ source: Buffer<UInt8>, rawByteCount: Int) throws(ArrowError) -> Buffer<UInt8> {
    let stated = unsafe ZSTD_getFrameContentSize(source.pointer, source.count)
    // ZSTD_CONTENTSIZE_UNKNOWN and _ERROR are not imported: -1 and -2.
    // A block of zstd stands for 128 KiB at most, and takes 4 bytes at least.
    guard stated == UInt64(rawByteCount) || stated == .max, rawByteCount >> 15 <= source.count
    else {
      throw .malformed("a compressed buffer does not hold what it claims to")
    }
    let memory = Decompressor.block(rawByteCount)
    let written = unsafe ZSTD_decompressDCtx(
      context, memory.mutableBytes.baseAddress, rawByteCount, source.pointer, source.count)
    guard written == rawByteCount else {
      throw .malformed("a compressed buffer is damaged")
    }
    return memory.bytes
  }
}
