import Columnar
import Operators
import TestSupport
import Testing

/// A case: what is computed, and how a slow reader of rows would.
struct AccumulatorCase: Sendable, CustomTestStringConvertible {
  let plan: AccumulatorPlan
  /// The arguments of a group's rows, in order.
  let expected: @Sendable ([[Value]]) -> Value

  var testDescription: String { "\(plan.function) of \(plan.arguments)" }
}

func number(_ value: Value) -> Double? {
  switch value {
  case .integer(let integer): Double(integer)
  case .double(let double): double
  default: nil
  }
}

private func firsts(_ rows: [[Value]]) -> [Value] { rows.map { $0[0] }.filter { $0 != .null } }

private func distinct(_ rows: [[Value]]) -> [[Value]] {
  var seen: Set<[Value]> = []
  return rows.filter { seen.insert($0).inserted }
}

private func precedes(_ left: Value, _ right: Value, _ type: DataType) -> Bool {
  Column(type, values: [left]).order(0, against: Column(type, values: [right]), 0) < 0
}

private func moment(_ values: [Double], _ power: Int) -> Double {
  let mean = values.reduce(0, +) / Double(values.count)
  return values.reduce(0) { sum, value in
    sum + (0..<power).reduce(1) { product, _ in product * (value - mean) }
  } / Double(values.count)
}

private func integers(_ rows: [[Value]]) -> [Int64] {
  rows.compactMap { if case .integer(let integer) = $0[0] { integer } else { nil } }
}

func topType(_ item: DataType) -> DataType {
  .array(.structure([Field("item", item), Field("count", .bigint)]))
}

func histogramType(_ centre: DataType) -> DataType {
  .array(.structure([Field("x", centre), Field("y", .double)]))
}

