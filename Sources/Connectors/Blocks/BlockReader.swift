package import Columnar
package import Diagnostics
internal import Formats
internal import Glibc

/// Whole records, and where they begin in the input: bytes, after decompression.
package struct CutBlock: Sendable {
  package let bytes: Buffer<UInt8>
  package let offset: Int64
  /// The input ends here.
  package let isLast: Bool
}

/// Bytes that were looked at before they are read.
package struct Peek: Sendable {
  package let bytes: Buffer<UInt8>
  /// Whether that is all there is.
  package let isWhole: Bool
  /// Since when nothing more has come.
  package let emptySince: Int64?
}

/// How large blocks are.
package struct BlockLimits: Sendable {
  /// Blocks grow from the first size to the second while the input is faster than we are.
  package var firstBytes = 64 << 10
  package var fullBytes = 1 << 20
  /// A longer record is an error: memory has to stay bounded.
  package var recordBytesMax = 64 << 20
  /// How long the first bytes of a block may wait for those that follow, in µs.
  package var linger: Int64 = 100_000

  package init() {}
}

/// Reads an input and cuts it between records.
///
/// The blocks of a regular file do not depend on time: each is filled. Those of a pipe end where
/// it has nothing more at present.
package final class BlockReader {
  /// The length of the longest prefix of whole records.
  package var wholeRecords: (Buffer<UInt8>) -> Int
  /// A block of several records is no longer.
  package var blockBytesMax = Int.max
  /// Whether the last block was cut at its full size: there is more where it came from.
  package private(set) var isBusy = false

  private let input: any ByteInput
  private let limits: BlockLimits
  private let stop: StopSignal
  private let pool: BlockPool
  /// What was read and not given out: the first `filled` bytes, a record's beginning at 0.
  private var memory: Memory?
  private var filled = 0
  /// In so many of them no record ends.
  private var searched = 0
  private var blockBytes: Int
  /// What is left of a block that was too long.
  private var pending: ArraySlice<CutBlock> = []
  private var offset: Int64
  private var isAtEnd = false
  private var emptySince: Int64?
  /// How many bytes are still taken once the source was told to stop.
  private var stopBudget: Int?

  /// - Parameters:
  ///   - offset: where in its file the input begins.
  ///   - wholeRecords: the length of the longest prefix that consists of whole records, each of
  ///     which ends with a line feed.
  package init(
    _ input: any ByteInput, limits: BlockLimits, startingAt offset: Int64 = 0,
    stop: StopSignal = .none, pool: BlockPool? = nil,
    wholeRecords: @escaping (Buffer<UInt8>) -> Int
  ) {
    self.offset = offset
    self.pool = pool ?? BlockPool(byteCount: limits.fullBytes, countMax: 1)
    self.input = input
    self.limits = limits
    self.stop = stop
    self.wholeRecords = wholeRecords
    blockBytes = min(limits.firstBytes, limits.fullBytes)
  }

  package var consumedCount: Int64 { input.consumedCount }

  /// Whether the source was told to stop, and what it was to take was taken.
  package var isStopped: Bool { !isAtEnd && stopBudget == 0 }

  /// Bytes of a record whose rest had not come when the source was told to stop.
  package var unfinishedCount: Int { input.mayWait && !isAtEnd ? filled : 0 }

  /// The next whole records.
  ///
  /// - Throws: a data error at a record that is too long, and what the input throws.
  package func next(until deadline: Deadline) throws(StreamError) -> Supply<CutBlock> {
    if let block = pending.popFirst() { return .item(block) }
    while !isAtEnd {
      let filling = try fill(until: deadline, upTo: blockBytes)
      if filling == .atEnd { break }
      isBusy = filling == .full
      let length = searchedPrefix()
      if length > 0 { return .item(short(cut(length))) }
      if stopBudget == 0 { return .end }
      if isBusy {
        try refuseLongRecord()
      } else if let emptySince {
        return .nothingYet(idleSince: emptySince)
      }
    }
    return filled > 0 ? .item(short(cut(filled))) : .end
  }
}

// MARK: - Looking ahead

extension BlockReader {
  /// What the input goes on with: up to `count` bytes, fewer where it ends or where they do not come
  /// within `patience` µs of the first. They stay there to be read.
  ///
  /// - Parameter deadline: until when the first of them may come.
  package func peek(
    _ count: Int, until deadline: Deadline = .never, patience: Int64
  ) throws(StreamError) -> Peek {
    var deadline = deadline
    var isFirst = true
    while !isAtEnd, filled < count, stopBudget != 0 {
      let before = filled
      let filling = try fill(until: deadline, upTo: count)
      if filling == .paused, filled == before { break }
      if isFirst { deadline = Deadline(uptime: Moment.now.uptime &+ patience) }
      isFirst = false
    }
    return Peek(
      bytes: memory.map { $0.bytes[0..<filled] } ?? Buffer(), isWhole: isAtEnd,
      emptySince: emptySince)
  }

  /// Takes what was seen to be no record, such as a header, off the input.
  ///
  /// - Parameter count: at most what `peek` returned.
  package func skip(_ count: Int) {
    if count > 0 { _ = cut(count) }
    searched = 0
  }
}

// MARK: - Filling

extension BlockReader {
  private enum Filling { case full, paused, atEnd }

