import Columnar
import Operators
import TestSupport

/// All plans of the other tests, and what they leave out.
let accumulatorPlans: [AccumulatorPlan] =
  (exactAccumulatorCases + nearAccumulatorCases).map(\.plan)
  + someTypes.flatMap { type -> [AccumulatorPlan] in
    [
      AccumulatorPlan(.first(ignoresNulls: true), [type], result: type),
      AccumulatorPlan(.last(ignoresNulls: false), [type], result: type),
      AccumulatorPlan(.mode(prefersGreatest: true), [type], result: type),
      AccumulatorPlan(.top(3), [type], result: topType(type)),
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
    AccumulatorPlan(.sketch(precision: 4), [.bigint], result: .binary),
    AccumulatorPlan(.sketch(precision: 9), [.string], result: .binary),
    AccumulatorPlan(.sketch(precision: 12), [.binary], result: .binary, isDistinct: true),
    AccumulatorPlan(.bitmap(.or), [.binary], result: .binary),
    AccumulatorPlan(.bitmap(.and), [.binary], result: .binary),
    AccumulatorPlan(
      .list(order: [ListOrder(isDescending: false, nullsFirst: false)]), [.string, .double],
      result: .array(.string), isDistinct: true),
    AccumulatorPlan(.join(delimiter: [], order: []), [.string], result: .string),
    AccumulatorPlan(.histogram(binCount: 10_000), [.double], result: histogramType(.double)),
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
final class AccumulatorDriver {
  let accumulator: any Accumulator
  private(set) var groupCount = 0

  init(_ plan: AccumulatorPlan, keepsChanges: Bool = true) {
    accumulator = plan.makeAccumulator()
    if keepsChanges { accumulator.keepChanges() }
  }

  /// What an epoch has changed.
  struct Saved {
    let groups: Buffer<Int32>
    let columns: [Column]

    var values: [[Value]] { columns.map { $0.values.map(exact) } }
  }

  func grow(to groups: Buffer<Int32>) {
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

  /// - Parameter groups: which of the groups here takes each state; left out, the one that gave it.
  func merge(_ saved: Saved, into groups: Buffer<Int32>? = nil) throws {
    grow(to: groups ?? saved.groups)
    try accumulator.merge(saved.columns, into: groups ?? saved.groups)
  }

  /// Nil for an overflow.
  func results() -> [Value]? { try? accumulator.result(of: all).values.map(exact) }
}
