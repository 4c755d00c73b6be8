import ArrowIPC
import Columnar
import TestSupport
import Testing

private let small = Schema([
  Field("a", .bigint), Field("b", .string), Field("c", .array(.structure([Field("d", .boolean)]))),
  Field("e", .decimal(precision: 20, scale: 3)), Field("f", .map(key: .string, value: .int)),
])

@Suite("a damaged Arrow stream")
struct DamageTests {
  @Test(
    "is an error wherever it ends", arguments: [BodyCompression.none, .zstd(level: 1)])
  func truncation(compression: BodyCompression) throws {
    let batch = randomBatch(small, rowCount: 9, seed: 5)
    let bytes = try stream([batch], schema: small, compression: compression)
    for count in 0..<bytes.count {
      #expect(throws: ArrowError.self) { try batches(bytes[0..<count]) }
    }
    #expect(try batches(bytes).count == 1)
  }

  @Test("is never more than an error", arguments: 0..<40)
  func corruption(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let schema = seed % 2 == 0 ? small : everything
    let compression: BodyCompression = seed % 3 == 0 ? .zstd(level: 1) : .none
    let sent = (0..<2).map { randomBatch(schema, rowCount: 20 + $0, seed: seed) }
    let bytes = try stream(sent, schema: schema, compression: compression).elements
    for _ in 0..<500 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        damaged[place] = randomByte(damaged[place], &random)
      }
      readEverything(damaged)
    }
  }

  /// Bytes that are likely to hurt: flipped bits, small changes, extremes.
  private func randomByte(_ byte: UInt8, _ random: inout SplitMix64) -> UInt8 {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: 0
    case 1: 0xFF
    case 2: byte ^ (1 << UInt8.random(in: 0..<8, using: &random))
    case 3: byte &+ 1
    default: .random(in: 0...255, using: &random)
    }
  }

  /// Whatever can be read is used as a stage would: every value, and written again.
  private func readEverything(_ bytes: [UInt8]) {
    guard let read = try? batches(Buffer(bytes)) else { return }
    for batch in read where batch.rowCount < 10_000 {
      _ = rows(batch)
      if batch.rowCount > 1 { _ = rows(batch[1..<batch.rowCount]) }
      _ = try? stream([batch], schema: batch.schema, compression: .zstd(level: 1))
    }
  }

  @Test(
    "says what is wrong",
    arguments: [
      (Array("the cat\nthe dog\n".utf8), ArrowError.foreign(Array("the cat\nthe dog\n".utf8))),
      ([], .truncated("no schema")),
      (Array("ARROW1".utf8), .truncated("no schema")),
      (Array("ARROW1\0\0abcd".utf8), .truncated("no schema")),
      (Array("ARROW1\0\0 no footer here".utf8), .truncated("no footer")),
      ([0xFF, 0xFF, 0xFF, 0xFF, 1], .truncated("no schema")),
      ([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], .malformed("the stream ends before its schema")),
      (
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        .malformed("a message has metadata of 4294967295 bytes")
      ),
      (
        [0xFF, 0xFF, 0xFF, 0xFF, 8, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],
        .malformed("a reference passes the end of its message")
      ),
    ] as [([UInt8], ArrowError)])
  func messages(bytes: [UInt8], expected: ArrowError) {
    #expect(throws: expected) { try batches(Buffer(bytes)) }
  }

  @Test("without its end-of-stream mark is not at its end")
  func missingMark() throws {
    let batch = randomBatch(small, rowCount: 3, seed: 1)
    let bytes = try stream([batch], schema: small)
    let reader = try ArrowStreamReader(MemorySource(bytes[0..<bytes.count - 8]))
    #expect(try reader.next()?.rowCount == 3)
    #expect(throws: ArrowError.truncated("no end-of-stream mark")) { try reader.next() }
  }
}
