import Columnar
import Operators
import TestSupport
import Testing

/// What merging has to give to the last bit, and over which rows.
private let exactPlans: [AccumulatorPlan] =
  accumulatorPlans.filter { !$0.isRounded } + [
    AccumulatorPlan(
      .list(order: [ListOrder(isDescending: true, nullsFirst: true)]), [.void, .int],
      result: .array(.void), isDistinct: true),
    AccumulatorPlan(
      .join(delimiter: [59], order: [ListOrder(isDescending: true, nullsFirst: false)]),
      [.string, .int], result: .string, isDistinct: true),
    AccumulatorPlan(
      .list(order: []), [.array(.double)], result: .array(.array(.double)), isDistinct: true),
    AccumulatorPlan(.product, [.double], result: .double, isDistinct: true),
    AccumulatorPlan(.greatest, [.double], result: .double, isDistinct: true),
    AccumulatorPlan(.skewness, [.int], result: .double, isDistinct: true),
  ]

private let roundedPlans =
  accumulatorPlans.filter(\.isRounded) + [
    AccumulatorPlan(.average, [.double], result: .double),
    AccumulatorPlan(.regressionCount, [.int, .double], result: .bigint),
  ]

extension AccumulatorPlan {
  /// Whether the order of additions shows in the last bits.
  fileprivate var isRounded: Bool {
    if isDistinct { return false }
    switch function {
    case .sum, .average: return result == .double
    case .product, .variancePopulation, .varianceSample, .deviationPopulation, .deviationSample,
      .skewness, .kurtosis, .correlation, .covariancePopulation, .covarianceSample,
      .regressionCount, .regressionAverageX, .regressionAverageY, .regressionSlope,
      .regressionIntercept, .regressionR2, .regressionSXX, .regressionSXY, .regressionSYY:
      return true
    default: return false
    }
  }

  /// Whether it depends on the order of rows if there is an overflow.
  fileprivate var isIntegerSum: Bool { (function == .sum || function == .average) && !isDistinct }
}

@Suite("merged states of accumulators")
struct AccumulatorMergeTests {
  private struct Rows {
    let groups: Buffer<Int32>
    let columns: [Column]

    /// Cuts them at random places, perhaps several times at the same.
    func parts(_ random: inout SplitMix64) -> [Rows] {
      let count = Int.random(in: 0...4, using: &random)
      let cuts = (0..<count).map { _ in Int.random(in: 0...groups.count, using: &random) }
      let bounds = [0] + cuts.sorted() + [groups.count]
      return zip(bounds, bounds.dropFirst()).map { start, end in
        Rows(groups: groups[start..<end], columns: columns.map { $0[start..<end] })
      }
    }
  }

  private static let groupCount: Int32 = 9
  private static let allGroups = Buffer((0..<groupCount).map { $0 })
  private static let reversed = Buffer((0..<groupCount).reversed())

  /// - Parameter column: random values of a type.
  private func rows(
    _ plan: AccumulatorPlan, count: Int, _ random: inout SplitMix64,
    _ column: (DataType, Int, inout SplitMix64) -> Column
  ) -> Rows {
    Rows(
      groups: Buffer((0..<count).map { _ in .random(in: 0..<7, using: &random) }),
      columns: plan.arguments.map { column($0, count, &random) })
  }

  /// Values that do not overflow where they are summed up.
  private func exactRows(
    _ plan: AccumulatorPlan, count: Int, _ random: inout SplitMix64
  ) -> Rows {
    guard plan.isIntegerSum else { return rows(plan, count: count, &random, trickyColumn) }
    return rows(plan, count: count, &random) { type, count, random in
      let values = (0..<count).map { _ -> Value in
        let value = randomValue(type, &random)
        if case .integer(let integer) = value { return .integer(integer % 1_000_000) }
        return value
      }
      return Column(type, values: values)
    }
  }

  /// An accumulator with room for all groups.
  private func driver(_ plan: AccumulatorPlan, keepsChanges: Bool = true) -> AccumulatorDriver {
    let driver = AccumulatorDriver(plan, keepsChanges: keepsChanges)
    driver.grow(to: AccumulatorMergeTests.allGroups)
    return driver
  }

  private func state(_ plan: AccumulatorPlan, _ rows: Rows) throws -> AccumulatorDriver.Saved {
    let driver = driver(plan)
    try driver.run(rows.groups, rows.columns)
    return try driver.snapshot()
  }

  private static let counts = [0, 1, 2, 30, 64, 200]

