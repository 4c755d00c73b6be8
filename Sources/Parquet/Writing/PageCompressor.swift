import CZlib
import CZstd
import Columnar

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
@safe final class PageCompressor {
  private let context: OpaquePointer
  let compression: PageCompression

  init(_ compression: PageCompression) {
    guard let context = unsafe ZSTD_createCCtx() else { fatalError("out of memory") }
    unsafe self.context = context
    self.compression = compression
  }

  deinit { _ = unsafe ZSTD_freeCCtx(context) }

  /// Appends the compressed bytes of a page.
  func append(_ page: borrowing Span<UInt8>, to output: inout MutableBuffer<UInt8>) {
    switch compression {
    case .none: output.append(contentsOf: page)
    case .snappy:
      var block: [UInt8] = []
      Snappy.encode(page, into: &block)
      output.append(contentsOf: block.span)
    case .zstd(let level): zstd(page, level, &output)
    case .gzip: gzip(page, &output)
    }
  }

  private func zstd(
    _ page: borrowing Span<UInt8>, _ level: Int, _ output: inout MutableBuffer<UInt8>
  ) {
    let bound = ZSTD_compressBound(page.count)
    output.reserve(bound)
    let target = unsafe output.pointer + output.count
    let written = unsafe page.withUnsafeBufferPointer { source in
      unsafe ZSTD_compressCCtx(
        context, target, bound, source.baseAddress, source.count, Int32(clamping: level))
    }
    // The only other outcome is a target that is too small, and it is as large as it can get.
    precondition(written <= bound)
    unsafe output.setCount(output.count + written)
  }

  private func gzip(_ page: borrowing Span<UInt8>, _ output: inout MutableBuffer<UInt8>) {
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
    unsafe page.withUnsafeBufferPointer { source in
      unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
      unsafe stream.avail_in = uInt(truncatingIfNeeded: source.count)
      let status = unsafe deflate(&stream, Z_FINISH)
      precondition(status == Z_STREAM_END)
    }
    unsafe output.setCount(output.count + bound - Int(stream.avail_out))
  }
}
