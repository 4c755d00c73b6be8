import Checkpoint
import Diagnostics
import JSONText
import TestSupport
import Testing

@Suite("Checkpoint directories")
struct DirectoryTests {
  @Test("are made once and found again")
  func identity() throws {
    let scratch = ScratchDirectory()
    let first = try CheckpointDirectory.open(creating: "\(scratch.path)/a/b/ck", name: nil)
    let again = try CheckpointDirectory.open(creating: "\(scratch.path)/a/b/ck", name: "other")
    #expect(first.query == again.query)
    #expect(first.query.name == "ck")
    #expect(try CheckpointDirectory.open(first.path).query == first.query)
    #expect(try Disk.names(in: first.path) == ["query.json"])
  }

  @Test("are not made where other files are, or where something is missing")
  func refusals() throws {
    let scratch = ScratchDirectory()
    scratch.write([1], to: "data.csv")
    let foreign = #expect(throws: StreamError.self) {
      try CheckpointDirectory.open(creating: scratch.path)
    }
    #expect(foreign?.kind == .usage)
    #expect(foreign?.message == "'\(scratch.path)' holds other files and is no checkpoint")
    let file = #expect(throws: StreamError.self) {
      try CheckpointDirectory.open(creating: "\(scratch.path)/data.csv")
    }
    #expect(file?.message == "--checkpoint: '\(scratch.path)/data.csv' is not a directory")
    try Disk.makeDirectory("\(scratch.path)/ck")
    try Disk.makeDirectory("\(scratch.path)/ck/stages")
    let damaged = #expect(throws: StreamError.self) {
      try CheckpointDirectory.open(creating: "\(scratch.path)/ck")
    }
    #expect(damaged?.kind == .io)
    let missing = #expect(throws: StreamError.self) {
      try CheckpointDirectory.open("\(scratch.path)/elsewhere")
    }
    #expect(missing?.message == "the checkpoint '\(scratch.path)/elsewhere' is not on this machine")
  }

  @Test("a lock has one holder, who says what run it is in")
  func locks() throws {
    let scratch = ScratchDirectory()
    let checkpoint = try CheckpointDirectory.open(creating: "\(scratch.path)/ck")
    let stage = checkpoint.stage("main.sink")
    try stage.make()
    #expect(try StageLock.holder(of: stage) == nil)
    var lock = try StageLock(stage)
    #expect(lock != nil)
    #expect(try StageLock(stage) == nil)
    try lock?.declare(runs: ["main.source": "one"])
    #expect(try StageLock.holder(of: stage)?.runs == ["main.source": "one"])
    lock = nil
    #expect(try StageLock.holder(of: stage) == nil)
    #expect(try StageLock(stage) != nil)
  }
}

@Suite("Commits and intents")
struct CommitTests {
  private func record(_ epoch: Int64, soft: Bool = false) -> CommitRecord {
    CommitRecord(
      ledger: [
        "epoch": .integer(epoch), "sources": ["main.source": ["epoch": .integer(epoch)]],
        "stages": ["main.agg": ["version": .integer(epoch)]],
      ], isSoft: soft)
  }

  private func makeStage(_ scratch: ScratchDirectory, _ id: String) throws -> StageDirectory {
    let stage = try CheckpointDirectory.open(creating: "\(scratch.path)/ck").stage(id)
    try stage.make()
    return stage
  }

  @Test("soft records acknowledge, but a run resumes after the last commit")
  func softRecords() throws {
    let scratch = ScratchDirectory()
    let stage = try makeStage(scratch, "main.sink")
    let view = CommitView(stage)
    var log = try CommitLog(stage)
    #expect(log.last == nil)
    for epoch in 1...3 { try log.commit(record(Int64(epoch))) }
    for epoch in 4...6 { try log.acknowledge(record(Int64(epoch))) }
    try view.refresh()
    #expect(view.floor?.epoch == 3)
    #expect(view.lastCommit?.epoch == 3)
    #expect(view.last?.epoch == 6)
    log = try CommitLog(stage)
    #expect(log.last?.epoch == 3)
    // The others come again, under the same numbers.
    for epoch in 4...6 { try log.acknowledge(record(Int64(epoch))) }
    #expect(try CommitLog(stage).last?.epoch == 3)
    let checkpoint = try CheckpointDirectory.open("\(scratch.path)/ck")
    #expect(try CommitView.lastCommit(of: checkpoint) == record(3))
    #expect(try checkpoint.sink() == stage)
  }

