import Columnar
import Operators
import TestSupport
import Testing

/// Runs an accumulator over rows cut into batches.
private func run(
  _ plan: AccumulatorPlan, _ columns: [Column], _ groups: [Int32], groupCount: Int, size: Int
) throws -> Column {
  let accumulator = plan.makeAccumulator()
  for start in stride(from: 0, to: groups.count, by: size) {
    let rows = start..<min(start + size, groups.count)
    accumulator.resize(to: groups[..<rows.upperBound].reduce(0) { max($0, Int($1) + 1) })
    try accumulator.update(GroupedRows(Buffer(Array(groups[rows]))), columns.map { $0[rows] })
  }
  accumulator.resize(to: groupCount)
  return try accumulator.result(of: Buffer((0..<Int32(groupCount)).map { $0 }))
}

@Suite("accumulators")
struct AccumulatorTests {
  /// The last two groups have no row.
  private func table(_ types: [DataType], count: Int) -> ([Column], [Int32], [[[Value]]]) {
    var random = SplitMix64(seed: 99)
    let columns = types.enumerated().map { index, type in
      Column(type, values: randomValues(type, count: count, seed: UInt64(index + 40)))
    }
    let groups = (0..<count).map { _ in Int32.random(in: 0..<7, using: &random) }
    var rows = [[[Value]]](repeating: [], count: 9)
    for row in 0..<count { rows[Int(groups[row])].append(columns.map { $0.value(row) }) }
    return (columns, groups, rows)
  }

  @Test(
    "compute what a reader of rows does, wherever batches are cut", arguments: exactAccumulatorCases
  )
  func exact(_ example: AccumulatorCase) throws {
    for count in [0, 1, 63, 64, 65, 400] {
      let (columns, groups, rows) = table(example.plan.arguments, count: count)
      let expected = rows.map(example.expected)
      for size in [1, 64, 65, 400] {
        let result = try run(example.plan, columns, groups, groupCount: 9, size: size)
        #expect(result.type == example.plan.result)
        #expect(result.values == expected)
      }
    }
  }

  @Test(
    "come near the textbook's formulas, to the same bit wherever batches are cut",
    arguments: nearAccumulatorCases)
  func near(_ example: AccumulatorCase) throws {
    for count in [0, 1, 63, 400] {
      let (columns, groups, rows) = table(example.plan.arguments, count: count)
      let whole = try run(example.plan, columns, groups, groupCount: 9, size: 400)
      for (value, expected) in zip(whole.values, rows.map(example.expected)) {
        guard let value = number(value), let expected = number(expected) else {
          #expect(value == expected)
          continue
        }
        #expect(abs(value - expected) <= 1e-9 * max(1, abs(expected)))
      }
      for size in [1, 65] {
        let cut = try run(example.plan, columns, groups, groupCount: 9, size: size)
        #expect(cut.values == whole.values)
      }
    }
  }

