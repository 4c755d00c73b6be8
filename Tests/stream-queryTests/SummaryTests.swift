import Checkpoint
import Diagnostics
import Glibc
import JSONText
import Testing
import Wire
import stream_query

@Suite("A query as its checkpoint tells it")
struct SummaryTests {
  @Test("counts rows and open epochs, also when intents are trimmed")
  func counts() throws {
    let sample = try SampleCheckpoint()
    try sample.run(1...5)
    try sample.begin(6...7)
    let summary = try QuerySummary(QueryFiles(sample.path))
    #expect(summary.rowCount == 50)
    #expect(summary.openEpochCount == 2)
    for epoch in [Int64(2), 4] {
      try sample.intents.trim(
        to: IntentLog.Base(epoch: epoch, time: 0, input: ["to": .integer(epoch * 10)]))
    }
    let trimmed = try QuerySummary(QueryFiles(sample.path))
    #expect(trimmed.rowCount == 50)
    #expect(trimmed.openEpochCount == 2)
  }

  @Test("shows a query to people and to programs")
  func shows() throws {
    let sample = try SampleCheckpoint()
    try sample.run(1...3)
    let summary = try QuerySummary(QueryFiles(sample.path))
    let lines = summary.lines(at: SampleCheckpoint.time(of: 3) + 65_000_000)
    #expect(lines[1] == "state      stopped")
    #expect(lines[2] == "committed  epoch 3, begun 1970-01-01 00:16:43 UTC (65 s ago)")
    #expect(lines[3] == "read       30 rows so far, 10 rows in the last epoch")
    #expect(
      lines.suffix(2) == [
        "main.sink: stream-sink stdout", "main.source: stream-source tail app.log",
      ])
    let json = summary.json
    #expect(json["state"] == "stopped")
    #expect(json["commit"]?["epoch"] == 3)
    #expect(json["rows"] == 30)
    #expect(
      json.members?.map(\.key) == [
        "path", "id", "name", "created", "state", "commit", "rows", "openEpochs", "backlog",
        "bytes", "stages",
      ])
  }

  @Test("tells running, stopped and complete apart by locks and by the last commit")
  func states() throws {
    let sample = try SampleCheckpoint()
    let files = try QueryFiles(sample.path)
    func state() throws -> QueryState {
      try QueryState(files, last: CommitView.lastCommit(of: files.directory))
    }
    #expect(try state().kind == .stopped)
    do {
      let lock = try #require(try StageLock(sample.source))
      try lock.declare(runs: ["main.source": "a"])
      let state = try state()
      #expect(state.kind == .running)
      #expect(state.text == "running (main.source \(getpid()))")
      withExtendedLifetime(lock) {}
    }
    try sample.commit(sample.ledger(1, isFinal: true))
    #expect(try state().kind == .complete)
  }

  @Test("refuses a directory that holds no checkpoint, and says how to find one")
  func noCheckpoint() {
    #expect {
      _ = try QueryFiles("/tmp")
    } throws: { error in
      (error as? StreamError)?.message == "'/tmp' is no checkpoint: it has no query.json"
        && (error as? StreamError)?.hint == "find checkpoints: stream-query list /tmp"
    }
  }

  @Test("knows a process by the lock that it holds, not by its number")
  func identity() throws {
    let sample = try SampleCheckpoint()
    func holds(_ process: Int32, _ stage: StageDirectory) -> Bool {
      guard let identity = ProcessIdentity(process, holding: stage) else { return false }
      return identity.process == process
    }
    #expect(!holds(getpid(), sample.source))
    let lock = try #require(try StageLock(sample.source))
    #expect(holds(getpid(), sample.source))
    // It lives, but has nothing to do with this stage; the other stage is not locked.
    #expect(!holds(getppid(), sample.source))
    #expect(!holds(getpid(), sample.sink))
    for process in [Int32(0), -1, 1, .max, .min] {
      #expect(!holds(process, sample.source))
    }
    withExtendedLifetime(lock) {}
  }
}