  /// Reads until the block is full or, for a pipe, until it is empty or has been lingered over.
  ///
  /// - Parameter count: how many bytes the block is to hold, if no record is longer.
  private func fill(until deadline: Deadline, upTo count: Int) throws(StreamError) -> Filling {
    var deadline = deadline
    var lingerEnd: Int64?
    noticeStop()
    while stopBudget != 0 {
      if input.mayWait {
        guard try input.wait(until: deadline) else { return pauseAtEmptyInput() }
        emptySince = nil
        deadline = .now
      }
      let memory = room(for: count)
      let added = try readSome(into: memory)
      if added == 0 {
        isAtEnd = true
        return .atEnd
      }
      filled += added
      if filled == memory.byteCount { return .full }
      guard input.mayWait else { continue }
      let now = Moment.now.uptime
      let end = lingerEnd ?? now &+ limits.linger
      if now >= end { return .paused }
      lingerEnd = end
    }
    return .paused
  }

  private func pauseAtEmptyInput() -> Filling {
    if emptySince == nil { emptySince = Moment.now.uptime }
    if stop.isRequested { stopBudget = 0 }
    return .paused
  }

  /// Once told to stop, only what the pipe holds at that moment is taken: its writer may never end.
  private func noticeStop() {
    if stopBudget == nil, stop.isRequested { stopBudget = input.availableCount }
  }

  private func readSome(into memory: Memory) throws(StreamError) -> Int {
    // SAFETY: nobody else has seen the memory from `filled` on.
    let whole = unsafe memory.mutableBytes
    let end = min(memory.byteCount, stopBudget.map { filled + $0 } ?? .max)
    let count = unsafe try input.read(into: .init(rebasing: whole[filled..<end]))
    stopBudget? -= count
    return count
  }

  /// Memory with a free place behind what is there.
  private func room(for count: Int) -> Memory {
    if let memory, filled < memory.byteCount { return memory }
    let larger = pool.memory(filled == 0 ? count : max(count, filled * 2))
    if let memory, filled > 0 {
      // SAFETY: `filled` bytes are there, and the new memory is larger.
      unsafe larger.mutableBytes.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: memory.mutableBytes[..<filled]))
    }
    memory = larger
    return larger
  }

  private func refuseLongRecord() throws(StreamError) {
    guard filled < limits.recordBytesMax else {
      throw StreamError(
        .data, "a record of more than \(limits.recordBytesMax >> 20) MiB begins at byte \(offset)")
    }
  }
}

// MARK: - Cutting

extension BlockReader {
  /// From here on blocks are what a parser takes.
  func cutBlocks(for parser: any RecordParser) {
    wholeRecords = parser.wholeRecords(in:)
    blockBytesMax = parser.blockBytesMax
  }

  /// The length of the whole records among what is there.
  private func searchedPrefix() -> Int {
    guard let memory, searched < filled else { return 0 }
    // SAFETY: the first `filled` bytes are there.
    let added = unsafe UnsafeRawBufferPointer(rebasing: memory.mutableBytes[searched..<filled])
    let hasLineEnd = unsafe added.baseAddress.map { unsafe memchr($0, 0x0A, added.count) } != nil
    searched = filled
    return hasLineEnd ? wholeRecords(memory.bytes[0..<filled]) : 0
  }

  /// Gives out a prefix; what follows it moves to the start of the next block.
  private func cut(_ length: Int) -> CutBlock {
    guard let whole = memory?.bytes[0..<filled] else { preconditionFailure("nothing was read") }
    let block = CutBlock(
      bytes: whole[0..<length], offset: offset, isLast: isAtEnd && length == filled)
    offset += Int64(length)
    adaptSize(to: filled)
    memory = nil
    let rest = whole[length..<filled]
    filled = rest.count
    // What follows the last whole record has no end in it.
    searched = filled
    if filled > 0 {
      let next = pool.memory(max(blockBytes, filled * 2))
      // SAFETY: the memory is new and has room for the rest.
      unsafe next.mutableBytes.copyMemory(from: rest.rawBytes)
      memory = next
    }
    return block
  }

  /// The block, or the first part of one that is too long.
  private func short(_ block: CutBlock) -> CutBlock {
    guard block.bytes.count > blockBytesMax else { return block }
    let bytes = block.bytes
    var parts: [CutBlock] = []
    var start = 0
    while start < bytes.count {
      var (length, window) = (0, blockBytesMax)
      while length == 0, start + window < bytes.count {
        length = wholeRecords(bytes[start..<start + window])
        window *= 2
      }
      if length == 0 { length = bytes.count - start }
      parts.append(
        CutBlock(
          bytes: bytes[start..<start + length], offset: block.offset + Int64(start),
          isLast: block.isLast && start + length == bytes.count))
      start += length
    }
    pending = parts.dropFirst()
    return parts[0]
  }

  /// A fast input gets large blocks; a slow one does not touch memory that it does not need.
  private func adaptSize(to count: Int) {
    if count >= blockBytes {
      blockBytes = min(limits.fullBytes, blockBytes * 4)
    } else if count < blockBytes / 4 {
      blockBytes = max(min(limits.firstBytes, limits.fullBytes), blockBytes / 4)
    }
  }
}