let exactAccumulatorCases: [AccumulatorCase] =
  [
    AccumulatorCase(plan: AccumulatorPlan(.count, [], result: .bigint)) {
      .integer(Int64($0.count))
    },
    AccumulatorCase(plan: AccumulatorPlan(.count, [.int, .string], result: .bigint)) { rows in
      .integer(Int64(rows.count { !$0.contains(.null) }))
    },
    AccumulatorCase(
      plan: AccumulatorPlan(.count, [.int, .string], result: .bigint, isDistinct: true)
    ) { rows in
      .integer(Int64(distinct(rows).count { !$0.contains(.null) }))
    },
    AccumulatorCase(plan: AccumulatorPlan(.countIf, [.boolean], result: .bigint)) { rows in
      .integer(Int64(rows.count { $0[0] == .boolean(true) }))
    },
    AccumulatorCase(plan: AccumulatorPlan(.sum, [.int], result: .bigint)) { rows in
      integers(rows).isEmpty ? .null : .integer(integers(rows).reduce(0, +))
    },
    AccumulatorCase(plan: AccumulatorPlan(.sum, [.smallint], result: .bigint, isDistinct: true)) {
      rows in
      let values = integers(distinct(rows))
      return values.isEmpty ? .null : .integer(values.reduce(0, +))
    },
    AccumulatorCase(plan: AccumulatorPlan(.sum, [.double], result: .double)) { rows in
      firsts(rows).isEmpty ? .null : .double(firsts(rows).compactMap(number).reduce(0, +))
    },
    AccumulatorCase(plan: AccumulatorPlan(.average, [.int], result: .double)) { rows in
      let values = firsts(rows).compactMap(number)
      return values.isEmpty ? .null : .double(values.reduce(0, +) / Double(values.count))
    },
    AccumulatorCase(plan: AccumulatorPlan(.bitXor, [.bigint], result: .bigint)) { rows in
      integers(rows).isEmpty ? .null : .integer(integers(rows).reduce(0, ^))
    },
    AccumulatorCase(plan: AccumulatorPlan(.bitAnd, [.smallint], result: .smallint)) { rows in
      integers(rows).isEmpty ? .null : .integer(integers(rows).reduce(-1, &))
    },
    AccumulatorCase(plan: AccumulatorPlan(.bitOr, [.tinyint], result: .tinyint)) { rows in
      integers(rows).isEmpty ? .null : .integer(integers(rows).reduce(0, |))
    },
    AccumulatorCase(plan: AccumulatorPlan(.list(order: []), [.string], result: .array(.string))) {
      .list(firsts($0))
    },
    AccumulatorCase(
      plan: AccumulatorPlan(
        .list(order: []), [.string], result: .array(.string), isDistinct: true)
    ) { .list(firsts(distinct($0))) },
    AccumulatorCase(
      plan: AccumulatorPlan(
        .join(delimiter: [44], order: [ListOrder(isDescending: true, nullsFirst: false)]),
        [.string, .int], result: .string)
    ) { rows in
      let present = rows.enumerated().filter { $0.element[0] != .null }
      let sorted = present.sorted { left, right in
        let (a, b) = (left.element[1], right.element[1])
        if a == b { return left.offset < right.offset }
        if a == .null || b == .null { return b == .null }
        return precedes(b, a, .int)
      }
      let texts = sorted.map { if case .string(let text) = $0.element[0] { text } else { "" } }
      return texts.isEmpty ? .null : .string(texts.joined(separator: ","))
    },
    AccumulatorCase(
      plan: AccumulatorPlan(.mode(prefersGreatest: false), [.boolean], result: .boolean)
    ) { rows in
      let counts = [Value.boolean(false), .boolean(true)].map { value in
        firsts(rows).count { $0 == value }
      }
      if counts == [0, 0] { return .null }
      return .boolean(counts[1] > counts[0])
    },
    AccumulatorCase(
      plan: AccumulatorPlan(
        .percentile([0.3], isArray: false, isDescending: false), [.double], result: .double)
    ) { rows in
      let sorted = firsts(rows).compactMap(number).sorted()
      guard !sorted.isEmpty else { return .null }
      let place = Double(sorted.count - 1) * 0.3
      let (low, high) = (Int(place), min(Int(place) + 1, sorted.count - 1))
      if Double(low) == place { return .double(sorted[low]) }
      return .double(
        sorted[low] == sorted[high]
          ? sorted[low]
          : (Double(high) - place) * sorted[low] + (place - Double(low)) * sorted[high])
    },
    AccumulatorCase(
      plan: AccumulatorPlan(.top(2), [.tinyint], result: topType(.tinyint))
    ) { rows in
      let values = Set(integers(rows)).map { value in
        (value: value, count: integers(rows).count { $0 == value })
      }
      let sorted = values.sorted {
        $0.count == $1.count ? $0.value < $1.value : $0.count > $1.count
      }
      return .list(
        sorted.prefix(2).map { .structure([.integer($0.value), .integer(Int64($0.count))]) })
    },
    AccumulatorCase(
      plan: AccumulatorPlan(.histogram(binCount: 10_000), [.int], result: histogramType(.int))
    ) { rows in
      if integers(rows).isEmpty { return .null }
      return .list(
        Set(integers(rows)).sorted().map { value in
          .structure([.integer(value), .double(Double(integers(rows).count { $0 == value }))])
        })
    },
    AccumulatorCase(
      plan: AccumulatorPlan(
        .rank([0, 0.5, 1], isArray: true, isDescending: false), [.date], result: .array(.date))
    ) { rows in
      let sorted = firsts(rows).sorted { precedes($0, $1, .date) }
      if sorted.isEmpty { return .null }
      return .list([sorted[0], sorted[(sorted.count + 1) / 2 - 1], sorted[sorted.count - 1]])
    },
  ]
  + someTypes.filter { $0 != .void && $0 != .map(key: .string, value: .array(.bigint)) }.flatMap {
    type -> [AccumulatorCase] in
    [
      AccumulatorCase(plan: AccumulatorPlan(.least, [type], result: type)) { rows in
        firsts(rows).min { precedes($0, $1, type) } ?? .null
      },
      AccumulatorCase(plan: AccumulatorPlan(.greatest, [type], result: type)) { rows in
        firsts(rows).max { precedes($0, $1, type) } ?? .null
      },
      AccumulatorCase(plan: AccumulatorPlan(.leastBy, [type, .int], result: type)) { rows in
        var best: [Value]?
        for row in rows where row[1] != .null {
          if let best, precedes(best[1], row[1], .int) { continue }
          best = row
        }
        return best?[0] ?? .null
      },
      AccumulatorCase(plan: AccumulatorPlan(.greatestBy, [.int, type], result: .int)) { rows in
        var best: [Value]?
        for row in rows where row[1] != .null {
          if let best, precedes(row[1], best[1], type) { continue }
          best = row
        }
        return best?[0] ?? .null
      },
    ]
  }
  + someTypes.flatMap { type -> [AccumulatorCase] in
    [
      AccumulatorCase(plan: AccumulatorPlan(.first(ignoresNulls: false), [type], result: type)) {
        $0.first?[0] ?? .null
      },
      AccumulatorCase(plan: AccumulatorPlan(.last(ignoresNulls: true), [type], result: type)) {
        firsts($0).last ?? .null
      },
      AccumulatorCase(
        plan: AccumulatorPlan(.list(order: []), [type], result: .array(type), isDistinct: true)
      ) {
        .list(firsts(distinct($0)))
      },
    ]
  }

