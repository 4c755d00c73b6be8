import CZlib
import Columnar
import Compression

/// How the pages of a file are compressed.
package enum PageCompression: Hashable, Sendable {
  case none
  /// - Parameter level: what the library knows, 1...22 or negative; it takes the nearest.
  case zstd(level: Int)
  case snappy
  case gzip

  var codec: Codec {
    switch self {
    case .none: .none
    case .zstd: .zstd
    case .snappy: .snappy
    case .gzip: .gzip
    }
  }
}

/// Compresses one page after the other.
final class PageCompressor {
  let compression: PageCompression
  private let zstd = ZstdCompressor()
  private var snappy = SnappyEncoder()

  init(_ compression: PageCompression) { self.compression = compression }

  /// Appends the compressed bytes of a page.
  func append(_ page: Buffer<UInt8>, to output: inout MutableBuffer<UInt8>) {
    switch compression {
    case .none: output.append(contentsOf: page.span)
    case .snappy: snappy.append(page, to: &output)
    case .zstd(let level): unsafe zstd.append(page.rawBytes, level: level, to: &output)
    case .gzip: gzip(page, &output)
    }
  }

  private func gzip(_ page: Buffer<UInt8>, _ output: inout MutableBuffer<UInt8>) {
    var stream = unsafe z_stream()
    // 16: a gzip header.
    let status = unsafe deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib has no memory")
    defer { unsafe deflateEnd(&stream) }
    let bound = unsafe Int(deflateBound(&stream, uLong(page.count)))
    output.reserve(bound)
    unsafe stream.next_out = output.pointer + output.count
    unsafe stream.avail_out = uInt(truncatingIfNeeded: bound)
    unsafe stream.next_in = UnsafeMutablePointer(mutating: page.pointer)
    unsafe stream.avail_in = uInt(truncatingIfNeeded: page.count)
    let outcome = unsafe deflate(&stream, Z_FINISH)
    precondition(outcome == Z_STREAM_END)
    unsafe output.setCount(output.count + bound - Int(stream.avail_out))
  }
}
