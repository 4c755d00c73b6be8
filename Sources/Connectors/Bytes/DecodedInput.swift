internal import Columnar
package import Diagnostics
package import Formats

/// The bytes of another input, decompressed or in another encoding.
package final class DecodedInput: ByteInput {
  private static let chunkByteCount = 64 << 10

  private let input: any ByteInput
  private let decoder: any ByteDecoder
  /// Bytes of the input; those in `pending` are not yet decoded.
  private let chunk = Memory(byteCount: DecodedInput.chunkByteCount)
  private var pending = 0..<0
  /// What was decoded to see whether there is something.
  private var ahead: Memory?
  private var aheadRange = 0..<0
  private var mayHoldMore = false
  private var isAtEnd = false

  package init(_ input: any ByteInput, _ decoder: any ByteDecoder) {
    self.input = input
    self.decoder = decoder
  }

  package var mayWait: Bool { input.mayWait }
  package var consumedCount: Int64 { input.consumedCount }
  package var availableCount: Int { aheadRange.count + pending.count + input.availableCount }

  @unsafe package func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
    if !aheadRange.isEmpty { return unsafe takeAhead(into: room) }
    while true {
      if mayHoldMore || !pending.isEmpty {
        let count = try unsafe decode(into: room)
        if count > 0 { return count }
      } else if isAtEnd {
        try decoder.finish()
        return 0
      } else {
        try refill()
      }
    }
  }

  /// Decodes until there is something to read, since compressed bytes need not stand for any.
  package func wait(until deadline: Deadline) throws(StreamError) -> Bool {
    while input.mayWait, aheadRange.isEmpty {
      if mayHoldMore || !pending.isEmpty {
        let room = ahead ?? Memory(byteCount: Self.chunkByteCount)
        ahead = room
        aheadRange = 0..<(try unsafe decode(into: room.mutableBytes))
      } else if isAtEnd {
        return true
      } else {
        guard try input.wait(until: deadline) else { return false }
        try refill()
      }
    }
    return true
  }

  @unsafe private func takeAhead(into room: UnsafeMutableRawBufferPointer) -> Int {
    guard let ahead else { return 0 }
    let count = min(room.count, aheadRange.count)
    let taken = aheadRange.lowerBound..<aheadRange.lowerBound + count
    unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: ahead.mutableBytes[taken]))
    aheadRange = taken.upperBound..<aheadRange.upperBound
    return count
  }

  /// A decoder needs room for a character at least; where there is less, it is decoded elsewhere.
  @unsafe private func decode(
    into room: UnsafeMutableRawBufferPointer
  ) throws(StreamError) -> Int {
    if room.count < 4 {
      let elsewhere = ahead ?? Memory(byteCount: Self.chunkByteCount)
      ahead = elsewhere
      aheadRange = 0..<(try unsafe decode(into: elsewhere.mutableBytes))
      return aheadRange.isEmpty ? 0 : unsafe takeAhead(into: room)
    }
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: chunk.mutableBytes[pending])
    let step = try unsafe decoder.decode(bytes, into: room)
    pending = pending.lowerBound + step.taken..<pending.upperBound
    // Up to three bytes may be left free by a decoder that has more.
    mayHoldMore = step.written > room.count - 4
    return step.written
  }

  private func refill() throws(StreamError) {
    let count = try unsafe input.read(into: chunk.mutableBytes)
    pending = 0..<count
    isAtEnd = count == 0
  }
}
