package import Diagnostics

/// Turns bytes into other bytes, a piece at a time: decompresses, or changes their encoding.
///
/// A step never produces more than there is room for, so memory stays bounded whatever the input
/// says.
package protocol ByteDecoder: AnyObject {
  /// Takes bytes off the front of `input` and writes what they stand for to `room`.
  ///
  /// It goes on until the input is used up or the room is: up to three bytes may be left of it.
  /// When it comes back full there may be more to come without any further input.
  ///
  /// - Parameter room: at least four bytes.
  /// - Throws: a data error when the input is not what it claims to be.
  @unsafe func decode(
    _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
  ) throws(StreamError) -> DecodingStep

  /// Says that there is no more input.
  ///
  /// - Throws: a data error when it may not end here.
  func finish() throws(StreamError)
}

/// What a ``ByteDecoder`` did.
package struct DecodingStep: Sendable, Equatable {
  /// How many bytes of the input were taken.
  package var taken: Int
  /// How many bytes were written.
  package var written: Int

  package init(taken: Int, written: Int) {
    self.taken = taken
    self.written = written
  }
}

/// Where bytes come from, one after the other.
package protocol ByteSource: AnyObject {
  /// Reads at least a byte, unless there are no more.
  ///
  /// - Returns: how many bytes were read; 0 at the end.
  @unsafe func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int
}

/// The bytes of another source, decoded.
@safe package final class DecodingSource: ByteSource {
  private static let chunkByteCount = 64 << 10

  private let source: any ByteSource
  private let decoder: any ByteDecoder
  // SAFETY: freed by `deinit`; only `pending` of it is read.
  private let chunk: UnsafeMutableRawBufferPointer
  /// What is in the chunk and not yet decoded.
  private var pending = 0..<0
  private var isAtEnd = false
  /// Whether the decoder filled the room that it was given last.
  private(set) var mayHoldMore = false

  package init(_ source: any ByteSource, _ decoder: any ByteDecoder) {
    self.source = source
    self.decoder = decoder
    unsafe chunk = .allocate(byteCount: DecodingSource.chunkByteCount, alignment: 16)
  }

  deinit { unsafe chunk.deallocate() }

  /// Whether there may be bytes without a read from the source below.
  package var hasPending: Bool { mayHoldMore || !pending.isEmpty }

  @unsafe package func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
    while true {
      if !hasPending {
        guard !isAtEnd else { return 0 }
        try refill()
      }
      let bytes = unsafe UnsafeRawBufferPointer(rebasing: chunk[pending])
      let step = try unsafe decoder.decode(bytes, into: room)
      pending = pending.lowerBound + step.taken..<pending.upperBound
      mayHoldMore = step.written == room.count
      if step.written > 0 { return step.written }
      if isAtEnd, pending.isEmpty {
        try decoder.finish()
        return 0
      }
    }
  }

  private func refill() throws(StreamError) {
    let count = try unsafe source.read(into: chunk)
    pending = 0..<count
    isAtEnd = count == 0
  }
}
