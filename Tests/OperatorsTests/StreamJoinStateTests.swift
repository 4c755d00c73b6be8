import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

@Suite("the state of a join of two streams")
struct StreamJoinStateTests {
  private struct Recorded {
    var input: JoinInput
    var watermarks: (before: Int64?, after: Int64?)
    var run: StreamJoinRun
    var snapshot: [StateRows]
  }

  private func record(_ type: JoinType, rowCount: Int, _ seed: UInt64) throws -> [Recorded] {
    var random = SplitMix64(seed: seed)
    let join = try StreamJoin(type, JoinRule.all[1].text)
    join.keepChanges()
    var clock = JoinClock(delay: 5)
    return try (1...14).map { number in
      let input = JoinInput.random(
        Bool.random(using: &random) ? .left : .right, second: 100 + 3 * number, spread: 6,
        count: number % 5 == 4 ? 0 : rowCount, keys: max(3, rowCount / 4), &random)
      let watermarks = clock.advance(past: input)
      let run = try StreamJoinRun(join, input, Int64(number), watermarks, takes: true)
      return Recorded(
        input: input, watermarks: watermarks, run: run, snapshot: try join.snapshot())
    }
  }

  @Test(
    "goes on after a restore at any epoch as if it had never stopped", arguments: JoinType.allCases)
  func twins(type: JoinType) throws {
    // With many rows the memory of those that are gone is given back on the way.
    for rowCount in [20, 4000] {
      let epochs = try record(type, rowCount: rowCount, 3)
      var random = SplitMix64(seed: 4)
      let points = rowCount > 100 ? [3, 9] : Array(0...epochs.count)
      for point in points {
        let base = Int.random(in: 0...point, using: &random)
        let snapshots = [[]] + epochs.map(\.snapshot)
        let later = epochs[base..<point].flatMap(\.run.changes)
        for saved in [
          snapshots[point], snapshots[base] + later, epochs[..<point].flatMap(\.run.changes),
        ] {
          let restored = try StreamJoin(type, JoinRule.all[1].text)
          restored.keepChanges()
          for rows in saved { try restored.restore(rows.batch, rows.change) }
          #expect(try restored.changes().isEmpty)
          #expect(
            try inOrder(restored.snapshot().exact) == inOrder(snapshots[point].exact))
          for (offset, epoch) in epochs[point...].enumerated() {
            let run = try StreamJoinRun(
              restored, epoch.input, Int64(point + offset + 1), epoch.watermarks, takes: true)
            #expect(run.rows == epoch.run.rows)
            #expect(run.outcome.stateRows == epoch.run.outcome.stateRows)
          }
        }
      }
    }
  }

  @Test(
    "changes since a restore lead to the same state as a snapshot", arguments: JoinType.allCases)
  func changesAddUp(type: JoinType) throws {
    let epochs = try record(type, rowCount: 30, 8)
    let restored = try StreamJoin(type, JoinRule.all[1].text)
    var known: Set<String> = []
    for epoch in epochs {
      for rows in epoch.run.changes {
        for row in exactRows([rows.batch]) {
          let key = "\(row[0]) \(row[1])"
          if rows.change == .delete {
            #expect(known.remove(key) != nil, "\(key) was deleted but never there")
          } else {
            #expect(known.insert(key).inserted, "\(key) came twice")
          }
        }
        try restored.restore(rows.batch, rows.change)
      }
      #expect(try inOrder(restored.snapshot().exact) == inOrder(epoch.snapshot.exact))
      #expect(known.count == epoch.snapshot.reduce(0) { $0 + $1.batch.rowCount })
    }
    #expect(!known.isEmpty)
  }

  @Test("whatever is given in place of its state, it says that it is damaged or works on")
  func damage() throws {
    let saved = try record(.full, rowCount: 20, 6)[9].snapshot
    var random = SplitMix64(seed: 1)
    var refusedCount = 0
    for _ in 0..<400 {
      let join = try StreamJoin(.full, JoinRule.all[1].text)
      do {
        for rows in saved {
          let batch = damaged(rows.batch, &random)
          try join.restore(batch, Int.random(in: 0..<6, using: &random) == 0 ? .delete : .insert)
        }
      } catch let error as StreamError {
        #expect(error.kind == .io)
        refusedCount += 1
        continue
      }
      _ = try StreamJoinRun(join, JoinInput(side: .left, rows: []), 1, (nil, 200), isFinal: true)
    }
    #expect(refusedCount > 100)
  }

  /// With rows in other places, values of other rows, or fewer columns.
  private func damaged(_ batch: Batch, _ random: inout SplitMix64) -> Batch {
    func places(_ count: Int) -> Buffer<Int32> {
      Buffer((0..<count).map { _ in Int32.random(in: 0..<Int32(batch.rowCount), using: &random) })
    }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return batch.gathering(places(batch.rowCount))
    case 1:
      let column = Int.random(in: 0..<batch.columns.count, using: &random)
      var columns = batch.columns
      columns[column] = columns[column].gathering(places(batch.rowCount))
      return Batch(schema: batch.schema, columns: columns, rowCount: batch.rowCount)
    case 2:
      let column = Int.random(in: 0..<batch.columns.count, using: &random)
      var columns = batch.columns
      columns[column] = .nulls(columns[column].type, count: batch.rowCount)
      return Batch(schema: batch.schema, columns: columns, rowCount: batch.rowCount)
    case 3:
      let count = batch.columns.count - 1
      return Batch(
        schema: Schema(Array(batch.schema.fields[..<count])),
        columns: Array(batch.columns[..<count]),
        rowCount: batch.rowCount)
    default: return batch
    }
  }
}
