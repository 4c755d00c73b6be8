import Columnar
import Operators
import Testing

/// The cases in which a merge could go wrong, each by itself.
@Suite("merged states of accumulators, value by value")
struct AccumulatorMergeValueTests {
  /// The state of one group over rows of one argument.
  private func state(_ plan: AccumulatorPlan, _ values: [Value]) throws -> AccumulatorDriver.Saved {
    let driver = AccumulatorDriver(plan)
    try driver.run(
      Buffer(repeating: 0, count: values.count), [Column(plan.arguments[0], values: values)])
    return try driver.snapshot()
  }

  private func merged(_ plan: AccumulatorPlan, _ parts: [[Value]]) throws -> Value {
    let driver = AccumulatorDriver(plan)
    for part in parts { try driver.merge(state(plan, part)) }
    return try driver.accumulator.result(of: Buffer([0])).value(0)
  }

  private static let decimal = DataType.decimal(precision: 38, scale: 0)

  /// Sums, and a value of which one fits and a few do not.
  private static let sums: [(type: DataType, result: DataType, value: Value)] = [
    (.bigint, .bigint, .integer(.max - 1)),
    (.dayTimeInterval, .dayTimeInterval, .integer(.min + 1)),
    (decimal, decimal, .decimal(Int128.max / 2)),
  ]

  @Test("overflow where rows would", arguments: sums.indices)
  func overflow(index: Int) throws {
    let (type, result, value) = AccumulatorMergeValueTests.sums[index]
    let parts = [[value], [value, .null], [value]]
    for function in [AccumulatorFunction.sum, .average] {
      let plan = AccumulatorPlan(function, [type], result: result)
      let rows = #expect(throws: AggregateError.self) { try state(plan, parts.flatMap { $0 }) }
      let merge = #expect(throws: AggregateError.self) { try merged(plan, parts) }
      #expect(rows == .overflow && merge == .overflow)
      let trying = AccumulatorPlan(function, [type], result: result, isTrying: true)
      #expect(try merged(trying, parts) == .null)
      // Once over, always over: also as a state that is merged by itself.
      #expect(try merged(trying, [parts.flatMap { $0 }, [.null]]) == .null)
      #expect(try merged(trying, [[.null], parts.flatMap { $0 }]) == .null)
    }
  }

  @Test("count a distinct value once")
  func distinct() throws {
    let parts: [[Value]] = [
      [1, 2, 2].map { .integer($0) }, [.null], [3, 2].map { .integer($0) }, [],
      [.integer(1), .null],
    ]
    func distinct(_ function: AccumulatorFunction, _ result: DataType) throws -> Value {
      try merged(AccumulatorPlan(function, [.bigint], result: result, isDistinct: true), parts)
    }
    #expect(try distinct(.count, .bigint) == .integer(3))
    #expect(try distinct(.sum, .bigint) == .integer(6))
    #expect(try distinct(.average, .double) == .double(2))
    #expect(
      try distinct(.list(order: []), .array(.bigint)) == .list([1, 2, 3].map { .integer($0) }))
  }

  @Test("take values for distinct only where they are not equal")
  func variants() throws {
    let parts: [[Value]] = [[-0.0, -.nan], [0.0, .nan, 1], [-0.0]].map { $0.map { .double($0) } }
    let set = AccumulatorPlan(
      .list(order: []), [.double], result: .array(.double), isDistinct: true)
    let expected: [Value] = [0.0, .nan, 1].map { exact(.double($0)) }
    #expect(try exact(merged(set, parts)) == .list(expected))
    let driver = AccumulatorDriver(set)
    let values = parts.flatMap { $0 }
    try driver.run(
      Buffer(repeating: 0, count: values.count), [Column(.double, values: values)])
    #expect(driver.results() == [.list(expected)])
  }

  @Test("prefer among equal values whatever rows would")
  func ties() throws {
    func text(_ texts: [String]) -> [Value] { texts.map { .string($0) } }
    let first = AccumulatorPlan(.first(ignoresNulls: false), [.string], result: .string)
    #expect(try merged(first, [[], [.null], text(["b"])]) == .null)
    let present = AccumulatorPlan(.first(ignoresNulls: true), [.string], result: .string)
    #expect(try merged(present, [[], [.null], text(["b", "c"]), text(["a"])]) == .string("b"))
    let last = AccumulatorPlan(.last(ignoresNulls: false), [.string], result: .string)
    #expect(try merged(last, [text(["b"]), [.null], []]) == .null)
    let mode = AccumulatorPlan(.mode(prefersGreatest: false), [.string], result: .string)
    let parts = [text(["b", "b", "a"]), text(["a", "c"]), [.null, .null, .null]]
    #expect(try merged(mode, parts) == .string("a"))
    #expect(try merged(mode, parts + [text(["c", "c"])]) == .string("c"))
  }

  @Test("keep the moments of numbers that are far from zero")
  func stability() throws {
    let steps: [Double] = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]
    func parts(from start: Double) -> [[Value]] {
      [0..<1, 1..<6, 6..<6, 6..<16].map { range in steps[range].map { .double(start + $0) } }
    }
    for function in [AccumulatorFunction.varianceSample, .skewness, .kurtosis] {
      let plan = AccumulatorPlan(function, [.double], result: .double)
      let near = number(try merged(plan, [parts(from: 0).flatMap { $0 }])) ?? .nan
      let far = number(try merged(plan, parts(from: 1e9))) ?? .nan
      #expect(abs(far - near) < 1e-6)
    }
  }

  @Test("can be those of many groups at once")
  func many() throws {
    let count = 16_384
    let groups = Buffer((0..<Int32(count)).map { $0 })
    let plans = [
      AccumulatorPlan(.count, [.bigint], result: .bigint, isDistinct: true),
      AccumulatorPlan(.sum, [.bigint], result: .bigint),
      AccumulatorPlan(.greatest, [.bigint], result: .bigint),
    ]
    for (plan, expected) in zip(
      plans, [{ _ in 2 }, { 3 * $0 + 2 }, { $0 + 1 }] as [(Int64) -> Int64])
    {
      let driver = AccumulatorDriver(plan)
      for step: Int64 in [0, 1, 1] {
        let part = AccumulatorDriver(plan)
        try part.run(groups, [Column((0..<Int64(count)).map { $0 + step })])
        try driver.merge(part.snapshot())
      }
      #expect(driver.results() == (0..<Int64(count)).map { .integer(expected($0)) })
    }
  }
}
