import Columnar
import Expressions
import Operators
import TestSupport
import Testing

/// Groups that have the event time itself among their keys, in the slowest way.
private struct TimeKeyOracle {
  struct Group: Hashable {
    let key: String?
    let time: Int64?
  }

  let mode: AggregateMode
  private var entries: [(row: TimedRow, epoch: Int)] = []
  private var epoch = 0
  private(set) var open: [Group] = []
  private(set) var late: [Int] = []
  private(set) var unusable: [Int] = []

  init(_ mode: AggregateMode) { self.mode = mode }

  mutating func run(_ input: TimedEpoch) -> [[Value]] {
    epoch += 1
    (late, unusable) = ([], [])
    let watermark = mode == .complete ? nil : input.before
    for (place, row) in input.rows.enumerated() {
      if let time = row.time, time.magnitude > 1 << 62 {
        unusable.append(place)
      } else if let time = row.time, let watermark, time <= watermark {
        late.append(place)
      } else {
        entries.append((row, epoch))
      }
    }
    let current = entries.filter { $0.epoch == epoch }.map(\.row)
    for group in groups(current) where !open.contains(group) { open.append(group) }
    let closing = input.isFinal ? .max : input.after ?? .min
    let closed = open.filter { group in
      input.isFinal || group.time.map { $0 <= closing } ?? false
    }
    if mode != .complete { open.removeAll { closed.contains($0) } }
    switch mode {
    case .append: return closed.sorted(by: isBefore).map(row)
    case .update: return groups(current).map(row)
    case .complete: return current.isEmpty ? [] : groups(entries.map(\.row)).map(row)
    }
  }

  private func groups(_ rows: [TimedRow]) -> [Group] {
    var (seen, order): (Set<Group>, [Group]) = ([], [])
    for row in rows {
      let group = Group(key: row.key, time: row.time)
      if seen.insert(group).inserted { order.append(group) }
    }
    return order
  }

  private func isBefore(_ left: Group, _ right: Group) -> Bool {
    if left.time != right.time {
      guard let time = right.time else { return false }
      return left.time.map { $0 < time } ?? true
    }
    guard let name = right.key else { return false }
    return left.key.map { $0 < name } ?? true
  }

  private func row(_ group: Group) -> [Value] {
    let rows = entries.map(\.row).filter { Group(key: $0.key, time: $0.time) == group }
    let numbers = rows.compactMap(\.n)
    return [
      group.key.map { .string($0) } ?? .null, group.time.map { .integer($0) } ?? .null,
      .integer(Int64(rows.count)), .list(numbers.map { .integer(Int64($0)) }),
    ]
  }
}

@Suite("Groups of an event time")
struct EventTimeKeyTests {
  private func make(_ mode: AggregateMode) throws -> any StatefulOperator & RejectingOperator {
    let aggregation = try Aggregation(
      keys: Expression.parseList("k, ts"),
      aggregates: Expression.parseList("count(*), collect_list(n)"), over: TimedEpoch.schema)
    let operation = Aggregate(try AggregatePlan(aggregation, grouping: .timeKey(1), mode: mode))
    operation.keepChanges()
    return operation
  }

  @Test(
    "give what comes out when all is computed anew, restored after each epoch or not",
    arguments: AggregateMode.allCases)
  func oracle(mode: AggregateMode) throws {
    // Few times, so that rows share them.
    let example = WindowCase("", .sliding(size: 4, slide: 4), unit: 1)
    for seed in 0..<20 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let epochs = example.epochs(&random)
      var oracle = TimeKeyOracle(mode)
      var operation = try make(mode)
      var saved: [(batch: Batch, change: Change)] = []
      for (index, epoch) in epochs.enumerated() {
        var restored = try make(mode)
        for (batch, change) in saved { try restored.restore(batch, change) }
        let expected = oracle.run(epoch)
        let run = try WindowRun(
          &operation, epoch.batch, epoch, index + 1, sizes: [5, 2], saves: true)
        let again = try WindowRun(&restored, epoch.batch, epoch, index + 1, saves: true)
        saved += run.changes
        #expect(again.changedRows == run.changedRows)
        for run in [run, again] {
          let place = "seed \(seed), epoch \(index + 1)"
          #expect(run.rows == expected, "\(place)")
          #expect(run.late.sorted() == oracle.late, "\(place)")
          #expect(run.unusable == oracle.unusable, "\(place)")
          #expect(run.outcome.stateRows == oracle.open.count, "\(place)")
          let next = mode == .complete ? nil : oracle.open.compactMap(\.time).min()
          #expect(run.outcome.nextClose == next, "\(place)")
        }
      }
    }
  }
}
