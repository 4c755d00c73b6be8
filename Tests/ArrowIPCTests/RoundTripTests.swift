import ArrowIPC
import Columnar
import TestSupport
import Testing

private let compressions: [BodyCompression] = [.none, .zstd(level: 1), .zstd(level: -3)]

@Suite("an Arrow stream")
struct RoundTripTests {
  @Test("brings back every type", arguments: compressions, someCounts)
  func roundTrip(compression: BodyCompression, count: Int) throws {
    let sent = (0..<3).map { randomBatch(everything, rowCount: count, seed: UInt64($0)) }
    let read = try batches(stream(sent, schema: everything, compression: compression))
    #expect(read.map(\.schema) == sent.map(\.schema))
    #expect(read.map(rows) == sent.map(rows))
  }

  @Test("brings back slices, whose offsets and bits begin anywhere", arguments: compressions)
  func slices(compression: BodyCompression) throws {
    let whole = randomBatch(everything, rowCount: 200, seed: 9)
    let parts = [0..<200, 1..<200, 64..<128, 63..<65, 100..<100, 7..<199].map { whole[$0] }
    let read = try batches(stream(parts, schema: everything, compression: compression))
    #expect(read.map(rows) == parts.map(rows))
    let again = try batches(stream(read.map { $0[0..<$0.rowCount / 2] }, schema: everything))
    #expect(again.map(rows) == parts.map { rows($0[0..<$0.rowCount / 2]) })
  }

  @Test("is read whatever pieces it comes in", arguments: [1, 2, 7, 8, 63, 4096])
  func pieces(stepMax: Int) throws {
    let sent = [randomBatch(everything, rowCount: 65, seed: 3)]
    let read = try batches(stream(sent, schema: everything), stepMax: stepMax)
    #expect(read.map(rows) == sent.map(rows))
  }

  @Test("brings bodies back that are larger than the reader's buffer", arguments: compressions)
  func largeBodies(compression: BodyCompression) throws {
    let schema = Schema([Field("a", .bigint), Field("b", .string)])
    let sent = (0..<4).map { randomBatch(schema, rowCount: 20_000 >> $0, seed: UInt64($0)) }
    let read = try batches(stream(sent, schema: schema, compression: compression))
    #expect(read.map(rows) == sent.map(rows))
  }

  @Test("brings back a body that is longer than what its length alone is trusted with")
  func hugeBody() throws {
    let schema = Schema([Field("a", .bigint)])
    let count = 9_000_000
    let sent = Batch(
      schema: schema, columns: [Column((0..<count).map { Int64($0) })], rowCount: count)
    let bytes = try stream([sent, sent[0..<5]], schema: schema)
    let reader = try ArrowStreamReader(EagerSource(bytes))
    let column = try #require(try reader.next()).column(0)
    #expect(column.count == count)
    #expect(
      stride(from: 0, to: count, by: 1009).allSatisfy { column.value($0) == .integer(Int64($0)) })
    #expect(try reader.next()?.rowCount == 5)
    #expect(try reader.next() == nil)
  }

  @Test("keeps metadata of schema and batches")
  func metadata() throws {
    let pairs = [KeyValue("a", "1"), KeyValue("ü", ""), KeyValue("a", "2")]
    let batch = randomBatch(everything, rowCount: 2, seed: 1)
    let bytes = try stream([batch, batch], schema: everything, metadata: pairs)
    let reader = try ArrowStreamReader(MemorySource(bytes))
    #expect(reader.metadata == pairs)
    #expect(try reader.next()?.metadata == [KeyValue("n", "0")])
    #expect(try reader.next()?.metadata == [KeyValue("n", "1")])
    #expect(try reader.next() == nil)
  }

  @Test("has no columns, or no rows")
  func nothing() throws {
    let none = Schema([])
    #expect(try batches(stream([], schema: everything)).isEmpty)
    let empty = Batch(schema: none, columns: [], rowCount: 5)
    #expect(try batches(stream([empty], schema: none)).map(\.rowCount) == [5])
  }

  @Test("passes batches on byte by byte", arguments: compressions)
  func passing(compression: BodyCompression) throws {
    let sent = (0..<3).map { randomBatch(everything, rowCount: $0 * 50, seed: UInt64($0)) }
    let bytes = try stream(sent, schema: everything, compression: compression)
    let reader = try ArrowStreamReader(MemorySource(bytes))
    let sink = MemorySink()
    let writer = ArrowStreamWriter(sink)
    try writer.begin(everything)
    while let batch = try reader.next() { #expect(try writer.pass(batch)) }
    try writer.end()
    #expect(sink.take().elements == bytes.elements)
  }

  @Test("gives batches that are passed on other metadata")
  func passingWithMetadata() throws {
    let sent = randomBatch(everything, rowCount: 70, seed: 4)
    let bytes = try stream([sent], schema: everything, compression: .zstd(level: 1))
    let reader = try ArrowStreamReader(MemorySource(bytes))
    let sink = MemorySink()
    let writer = ArrowStreamWriter(sink)
    try writer.begin(everything)
    let pairs = [KeyValue("other", "x")]
    let batch = try #require(try reader.next())
    #expect(try writer.pass(batch, metadata: pairs))
    try writer.end()
    let again = try ArrowStreamReader(MemorySource(sink.take()))
    let passed = try #require(try again.next())
    #expect(passed.metadata == pairs)
    #expect(try rows(passed.batch()) == rows(sent))
  }

  @Test("does not pass batches of another schema on")
  func passingRefused() throws {
    let batch = randomBatch(Schema([Field("a", .int)]), rowCount: 1, seed: 1)
    let reader = try ArrowStreamReader(MemorySource(stream([batch], schema: batch.schema)))
    let writer = ArrowStreamWriter(MemorySink())
    try writer.begin(Schema([Field("b", .int)]))
    let read = try #require(try reader.next())
    #expect(try !writer.pass(read))
  }
}

/// Gives all that both places hold, as a file or a full pipe does.
private final class EagerSource: ByteSource {
  private let bytes: Buffer<UInt8>
  private var offset = 0

  init(_ bytes: Buffer<UInt8>) { self.bytes = bytes }

  @unsafe
  func read(
    _ first: UnsafeMutableRawBufferPointer, _ second: UnsafeMutableRawBufferPointer
  ) throws(ArrowError) -> Int {
    unsafe fill(first) + fill(second)
  }

  @unsafe
  private func fill(_ room: UnsafeMutableRawBufferPointer) -> Int {
    let part = bytes[offset..<min(bytes.count, offset + room.count)]
    offset += part.count
    unsafe room.copyMemory(from: part.rawBytes)
    return part.count
  }
}
