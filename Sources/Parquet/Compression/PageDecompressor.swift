import CZlib
import Columnar
import Compression

/// Undoes the compression of pages. Used by one thread at a time.
final class PageDecompressor {
  private let zstd = ZstdDecompressor()

  /// - Parameter byteCount: what the page claims to hold.
  /// - Throws: `.malformed` for a page that is damaged, or cannot hold so much.
  func decompress(
    _ source: Buffer<UInt8>, _ codec: Codec, byteCount: Int
  ) throws(ParquetError) -> Buffer<UInt8> {
    let bytes: Buffer<UInt8>?
    switch codec {
    case .none: bytes = source.count == byteCount ? source : nil
    case .snappy: bytes = Snappy.decode(source, byteCount: byteCount)
    case .gzip: bytes = gzip(source, byteCount: byteCount)
    case .zstd: bytes = zstd(source, byteCount: byteCount)
    case .lz4: bytes = LZ4Block.decode(source, byteCount: byteCount)
    case .lzo, .brotli, .lz4Hadoop: bytes = nil
    }
    guard let bytes else {
      throw .malformed("a page that is compressed with \(codec.name) is damaged")
    }
    return bytes
  }

  private func zstd(_ source: Buffer<UInt8>, byteCount: Int) -> Buffer<UInt8>? {
    guard ZstdDecompressor.mayHold(byteCount, source) else { return nil }
    let memory = Memory(byteCount: byteCount)
    return zstd.decode(source, into: memory, byteCount: byteCount) ? memory.bytes : nil
  }

  /// Of one member, or of several.
  private func gzip(_ source: Buffer<UInt8>, byteCount: Int) -> Buffer<UInt8>? {
    // Deflate's longest copy stands for 258 bytes and takes two bits.
    guard byteCount / 1040 <= source.count else { return nil }
    let memory = Memory(byteCount: byteCount)
    var stream = unsafe z_stream()
    // 32: the header says whether it is gzip or zlib.
    let status = unsafe inflateInit2_(
      &stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return nil }
    defer { unsafe inflateEnd(&stream) }
    unsafe stream.next_in = UnsafeMutablePointer(mutating: source.pointer)
    unsafe stream.avail_in = uInt(truncatingIfNeeded: source.count)
    unsafe stream.next_out = memory.mutableBytes.bindMemory(to: UInt8.self).baseAddress
    unsafe stream.avail_out = uInt(truncatingIfNeeded: byteCount)
    while true {
      guard unsafe inflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
      if unsafe stream.avail_in == 0 { break }
      guard unsafe inflateReset(&stream) == Z_OK else { return nil }
    }
    return unsafe stream.avail_out == 0 ? memory.bytes : nil
  }
}

extension Codec {
  var isRead: Bool {
    switch self {
    case .none, .snappy, .gzip, .zstd, .lz4: true
    case .lzo, .brotli, .lz4Hadoop: false
    }
  }

  /// As messages call it.
  var name: String {
    switch self {
    case .none: "nothing"
    case .snappy: "snappy"
    case .gzip: "gzip"
    case .lzo: "lzo"
    case .brotli: "brotli"
    case .lz4Hadoop: "the LZ4 of Hadoop"
    case .zstd: "zstd"
    case .lz4: "lz4"
    }
  }
}
