import Diagnostics
import Formats
import TestSupport

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
