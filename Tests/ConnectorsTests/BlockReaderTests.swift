import Columnar
import Connectors
import Diagnostics
import Glibc
import TestSupport
import Testing

private func wholeLines(_ bytes: Buffer<UInt8>) -> Int {
  (bytes.elements.lastIndex(of: 0x0A) ?? -1) + 1
}

@Suite("Blocks of whole records")
struct BlockReaderTests {
  private func limits(_ first: Int, _ full: Int, record: Int = 1 << 20) -> BlockLimits {
    var limits = BlockLimits()
    limits.firstBytes = first
    limits.fullBytes = full
    limits.recordBytesMax = record
    return limits
  }

  /// All blocks; checks that each continues its predecessor and ends where a record does.
  private func blocks(_ reader: BlockReader) throws -> [[UInt8]] {
    var blocks: [[UInt8]] = []
    var offset: Int64 = 0
    while true {
      switch try reader.next(until: .now) {
      case .item(let block):
        #expect(block.offset == offset)
        #expect(block.bytes.count > 0)
        if !block.isLast { #expect(block.bytes.elements.last == 0x0A) }
        offset += Int64(block.bytes.count)
        blocks.append(block.bytes.elements)
      case .nothingYet: continue
      case .end: return blocks
      }
    }
  }

  @Test(
    "hold every byte, wherever reads and pauses cut the input", arguments: 0..<200 as Range<UInt64>)
  func anyCuts(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let bytes = (0..<Int(random.next() % 2000)).map { _ in
      random.next() % 9 == 0 ? UInt8(0x0A) : UInt8(truncatingIfNeeded: random.next() | 0x20)
    }
    let chunks = (0..<100).map { _ in Int(random.next() % 40) }
    let input = ChunkedInput(bytes, chunks: chunks, mayWait: seed % 3 != 0)
    let reader = BlockReader(
      input, limits: limits(1 + Int(random.next() % 64), 1 + Int(random.next() % 300)),
      wholeRecords: wholeLines)
    if seed % 2 == 0 { reader.blockBytesMax = 1 + Int(random.next() % 50) }
    let blocks = try blocks(reader)
    #expect(blocks.flatMap { $0 } == bytes)
    for block in blocks where block.count > reader.blockBytesMax {
      #expect(!block.prefix(reader.blockBytesMax).contains(0x0A))
    }
    #expect(reader.consumedCount == Int64(bytes.count))
  }

  @Test("of a file are filled, and grow")
  func growth() throws {
    let bytes = Array(repeatElement(Array("abcdefg\n".utf8), count: 1000).joined())
    let input = ChunkedInput(bytes, mayWait: false)
    let reader = BlockReader(input, limits: limits(64, 1024), wholeRecords: wholeLines)
    #expect(try blocks(reader).map(\.count).prefix(5) == [64, 256, 1024, 1024, 1024])
  }

  @Test("of a pipe end where it pauses")
  func pauses() throws {
    let input = ChunkedInput(Array("a\nb\nc\nd".utf8), chunks: [2, 2, 0, 1, 0, 1, 0, 1])
    let reader = BlockReader(input, limits: limits(64, 64), wholeRecords: wholeLines)
    #expect(
      try blocks(reader).map { String(decoding: $0, as: UTF8.self) } == ["a\nb\n", "c\n", "d"])
  }

