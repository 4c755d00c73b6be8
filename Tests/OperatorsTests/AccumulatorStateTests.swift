import Columnar
import Operators
import TestSupport
import Testing

@Suite("states of accumulators")
struct AccumulatorStateTests {
  /// A run of epochs, with what was saved of each, and the results behind it.
  private struct History {
    var rows: [(groups: Buffer<Int32>, columns: [Column])] = []
    var changes: [AccumulatorDriver.Saved] = []
    var snapshots: [AccumulatorDriver.Saved] = []
    var results: [[Value]?] = []
  }

  private func changed(_ groups: Buffer<Int32>) -> [Int32] {
    var seen: Set<Int32> = []
    return groups.elements.filter { seen.insert($0).inserted }
  }

  private func history(_ plan: AccumulatorPlan, _ random: inout SplitMix64) throws -> History {
    let driver = AccumulatorDriver(plan)
    var history = History()
    for epoch in 0..<7 {
      let count = [0, 1, 30, 64, 90].randomElement(using: &random) ?? 0
      let groups = Buffer(
        (0..<count).map { _ in Int32.random(in: 0..<Int32(3 + 2 * epoch), using: &random) })
      let columns = plan.arguments.map { trickyColumn($0, count: count, &random) }
      try driver.run(groups, columns)
      history.rows.append((groups, columns))
      history.changes.append(try driver.takeChanges(of: changed(groups)))
      history.snapshots.append(try driver.snapshot())
      history.results.append(driver.results())
    }
    return history
  }

  @Test(
    "go on after a restore as if nothing had been, from a snapshot, from changes and from both",
    arguments: accumulatorPlans.indices)
  func twins(index: Int) throws {
    let plan = accumulatorPlans[index]
    var random = SplitMix64(seed: UInt64(index))
    for _ in 0..<4 {
      let history = try history(plan, &random)
      let point = Int.random(in: 0..<6, using: &random)
      let base = Int.random(in: 0...point, using: &random)
      let ways = [
        [history.snapshots[point]],
        [history.snapshots[base]] + history.changes[(base + 1)..<(point + 1)],
        Array(history.changes[...point]),
      ]
      for saved in ways {
        let driver = AccumulatorDriver(plan)
        for part in saved { try driver.restore(part) }
        #expect(driver.results() == history.results[point])
        #expect(try driver.snapshot().values == history.snapshots[point].values)
        for epoch in (point + 1)..<7 {
          let (groups, columns) = history.rows[epoch]
          try driver.run(groups, columns)
          let changes = try driver.takeChanges(of: changed(groups))
          #expect(changes.values == history.changes[epoch].values)
          #expect(try driver.snapshot().values == history.snapshots[epoch].values)
          #expect(driver.results() == history.results[epoch])
        }
      }
    }
  }

  @Test("have the types that they are said to have", arguments: accumulatorPlans.indices)
  func types(index: Int) throws {
    let driver = AccumulatorDriver(accumulatorPlans[index])
    var random = SplitMix64(seed: 5)
    let columns = accumulatorPlans[index].arguments.map { trickyColumn($0, count: 40, &random) }
    try driver.run(Buffer((0..<40).map { $0 % 5 }), columns)
    let parts = driver.accumulator.stateParts
    #expect(try driver.snapshot().columns.map(\.type) == parts.map(\.type))
    #expect(Set(parts.map(\.name)).count == parts.count)
    #expect(parts.allSatisfy { !$0.appends || $0.type.isNested })
  }

  @Test("hold of a list no more than was added", arguments: accumulatorPlans.indices)
  func additions(index: Int) throws {
    let driver = AccumulatorDriver(accumulatorPlans[index])
    var random = SplitMix64(seed: 6)
    let groups = Buffer((0..<200).map { _ in Int32(0) })
    try driver.run(
      groups, accumulatorPlans[index].arguments.map { trickyColumn($0, count: 200, &random) })
    _ = try driver.takeChanges(of: [0])
    let nothing = try driver.accumulator.state(of: Buffer([0]), .change)
    for (part, column) in zip(driver.accumulator.stateParts, nothing) where part.appends {
      #expect(column.value(0) == .list([]))
    }
    #expect(
      driver.accumulator.stateByteCount(of: 0, .change) < 1 << 12
        || accumulatorPlans[index].isSketch)
  }

  @Test(
    "that hold anything at all are refused or used, but crash nothing",
    arguments: accumulatorPlans.indices)
  func hostile(index: Int) throws {
    let plan = accumulatorPlans[index]
    var random = SplitMix64(seed: UInt64(index))
    for _ in 0..<20 {
      let driver = AccumulatorDriver(plan)
      let groups = Buffer([2, 0, 1] as [Int32])
      let columns = driver.accumulator.stateParts.map { trickyColumn($0.type, count: 3, &random) }
      driver.accumulator.resize(to: 3)
      do {
        try driver.restore(AccumulatorDriver.Saved(groups: groups, columns: columns))
      } catch is StateDamage {
        continue
      }
      let more = plan.arguments.map { trickyColumn($0, count: 50, &random) }
      try? driver.run(Buffer((0..<50).map { $0 % 3 }), more)
      _ = driver.results()
      _ = try driver.snapshot()
    }
  }
}

extension AccumulatorPlan {
  fileprivate var isSketch: Bool {
    switch function {
    case .approximateCount, .histogram, .sketch, .bitmap: true
    default: false
    }
  }
}