  @Test("only a later line says that a commit is on the disk, in a log written anew too")
  func durableFloor() throws {
    let scratch = ScratchDirectory()
    let stage = try makeStage(scratch, "main.sink")
    let view = CommitView(stage)
    func places() throws -> [Int64?] {
      try view.refresh()
      return [view.floor?.epoch, view.lastCommit?.epoch]
    }
    let raw = try RecordLog(stage.commitsPath, holding: [record(1).json])
    #expect(try places() == [nil, 1])
    try raw.append(record(2).json)
    try raw.synchronize()
    #expect(try places() == [1, 2])
    let log = try CommitLog(stage)
    #expect(try places() == [1, 2])
    try log.declare()
    #expect(try places() == [2, 2])
    try log.commit(record(3))
    #expect(try places() == [2, 3])
    try log.declare()
    #expect(try places() == [3, 3])
    #expect(try CommitLog(stage).last == record(3))
  }

  @Test("the last of 64 soft records in a row is a commit, and a log does not grow with its age")
  func idleQuery() throws {
    let scratch = ScratchDirectory()
    let stage = try makeStage(scratch, "main.sink")
    let log = try CommitLog(stage)
    try log.commit(record(1))
    for epoch in 2...40_000 { try log.acknowledge(record(Int64(epoch))) }
    // 64 each behind the first.
    #expect(log.last?.epoch == 39_937)
    #expect(scratch.bytes("ck/stages/main.sink/commits.log").count < 1_100_000)
  }

  @Test("commits must follow each other")
  func order() throws {
    let scratch = ScratchDirectory()
    let stage = try makeStage(scratch, "main.sink")
    _ = try RecordLog(stage.commitsPath, holding: [record(2).json, record(2).json])
    let error = #expect(throws: StreamError.self) { try CommitLog(stage) }
    #expect(error?.kind == .io)
    #expect(error?.location == "\(stage.commitsPath):2")
  }

  @Test("a log is cut back to an epoch that it reaches")
  func cutting() throws {
    let scratch = ScratchDirectory()
    let stage = try makeStage(scratch, "main.sink")
    let log = try CommitLog(stage)
    for epoch in 1...5 { try log.commit(record(Int64(epoch))) }
    #expect(log.reaches(3) && log.reaches(0) && !log.reaches(9))
    try log.cut(to: 3)
    #expect(log.last?.epoch == 3)
    #expect(try CommitLog(stage).last?.epoch == 3)
  }

  private func intent(_ epoch: Int64) -> Intent {
    Intent(
      epoch: epoch, time: epoch * 10, idle: 0, isFinal: false, rows: 1,
      input: ["to": .integer(epoch)])
  }

  @Test("intents are kept from the floor on")
  func intents() throws {
    let scratch = ScratchDirectory()
    let stage = try makeStage(scratch, "main.source")
    var log = try IntentLog(stage)
    for epoch in 1...70 { try log.append(intent(Int64(epoch))) }
    #expect(!log.isWorthTrimming(upTo: 63))
    #expect(log.isWorthTrimming(upTo: 66))
    try log.trim(to: IntentLog.Base(epoch: 66, time: 660, input: ["to": 66]))
    log = try IntentLog(stage)
    #expect(log.base?.epoch == 66 && log.base?.time == 660 && log.base?.input == ["to": 66])
    // One of each epoch.
    #expect(log.base?.rows == 66)
    #expect(log.intents == (67...70).map { intent($0) })
    #expect(log.lastEpoch == 70)
  }

  @Test("an epoch without a successor is damage")
  func lastNumber() throws {
    let scratch = ScratchDirectory()
    let stage = try makeStage(scratch, "main.source")
    let base: JSON = ["base": ["epoch": .integer(.max), "time": 0, "input": [:]]]
    _ = try RecordLog(stage.intentsPath, holding: [base])
    #expect(throws: StreamError.self) { try IntentLog(stage) }
    #expect(CommitRecord(["ledger": ["epoch": .integer(.max)]]) == nil)
  }

  @Test("a gap among intents is damage")
  func gaps() throws {
    let scratch = ScratchDirectory()
    let stage = try makeStage(scratch, "main.source")
    _ = try RecordLog(stage.intentsPath, holding: [intent(1).json, intent(3).json])
    let error = #expect(throws: StreamError.self) { try IntentLog(stage) }
    #expect(error?.message == "the checkpoint is damaged: expected the intent of epoch 2")
  }
}
