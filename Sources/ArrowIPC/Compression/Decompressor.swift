import Columnar
import Compression
import Synchronization

/// Undoes the compression of buffers, on any thread; contexts are used again.
final class Decompressor: Sendable {
  /// Whoever holds one is alone with it.
  private struct Context: @unchecked Sendable {
    let zstd = ZstdDecompressor()
  }

  private let contexts = Mutex<[Context]>([])

  /// - Parameter rawByteCount: what the buffer claims to hold, at most 2 GiB.
  func decompress(
    _ source: Buffer<UInt8>, _ codec: BatchBody.Codec, rawByteCount: Int
  ) throws(ArrowError) -> Buffer<UInt8> {
    if codec == .none { return source }
    let mayHold =
      codec == .lz4
      ? LZ4Block.mayHold(rawByteCount, source) : ZstdDecompressor.mayHold(rawByteCount, source)
    guard mayHold else {
      throw .malformed("a compressed buffer does not hold what it claims to")
    }
    let memory = Memory(byteCount: (rawByteCount + 7) / 8 * 8)
    guard decode(source, codec, into: memory, rawByteCount) else {
      throw .malformed("a compressed buffer is damaged")
    }
    // Readers take whole words.
    unsafe memory.mutableBytes[rawByteCount...].initializeMemory(as: UInt8.self, repeating: 0)
    return memory.bytes
  }

  private func decode(
    _ source: Buffer<UInt8>, _ codec: BatchBody.Codec, into memory: Memory, _ rawByteCount: Int
  ) -> Bool {
    if codec == .lz4 { return LZ4Frame.decode(source, into: memory, byteCount: rawByteCount) }
    let context = contexts.withLock { $0.popLast() } ?? Context()
    defer { contexts.withLock { $0.append(context) } }
    return context.zstd.decode(source, into: memory, byteCount: rawByteCount)
  }
}
