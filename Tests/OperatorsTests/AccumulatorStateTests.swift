import Columnar
import Operators
import TestSupport
import Testing

/// All plans of the other tests, and what they leave out.
private let plans: [AccumulatorPlan] =
  (exactAccumulatorCases + nearAccumulatorCases).map(\.plan)
  + someTypes.flatMap { type -> [AccumulatorPlan] in
    [
      AccumulatorPlan(.first(ignoresNulls: true), [type], result: type),
      AccumulatorPlan(.last(ignoresNulls: false), [type], result: type),
      AccumulatorPlan(.mode(prefersGreatest: true), [type], result: type),
      AccumulatorPlan(.approximateCount(deviation: 0.2), [type], result: .bigint),
      AccumulatorPlan(.count, [type], result: .bigint, isDistinct: true),
      AccumulatorPlan(
        .list(order: [
          ListOrder(isDescending: true, nullsFirst: true),
          ListOrder(isDescending: false, nullsFirst: false),
        ]), [.bigint, type, .int], result: .array(.bigint)),
      AccumulatorPlan(
        .rank([0.5], isArray: false, isDescending: true), [type], result: type),
    ]
  }
  + [
    AccumulatorPlan(.sum, [.bigint], result: .bigint, isTrying: true),
    AccumulatorPlan(.average, [.dayTimeInterval], result: .dayTimeInterval, isTrying: true),
    AccumulatorPlan(
      .sum, [.decimal(precision: 38, scale: 2)], result: .decimal(precision: 38, scale: 2),
      isTrying: true),
    AccumulatorPlan(
      .average, [.decimal(precision: 20, scale: 3)], result: .decimal(precision: 24, scale: 7),
      isTrying: true),
    AccumulatorPlan(.sum, [.float], result: .double),
    AccumulatorPlan(.average, [.double], result: .double, isDistinct: true),
    AccumulatorPlan(.product, [.double], result: .double),
    AccumulatorPlan(.regressionCount, [.double, .double], result: .bigint),
    AccumulatorPlan(.regressionIntercept, [.double, .double], result: .double),
    AccumulatorPlan(.mode(prefersGreatest: false), [.string], result: .string),
    AccumulatorPlan(
      .percentile([0.1, 0.9], isArray: true, isDescending: true), [.double],
      result: .array(.double)),
    AccumulatorPlan(.approximateCount(deviation: 0.01), [.bigint], result: .bigint),
    AccumulatorPlan(
      .list(order: [ListOrder(isDescending: false, nullsFirst: false)]), [.string, .double],
      result: .array(.string), isDistinct: true),
    AccumulatorPlan(.join(delimiter: [], order: []), [.string], result: .string),
  ]

/// Values in which every bit of a double counts.
func exact(_ value: Value) -> Value {
  switch value {
  case .double(let double): .structure([.integer(Int64(bitPattern: double.bitPattern))])
  case .list(let values): .list(values.map(exact))
  case .structure(let values): .structure(values.map(exact))
  default: value
  }
}

/// Random values, among which those that are easily lost.
func trickyColumn(_ type: DataType, count: Int, _ random: inout SplitMix64) -> Column {
  let tricky: [Value] =
    switch type {
    case .float, .double:
      [-0.0, 0.0, .infinity, -.infinity, .nan, -.nan, 1e300].map { .double($0) }
        + (type == .double ? [.double(Double(bitPattern: 0x7FF8_0000_0000_1234))] : [])
    case .bigint, .timestamp, .dayTimeInterval: [.integer(.max), .integer(.min), .integer(0)]
    case .decimal(let precision, _):
      [1, -1].map { .decimal((0..<precision).reduce($0) { value, _ in value * 10 } - $0) }
    default: []
    }
  return Column(
    type,
    values: (0..<count).map { _ in
      if Int.random(in: 0..<8, using: &random) == 0,
        let value = tricky.randomElement(using: &random)
      {
        return value
      }
      return randomValue(type, &random)
    })
}

/// An accumulator as an aggregation drives it.
private final class Driver {
  let accumulator: any Accumulator
  private(set) var groupCount = 0

  init(_ plan: AccumulatorPlan) {
    accumulator = plan.makeAccumulator()
    accumulator.keepChanges()
  }

