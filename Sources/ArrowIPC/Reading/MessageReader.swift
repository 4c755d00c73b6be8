import Columnar

/// Cuts a stream of bytes into messages. Arrow columnar format, "Encapsulated message format".
///
/// Small messages are cut out of a buffer that one read fills with many of them; a large body is
/// read straight into its own memory, and what comes behind it into the buffer by the same call.
final class MessageReader {
  private let source: any ByteSource
  private let buffer = Memory(byteCount: MessageReader.bufferByteCount)
  /// What of the buffer was read, and not yet taken.
  private var unread = 0..<0
  private var pool = BodyPool()
  private var isAtEnd = false
  /// Bytes that came from the source, in all.
  private var readCount = 0

  static let bufferByteCount = 1 << 16
  /// A schema of a million columns has less.
  private static let maxMetadataLength = 1 << 28
  /// A message's length alone makes us allocate no more than this: the rest as bytes arrive.
  private static let trustedByteCount = 1 << 26
  private static let continuation: UInt32 = 0xFFFF_FFFF

  init(_ source: any ByteSource) { self.source = source }

  /// Where in the stream the next message begins.
  var offset: Int { readCount - unread.count }

  /// Whether bytes are there that were not yet looked at.
  var hasBufferedBytes: Bool { !unread.isEmpty }

  /// Whether the next message can be read without waiting.
  var hasBufferedMessage: Bool {
    guard let length = bufferedLength(at: 4), unread.count >= 8 + length else { return false }
    if length == 0 { return true }
    let metadata = buffer.bytes[unread.lowerBound + 8..<unread.lowerBound + 8 + length]
    // A damaged message is reported by `next()`, which does not wait for it either.
    guard let header = try? MessageHeader(metadata) else { return true }
    return unread.count >= 8 + length + header.bodyLength
  }

  /// The length of the metadata, if it has arrived.
  private func bufferedLength(at offset: Int) -> Int? {
    guard unread.count >= 8 else { return nil }
    let length = try? buffer.bytes.load(UInt32.self, at: unread.lowerBound + offset)
    return length.map { Int($0) }
  }

  /// The first bytes of the stream, without taking them; fewer when it ends before.
  func peek(_ count: Int) throws(ArrowError) -> [UInt8] {
    while unread.count < count, try fill() {}
    return buffer.bytes[unread.prefix(count)].elements
  }

  /// Forgets the next bytes, which are in the buffer.
  func skip(_ count: Int) { unread = unread.lowerBound + count..<unread.upperBound }

  /// All bytes up to the end of the source.
  func takeAll() throws(ArrowError) -> Buffer<UInt8> {
    var bytes = MutableBuffer<UInt8>()
    repeat {
      guard unread.count <= Int(MessageHeader.maxBodyLength) - bytes.count else {
        throw .malformed("an Arrow file of this kind that comes in a pipe has 2 GiB at most")
      }
      bytes.append(contentsOf: buffer.bytes[unread].span)
      unread = 0..<0
    } while try fill()
    return bytes.take()
  }

  /// Reads until the source ends.
  func drain() throws(ArrowError) {
    repeat { unread = 0..<0 } while try fill()
  }

  /// The next message.
  ///
  /// - Returns: nil at the end-of-stream mark.
  /// - Throws: `ArrowError.truncated` when the bytes end without it.
  func next() throws(ArrowError) -> Message? {
    guard try have(8) else {
      throw .truncated(unread.isEmpty ? "no end-of-stream mark" : "a message has no length")
    }
    let start = unread.lowerBound
    let mark = try buffer.bytes.load(UInt32.self, at: start)
    let length = Int(try buffer.bytes.load(UInt32.self, at: start + 4))
    guard mark == MessageReader.continuation else {
      throw .malformed("expected the start of a message")
    }
    skip(8)
    if length == 0 { return nil }
    guard length <= MessageReader.maxMetadataLength else {
      throw .malformed("a message has metadata of \(length) bytes")
    }
    let metadata = try take(length)
    let header = try MessageHeader(metadata)
    let body = try take(header.bodyLength)
    return Message(header: header, metadata: metadata, body: body)
  }