  @Test("refuse a record that is too long")
  func longRecord() throws {
    let input = ChunkedInput(Array("ab\n".utf8) + Array(repeating: 0x61, count: 5000))
    let reader = BlockReader(
      input, limits: limits(64, 64, record: 1000), wholeRecords: wholeLines)
    guard case .item = try reader.next(until: .never) else {
      Issue.record("expected the first record")
      return
    }
    #expect(throws: StreamError(.data, "a record of more than 0 MiB begins at byte 3")) {
      try reader.next(until: .never)
    }
  }

  @Test("can be looked at before they are read")
  func peek() throws {
    let bytes = Array("head\nabc\ndef\n".utf8)
    let reader = BlockReader(
      ChunkedInput(bytes, chunks: [2, 4, 3]), limits: limits(64, 64), wholeRecords: wholeLines)
    let peek = try reader.peek(6, patience: 0)
    #expect(peek.bytes.elements == Array(bytes[..<6]))
    #expect(!peek.isWhole)
    reader.skip(5)
    guard case .item(let block) = try reader.next(until: .never) else {
      Issue.record("expected a block")
      return
    }
    #expect(block.offset == 5)
    #expect(block.bytes.elements == Array("abc\ndef\n".utf8))
  }

  @Test("can be looked at as a whole when the input is short")
  func peekWhole() throws {
    let reader = BlockReader(
      ChunkedInput(Array("a\nb".utf8)), limits: limits(64, 64), wholeRecords: wholeLines)
    let peek = try reader.peek(100, patience: 0)
    #expect(peek.isWhole && peek.bytes.count == 3)
    guard case .item(let block) = try reader.next(until: .never) else {
      Issue.record("expected a block")
      return
    }
    #expect(block.isLast && block.bytes.count == 3)
  }
}

@Suite("Pipes")
struct PipeInputTests {
  private func pipe() -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    _ = unsafe Glibc.pipe(&ends)
    return (ends[0], ends[1])
  }

  private func write(_ text: String, to descriptor: Int32) {
    var text = text
    _ = text.withUTF8 { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }

  private func text(_ supply: Supply<CutBlock>) -> String? {
    guard case .item(let block) = supply else { return nil }
    return String(decoding: block.bytes.elements, as: UTF8.self)
  }

  @Test("give at once what is there")
  func prompt() throws {
    let ends = pipe()
    defer { close(ends.read) }
    let reader = BlockReader(
      DescriptorInput(descriptor: ends.read, name: "a pipe"), limits: BlockLimits(),
      wholeRecords: wholeLines)
    write("a\nb\nc", to: ends.write)
    #expect(text(try reader.next(until: .never)) == "a\nb\n")
    guard case .nothingYet(let since?) = try reader.next(until: .now) else {
      Issue.record("expected an idle pipe")
      return
    }
    #expect(since <= Moment.now.uptime)
    write("d\n", to: ends.write)
    #expect(text(try reader.next(until: .never)) == "cd\n")
    close(ends.write)
    guard case .end = try reader.next(until: .never) else {
      Issue.record("expected the end")
      return
    }
  }

  @Test("are emptied, and no more, when the source is told to stop")
  func stop() throws {
    let (ends, stop) = (pipe(), pipe())
    defer {
      for descriptor in [ends.read, ends.write, stop.read, stop.write] { close(descriptor) }
    }
    let signal = StopSignal(descriptor: stop.read)
    let reader = BlockReader(
      DescriptorInput(descriptor: ends.read, name: "a pipe", stop: signal), limits: BlockLimits(),
      stop: signal, wholeRecords: wholeLines)
    write("a\nb\nc", to: ends.write)
    write("x", to: stop.write)
    #expect(text(try reader.next(until: .never)) == "a\nb\n")
    #expect(reader.unfinishedCount == 1)
    write("d\n", to: ends.write)
    guard case .end = try reader.next(until: .never) else {
      Issue.record("expected the end")
      return
    }
  }

  @Test("wake up when the source is told to stop")
  func stopWhileIdle() throws {
    let (ends, stop) = (pipe(), pipe())
    defer {
      for descriptor in [ends.read, ends.write, stop.read, stop.write] { close(descriptor) }
    }
    let signal = StopSignal(descriptor: stop.read)
    let reader = BlockReader(
      DescriptorInput(descriptor: ends.read, name: "a pipe", stop: signal), limits: BlockLimits(),
      stop: signal, wholeRecords: wholeLines)
    _ = startThread {
      usleep(5000)
      var byte: UInt8 = 0
      _ = unsafe Glibc.write(stop.write, &byte, 1)
    }
    guard case .end = try reader.next(until: .never) else {
      Issue.record("expected the end")
      return
    }
  }
}
