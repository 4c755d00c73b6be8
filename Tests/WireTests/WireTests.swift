import ArrowIPC
import Columnar
import Diagnostics
import Glibc
import JSONText
import Testing
import Wire

private let header = Header(
  query: QueryIdentity(
    id: "q1", name: "büro", runs: ["main.source": "r1", "b.source": "r2"], checkpoint: "/c k"),
  plan: [
    PlanStage(
      stage: "main.source", tool: "stream-source", options: ["arguments": ["file", "a.csv"]]),
    PlanStage(
      stage: "main.join", tool: "stream-join", options: [:],
      otherInput: [PlanStage(stage: "b.source", tool: "stream-source", options: [:])]),
  ],
  resume: ["epoch": 9_007_199_254_740_992],
  shape: Shape(
    eventTime: "ts", watermark: 5, window: ["kind": "tumbling", "size": 10], late: "drop",
    mode: .update,
    keys: ["a", "b"], isBounded: true))

private let ledger = Ledger(
  epoch: 42, by: "main.source", time: 1_763_806_320_000_000, isFinal: false, replaces: true,
  watermark: .min,
  sources: [
    SourcePart(
      id: "main.source", epoch: 42, rows: .max, idle: 5, end: ["offset": "9223372036854775807"],
      latest: [1, 2])
  ],
  stages: [
    StagePart(id: "main.window", memo: ["max": 1]),
    StagePart(id: "main.agg", version: 42, metrics: [Metric("rowsIn", 7), Metric("ms", 1)]),
  ])

private let stamp = EpochStamp(number: 1, time: 5)

@Suite("a pipe")
struct WireTests {
  @Test("carries the header", arguments: [header, Header()])
  func headers(header: Header) throws {
    let bytes = try TestPipe.bytes { try $0.begin(header, people) }
    let pipe = TestPipe.holding(bytes)
    let reader = try WireReader(descriptor: pipe.input)
    #expect(reader.header == header)
    #expect(reader.schema == people)
    #expect(!reader.isForeign)
  }

