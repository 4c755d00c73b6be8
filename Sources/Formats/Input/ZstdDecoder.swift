internal import CZstd
package import Diagnostics

/// Decompresses zstd (RFC 8878), of one frame or of several.
@safe package final class ZstdDecoder: ByteDecoder {
  private let name: String
  // SAFETY: made by `init`, freed by `deinit`, used by nobody else.
  private let stream: OpaquePointer
  /// 0 between frames, else how many bytes the library would like to see next.
  private var hint = 0
  private var hasBegun = false

  /// - Parameter name: the input's, for messages.
  package init(name: String) throws(StreamError) {
    guard let stream = unsafe ZSTD_createDStream() else {
      throw StreamError(.unavailable, "no memory to decompress", location: name)
    }
    self.name = name
    unsafe self.stream = stream
  }

  deinit { unsafe ZSTD_freeDStream(stream) }

  @unsafe package func decode(
    _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
  ) throws(StreamError) -> DecodingStep {
    var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
    while true {
      let before = unsafe (source.pos, target.pos)
      // Between frames there is nothing to get without input.
      if unsafe hint == 0 && source.pos == source.size { break }
      let result = unsafe ZSTD_decompressStream(stream, &target, &source)
      guard ZSTD_isError(result) == 0 else {
        throw failure(unsafe String(cString: ZSTD_getErrorName(result)).lowercased())
      }
      hint = result
      hasBegun = true
      if unsafe target.pos == target.size || before == (source.pos, target.pos) { break }
    }
    return unsafe DecodingStep(taken: source.pos, written: target.pos)
  }

  package func finish() throws(StreamError) {
    if hint != 0 || !hasBegun { throw failure("it is cut off") }
  }

  private func failure(_ reason: String) -> StreamError {
    StreamError(.data, "the zstd data is damaged: \(reason)", location: name)
  }
}
