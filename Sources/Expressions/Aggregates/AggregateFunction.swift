/// What an aggregate computes over the rows of a group. Each row of its table is in
/// ``definition``.
package enum AggregateFunction: Sendable, Hashable, CaseIterable {
  case count, countIf, sum, average, product
  case least, greatest, leastBy, greatestBy, first, last
  case variancePopulation, varianceSample, deviationPopulation, deviationSample
  case skewness, kurtosis, correlation, covariancePopulation, covarianceSample
  case regressionCount, regressionAverageX, regressionAverageY, regressionSlope
  case regressionIntercept, regressionR2, regressionSXX, regressionSXY, regressionSYY
  case boolAnd, boolOr, bitAnd, bitOr, bitXor
  case list, set, join
  case approximateCount
  case median, percentile, percentileContinuous, percentileDiscrete, percentileApproximate
  case mode, top, histogram
  case reduce
  /// Null instead of an error on overflow.
  case trySum, tryAverage
}

/// A row of the table of aggregate functions, from which the manual is made too.
package struct AggregateDefinition: Sendable {
  /// The name that people read, then the others that mean the same.
  package let names: [String]
  package let usage: String
  /// One line.
  package let summary: String
  let arity: ClosedRange<Int>

  init(_ names: String..., usage: String, _ summary: String, _ arity: ClosedRange<Int> = 1...1) {
    self.names = names
    self.usage = usage
    self.summary = summary
    self.arity = arity
  }
}

extension AggregateFunction {
  package var definition: AggregateDefinition {
    countingDefinition ?? choosingDefinition ?? statisticDefinition ?? listDefinition
  }

  /// Whether a call of the name is one of the aggregate: one over arrays may be called like it.
  func takes(_ argumentCount: Int) -> Bool {
    self != .reduce || definition.arity.contains(argumentCount)
  }

  private static let byName: [String: AggregateFunction] = {
    var table: [String: AggregateFunction] = [:]
    for function in allCases {
      for name in function.definition.names { table[name] = function }
    }
    return table
  }()

  /// - Parameter name: in lower case.
  package static func named(_ name: String) -> AggregateFunction? { byName[name] }

  static var allNames: [String] { Array(byName.keys) }

  private var countingDefinition: AggregateDefinition? {
    switch self {
    case .count:
      AggregateDefinition(
        "count", usage: "count(*), count(a, b), count(DISTINCT a)",
        "the rows, or those without nulls in the arguments", 1...1000)
    case .countIf:
      AggregateDefinition("count_if", usage: "count_if(condition)", "the rows for which it is true")
    case .sum: AggregateDefinition("sum", usage: "sum(number)", "the sum, null over no values")
    case .trySum:
      AggregateDefinition("try_sum", usage: "try_sum(number)", "the sum, null on overflow")
    case .average: AggregateDefinition("avg", "mean", usage: "avg(number)", "the mean")
    case .tryAverage:
      AggregateDefinition("try_avg", usage: "try_avg(number)", "the mean, null on overflow")
    case .product: AggregateDefinition("product", usage: "product(number)", "the product")
    case .boolAnd:
      AggregateDefinition("bool_and", "every", usage: "bool_and(condition)", "whether all are true")
    case .boolOr:
      AggregateDefinition(
        "bool_or", "some", "any", usage: "bool_or(condition)", "whether one is true")
    case .bitAnd:
      AggregateDefinition("bit_and", usage: "bit_and(integer)", "the bits that all have")
    case .bitOr: AggregateDefinition("bit_or", usage: "bit_or(integer)", "the bits that one has")
    case .bitXor:
      AggregateDefinition("bit_xor", usage: "bit_xor(integer)", "the bits that an odd number has")
    case .approximateCount:
      AggregateDefinition(
        "approx_count_distinct", usage: "approx_count_distinct(a[, deviation])",
        "about how many different values", 1...2)
    default: nil
    }
  }

