package import Columnar

/// What an accumulator computes.
package enum AccumulatorFunction: Sendable, Equatable {
  case count
  case countIf
  case sum
  case average
  case product
  case least
  case greatest
  case leastBy
  case greatestBy
  case first(ignoresNulls: Bool)
  case last(ignoresNulls: Bool)
  case bitAnd
  case bitOr
  case bitXor
  case variancePopulation
  case varianceSample
  case deviationPopulation
  case deviationSample
  case skewness
  case kurtosis
  case correlation
  case covariancePopulation
  case covarianceSample
  case regressionCount
  case regressionAverageX
  case regressionAverageY
  case regressionSlope
  case regressionIntercept
  case regressionR2
  case regressionSXX
  case regressionSXY
  case regressionSYY
  /// `collect_list`, `array_agg`; over distinct rows `collect_set`.
  case list(order: [ListOrder])
  case join(delimiter: [UInt8], order: [ListOrder])
  /// `percentile`, `median`, `percentile_cont`.
  case percentile([Double], isArray: Bool, isDescending: Bool)
  /// `percentile_disc`, `percentile_approx`.
  case rank([Double], isArray: Bool, isDescending: Bool)
  case approximateCount(deviation: Double)
  case mode(prefersGreatest: Bool)
  case top(Int)
  case histogram(binCount: Int)
  case sketch(precision: Int)
  case sketchUnion(mixesPrecisions: Bool)
  case bitmap(BitmapOperation)
  case reduce(MergeFunction)
}

/// All that decides what an accumulator is.
package struct AccumulatorPlan: Sendable, Equatable {
  package let function: AccumulatorFunction
  /// Of the value and, behind it, of what a list is ordered by.
  package let arguments: [DataType]
  package let result: DataType
  /// Only the first row of each combination of arguments in a group counts.
  package let isDistinct: Bool
  /// `try_sum`, `try_avg`: what overflows is null, else it is an error.
  package let isTrying: Bool

  package init(
    _ function: AccumulatorFunction, _ arguments: [DataType], result: DataType,
    isDistinct: Bool = false, isTrying: Bool = false
  ) {
    self.function = function
    self.arguments = arguments
    self.result = result
    self.isDistinct = isDistinct
    self.isTrying = isTrying
  }

  /// An accumulator without groups.
  package func makeAccumulator() -> any Accumulator {
    guard isDistinct else { return makeBase() }
    let keyCount = arguments.count - orderCount
    return DistinctAccumulator(
      makeBase(), keys: Array(arguments[..<keyCount]), isOrdered: orderCount > 0)
  }

  private var orderCount: Int {
    switch function {
    case .list(let order), .join(_, let order): order.count
    default: 0
    }
  }

  private func makeBase() -> any Accumulator {
    if let accumulator = makeStatistic() { return accumulator }
    switch function {
    case .count: return CountAccumulator()
    case .countIf: return CountAccumulator(isConditional: true)
    case .sum: return makeSum(isAverage: false)
    case .average: return makeSum(isAverage: true)
    case .product: return ProductAccumulator()
    case .least: return makeExtreme(.least)
    case .greatest: return makeExtreme(.greatest)
    case .leastBy:
      return ExtremeByAccumulator(value: arguments[0], order: arguments[1], .least)
    case .greatestBy:
      return ExtremeByAccumulator(value: arguments[0], order: arguments[1], .greatest)
    case .first(let ignoresNulls):
      return FirstLastAccumulator(arguments[0], isLast: false, ignoresNulls: ignoresNulls)
    case .last(let ignoresNulls):
      return FirstLastAccumulator(arguments[0], isLast: true, ignoresNulls: ignoresNulls)
    case .bitAnd: return BitAccumulator(arguments[0], .and)
    case .bitOr: return BitAccumulator(arguments[0], .or)
    case .bitXor: return BitAccumulator(arguments[0], .xor)
    case .list(let order): return ListAccumulator(arguments, order: order)
    case .join(let delimiter, let order):
      return JoinAccumulator(arguments, delimiter: delimiter, order: order)
    case .percentile(let shares, let isArray, let isDescending):
      return PercentileAccumulator(shares, isArray: isArray, isDescending: isDescending)
    case .rank(let shares, let isArray, let isDescending):
      return RankAccumulator(
        arguments[0], shares, isArray: isArray, isDescending: isDescending)
    case .approximateCount(let deviation):
      return ApproximateCountAccumulator(deviation: deviation)
    case .mode(let prefersGreatest):
      return FrequencyAccumulator(
        arguments[0], .mode(prefersGreatest: prefersGreatest), result: result)
    case .top(let count):
      return FrequencyAccumulator(arguments[0], .top(count), result: result)
    case .histogram(let binCount): return HistogramAccumulator(result, binCount: binCount)
    case .sketch(let precision): return SketchAccumulator(.count(precision: precision))
    case .sketchUnion(let mixes): return SketchAccumulator(.union(mixesPrecisions: mixes))
    case .bitmap(let operation): return BitmapAccumulator(operation)
    case .reduce(let merge): return ReduceAccumulator(result, merge)
    default: preconditionFailure("a statistic")
    }
  }

  private func makeStatistic() -> (any Accumulator)? {
    switch function {
    case .variancePopulation: MomentAccumulator(.variancePopulation)
    case .varianceSample: MomentAccumulator(.varianceSample)
    case .deviationPopulation: MomentAccumulator(.deviationPopulation)
    case .deviationSample: MomentAccumulator(.deviationSample)
    case .skewness: MomentAccumulator(.skewness)
    case .kurtosis: MomentAccumulator(.kurtosis)
    case .correlation: CovarianceAccumulator(.correlation)
    case .covariancePopulation: CovarianceAccumulator(.covariancePopulation)
    case .covarianceSample: CovarianceAccumulator(.covarianceSample)
    case .regressionCount: CovarianceAccumulator(.regressionCount)
    case .regressionAverageX: CovarianceAccumulator(.regressionAverageX)
    case .regressionAverageY: CovarianceAccumulator(.regressionAverageY)
    case .regressionSlope: CovarianceAccumulator(.regressionSlope)
    case .regressionIntercept: CovarianceAccumulator(.regressionIntercept)
    case .regressionR2: CovarianceAccumulator(.regressionR2)
    case .regressionSXX: CovarianceAccumulator(.regressionSXX)
    case .regressionSXY: CovarianceAccumulator(.regressionSXY)
    case .regressionSYY: CovarianceAccumulator(.regressionSYY)
    default: nil
    }
  }

  private func makeSum(isAverage: Bool) -> any Accumulator {
    switch result {
    case .double, .float: DoubleSumAccumulator(isAverage: isAverage)
    case .decimal:
      DecimalSumAccumulator(
        argument: arguments[0], resultType: result, isAverage: isAverage, isTrying: isTrying)
    default: IntegerSumAccumulator(result, isAverage: isAverage, isTrying: isTrying)
    }
  }

  private func makeExtreme(_ extreme: Extreme) -> any Accumulator {
    if arguments[0].isFloatingPoint { return DoubleExtremeAccumulator(arguments[0], extreme) }
    if arguments[0].isWord { return IntegerExtremeAccumulator(arguments[0], extreme) }
    return ValueExtremeAccumulator(arguments[0], extreme)
  }
}
