import Diagnostics
import Testing
import Toolkit
import Wire

@Suite("What comes while a stage gets ready")
struct ReadAheadTests {
  /// What a reader has to say, in words.
  private func words(_ frame: Frame?) throws -> String {
    switch frame {
    case .rows(let rows): "\(rows.rowCount) rows of \(rows.stamp.number)"
    case .marker(let ledger): "marker \(ledger.epoch)"
    case .failure(let failure): "failure of \(failure.stage)"
    case nil: "end"
    }
  }

  @Test(
    "is taken in, up to a bound, and comes in its order", arguments: [0, 1, 5_000_000])
  func order(byteCountMax: Int) throws {
    let stream = try SampleStream(sampleHeader("main"))
    let reader = try WireReader(descriptor: stream.pipe.reading)
    let ahead = ReadAhead(reader, byteCountMax: byteCountMax)
    let pipe = SamplePipe()
    let output = WireWriter(descriptor: pipe.writing, compression: .none)
    var expected: [String] = []
    for epoch in Int64(1)...20 {
      // More than the pipe holds, where there is room for it.
      let count = byteCountMax > 1 ? 10_000 : 10
      try stream.send(Array(repeating: epoch, count: count), epoch: epoch)
      try stream.mark(epoch)
      expected += ["\(count) rows of \(epoch)", "marker \(epoch)"]
    }
    ahead.finish()
    try stream.send([1, 2], epoch: 21)
    try stream.end()
    var found: [String] = []
    for _ in 0..<41 { found.append(try words(ahead.next(for: output))) }
    #expect(found == expected + ["2 rows of 21"])
    #expect(try words(ahead.next(for: output)) == "end")
    #expect(try words(ahead.next(for: output)) == "end")
  }

  @Test("may be a death or a failure, behind the rows before it", arguments: [true, false])
  func ends(dies: Bool) throws {
    let stream = try SampleStream(sampleHeader("main"))
    let ahead = ReadAhead(try WireReader(descriptor: stream.pipe.reading))
    let pipe = SamplePipe()
    let output = WireWriter(descriptor: pipe.writing, compression: .none)
    try stream.send([1], epoch: 1)
    let failure = Failure(stage: "main.source", status: 65, message: "bad")
    if dies { stream.pipe.closeWriting() } else { try stream.fail(failure) }
    ahead.finish()
    #expect(try words(ahead.next(for: output)) == "1 rows of 1")
    if dies {
      let error = #expect(throws: StreamError.self) { try ahead.next(for: output) }
      #expect(error?.kind == .unavailable)
    } else {
      #expect(try words(ahead.next(for: output)) == "failure of main.source")
    }
  }

  @Test("is waited for no longer than the stage takes")
  func silence() throws {
    let stream = try SampleStream(sampleHeader("main"))
    let ahead = ReadAhead(try WireReader(descriptor: stream.pipe.reading))
    // Would wait for ever for a thread that waits for rows.
    ahead.finish()
    try stream.mark(1)
    let pipe = SamplePipe()
    #expect(
      try words(ahead.next(for: WireWriter(descriptor: pipe.writing, compression: .none)))
        == "marker 1")
  }
}
