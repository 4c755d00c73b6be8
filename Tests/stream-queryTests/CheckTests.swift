import Checkpoint
import Columnar
import Foundation
import JSONText
import State
import TestSupport
import Testing
import Wire
import stream_query

@Suite("Checking a checkpoint")
struct CheckTests {
  private func problems(_ sample: SampleCheckpoint) -> [String] {
    CheckpointCheck(path: sample.path).run().problems.map(\.file)
  }

  private func committed() throws -> SampleCheckpoint {
    let sample = try SampleCheckpoint()
    try sample.run(1...4)
    try sample.begin(5...6)
    return sample
  }

  @Test("finds nothing where nothing is wrong")
  func clean() throws {
    let sample = try committed()
    let report = CheckpointCheck(path: sample.path).run()
    #expect(report.problems == [])
    #expect(report.notes == [])
    // query, two locks, two plans, a run; six intents, four commits.
    #expect(report.fileCount == 8)
    #expect(report.recordCount == 1 + 2 + 1 + 6 + 4)
    #expect(report.lines.last == "all is well")
    #expect(report.json["ok"] == true)
  }

  @Test("notices any byte that was changed")
  func flips() throws {
    let sample = try committed()
    var random = SplitMix64(seed: 7)
    for file in sample.files {
      let bytes = try sample.bytes(file)
      for _ in 0..<40 {
        var damaged = bytes
        let index = Int(random.next() % UInt64(bytes.count))
        damaged[index] ^= UInt8(1 + random.next() % 255)
        try sample.put(damaged, file)
        let report = CheckpointCheck(path: sample.path).run()
        // The text of a lock is written anew by every run: some changes of it mean nothing.
        if !file.hasSuffix("lock") {
          #expect(!report.problems.isEmpty || !report.notes.isEmpty, "\(file) at \(index)")
        }
      }
      try sample.put(bytes, file)
    }
    #expect(problems(sample) == [])
  }

  @Test("notices damage in front of records that were durable")
  func damageBelow() throws {
    let sample = try committed()
    let file = "stages/main.sink/commits.log"
    let bytes = try sample.bytes(file)
    let second = try #require(bytes.firstIndex(of: 0x0A)) + 30
    var damaged = bytes
    damaged[second] ^= 1
    try sample.put(damaged, file)
    #expect(problems(sample) == ["\(file):2"])
  }

  @Test("survives files that end anywhere")
  func truncations() throws {
    let sample = try committed()
    for file in sample.files {
      let bytes = try sample.bytes(file)
      for count in Set([0, 1, bytes.count / 3, bytes.count / 2, bytes.count - 1]) {
        try sample.put(Array(bytes.prefix(count)), file)
        _ = CheckpointCheck(path: sample.path).run()
      }
      try sample.put(bytes, file)
    }
    #expect(problems(sample) == [])
  }

  @Test(
    "notices what is missing",
    arguments: ["query.json", "stages/main.source/intents.log"])
  func missing(file: String) throws {
    let sample = try committed()
    try FileManager.default.removeItem(atPath: "\(sample.path)/\(file)")
    #expect(problems(sample) == [file])
  }

  @Test("does not wait for a pipe in the place of a file")
  func pipes() throws {
    let sample = try committed()
    for file in sample.files {
      let path = "\(sample.path)/\(file)"
      let bytes = try sample.bytes(file)
      try FileManager.default.removeItem(atPath: path)
      #expect(unsafe mkfifo(path, 0o600) == 0)
      #expect(problems(sample).contains(file), "\(file)")
      try FileManager.default.removeItem(atPath: path)
      try sample.put(bytes, file)
    }
  }

