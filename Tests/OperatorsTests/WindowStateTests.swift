import Columnar
import Diagnostics
import Operators
import TestSupport
import Testing

private let second: Int64 = 1_000_000

private typealias Operation = any StatefulOperator & RejectingOperator

private func snapshot(_ operation: Operation) throws -> [(batch: Batch, change: Change)] {
  var batches: [(Batch, Change)] = []
  try operation.snapshot { batches.append(($0, .insert)) }
  return batches
}

private func rows(_ saved: [(batch: Batch, change: Change)]) -> [[Value]] {
  saved.flatMap { exactRows($0.batch) }
}

@Suite("the state of windows")
struct WindowStateTests {
  @Test(
    "goes on after a restore with the same rows in the same order", arguments: WindowCase.all,
    WindowWay.allCases)
  func twins(example: WindowCase, way: WindowWay) throws {
    for seed in 0..<4 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let epochs = example.epochs(&random)
      let aggregates = "count(*), sum(n), avg(x), count(DISTINCT n), last(k), collect_list(x)"
      func make() throws -> Operation {
        var operation = try way.make(example.windows, aggregates, by: seed % 4 > 0 ? "k" : "")
        operation.keepChanges()
        return operation
      }
      var original = try make()
      var runs: [WindowRun] = []
      var snapshots: [[(batch: Batch, change: Change)]] = []
      for (index, epoch) in epochs.enumerated() {
        runs.append(try WindowRun(&original, epoch.batch, epoch, index + 1, saves: true))
        snapshots.append(try snapshot(original))
        #expect(rows(snapshots[index]).count == runs[index].outcome.stateRows)
      }
      for point in epochs.indices.dropLast() {
        let base = Int.random(in: 0...point, using: &random)
        let later = runs[(base + 1)..<(point + 1)].flatMap(\.changes)
        for saved in [
          snapshots[point], snapshots[base] + later, runs[...point].flatMap(\.changes),
        ] {
          var restored = try make()
          for (batch, change) in saved { try restored.restore(batch, change) }
          #expect(rows(try snapshot(restored)) == rows(snapshots[point]))
          for index in (point + 1)..<epochs.count {
            let place = "seed \(seed), restored after \(point + 1), epoch \(index + 1)"
            let run = try WindowRun(
              &restored, epochs[index].batch, epochs[index], index + 1, sizes: [7], saves: true)
            #expect(run.rows == runs[index].rows, "\(place)")
            #expect(run.late.sorted() == runs[index].late.sorted(), "\(place)")
            #expect(run.outcome.nextClose == runs[index].outcome.nextClose, "\(place)")
            #expect(run.outcome.stateRows == runs[index].outcome.stateRows, "\(place)")
            #expect(run.changedRows == runs[index].changedRows, "\(place)")
            #expect(run.changes.map(\.change) == runs[index].changes.map(\.change), "\(place)")
          }
          #expect(rows(try snapshot(restored)).isEmpty == (way != .complete))
        }
      }
    }
  }

  @Test("of a window that closes is deleted, once, and only if it had been saved")
  func deletions() throws {
    for way in [WindowWay.update, .panes] {
      let windows = try #require(AlignedWindows(.sliding(size: 10 * second, slide: 10 * second)))
      var operation: Operation = try way.make(windows, "count(*)", by: "k")
      operation.keepChanges()
      func run(_ seconds: [Int64], _ before: Int64?, _ after: Int64, _ number: Int) throws
        -> WindowRun
      {
        let epoch = TimedEpoch(
          rows: seconds.map { TimedRow(time: $0 * second, key: "a") },
          before: before.map { $0 * second }, after: after * second)
        return try WindowRun(&operation, epoch.batch, epoch, number, saves: true)
      }
      // 0..<10 and 10..<20 stay open; -10..<0 comes and goes within the epoch.
      let opened = try run([-1, 3, 12], nil, 2, 1)
      #expect(opened.changes.allSatisfy { $0.change == .insert })
      #expect(opened.outcome.stateRows == 2)
      #expect(opened.changedRows.map { $0[0] } == [.integer(0), .integer(10 * second)])
      // A row of this epoch, too, is in a window that it closes.
      let closed = try run([4, 25], 2, 15, 2)
      #expect(closed.changes.map(\.change) == [.insert, .delete])
      #expect(closed.changes[0].batch.rowCount == 1)
      #expect(closed.changes[1].batch.rowCount == 1)
      #expect(closed.changedRows[1][0] == .integer(0))
      #expect(try run([], 15, 15, 3).changes.isEmpty)
      #expect(rows(try snapshot(operation)).count == 2)
    }
  }

  @Test("costs what was touched, not what is open", arguments: [WindowWay.update, .panes, .append])
  func cost(way: WindowWay) throws {
    let size = 10 * second
    let windows = try #require(AlignedWindows(.sliding(size: size, slide: size)))
    var operation: Operation = try way.make(windows, "count(*)", by: "k")
    operation.keepChanges()
    var watermark: Int64?
    func run(_ numbers: some Sequence<Int64>, _ closing: Int64, _ epoch: Int) throws -> WindowRun {
      defer { watermark = closing }
      let times = TimedEpoch(
        rows: numbers.map { TimedRow(time: $0 * size + 1, key: "a") }, before: watermark,
        after: closing)
      return try WindowRun(&operation, times.batch, times, epoch, saves: true)
    }
    func count(_ run: WindowRun, _ change: Change) -> Int {
      run.changes.filter { $0.change == change }.reduce(0) { $0 + $1.batch.rowCount }
    }
    let filled = try run(0..<10_000, 0, 1)
    #expect(count(filled, .insert) == 10_000)
    #expect(filled.outcome.stateRows == 10_000)
    let touched = try run([9_000, 17, 9_000, 17, 4_321], 0, 2)
    #expect(count(touched, .insert) == 3 && count(touched, .delete) == 0)
    #expect(touched.rows.count == (way == .update ? 3 : 0))
    let closed = try run([5_000], 4 * size, 3)
    #expect(count(closed, .insert) == 1 && count(closed, .delete) == 4)
    #expect(closed.rows.count == (way == .update ? 1 : 4))
    #expect(closed.outcome.stateRows == 9_996)
    #expect(closed.outcome.nextClose == 5 * size)
    // Most of them: what is closed is not kept.
    let all = try run([], 9_999 * size, 4)
    #expect(count(all, .insert) == 0 && count(all, .delete) == 9_995)
    #expect(rows(try snapshot(operation)).count == 1)
    #expect(all.outcome.stateRows == 1)
    #expect(try run([9_999], 9_999 * size, 5).outcome.stateBytes < filled.outcome.stateBytes / 10)
  }

  @Test("says how much it is before the first row after a restore", arguments: WindowWay.allCases)
  func measured(way: WindowWay) throws {
    let windows = try #require(AlignedWindows(.sliding(size: 10 * second, slide: 10 * second)))
    func make() throws -> Operation {
      var operation = try way.make(windows, "count(*)", by: "k")
      operation.keepChanges()
      return operation
    }
    let rows = [TimedRow(time: 1, key: "a"), TimedRow(time: second, key: "b")]
    var original = try make()
    let full = TimedEpoch(rows: rows)
    let run = try WindowRun(&original, full.batch, full, 1, saves: true)
    var restored = try make()
    for (batch, change) in run.changes { try restored.restore(batch, change) }
    let empty = TimedEpoch()
    let next = try WindowRun(&restored, empty.batch, empty, 2, saves: true)
    #expect(next.outcome.stateRows == run.outcome.stateRows && next.outcome.stateRows > 0)
    #expect(next.outcome.nextClose == run.outcome.nextClose)
    #expect(next.rows.isEmpty && next.changes.isEmpty)
  }
}
