import Checkpoint
import Diagnostics
import Foundation
import JSONText
import ProcessSupport
import TestSupport
import Testing
import Wire
import stream_query

@Suite("Waiting for a query")
struct WaitTests {
  private func ledger(_ sample: SampleCheckpoint, _ epoch: Int64, _ watermark: Int64?) -> Ledger {
    var ledger = sample.ledger(epoch)
    ledger.watermark = watermark
    return ledger
  }

  @Test(
    "is over when the commit is there",
    arguments: [
      (.epoch(2), true, true), (.epoch(3), false, true), (.epoch(4), false, false),
      // A window that ends at the watermark is closed.
      (.watermark(500), false, true), (.watermark(501), false, false), (.end, true, true),
    ] as [(QueryWait.Aim, Bool, Bool)])
  func aims(aim: QueryWait.Aim, before: Bool, after: Bool) throws {
    let sample = try SampleCheckpoint()
    try sample.run(1...2)
    var wait = try QueryWait(sample.path, aim)
    try wait.look()
    #expect(wait.isOver == before)
    try sample.begin(3...3)
    try sample.commit(ledger(sample, 3, 500))
    try wait.look()
    #expect(wait.isOver == after)
  }

  @Test("goes on until the rows of the commit can be seen")
  func visibility() throws {
    let sample = try SampleCheckpoint()
    try sample.commits.commit(CommitRecord(ledger: ledger(sample, 1, 500).json))
    for aim in [QueryWait.Aim.epoch(1), .watermark(500)] {
      var wait = try QueryWait(sample.path, aim)
      try wait.look()
      #expect(!wait.isOver)
    }
    try sample.commits.declare()
    for aim in [QueryWait.Aim.epoch(1), .watermark(500)] {
      var wait = try QueryWait(sample.path, aim)
      try wait.look()
      #expect(wait.isOver)
    }
  }

  @Test("gives up on a query that is complete, but its watermark is beyond all times")
  func complete() throws {
    let sample = try SampleCheckpoint()
    try sample.commit(sample.ledger(1, isFinal: true))
    var wait = try QueryWait(sample.path, .epoch(9))
    let message = "'\(sample.path)' has committed epoch 1; it is complete and comes no further"
    #expect(throws: StreamError(.unavailable, message)) { try wait.look() }
    wait = try QueryWait(sample.path, .watermark(.max))
    try wait.look()
    #expect(wait.isOver)
  }

  @Test("waits for a checkpoint that is to be made, and then until the query has begun and ended")
  func toBeMade() throws {
    let scratch = ScratchDirectory()
    let path = "\(scratch.path)/ck"
    var wait = try QueryWait(path, .end)
    #expect(wait.isToBeMade)
    func isOver() throws -> Bool {
      try wait.look()
      return wait.isOver
    }
    #expect(try !isOver())
    let source = try CheckpointDirectory.open(creating: path).stage("main.source")
    #expect(try !isOver())
    try source.make()
    var lock = try StageLock(source)
    #expect(lock != nil)
    #expect(try !isOver())
    try Document.write(.string("a run"), to: source.runPath)
    #expect(try !isOver())
    lock = nil
    #expect(try isOver())
    #expect(try !QueryWait(path, .end).isToBeMade)
  }

  /// Runs `stream-query wait CK` with further arguments.
  ///
  /// - Returns: its status and what it said.
  private func run(
    _ sample: SampleCheckpoint, _ arguments: [String], while body: () throws -> Void = {}
  ) async throws -> (status: Int32, said: String) {
    let path = sample.path
    for file in ["out", "err"] { try sample.put([], file) }
    let tool = BuiltTools.directory.appending(path: "stream-query").path
    let child = Task.detached {
      try ChildProcess(
        [tool, "wait", path] + arguments, directory: path, environment: [:],
        input: "/dev/null", output: "\(path)/out", errors: "\(path)/err"
      ).run()
    }
    try body()
    let status = try await child.value
    let said = try ["out", "err"].map { String(decoding: try sample.bytes($0), as: UTF8.self) }
    return (status, said.joined().replacing(sample.path, with: "CK"))
  }

  @Test("ends, as a program, with the commit whose watermark has come so far")
  func program() async throws {
    let sample = try SampleCheckpoint()
    try sample.commit(ledger(sample, 1, nil))
    let noon: Int64 = 1_767_268_800_000_000
    let until = ["--watermark", "2026-01-01T12:00", "--timeout"]
    var result = try await run(sample, until + ["1ms"])
    #expect(result.status == 75)
    #expect(
      result.said
        == "stream-query: error: the time is up: 'CK' has no watermark yet (epoch 1)\n")
    try sample.commit(ledger(sample, 2, noon - 1000))
    result = try await run(sample, until + ["1ms"])
    #expect(result.status == 75)
    #expect(
      result.said
        == "stream-query: error: the time is up: 'CK' has come to 2026-01-01T11:59:59.999Z\n")
    result = try await run(sample, until + ["60s"]) {
      usleep(200_000)
      try sample.commit(ledger(sample, 3, noon))
    }
    #expect(result.status == 0)
    #expect(result.said == "")
    result = try await run(sample, until + ["1ms", "--json"])
    #expect(result.status == 0)
    #expect(
      result.said
        == #"{"CK":{"reached":true,"epoch":3,"watermark":"2026-01-01T12:00:00.000Z"}}"# + "\n")
  }
}
