import Checkpoint
import Foundation
import JSONText
import Testing
import Wire

/// A checkpoint as a source and a sink make it, without the two running.
final class SampleCheckpoint {
  let path: String
  let directory: CheckpointDirectory
  let source: StageDirectory
  let sink: StageDirectory
  let intents: IntentLog
  let commits: CommitLog

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
    directory = try CheckpointDirectory.open(creating: path, name: "sample")
    source = directory.stage("main.source")
    sink = directory.stage("main.sink")
    for stage in [source, sink] { try stage.make() }
    try Document.write("0123456789abcdef", to: source.runPath)
    for (stage, command) in [
      (source, "stream-source tail app.log"), (sink, "stream-sink stdout"),
    ] {
      let plan: JSON = [
        "stage": .string(stage.id), "tool": .string(String(command.prefix { $0 != " " })),
        "command": .string(command), "guards": .object([]),
      ]
      try Document.write(plan, to: stage.planPath)
      try StageLock(stage)?.declare(runs: ["main.source": "0123456789abcdef"])
    }
    intents = try IntentLog(source)
    commits = try CommitLog(sink)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Epochs begin at second 1000 and follow each other by a second.
  static func time(of epoch: Int64) -> Int64 { (1000 + epoch) * 1_000_000 }

  /// Records the whole pipeline, as the sink does with its first commit; stages that keep files get
  /// their directories.
  func plan(_ stages: [PlanStage]) throws {
    for stage in stages where ["stream-agg", "stream-dedup"].contains(stage.tool) {
      try directory.stage(stage.stage).make()
    }
    let record: JSON = [
      "stage": "main.sink", "tool": "stream-sink", "command": "stream-sink stdout",
      "plan": .array(stages.map(\.json)), "guards": .object([]),
    ]
    try Document.write(record, to: sink.planPath)
  }

  /// Takes the locks of stages, as a run does; they are held as long as the result lives.
  func lock(_ stages: [String]) throws -> [StageLock] {
    try stages.map { id in
      let lock = try #require(try StageLock(directory.stage(id)))
      try lock.declare(runs: ["main.source": "0123456789abcdef"])
      return lock
    }
  }

  /// Ten rows an epoch.
  func begin(_ epochs: ClosedRange<Int64>) throws {
    for epoch in epochs {
      try intents.append(
        Intent(
          epoch: epoch, time: Self.time(of: epoch), idle: 0, isFinal: false, rows: 10,
          input: ["to": .integer(epoch * 10)]))
    }
  }

  func ledger(
    _ epoch: Int64, rows: Int64 = 10, isFinal: Bool = false, version: Int64? = nil
  ) -> Ledger {
    var ledger = Ledger(
      epoch: epoch, by: "main.source", time: Self.time(of: epoch), isFinal: isFinal,
      sources: [
        SourcePart(
          id: "main.source", epoch: epoch, rows: rows, end: ["to": .integer(epoch * 10)])
      ])
    if let version { ledger[stage: "main.agg"].version = version }
    ledger[stage: "main.sink"].metrics = [Metric("rowsIn", 7), Metric("ms", 20)]
    return ledger
  }

  func commit(_ ledger: Ledger) throws {
    try commits.commit(CommitRecord(ledger: ledger.json))
    try commits.declare()
  }

  /// Epochs that were begun and committed.
  func run(_ epochs: ClosedRange<Int64>) throws {
    try begin(epochs)
    for epoch in epochs { try commit(ledger(epoch)) }
  }

  /// All files below the checkpoint, with paths from there.
  var files: [String] {
    let names = FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []
    return names.filter { !Disk.isDirectory("\(path)/\($0)") }.sorted()
  }

  func bytes(_ file: String) throws -> [UInt8] {
    try #require(try Disk.contents(of: "\(path)/\(file)"))
  }

  func put(_ bytes: [UInt8], _ file: String) throws {
    try Data(bytes).write(to: URL(filePath: "\(path)/\(file)"))
  }
}