  /// What an epoch has changed.
  struct Saved {
    let groups: Buffer<Int32>
    let columns: [Column]

    var values: [[Value]] { columns.map { $0.values.map(exact) } }
  }

  private func grow(to groups: Buffer<Int32>) {
    groupCount = groups.elements.reduce(groupCount) { max($0, Int($1) + 1) }
    accumulator.resize(to: groupCount)
  }

  func run(_ groups: Buffer<Int32>, _ columns: [Column]) throws {
    grow(to: groups)
    try accumulator.update(GroupedRows(groups), columns)
  }

  func takeChanges(of groups: [Int32]) throws -> Saved {
    let groups = Buffer(groups)
    let columns = try accumulator.state(of: groups, .change)
    accumulator.forgetChanges(of: groups)
    return Saved(groups: groups, columns: columns)
  }

  var all: Buffer<Int32> { Buffer((0..<Int32(groupCount)).map { $0 }) }

  func snapshot() throws -> Saved {
    Saved(groups: all, columns: try accumulator.state(of: all, .whole))
  }

  func restore(_ saved: Saved) throws {
    grow(to: saved.groups)
    try accumulator.restore(saved.columns, to: saved.groups)
  }

  /// Nil for an overflow.
  func results() -> [Value]? { try? accumulator.result(of: all).values.map(exact) }
}

@Suite("states of accumulators")
struct AccumulatorStateTests {
  /// A run of epochs, with what was saved of each, and the results behind it.
  private struct History {
    var rows: [(groups: Buffer<Int32>, columns: [Column])] = []
    var changes: [Driver.Saved] = []
    var snapshots: [Driver.Saved] = []
    var results: [[Value]?] = []
  }

  private func changed(_ groups: Buffer<Int32>) -> [Int32] {
    var seen: Set<Int32> = []
    return groups.elements.filter { seen.insert($0).inserted }
  }

  private func history(_ plan: AccumulatorPlan, _ random: inout SplitMix64) throws -> History {
    let driver = Driver(plan)
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
    arguments: plans.indices)
  func twins(index: Int) throws {
    let plan = plans[index]
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
        let driver = Driver(plan)
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

  @Test("have the types that they are said to have", arguments: plans.indices)
  func types(index: Int) throws {
    let driver = Driver(plans[index])
    var random = SplitMix64(seed: 5)
    let columns = plans[index].arguments.map { trickyColumn($0, count: 40, &random) }
    try driver.run(Buffer((0..<40).map { $0 % 5 }), columns)
    let parts = driver.accumulator.stateParts
    #expect(try driver.snapshot().columns.map(\.type) == parts.map(\.type))
    #expect(Set(parts.map(\.name)).count == parts.count)
    #expect(parts.allSatisfy { !$0.appends || $0.type.isNested })
  }

  @Test("hold of a list no more than was added", arguments: plans.indices)
  func additions(index: Int) throws {
    let driver = Driver(plans[index])
    var random = SplitMix64(seed: 6)
    let groups = Buffer((0..<200).map { _ in Int32(0) })
    try driver.run(groups, plans[index].arguments.map { trickyColumn($0, count: 200, &random) })
    _ = try driver.takeChanges(of: [0])
    let nothing = try driver.accumulator.state(of: Buffer([0]), .change)
    for (part, column) in zip(driver.accumulator.stateParts, nothing) where part.appends {
      #expect(column.value(0) == .list([]))
    }
    #expect(driver.accumulator.stateByteCount(of: 0, .change) < 1 << 12 || plans[index].isSketch)
  }

  @Test(
    "that hold anything at all are refused or used, but crash nothing", arguments: plans.indices)
  func hostile(index: Int) throws {
    let plan = plans[index]
    var random = SplitMix64(seed: UInt64(index))
    for _ in 0..<20 {
      let driver = Driver(plan)
      let groups = Buffer([2, 0, 1] as [Int32])
      let columns = driver.accumulator.stateParts.map { trickyColumn($0.type, count: 3, &random) }
      driver.accumulator.resize(to: 3)
      do {
        try driver.restore(Driver.Saved(groups: groups, columns: columns))
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
    if case .approximateCount = function { true } else { false }
  }
}