  @Test("notices that commits and intents disagree")
  func disagreement() throws {
    let sample = try committed()
    try sample.commit(sample.ledger(9))
    let report = CheckpointCheck(path: sample.path).run()
    #expect(
      report.problems.map(\.message) == [
        "it ends with epoch 6, but the last commit is that of epoch 9"
      ])
    try sample.intents.trim(to: IntentLog.Base(epoch: 6, time: 0, input: .null))
    try sample.commits.cut(to: 2)
    #expect(
      CheckpointCheck(path: sample.path).run().problems.map(\.message) == [
        "it begins behind epoch 6, but the last commit is that of epoch 2"
      ])
  }

  @Test("notices a second sink and files that are not ours")
  func strangers() throws {
    let sample = try committed()
    let other = sample.directory.stage("other.sink")
    try other.make()
    _ = try CommitLog(other)
    try sample.put([1], "stages/main.sink/notes.txt")
    let report = CheckpointCheck(path: sample.path).run()
    #expect(report.problems.map(\.message) == ["it has 2 sinks: main.sink, other.sink"])
    #expect(report.notes.map(\.message) == ["not a file of ours"])
  }

  @Test("notices that a state is not there, or not that version")
  func states() throws {
    let sample = try SampleCheckpoint()
    try sample.begin(1...1)
    try sample.commit(sample.ledger(1, version: 1))
    #expect(
      CheckpointCheck(path: sample.path).run().problems.map(\.message) == [
        "the last commit names the state of main.agg, which has no files"
      ])
    let stage = sample.directory.stage("main.agg")
    try stage.make()
    #expect(
      CheckpointCheck(path: sample.path).run().problems.map(\.message) == [
        "version 1, which the last commit names, is missing"
      ])
  }

  @Test(
    "survives records that no program of ours has written",
    arguments: [
      #"{"base":{"epoch":9223372036854775807,"time":0,"input":null}}"#,
      #"{"base":{"epoch":-9223372036854775808,"time":0,"input":null,"rows":-1}}"#,
      #"{"epoch":-1,"time":0,"idle":0,"final":false,"rows":0,"input":null}"#, "[]", "null",
    ])
  func hostileIntents(record: String) throws {
    let sample = try committed()
    let intent = #"{"epoch":1,"time":0,"idle":0,"final":false,"rows":0,"input":null}"#
    _ = try RecordLog(
      sample.source.intentsPath, holding: [JSON(parsing: record), JSON(parsing: intent)])
    #expect(!problems(sample).isEmpty)
    _ = try? QuerySummary(QueryFiles(sample.path))
    _ = try? ResetReach(QueryFiles(sample.path))
  }

  @Test(
    "survives commits that no program of ours has written",
    arguments: [
      #"{"ledger":{"epoch":9223372036854775807}}"#, #"{"ledger":{"epoch":-5}}"#,
      #"{"ledger":{"epoch":1,"by":"x","time":-9223372036854775808,"sources":{"../../x":{"epoch":1}}}}"#,
      #"{"ledger":{"epoch":1,"by":"x","time":0,"stages":{"main.sink":{"version":9223372036854775807}}}}"#,
      "{}",
    ])
  func hostileCommits(record: String) throws {
    let sample = try committed()
    _ = try RecordLog(sample.sink.commitsPath, holding: [JSON(parsing: record)])
    #expect(!problems(sample).isEmpty)
    _ = try? QuerySummary(QueryFiles(sample.path)).lines(at: .max)
    _ = try? ResetReach(QueryFiles(sample.path))
  }
}

@Suite("Going back")
struct ResetTests {
  @Test("reaches as far back as intents and commits do")
  func reach() throws {
    let sample = try SampleCheckpoint()
    try sample.run(1...6)
    #expect(try ResetReach(QueryFiles(sample.path)).epochs == [0, 1, 2, 3, 4, 5, 6])
    try sample.intents.trim(to: IntentLog.Base(epoch: 3, time: 0, input: .null))
    let reach = try ResetReach(QueryFiles(sample.path))
    #expect(reach.epochs == [3, 4, 5, 6])
    #expect(reach.text == "3 to 6")
    #expect(reach.last == 6)
    try sample.commits.cut(to: 4)
    // The intents of what was cut off are still there, to be made again.
    let after = try QuerySummary(QueryFiles(sample.path))
    #expect(after.openEpochCount == 2)
    #expect(CheckpointCheck(path: sample.path).run().problems == [])
  }

  @Test("leaves out soft commits, and names ranges")
  func ranges() throws {
    let sample = try SampleCheckpoint()
    try sample.begin(1...5)
    for epoch in [Int64(1), 2, 4, 5] { try sample.commit(sample.ledger(epoch)) }
    #expect(try ResetReach(QueryFiles(sample.path)).text == "0 to 2, 4 to 5")
    try sample.commits.acknowledge(CommitRecord(ledger: sample.ledger(6).json))
    #expect(try ResetReach(QueryFiles(sample.path)).last == 5)
  }
}