private func momentCase(
  _ function: AccumulatorFunction, _ least: Int, _ body: @escaping @Sendable ([Double]) -> Double?
) -> AccumulatorCase {
  AccumulatorCase(plan: AccumulatorPlan(function, [.double], result: .double)) { rows in
    let values = firsts(rows).compactMap(number)
    guard values.count >= least, let value = body(values) else { return .null }
    return .double(value)
  }
}

private func sampleVariance(_ values: [Double]) -> Double {
  moment(values, 2) * Double(values.count) / Double(values.count - 1)
}

let nearAccumulatorCases: [AccumulatorCase] = [
  momentCase(.variancePopulation, 1) { moment($0, 2) },
  momentCase(.varianceSample, 2) { sampleVariance($0) },
  momentCase(.deviationPopulation, 1) { moment($0, 2).squareRoot() },
  momentCase(.deviationSample, 2) { sampleVariance($0).squareRoot() },
  momentCase(.skewness, 1) { values in
    let second = moment(values, 2)
    return second == 0 ? nil : moment(values, 3) / (second * second.squareRoot())
  },
  momentCase(.kurtosis, 1) { values in
    let second = moment(values, 2)
    return second == 0 ? nil : moment(values, 4) / (second * second) - 3
  },
  pairCase(.correlation, 2) { ys, xs in
    let spread = (moment(xs, 2) * moment(ys, 2)).squareRoot()
    return spread == 0 ? nil : covariance(ys, xs) / spread
  },
  pairCase(.covariancePopulation, 1) { covariance($0, $1) },
  pairCase(.covarianceSample, 2) { ys, xs in
    covariance(ys, xs) * Double(xs.count) / Double(xs.count - 1)
  },
  pairCase(.regressionSlope, 2) { ys, xs in
    moment(xs, 2) == 0 ? nil : covariance(ys, xs) / moment(xs, 2)
  },
  pairCase(.regressionR2, 1) { ys, xs in
    if moment(xs, 2) == 0 { return nil }
    if moment(ys, 2) == 0 { return 1 }
    return covariance(ys, xs) * covariance(ys, xs) / (moment(xs, 2) * moment(ys, 2))
  },
  pairCase(.regressionSXX, 1) { _, xs in moment(xs, 2) * Double(xs.count) },
  pairCase(.regressionSYY, 1) { ys, _ in moment(ys, 2) * Double(ys.count) },
  pairCase(.regressionSXY, 1) { ys, xs in covariance(ys, xs) * Double(xs.count) },
  pairCase(.regressionAverageX, 1) { _, xs in xs.reduce(0, +) / Double(xs.count) },
  pairCase(.regressionAverageY, 1) { ys, _ in ys.reduce(0, +) / Double(ys.count) },
]

private func covariance(_ ys: [Double], _ xs: [Double]) -> Double {
  let (meanX, meanY) = (
    xs.reduce(0, +) / Double(xs.count), ys.reduce(0, +) / Double(ys.count)
  )
  return zip(ys, xs).reduce(0) { $0 + ($1.0 - meanY) * ($1.1 - meanX) } / Double(xs.count)
}

private func pairCase(
  _ function: AccumulatorFunction, _ least: Int,
  _ body: @escaping @Sendable ([Double], [Double]) -> Double?
) -> AccumulatorCase {
  AccumulatorCase(plan: AccumulatorPlan(function, [.double, .int], result: .double)) { rows in
    let pairs = rows.compactMap { row in
      number(row[0]).flatMap { y in number(row[1]).map { (y, $0) } }
    }
    guard pairs.count >= least, let value = body(pairs.map(\.0), pairs.map(\.1)) else {
      return .null
    }
    return .double(value)
  }
}