  @Test(
    "carries rows, deletions, markers and the end", arguments: [Compression.none, .zstd(level: 1)])
  func rows(compression: Compression) throws {
    let bytes = try TestPipe.bytes(compression) { writer in
      try writer.begin(Header(), people)
      try writer.write(people(["a", nil]), stamp)
      try writer.write(people(["b"]), stamp, isDeletion: true)
      try writer.write(people([]), stamp)
      try writer.write(Ledger(epoch: 1, by: "main.source", time: 5))
      try writer.write(people(["c"]), EpochStamp(number: 2, time: 6))
      try writer.write(Ledger(epoch: 2, by: "main.source", time: 6, isFinal: true))
      try writer.end()
    }
    let pipe = TestPipe.holding(bytes)
    let reader = try WireReader(descriptor: pipe.input)
    #expect(
      try frames(reader) == [
        "+a,- @1/5", "-b @1/5", "+ @1/5", "marker 1", "+c @2/6", "marker 2 final",
      ])
    #expect(try reader.next() == nil)
  }

  @Test("carries ledgers exactly")
  func ledgers() throws {
    let bytes = try TestPipe.bytes { writer in
      try writer.begin(Header(), people)
      try writer.write(ledger)
    }
    let pipe = TestPipe.holding(bytes)
    guard case .marker(let read)? = try WireReader(descriptor: pipe.input).next() else {
      Issue.record("no marker")
      return
    }
    #expect(read == ledger)
    #expect(read.sources[0].end?["offset"]?.int64 == .max)
    #expect(try Ledger(JSON(parsing: ledger.json.text)) == ledger)
  }

  @Test("leaves positions above 4 KiB out")
  func longPositions() throws {
    var ledger = ledger
    ledger.sources[0].end = .string(String(repeating: "x", count: 4094))
    #expect(try Ledger(ledger.json) == ledger)
    ledger.sources[0].end = .string(String(repeating: "x", count: 4095))
    #expect(try Ledger(ledger.json).sources[0].end == nil)
  }

  @Test("lets each stage sign the ledger")
  func signing() {
    var ledger = ledger
    ledger[stage: "main.agg"].version = 43
    ledger[stage: "main.sink"].metrics = [Metric("rowsIn", 1)]
    #expect(ledger.stages.map(\.id) == ["main.window", "main.agg", "main.sink"])
    #expect(ledger[stage: "main.agg"].version == 43)
    #expect(ledger[stage: "main.agg"][metric: "ms"] == 1)
    #expect(ledger.stamp == EpochStamp(number: 42, time: 1_763_806_320_000_000))
  }

  @Test("gives columns one by one")
  func columns() throws {
    let bytes = try TestPipe.bytes { writer in
      try writer.begin(Header(), people)
      try writer.write(people(["a", nil]), stamp)
    }
    let pipe = TestPipe.holding(bytes)
    guard case .rows(let frame)? = try WireReader(descriptor: pipe.input).next() else {
      Issue.record("no rows")
      return
    }
    #expect(frame.rowCount == 2)
    #expect(try frame.column(1).values == [.integer(0), .integer(1)])
    #expect(try frame.column(0).values == [.string("a"), .null])
  }

  @Test("passes frames on byte by byte", arguments: [Compression.none, .zstd(level: 1)])
  func passing(compression: Compression) throws {
    let bytes = try TestPipe.bytes(compression) { writer in
      try writer.begin(header, people)
      try writer.write(people(["a", nil, "b"]), stamp)
      try writer.write(people(["a"]), stamp, isDeletion: true)
      try writer.write(ledger)
      try writer.end()
    }
    let pipe = TestPipe.holding(bytes)
    let reader = try WireReader(descriptor: pipe.input)
    let passed = try TestPipe.bytes { writer in
      try writer.begin(reader.header, reader.schema)
      while let frame = try reader.next() {
        switch frame {
        case .rows(let rows): try writer.write(rows)
        case .marker(let marker): try writer.write(marker)
        case .failure(let failure): try writer.write(failure)
        }
      }
      try writer.end()
      #expect(writer.byteCount == bytes.count)
    }
    #expect(passed == bytes)
  }

  @Test("is read from non-blocking descriptors, and written to them")
  func nonBlocking() throws {
    let pipe = TestPipe()
    for end in [pipe.input, pipe.output] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    let batch = people((0..<50_000).map { "name \($0)" })
    let writing = Thread { [output = pipe.output] in
      let writer = WireWriter(descriptor: output, compression: .none)
      try writer.begin(Header(), people)
      for _ in 0..<8 { try writer.write(batch, stamp) }
      try writer.end()
    }
    let reader = try WireReader(descriptor: pipe.input)
    var rowCount = 0
    while case .rows(let rows)? = try reader.next() {
      #expect(try rows.column(0).values.last == .string("name 49999"))
      rowCount += rows.rowCount
    }
    try writing.join()
    #expect(rowCount == 400_000)
  }

  @Test("knows whether a frame is there")
  func polling() throws {
    let pipe = TestPipe()
    let writer = WireWriter(descriptor: pipe.output, compression: .none)
    try writer.begin(Header(), people)
    let reader = try WireReader(descriptor: pipe.input)
    #expect(try !reader.waitForInput(milliseconds: 0))
    #expect(!reader.hasBufferedFrame)
    try writer.write(people(["a"]), stamp)
    try writer.write(people(["b"]), stamp)
    #expect(try reader.waitForInput(milliseconds: -1))
    _ = try reader.next()
    #expect(reader.hasBufferedFrame)
    #expect(try reader.waitForInput(milliseconds: 0))
    _ = try reader.next()
    #expect(!reader.hasBufferedFrame)
    #expect(try !reader.waitForInput(milliseconds: 1))
    try writer.end()
    #expect(try reader.waitForInput(milliseconds: -1))
    #expect(try reader.next() == nil)
    #expect(try reader.waitForInput(milliseconds: -1))
  }

  @Test("whose reader has gone away says so")
  func closed() throws {
    let pipe = TestPipe()
    let writer = WireWriter(descriptor: pipe.output)
    try writer.begin(Header(), people)
    pipe.closeInput()
    #expect(throws: WireError.closed) { try writer.write(people(["a"]), stamp) }
    #expect(throws: WireError.closed) { try writer.end() }
  }

  @Test("takes a foreign Arrow stream as one final epoch")
  func foreign() throws {
    let sink = MemorySink()
    let stream = ArrowStreamWriter(sink)
    try stream.begin(people, metadata: [KeyValue("pandas", "{}")])
    try stream.write(people(["a", "b"]))
    try stream.write(people(["c"]))
    try stream.end()
    let bytes = sink.take().elements
    let pipe = TestPipe.holding(bytes)
    let reader = try WireReader(descriptor: pipe.input)
    #expect(reader.isForeign)
    #expect(reader.header == Header(shape: Shape(isBounded: true)))
    let passed = try TestPipe.bytes { writer in
      try writer.begin(reader.header, reader.schema)
      while let frame = try reader.next() {
        switch frame {
        case .rows(let rows): try writer.write(rows)
        case .marker(let ledger):
          #expect(ledger.sources.map(\.rows) == [3])
          #expect(ledger.isFinal)
          try writer.write(ledger)
        case .failure: Issue.record("a failure")
        }
      }
      try writer.end()
    }
    let second = TestPipe.holding(passed)
    let ours = try WireReader(descriptor: second.input)
    #expect(!ours.isForeign)
    let frames = try frames(ours)
    #expect(frames.map { $0.split(separator: "/")[0] } == ["+a,b @1", "+c @1", "marker 1 final"])
  }
}
