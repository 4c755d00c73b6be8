import ArrowIPC
import Columnar
import Glibc
import TestSupport
import Testing

@Suite("other programs")
struct InteropTests {
  private static let compressions: [BodyCompression] = [.none, .zstd(level: 3)]

  /// Neither has months, and they lack some of the rest.
  private static func types(readBy reader: String) -> [DataType] {
    someTypes.filter { type in
      switch (reader, type) {
      case (_, .yearMonthInterval): false
      case ("polars", .map), ("polars", .structure([])): false
      case ("duckdb", .void), ("duckdb", .structure([])), ("duckdb", .dayTimeInterval): false
      default: true
      }
    }
  }

  @Test("read what we write", arguments: ["pyarrow", "polars", "duckdb"], compressions)
  func reading(reader: String, compression: BodyCompression) throws {
    let types = InteropTests.types(readBy: reader)
    let schema = Schema(types.enumerated().map { Field("c\($0)", $1) })
    let whole = randomBatch(schema, rowCount: 200, seed: 11)
    let sent = [whole, whole[0..<0], whole[3..<70], whole[64..<65], whole[130..<200]]
    let scratch = try Scratch()
    let path = try scratch.write(
      stream(sent, schema: schema, compression: compression).elements, to: "ours.arrows")
    let printed = try Python.run("read.py", reader, path)
    let lines = printed.split(separator: "\n").map(String.init)
    let expected = Canonical.lines(sent)
    #expect(lines.count == expected.count)
    #expect(firstDifference(lines, expected) == nil)
  }

  @Test("see the metadata of the schema and of each batch")
  func metadata() throws {
    let batch = randomBatch(everything, rowCount: 2, seed: 1)
    let schema = Schema(everything.fields.filter { $0.type != .yearMonthInterval })
    let known = Batch(
      schema: schema, columns: batch.columns.filter { $0.type != .yearMonthInterval })
    let scratch = try Scratch()
    let bytes = try stream(
      [known, known[0..<0]], schema: schema, metadata: [KeyValue("a", "1"), KeyValue("b", "ü")])
    let printed = try Python.run("metadata.py", scratch.write(bytes.elements, to: "ours.arrows"))
    #expect(printed == "a=1 b=ü\n2 n=0\n0 n=1\n")
  }

  @Test(
    "write what we read",
    arguments: [
      "stream", "zstd", "lz4", "slices", "replaced_dictionaries", "delta_dictionaries", "file",
      "polars", "polars_zstd", "polars_file", "duckdb", "feather",
    ])
  func writing(program: String) throws {
    let scratch = try Scratch()
    _ = try Python.run("write.py", program, scratch.path("theirs"), scratch.path("rows"))
    let bytes = Buffer(try scratch.bytes("theirs"))
    let expected = try scratch.lines("rows")
    let read = try batches(bytes)
    let lines = Canonical.lines(read)
    #expect(lines.count == expected.count)
    #expect(firstDifference(lines, expected) == nil)
    // What was read must be fit to be written again.
    let schema = read[0].schema
    #expect(try batches(stream(read, schema: schema)).map(rows) == read.map(rows))
  }

  @Test("write files that we read by their footers", arguments: ["file", "feather", "polars_file"])
  func files(program: String) throws {
    let scratch = try Scratch()
    _ = try Python.run("write.py", program, scratch.path("theirs"), scratch.path("rows"))
    let descriptor = unsafe open(scratch.path("theirs"), O_RDONLY)
    defer { close(descriptor) }
    let file = try ArrowFile(descriptor: descriptor)
    var read: [Batch] = []
    for index in 0..<file.batchCount { try read.append(file.batch(index).batch()) }
    #expect(try firstDifference(Canonical.lines(read), scratch.lines("rows")) == nil)
    #expect(program != "file" || file.metadata == [KeyValue("a", "b")])
  }

  @Test(
    "write types that we do not read, and hear which",
    arguments: [
      ("time", "time64"), ("interval", "interval of months, days and nanoseconds"),
      ("runs", "run-end encoded"), ("union", "union"), ("list view", "list view"),
      ("dictionary of lists", "dictionary of array<bigint>"),
    ])
  func unread(name: String, type: String) throws {
    let scratch = try Scratch()
    _ = try Python.run("write.py", "unread:\(name)", scratch.path("theirs"), scratch.path("rows"))
    let bytes = Buffer(try scratch.bytes("theirs"))
    #expect(throws: ArrowError.unsupported(column: "bad", type: type)) { try batches(bytes) }
  }
}

@Suite("foreign streams that are damaged")
struct ForeignDamageTests {
  @Test(
    "are never more than an error",
    arguments: ["stream", "lz4", "delta_dictionaries", "polars", "polars_file"])
  func corruption(program: String) throws {
    let scratch = try Scratch()
    _ = try Python.run("write.py", program, scratch.path("theirs"), scratch.path("rows"))
    let bytes = try scratch.bytes("theirs")
    var random = SplitMix64(seed: 21)
    for _ in 0..<1500 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        // Most of what can go wrong is in the metadata of schema and batches.
        let isNear = Bool.random(using: &random)
        let place = Int.random(
          in: 0..<(isNear ? min(bytes.count, 8000) : bytes.count), using: &random)
        damaged[place] = .random(in: 0...255, using: &random)
      }
      if let read = try? batches(Buffer(damaged)) {
        for batch in read where batch.rowCount < 10_000 { _ = rows(batch) }
      }
    }
    for count in stride(from: 0, to: bytes.count, by: 97) {
      #expect(throws: ArrowError.self) { try batches(Buffer(Array(bytes[0..<count]))) }
    }
  }
}