  @Test("are those of all rows", arguments: exactPlans.indices)
  func exactly(index: Int) throws {
    let plan = exactPlans[index]
    var random = SplitMix64(seed: UInt64(index))
    for count in AccumulatorMergeTests.counts + AccumulatorMergeTests.counts {
      let rows = exactRows(plan, count: count, &random)
      let whole = driver(plan)
      try whole.run(rows.groups, rows.columns)
      let (merged, careless) = (driver(plan), driver(plan, keepsChanges: false))
      for part in rows.parts(&random) {
        if Bool.random(using: &random) {
          try merged.run(part.groups, part.columns)
        } else {
          try merged.merge(state(plan, part))
        }
        try careless.merge(state(plan, part))
      }
      #expect(merged.results() == whole.results())
      #expect(try merged.snapshot().values == whole.snapshot().values)
      #expect(careless.results() == whole.results())
      let more = exactRows(plan, count: 30, &random)
      for driver in [whole, merged] { try driver.run(more.groups, more.columns) }
      #expect(merged.results() == whole.results())
      #expect(try merged.snapshot().values == whole.snapshot().values)
    }
  }

  @Test("come as near to those of all rows as doubles can", arguments: roundedPlans.indices)
  func nearly(index: Int) throws {
    let plan = roundedPlans[index]
    var random = SplitMix64(seed: UInt64(index))
    for count in AccumulatorMergeTests.counts + AccumulatorMergeTests.counts {
      let rows = rows(plan, count: count, &random) { type, count, random in
        let values = (0..<count).map { _ -> Value in
          if Int.random(in: 0..<5, using: &random) == 0 { return .null }
          let value = Double.random(in: 0.5...2, using: &random)
          let isInteger = type == .int || type == .bigint
          return isInteger ? .integer(Int64(value * 10)) : .double(value * value)
        }
        return Column(type, values: values)
      }
      let (whole, merged) = (driver(plan), driver(plan))
      try whole.run(rows.groups, rows.columns)
      for part in rows.parts(&random) { try merged.merge(state(plan, part)) }
      let all = AccumulatorMergeTests.allGroups
      let expected = try whole.accumulator.result(of: all).values
      for (value, expected) in zip(try merged.accumulator.result(of: all).values, expected) {
        guard let value = number(value), let expected = number(expected) else {
          #expect(value == expected)
          continue
        }
        #expect(abs(value - expected) <= 1e-9 * max(1, abs(expected)))
      }
    }
  }

  @Test(
    "are to the last bit those that a group without rows takes over",
    arguments: (exactPlans + roundedPlans).indices)
  func fresh(index: Int) throws {
    let plan = (exactPlans + roundedPlans)[index]
    var random = SplitMix64(seed: UInt64(index))
    let (all, reversed) = (AccumulatorMergeTests.allGroups, AccumulatorMergeTests.reversed)
    for count in AccumulatorMergeTests.counts {
      let rows = rows(plan, count: count, &random, trickyColumn)
      let source = try state(plan, rows)
      let target = driver(plan)
      try target.merge(source, into: reversed)
      let taken = try target.accumulator.state(of: reversed, .whole)
      #expect(AccumulatorDriver.Saved(groups: all, columns: taken).values == source.values)
      try target.merge(state(plan, self.rows(plan, count: 0, &random, trickyColumn)))
      let unchanged = try target.accumulator.state(of: reversed, .whole)
      #expect(AccumulatorDriver.Saved(groups: all, columns: unchanged).values == source.values)
    }
  }

  @Test("do not depend on which are merged first", arguments: exactPlans.indices)
  func associativity(index: Int) throws {
    let plan = exactPlans[index]
    var random = SplitMix64(seed: UInt64(index))
    for count in AccumulatorMergeTests.counts {
      let states = try (0..<3).map { _ in
        try state(plan, exactRows(plan, count: count, &random))
      }
      let (left, right, tail) = (driver(plan), driver(plan), driver(plan))
      for state in states { try left.merge(state) }
      for state in states[1...] { try tail.merge(state) }
      try right.merge(states[0])
      try right.merge(tail.snapshot())
      #expect(try left.snapshot().values == right.snapshot().values)
      #expect(left.results() == right.results())
    }
  }

  @Test("count as added", arguments: (exactPlans + roundedPlans).indices)
  func changes(index: Int) throws {
    let plan = (exactPlans + roundedPlans)[index]
    var random = SplitMix64(seed: UInt64(index))
    for count in AccumulatorMergeTests.counts {
      let target = driver(plan)
      let rows = exactRows(plan, count: 50, &random)
      try target.run(rows.groups, rows.columns)
      target.accumulator.forgetChanges(of: target.all)
      let base = try target.snapshot()
      try target.merge(state(plan, exactRows(plan, count: count, &random)))
      let twin = driver(plan)
      try twin.restore(base)
      try twin.restore(target.takeChanges(of: target.all.elements))
      #expect(try twin.snapshot().values == target.snapshot().values)
      #expect(twin.results() == target.results())
    }
  }
}
