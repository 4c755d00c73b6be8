internal import Columnar
internal import Diagnostics

/// A part of another input.
final class PartialInput: ByteInput {
  private let input: any ByteInput
  /// What is still to be passed over.
  private var skipCount: Int64
  /// What may still be read; nil: all there is.
  private var left: Int64?
  private let tooShort: () -> StreamError
  private static let chunkByteCount = 64 << 10

  /// - Parameters:
  ///   - skipCount: how many bytes are passed over first.
  ///   - count: how many follow; nil for all.
  ///   - tooShort: the error when there are fewer.
  init(
    _ input: any ByteInput, skipping skipCount: Int64, count: Int64?,
    tooShort: @escaping () -> StreamError
  ) {
    self.input = input
    self.skipCount = skipCount
    left = count
    self.tooShort = tooShort
  }

  var mayWait: Bool { input.mayWait }
  var consumedCount: Int64 { input.consumedCount }
  var availableCount: Int { Int(min(Int64(input.availableCount), left ?? .max)) }

  func wait(until deadline: Deadline) throws(StreamError) -> Bool {
    left == 0 ? true : try input.wait(until: deadline)
  }

  @unsafe func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
    if skipCount > 0 { try skip() }
    guard let left else { return try unsafe input.read(into: room) }
    if left == 0 { return 0 }
    let limit = Int(min(left, Int64(room.count)))
    let count = try unsafe input.read(into: .init(rebasing: room[..<limit]))
    guard count > 0 else { throw tooShort() }
    self.left = left - Int64(count)
    return count
  }

  private func skip() throws(StreamError) {
    let chunk = Memory(byteCount: PartialInput.chunkByteCount)
    while skipCount > 0 {
      let limit = Int(min(skipCount, Int64(chunk.byteCount)))
      let count = try unsafe input.read(into: .init(rebasing: chunk.mutableBytes[..<limit]))
      guard count > 0 else { throw tooShort() }
      skipCount -= Int64(count)
    }
  }
}
