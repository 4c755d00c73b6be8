import CZlib
import CZstd
import Diagnostics
import Formats
import TestSupport

func gzipped(_ bytes: [UInt8]) -> [UInt8] {
  var stream = unsafe z_stream()
  var output = [UInt8](repeating: 0, count: bytes.count + 1000)
  var input = bytes
  return unsafe input.withUnsafeMutableBufferPointer { source in
    unsafe output.withUnsafeMutableBufferPointer { target in
      unsafe deflateInit2_(
        &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
      unsafe stream.next_in = source.baseAddress
      unsafe stream.avail_in = uInt(source.count)
      unsafe stream.next_out = target.baseAddress
      unsafe stream.avail_out = uInt(target.count)
      let status = unsafe deflate(&stream, Z_FINISH)
      precondition(status == Z_STREAM_END)
      unsafe deflateEnd(&stream)
      return unsafe Array(target[..<(target.count - Int(stream.avail_out))])
    }
  }
}

func zstandard(_ bytes: [UInt8]) -> [UInt8] {
  let context = unsafe ZSTD_createCCtx()
  defer { unsafe ZSTD_freeCCtx(context) }
  unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
  let count = unsafe ZSTD_compress2(context, &output, output.count, bytes, bytes.count)
  precondition(ZSTD_isError(count) == 0)
  return Array(output[..<count])
}

/// Gives its bytes in pieces of random sizes.
final class PiecewiseSource: ByteSource {
  private var rest: ArraySlice<UInt8>
  private var random: SplitMix64

  init(_ bytes: [UInt8], seed: UInt64) {
    rest = bytes[...]
    random = SplitMix64(seed: seed)
  }

  func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
    guard !rest.isEmpty else { return 0 }
    let count = min(Int.random(in: 1...100, using: &random), rest.count, room.count)
    for index in 0..<count { unsafe room[index] = rest[rest.startIndex + index] }
    rest = rest.dropFirst(count)
    return count
  }
}

/// Reads a source to its end, into rooms of random sizes.
func drained(_ source: some ByteSource, seed: UInt64 = 1) throws(StreamError) -> [UInt8] {
  var random = SplitMix64(seed: seed)
  var bytes: [UInt8] = []
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 3000, alignment: 16)
  defer { unsafe room.deallocate() }
  while true {
    let size = Int.random(in: 4...3000, using: &random)
    let count = try unsafe source.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<size]))
    if count == 0 { return bytes }
    unsafe bytes.append(contentsOf: room[..<count])
  }
}

func decoded(
  _ bytes: [UInt8], _ decoder: any ByteDecoder, seed: UInt64 = 1
) throws(StreamError) -> [UInt8] {
  try drained(DecodingSource(PiecewiseSource(bytes, seed: seed), decoder), seed: seed)
}
