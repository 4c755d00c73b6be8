import Columnar
import Connectors
import JSONText
import TestSupport
import Testing

/// An output that breaks at a given call, and from then on.
private struct BreakingOutput: EpochOutput {
  struct Broken: Error {}

  let run: WALRun
  let calls: Calls

  final class Calls {
    var left: Int
    init(_ left: Int) { self.left = left }
  }

  private func pass() throws {
    guard calls.left > 0 else { throw Broken() }
    calls.left -= 1
  }

  func hasRoom() throws -> Bool {
    try pass()
    return true
  }

  func write(_ batch: Batch, in epoch: SourceEpoch) throws {
    try run.journal.take(batch, in: epoch)
    try pass()
  }

  func close(_ epoch: SourceEpoch, idle: Int64, isFinal: Bool) throws {
    try pass()
    try run.close()
    try pass()
  }
}

@Suite("Rows that were received")
struct ReceivedRowsTests {
  @Test(
    "are all in the log, once and in order, wherever the stream breaks",
    arguments: [EpochBounds(), EpochBounds(rows: 7), EpochBounds(rows: 3), EpochBounds(bytes: 2)])
  func breaks(bounds: EpochBounds) throws {
    var random = SplitMix64(seed: 3)
    var batches: [Batch] = []
    var count: Int64 = 0
    for _ in 0..<12 {
      let more = Int64.random(in: 0...10, using: &random)
      batches.append(numbers(count..<count + more))
      count += more
    }
    var broken = 0
    for calls in 0..<200 {
      let directory = TemporaryDirectory()
      let run = try WALRun(directory.at("wal"), numbered, batches: batches)
      let time = SystemTime(stop: .none)
      var loop = EpochLoop(
        run.input, to: BreakingOutput(run: run, calls: .init(calls)),
        clock: EpochClock(trigger: .promptly, bounds: bounds, at: time.now, isPaced: true),
        linger: 0, time: time)
      do {
        try loop.run()
      } catch is BreakingOutput.Broken {
        broken += 1
        if try run.journal.takeRest(in: run.nextEpoch) { try run.close() }
      }
      let next = try WALRun(directory.at("wal"), numbered, behind: run.intents)
      #expect(try next.recover().isEmpty)
      let rows = try run.intents.flatMap { try next.replayed($0) }
      #expect(rows == numbers(0..<count).rows)
      if calls > broken { break }
    }
    #expect(broken > 3)
  }

  @Test("are read from the open segment by a run that begins when this one has been killed")
  func killed() throws {
    let directory = TemporaryDirectory()
    let run = try WALRun(directory.at("wal"), numbered)
    for start in stride(from: 0, to: 100 as Int64, by: 10) {
      try run.take(numbers(start..<start + 10))
      let next = try WALRun(directory.at("wal"), numbered)
      let found = try next.recover()
      #expect(found.map(\.rowCount) == [start + 10])
      #expect(try found.flatMap { try next.replayed($0.input) } == numbers(0..<start + 10).rows)
    }
  }
}
