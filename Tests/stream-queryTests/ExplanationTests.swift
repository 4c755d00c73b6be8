import Checkpoint
import JSONText
import Testing
import Wire
import stream_query

@Suite("What a query waits for")
struct ExplanationTests {
  @Test(
    "says what a stopped query would do",
    arguments: [
      (0, 0, false, "does not run, and has not committed anything"),
      (
        2, 0, false,
        "does not run; all that it began is committed; run its command line again to go on"
      ),
      (
        2, 1, false, "does not run; 1 epoch will be made again; run its command line again to go on"
      ),
      (2, 0, true, "complete: all of its input is committed, nothing is left to do"),
    ])
  func explains(committed: Int64, open: Int64, isFinal: Bool, expected: String) throws {
    let sample = try SampleCheckpoint()
    if committed + open > 0 { try sample.begin(1...committed + open) }
    for epoch in 1..<committed + 1 {
      try sample.commit(sample.ledger(epoch, isFinal: isFinal && epoch == committed))
    }
    let explanation = try Explanation(QuerySummary(QueryFiles(sample.path)), at: 0)
    #expect(explanation.accounts.first?.sentences.first == expected)
  }

  @Test("says that a source waits for a sink that does not commit")
  func explainsSlowness() throws {
    let sample = try SampleCheckpoint()
    try sample.run(1...2)
    try sample.begin(3...6)
    let locks = try [sample.source, sample.sink].map { try #require(try StageLock($0)) }
    for lock in locks { try lock.declare(runs: ["main.source": "a"]) }
    let now = SampleCheckpoint.time(of: 2) + 60_000_000
    let explanation = try Explanation(QuerySummary(QueryFiles(sample.path)), at: now)
    #expect(
      explanation.accounts.map { $0.sentences.joined() } == [
        "runs", "runs, and waits for the sink: 4 epochs are on their way, the most that may be",
        "runs, but has not committed the next epoch for 60 s: its target or a stage before it is "
          + "slow; its last commit is epoch 2, begun 60 s ago",
      ])
    withExtendedLifetime(locks) {}
  }

  @Test("says how a query stands that has just begun")
  func justBegun() throws {
    let sample = try SampleCheckpoint()
    var locks = try sample.lock(["main.source"])
    func told() throws -> [String] {
      try Explanation(QuerySummary(QueryFiles(sample.path)), at: 0).lines
    }
    #expect(
      try told() == [
        "query: runs", "main.source: runs, and waits for the sink to join it",
        "main.sink: does not run; it has committed nothing",
      ])
    locks += try sample.lock(["main.sink"])
    #expect(
      try told() == [
        "query: runs", "main.source: runs; its first epoch has not ended yet",
        "main.sink: runs; it has committed nothing yet",
      ])
    withExtendedLifetime(locks) {}
  }

  /// A source, a filter, a dedup and a sink.
  private func filtered() throws -> SampleCheckpoint {
    let sample = try SampleCheckpoint()
    let stages = ["source", "map", "dedup", "sink"].map { name in
      PlanStage(stage: "main.\(name)", tool: "stream-\(name)", options: [:])
    }
    try sample.plan(stages)
    return sample
  }

  private func ledger(
    _ sample: SampleCheckpoint, _ epoch: Int64, _ rowsIn: Int64, _ rowsOut: Int64
  ) -> Ledger {
    var ledger = sample.ledger(epoch)
    for stage in ["main.map", "main.dedup"] {
      ledger[stage: stage].metrics = [
        Metric("rowsIn", rowsIn), Metric("rowsOut", rowsOut),
        Metric("stateRows", stage == "main.dedup" ? 1234 : 0),
      ]
    }
    return ledger
  }

  @Test(
    "says what became of the last rows that a stage was given",
    arguments: [
      (10, 0, "10 rows came in epoch 2, none went on"),
      (10, 4, "10 rows came in epoch 2, 4 went on"),
      (1, 1, "1 row came in epoch 2, 1 went on"),
      (10, 3000, "10 rows came in epoch 2, 3,000 went on"),
    ] as [(Int64, Int64, String)])
  func flow(rowsIn: Int64, rowsOut: Int64, expected: String) throws {
    let sample = try filtered()
    try sample.begin(1...3)
    try sample.commit(ledger(sample, 1, 5, 5))
    try sample.commit(ledger(sample, 2, rowsIn, rowsOut))
    try sample.commit(ledger(sample, 3, 0, 0))
    var locks = try sample.lock(["main.source", "main.dedup"])
    var explanation = try Explanation(QuerySummary(QueryFiles(sample.path)), at: 0)
    withExtendedLifetime(locks) {}
    #expect(
      explanation.lines.dropFirst(2).prefix(3) == [
        "main.map: \(expected)",
        "main.dedup: runs; it lets the first row of each key through at once, and remembers 1,234 "
          + "keys", "  \(expected)",
      ])
    locks = []
    explanation = try Explanation(QuerySummary(QueryFiles(sample.path)), at: 0)
    #expect(explanation.lines[3] == "main.dedup: does not run; it remembers 1,234 keys")
  }

  @Test("says that no row has come", arguments: [1, 7] as [Int64])
  func noFlow(first: Int64) throws {
    let sample = try filtered()
    for epoch in first..<first + 2 { try sample.commit(ledger(sample, epoch, 0, 0)) }
    let explanation = try Explanation(QuerySummary(QueryFiles(sample.path)), at: 0)
    let expected = first == 1 ? "no row has come to it yet" : "no row has come to it since epoch 7"
    #expect(explanation.lines[2] == "main.map: \(expected)")
  }
}