  @Test("say that an integer sum overflows, or give null")
  func overflow() throws {
    let column = Column([.max, 1, 5] as [Int64?])
    let groups: [Int32] = [0, 0, 1]
    let plan = AccumulatorPlan(.sum, [.bigint], result: .bigint)
    let error = #expect(throws: AggregateError.self) {
      try run(plan, [column], groups, groupCount: 2, size: 3)
    }
    #expect(error == .overflow)
    let trying = AccumulatorPlan(.sum, [.bigint], result: .bigint, isTrying: true)
    #expect(
      try run(trying, [column], groups, groupCount: 2, size: 1).values == [.null, .integer(5)])
  }

  @Test("add decimals exactly and round their averages half away from zero")
  func decimals() throws {
    let type = DataType.decimal(precision: 3, scale: 0)
    func average(_ values: [Int128]) throws -> Value {
      let plan = AccumulatorPlan(.average, [type], result: .decimal(precision: 7, scale: 1))
      let column = Column(type, values: values.map { .decimal($0) })
      let groups = values.map { _ in Int32(0) }
      return try run(plan, [column], groups, groupCount: 1, size: 2).value(0)
    }
    #expect(try average([1, 1, 1, 2]) == .decimal(13))
    #expect(try average([-1, -1, -1, -2]) == .decimal(-13))
    #expect(try average([1, 1, 2]) == .decimal(13))
    #expect(try average([999, 1]) == .decimal(5000))
    let most = DataType.decimal(precision: 38, scale: 0)
    let huge = Column(most, values: (0..<20).map { _ in .decimal(Int128(10) * (Int128(1) << 120)) })
    let zeros = (0..<20).map { _ in Int32(0) }
    let sum = AccumulatorPlan(.sum, [most], result: most)
    #expect(throws: AggregateError.self) { try run(sum, [huge], zeros, groupCount: 1, size: 3) }
    let trying = AccumulatorPlan(.sum, [most], result: most, isTrying: true)
    #expect(try run(trying, [huge], zeros, groupCount: 1, size: 3).values == [.null])
  }

  @Test("average intervals, rounded half away from zero")
  func intervals() throws {
    let column = Column([1, 2, -1, -2] as [Int64?], as: .dayTimeInterval)
    let plan = AccumulatorPlan(.average, [.dayTimeInterval], result: .dayTimeInterval)
    let result = try run(plan, [column], [0, 0, 1, 1], groupCount: 2, size: 4)
    #expect(result.values == [.integer(2), .integer(-2)])
  }

  @Test("find NaN larger than all else")
  func notANumber() throws {
    let column = Column([.nan, 1, .nan, -.infinity, nil] as [Double?])
    let groups: [Int32] = [0, 0, 1, 2, 3]
    let least = AccumulatorPlan(.least, [.double], result: .double)
    let smallest = try run(least, [column], groups, groupCount: 4, size: 2)
    #expect(smallest.value(0) == .double(1) && smallest.value(2) == .double(-.infinity))
    #expect(smallest.isNull(3))
    let greatest = AccumulatorPlan(.greatest, [.double], result: .double)
    let largest = try run(greatest, [column], groups, groupCount: 4, size: 2)
    guard case .double(let first) = largest.value(0), case .double(let second) = largest.value(1)
    else { throw AggregateTestFailure() }
    #expect(first.isNaN && second.isNaN)
    #expect(largest.value(2) == .double(-.infinity))
  }

  @Test(
    "estimate distinct values within the deviation that is asked for",
    arguments: [100, 5000, 200_000])
  func approximateCount(count: Int) throws {
    for deviation in [0.05, 0.01] {
      let plan = AccumulatorPlan(
        .approximateCount(deviation: deviation), [.bigint], result: .bigint)
      let column = Column((0..<count).map { Int64($0) * 7 })
      let groups = [Int32](repeating: 0, count: count)
      let result = try run(plan, [column], groups, groupCount: 1, size: 10_000)
      guard case .integer(let estimate) = result.value(0) else { throw AggregateTestFailure() }
      #expect(abs(Double(estimate) - Double(count)) <= 3 * deviation * Double(count))
    }
  }

  @Test("keep replaced texts from piling up")
  func garbage() throws {
    let texts = (0..<200_000).map { String(repeating: "v", count: $0 % 97) + String($0) }
    let accumulator = AccumulatorPlan(.last(ignoresNulls: false), [.string], result: .string)
      .makeAccumulator()
    accumulator.resize(to: 3)
    for start in stride(from: 0, to: texts.count, by: 1000) {
      let groups = (start..<start + 1000).map { Int32($0 % 3) }
      try accumulator.update(
        GroupedRows(Buffer(groups)), [Column(Array(texts[start..<start + 1000]))])
    }
    #expect(accumulator.byteCount < 1 << 20)
    let result = try accumulator.result(of: Buffer([0, 1, 2]))
    #expect(result.values == [199_998, 199_999, 199_997].map { .string(texts[$0]) })
  }
}

private struct AggregateTestFailure: Error {}