  /// Waits until that many bytes, which fit into the buffer, are there.
  private func have(_ count: Int) throws(ArrowError) -> Bool {
    while unread.count < count {
      guard try fill() else { return false }
    }
    return true
  }

  /// Reads more into the buffer.
  ///
  /// - Returns: false at the end of the source.
  private func fill() throws(ArrowError) -> Bool {
    if isAtEnd { return false }
    if unread.isEmpty {
      unread = 0..<0
    } else if unread.lowerBound > 0 {
      // SAFETY: both ranges lie in the buffer; memmove allows them to overlap.
      unsafe buffer.mutableBytes.baseAddress?.copyMemory(
        from: buffer.mutableBytes.baseAddress.unsafelyUnwrapped + unread.lowerBound,
        byteCount: unread.count)
      unread = 0..<unread.count
    }
    let room = unsafe UnsafeMutableRawBufferPointer(
      rebasing: buffer.mutableBytes[unread.upperBound...])
    let count = unsafe try source.read(room, UnsafeMutableRawBufferPointer(start: nil, count: 0))
    isAtEnd = count == 0
    readCount += count
    unread = unread.lowerBound..<unread.upperBound + count
    return count > 0
  }

  /// The next bytes, in memory of their own.
  private func take(_ count: Int) throws(ArrowError) -> Buffer<UInt8> {
    var memory = pool.memory(min(count, MessageReader.trustedByteCount))
    var filled = min(count, unread.count)
    unsafe memory.mutableBytes.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: buffer.mutableBytes[unread.prefix(filled)]))
    skip(filled)
    while filled < count {
      if filled == memory.byteCount { memory = memory.grown(to: min(count, filled * 2)) }
      let end = min(count, memory.byteCount)
      filled += try readPart(memory, from: filled, to: end, isLast: end == count)
    }
    return memory.bytes[0..<count]
  }

  /// Reads into a part of a block, and what comes behind the last part into the buffer, which is
  /// empty. What comes behind another one belongs into the block.
  private func readPart(
    _ memory: Memory, from start: Int, to end: Int, isLast: Bool
  ) throws(ArrowError) -> Int {
    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.mutableBytes[start..<end])
    let behind = unsafe UnsafeMutableRawBufferPointer(
      rebasing: buffer.mutableBytes[..<(isLast ? buffer.byteCount : 0)])
    let count = unsafe try source.read(part, behind)
    guard count > 0 else { throw .truncated("a message stops after \(start) of its bytes") }
    readCount += count
    unread = 0..<max(0, count - (end - start))
    return min(count, end - start)
  }
}

extension Memory {
  /// A larger block that begins with the bytes of this one.
  fileprivate func grown(to byteCount: Int) -> Memory {
    let larger = Memory(byteCount: byteCount)
    unsafe larger.mutableBytes.copyMemory(from: UnsafeRawBufferPointer(mutableBytes))
    return larger
  }
}

/// Blocks for bodies, used again when nobody refers to them any more: they are warm, and no page
/// has to be cleared for them.
private struct BodyPool {
  private var blocks: [Memory] = []

  private static let blockCount = 3
  /// Smaller ones are cheap to allocate.
  private static let smallest = 1 << 16
  /// Larger ones would tie up too much.
  private static let largest = 1 << 23

  mutating func memory(_ byteCount: Int) -> Memory {
    guard byteCount >= BodyPool.smallest, byteCount <= BodyPool.largest else {
      return Memory(byteCount: byteCount)
    }
    for index in blocks.indices
    where isKnownUniquelyReferenced(&blocks[index]) && blocks[index].byteCount >= byteCount {
      return blocks[index]
    }
    let memory = Memory(byteCount: (byteCount + byteCount / 8 + 4095) / 4096 * 4096)
    if blocks.count == BodyPool.blockCount { blocks.removeFirst() }
    blocks.append(memory)
    return memory
  }
}
