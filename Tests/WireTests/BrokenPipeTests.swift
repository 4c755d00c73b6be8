import ArrowIPC
import Columnar
import Diagnostics
import Foundation
import Glibc
import Testing
import Wire

private let stamp = EpochStamp(number: 1, time: 5)

/// The error that reading these bytes from a pipe gives.
private func complaint(about bytes: [UInt8]) -> StreamError? {
  let pipe = TestPipe.holding(bytes)
  do {
    _ = try frames(WireReader(descriptor: pipe.input))
    return nil
  } catch { return error as? StreamError }
}

@Suite("a pipe that is not what it should be")
struct BrokenPipeTests {
  @Test("is unavailable wherever it ends")
  func truncation() throws {
    let bytes = try TestPipe.bytes { writer in
      try writer.begin(Header(), people)
      try writer.write(people(["a"]), stamp)
      try writer.write(Ledger(epoch: 1, by: "main.source", time: 5))
      try writer.end()
    }
    for count in 0..<bytes.count {
      #expect(complaint(about: Array(bytes[..<count]))?.kind == .unavailable)
    }
    #expect(complaint(about: bytes) == nil)
    #expect(
      complaint(about: [])
        == StreamError(
          .unavailable, "the stage before ended before it had sent anything",
          location: "standard input"))
    #expect(
      complaint(about: Array(bytes.dropLast()))
        == StreamError(
          .unavailable, "the stage before ended without finishing its stream",
          location: "standard input"))
  }

  @Test("cut off in a file is bad data: nobody will send the rest")
  func truncatedFile() throws {
    let bytes = try TestPipe.bytes { try $0.begin(Header(), people) }
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
    defer { unsafe unlink(path) }
    let descriptor = unsafe open(path, O_RDWR | O_CREAT, 0o600)
    defer { close(descriptor) }
    unsafe #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    lseek(descriptor, 0, SEEK_SET)
    let reader = try WireReader(descriptor: descriptor, name: "x.arrows")
    #expect(
      throws: StreamError(
        .data, "the Arrow stream ends in the middle: no end-of-stream mark", location: "x.arrows")
    ) { try reader.next() }
  }

  @Test(
    "asks for a source in front",
    arguments: [
      ("{\"a\": 1}\n", "JSON", "stream-source --format json | …"),
      ("[1]", "JSON", "stream-source --format json | …"),
      ("a,b\n1,2\n", "CSV", "stream-source --format csv | …"),
      ("the cat\nthe dog, too\n", "plain text", "stream-source | …"),
      ("\u{feff}a;b\n", "plain text", "stream-source | …"),
    ])
  func text(text: String, name: String, command: String) {
    #expect(
      complaint(about: Array(text.utf8))
        == StreamError(
          .usage, "expected a record stream but found \(name)", location: "standard input",
          hint: "put a source in front: \(command)"))
  }

  @Test(
    "names what comes instead",
    arguments: [
      ([0x1F, 0x8B, 8, 0], "gzip-compressed data"),
      ([0x28, 0xB5, 0x2F, 0xFD], "zstd-compressed data"),
      (Array("PAR1".utf8), "a Parquet file"), ([0, 1, 2], "binary data"),
    ] as [([UInt8], String)])
  func binary(bytes: [UInt8], name: String) {
    let error = complaint(about: bytes)
    #expect(error?.kind == .usage)
    #expect(error?.message == "expected a record stream but found \(name)")
  }

  @Test("asks for a source when it is a terminal")
  func terminal() throws {
    var (controller, terminal): (Int32, Int32) = (-1, -1)
    unsafe #expect(openpty(&controller, &terminal, nil, nil, nil) == 0)
    defer {
      close(controller)
      close(terminal)
    }
    let error = #expect(throws: StreamError.self) { try WireReader(descriptor: terminal) }
    #expect(error?.kind == .usage)
    #expect(error?.message == "expected a record stream but standard input is a terminal")
  }

  @Test("of another protocol is refused")
  func version() throws {
    let sink = MemorySink()
    try ArrowStreamWriter(sink).begin(people, metadata: [KeyValue("stream.protocol", "2.1")])
    let error = complaint(about: sink.take().elements)
    #expect(error?.kind == .usage)
    #expect(error?.message == "expected version 1 of the stream's protocol but found '2.1'")
  }

  @Test("that a stage without our metadata has handled asks about it")
  func lostMetadata() throws {
    let bytes = try TestPipe.bytes { try $0.begin(Header(), people) }
    let sink = MemorySink()
    let stream = ArrowStreamWriter(sink)
    try stream.begin(people)
    _ = sink.take()
    try stream.write(people(["a"]))
    let error = complaint(about: bytes + sink.take().elements)
    #expect(error?.kind == .usage)
    #expect(error?.hint == "does a stage in between drop the stream's metadata?")
  }

  @Test(
    "whose epochs have numbers without a successor is damaged",
    arguments: [Int64.max, .min, 1 << 53])
  func numbers(number: Int64) throws {
    var ledger = Ledger(epoch: 1, by: "main.source", time: 0)
    #expect(try Ledger(ledger.json) == ledger)
    ledger.epoch = number
    #expect(throws: StreamError.self) { try Ledger(ledger.json) }
    ledger.epoch = 1
    ledger.sources = [SourcePart(id: "main.source", epoch: number, rows: 0)]
    #expect(throws: StreamError.self) { try Ledger(ledger.json) }
  }

  @Test(
    "whose metadata are damaged says which",
    arguments: [
      (
        "stream.query", "{",
        "'stream.query' is not JSON: expected a key but found the end at offset 1"
      ),
      ("stream.query", "{\"id\": 1}", "expected a string 'id' in 'stream.query'"),
      ("stream.plan", "{}", "expected an array in 'stream.plan'"),
      ("stream.plan", "[{\"tool\":\"x\"}]", "no 'stage' in 'stream.plan'"),
      ("stream.shape", "{\"mode\":\"x\"}", "an unknown mode 'x' in 'stream.shape'"),
      ("stream.shape", "{\"bounded\":1}", "expected true or false as 'bounded' in 'stream.shape'"),
    ])
  func damage(key: String, text: String, what: String) throws {
    let sink = MemorySink()
    try ArrowStreamWriter(sink).begin(
      people, metadata: [KeyValue("stream.protocol", "1"), KeyValue(key, text)])
    #expect(
      complaint(about: sink.take().elements) == StreamError(.data, "damaged record stream: \(what)")
    )
  }
}

@Suite("a stage that fails")
struct FailureTests {
  private static let failure = Failure(stage: "main.agg", status: 64, message: "no column 'ü'")

  @Test("tells those behind it")
  func afterHeader() throws {
    let bytes = try TestPipe.bytes { writer in
      try writer.begin(Header(), people)
      try writer.write(people(["a"]), stamp)
      try writer.write(FailureTests.failure)
    }
    let pipe = TestPipe.holding(bytes)
    let reader = try WireReader(descriptor: pipe.input)
    _ = try reader.next()
    guard case .failure(let failure)? = try reader.next() else {
      Issue.record("no failure")
      return
    }
    #expect(failure == FailureTests.failure)
    #expect(throws: WireError.failed(failure)) { try reader.next() }
  }

  @Test("tells those behind it before it has a header")
  func beforeHeader() throws {
    let bytes = try TestPipe.bytes { try $0.write(FailureTests.failure) }
    let pipe = TestPipe.holding(bytes)
    #expect(throws: WireError.failed(FailureTests.failure)) {
      try WireReader(descriptor: pipe.input)
    }
  }
}