  private var choosingDefinition: AggregateDefinition? {
    switch self {
    case .least: AggregateDefinition("min", usage: "min(a)", "the smallest value")
    case .greatest: AggregateDefinition("max", usage: "max(a)", "the largest value")
    case .leastBy:
      AggregateDefinition("min_by", usage: "min_by(a, b)", "a where b is smallest", 2...2)
    case .greatestBy:
      AggregateDefinition("max_by", usage: "max_by(a, b)", "a where b is largest", 2...2)
    case .first:
      AggregateDefinition(
        "first", "first_value", "any_value", usage: "first(a[, ignoreNulls])", "the first value",
        1...2)
    case .last:
      AggregateDefinition(
        "last", "last_value", usage: "last(a[, ignoreNulls])", "the last value", 1...2)
    case .mode:
      AggregateDefinition(
        "mode", usage: "mode(a), mode() WITHIN GROUP (ORDER BY a)", "the most frequent value", 0...2
      )
    case .top:
      AggregateDefinition(
        "top_k", usage: "top_k(a[, count])",
        "the most frequent values and how often they come, 5 of them if no count is given", 1...2)
    case .histogram:
      AggregateDefinition(
        "histogram_numeric", "histogram", usage: "histogram_numeric(number, bins)",
        "about how the values are spread: the centres of so many bins, and how many are in each",
        2...2)
    case .reduce:
      AggregateDefinition(
        "reduce", usage: "reduce(a, (x, y) -> …)",
        "the values without nulls, made one by what it makes of two; it must not matter which two "
          + "come first", 2...2)
    case .median: AggregateDefinition("median", usage: "median(number)", "the middle value")
    case .percentile:
      AggregateDefinition(
        "percentile", usage: "percentile(number, share or array of shares)",
        "the exact percentile, between two values where needed", 2...2)
    case .percentileContinuous:
      AggregateDefinition(
        "percentile_cont", usage: "percentile_cont(share) WITHIN GROUP (ORDER BY number)",
        "the exact percentile, between two values where needed")
    case .percentileDiscrete:
      AggregateDefinition(
        "percentile_disc", usage: "percentile_disc(share) WITHIN GROUP (ORDER BY number)",
        "the percentile that is one of the values")
    case .percentileApproximate:
      AggregateDefinition(
        "percentile_approx", "approx_percentile",
        usage: "percentile_approx(number, share or array of shares[, accuracy])",
        "the percentile that is one of the values", 2...3)
    default: nil
    }
  }

  private var statisticDefinition: AggregateDefinition? {
    switch self {
    case .varianceSample:
      AggregateDefinition("variance", "var_samp", usage: "variance(x)", "the variance of a sample")
    case .variancePopulation: AggregateDefinition("var_pop", usage: "var_pop(x)", "the variance")
    case .deviationSample:
      AggregateDefinition(
        "stddev", "stddev_samp", "std", usage: "stddev(x)", "the standard deviation of a sample")
    case .deviationPopulation:
      AggregateDefinition("stddev_pop", usage: "stddev_pop(x)", "the standard deviation")
    case .skewness: AggregateDefinition("skewness", usage: "skewness(x)", "the skewness")
    case .kurtosis: AggregateDefinition("kurtosis", usage: "kurtosis(x)", "the excess kurtosis")
    case .correlation:
      AggregateDefinition("corr", usage: "corr(y, x)", "Pearson's correlation", 2...2)
    case .covariancePopulation:
      AggregateDefinition("covar_pop", usage: "covar_pop(y, x)", "the covariance", 2...2)
    case .covarianceSample:
      AggregateDefinition(
        "covar_samp", usage: "covar_samp(y, x)", "the covariance of a sample", 2...2)
    case .regressionCount: regression("regr_count", "the pairs without nulls")
    case .regressionAverageX: regression("regr_avgx", "the mean of x")
    case .regressionAverageY: regression("regr_avgy", "the mean of y")
    case .regressionSlope: regression("regr_slope", "the slope of the line through the pairs")
    case .regressionIntercept:
      regression("regr_intercept", "where the line through the pairs meets x = 0")
    case .regressionR2: regression("regr_r2", "the share of the variance that the line explains")
    case .regressionSXX: regression("regr_sxx", "the sum of squares of x about its mean")
    case .regressionSXY: regression("regr_sxy", "the sum of products about the means")
    case .regressionSYY: regression("regr_syy", "the sum of squares of y about its mean")
    default: nil
    }
  }

  private func regression(_ name: String, _ summary: String) -> AggregateDefinition {
    AggregateDefinition(name, usage: "\(name)(y, x)", summary, 2...2)
  }

  private var listDefinition: AggregateDefinition {
    switch self {
    case .set:
      AggregateDefinition("collect_set", usage: "collect_set(a)", "each value once, without nulls")
    case .join:
      AggregateDefinition(
        "listagg", "string_agg",
        usage: "listagg(text[, delimiter]) WITHIN GROUP (ORDER BY a)", "the texts as one", 1...2)
    default:
      AggregateDefinition(
        "collect_list", "array_agg", usage: "collect_list(a)", "the values, without nulls")
    }
  }
}
