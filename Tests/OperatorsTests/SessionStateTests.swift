import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

private let everything = """
  count(*), sum(n), avg(x), stddev(x), min(n), max(x), last(n), count(DISTINCT n), \
  collect_list(n), mode(n), median(x), approx_count_distinct(n), max_by(n, x)
  """

private typealias Saved = (batch: Batch, change: Change)

@Suite("The state of sessions")
struct SessionStateTests {
  private func snapshot(_ operation: SessionAggregate) throws -> [Saved] {
    var batches: [Saved] = []
    try operation.snapshot { batches.append(($0, .insert)) }
    return batches
  }

  private func rows(_ saved: [Saved]) -> Set<[Value]> {
    Set(saved.flatMap { exactRows($0.batch, $0.change).map(\.values) })
  }

  @Test(
    "goes on after a restore with the same rows in the same order",
    arguments: ["", "k", "k, n"], AggregateMode.allCases)
  func twins(keys: String, mode: AggregateMode) throws {
    for (seed, columnBytes) in [(3, nil), (4, 400)] as [(UInt64, Int?)] {
      func make() throws -> SessionAggregate {
        try sessions(
          everything, gap: .expression("gap"), by: keys, mode: mode, columnBytes: columnBytes,
          keepsChanges: true)
      }
      let input = SessionEpochs(seed: seed, count: 9, sizes: 0...150, isExact: false)
      let original = try make()
      var (runs, snapshots): ([SessionEpochRun], [[Saved]]) = ([], [[]])
      var changes: [[Saved]] = [[]]
      for index in 0..<9 {
        changes.append([])
        runs.append(
          try original.run(
            input.epochs[index], index, input.watermarks[index],
            keep: { changes[index + 1].append(($0, $1)) }, cut: { 50 }))
        snapshots.append(try snapshot(original))
      }
      for point in 0..<9 {
        let base = point / 2
        let ways = [
          snapshots[point], snapshots[base] + changes[(base + 1)..<(point + 1)].joined(),
          Array(changes[...point].joined()),
        ]
        for saved in ways {
          let restored = try make()
          for (batch, change) in saved { try restored.restore(batch, change) }
          #expect(rows(try snapshot(restored)) == rows(snapshots[point]))
          for index in point..<9 {
            let run = try restored.run(
              input.epochs[index], index, input.watermarks[index], keep: { _, _ in },
              cut: { 77 })
            #expect(run == runs[index], "epoch \(index) after \(point)")
          }
        }
      }
    }
  }

  @Test("is deleted under the name that it was saved with, before anything is saved")
  func deletions() throws {
    let operation = try sessions("count(*)", by: "k", mode: .append, keepsChanges: true)
    func run(_ times: [Int64], _ epoch: Int, after: Int64? = nil) throws -> [[Value]] {
      let rows = times.map { SessionRow(key: "a", time: $0 * oneSecond) }
      return try operation.run(rows, epoch, (nil, after.map { $0 * oneSecond }), keep: { _, _ in })
        .saved.map { row in [.boolean(row.change == .insert)] + row.values }
    }
    func insert(_ start: Int64, _ end: Int64, _ count: Int64) -> [Value] {
      [.boolean(true), .integer(start * oneSecond), .string("a"), .integer(end * oneSecond)]
        + [.integer(count)]
    }
    func delete(_ start: Int64) -> [Value] {
      [.boolean(false), .integer(start * oneSecond), .string("a")]
    }
    #expect(try run([100, 130], 1) == [insert(100, 110, 1), insert(130, 140, 1)])
    #expect(try run([110], 2) == [insert(100, 120, 2)])
    #expect(try run([120], 3) == [delete(130), insert(100, 140, 4)])
    #expect(try run([90, 300], 4) == [delete(100), insert(90, 140, 5), insert(300, 310, 1)])
    // Born, merged and closed between two looks: nobody need know.
    #expect(try run([500, 505, 495, 200], 5, after: 210) == [delete(90), insert(495, 515, 3)])
    #expect(try run([], 6, after: 600) == [delete(300), delete(495)])
    #expect(operation.stateSchema.names == ["window_start", "k", "window_end", "count(*).count"])
    #expect(operation.stateKeyCount == 2)
  }

  @Test("is given back when sessions have ended", arguments: [true, false])
  func memory(keepsChanges: Bool) throws {
    for mode in [AggregateMode.append, .update] {
      let operation = try sessions(
        "count(*), collect_list(n)", by: "k", mode: mode, keepsChanges: keepsChanges)
      var largest = 0
      for epoch in 0..<60 {
        let rows = (0..<1000).map {
          SessionRow(key: "key \(epoch) \($0)", time: Int64(epoch) * 60 * oneSecond)
        }
        let watermark = Int64(epoch) * 60 * oneSecond
        let run = try operation.run(
          rows, epoch, (nil, watermark), keep: keepsChanges ? { _, _ in } : nil)
        #expect(run.outcome.stateRows == 1000)
        if epoch == 5 { largest = operation.stateByteCount }
      }
      #expect(operation.stateByteCount <= 2 * largest)
      let last = try operation.run([], 60, (nil, nil), isFinal: true)
      #expect(last.outcome.stateRows == 0 && last.outcome.nextClose == nil)
      #expect(last.sent.count == (mode == .append ? 1000 : 0))
    }
  }

  @Test(
    "is made small in the midst of rows without being changed", arguments: AggregateMode.allCases)
  func compaction(mode: AggregateMode) throws {
    let input = SessionEpochs(seed: 9, count: 12, sizes: 1500...1500, keys: 40)
    var runs: [[SessionEpochRun]] = []
    for keepsChanges in [true, false] {
      let operation = try sessions(
        SessionOracle.aggregates, gap: .expression("gap"), mode: mode, keepsChanges: keepsChanges)
      runs.append(
        try input.epochs.enumerated().map { index, rows in
          var run = try operation.run(
            rows, index, input.watermarks[index], keep: keepsChanges ? { _, _ in } : nil,
            cut: { keepsChanges ? 700 : 1100 })
          run.saved = []
          return run
        })
    }
    #expect(runs[0] == runs[1])
    var oracle = SessionOracle(constantGap: nil)
    let watermarks = mode == .complete ? nil : input.watermarks[11].before
    for (index, rows) in input.epochs.enumerated() where index < 11 {
      let before = mode == .complete ? nil : input.watermarks[index].before
      _ = oracle.add(rows, epoch: index, watermark: before)
      if mode != .complete { _ = oracle.close(upTo: input.watermarks[index].after) }
    }
    let state = oracle.add(input.epochs[11], epoch: 11, watermark: watermarks)
    let wanted: Set<[Value]> =
      switch mode {
      case .append: Set(oracle.close(upTo: input.watermarks[11].after).map(\.result))
      case .update: Set(state.open.filter { $0.firstPlace(in: 11) != nil }.map(\.result))
      case .complete: Set(state.open.map(\.result))
      }
    #expect(Set(runs[0][11].rows(.insert)) == wanted)
  }
}
