/// The rows of the table.
extension AggregateFunction {
  var countingDefinition: AggregateDefinition? {
    switch self {
    case .count:
      AggregateDefinition(
        "count", usage: "count(*), count(a, b), count(DISTINCT a)",
        "the rows, or those without nulls in the arguments", 1...1000,
        example: "count(x)", gives: "4")
    case .countIf:
      AggregateDefinition(
        "count_if", usage: "count_if(condition)", "the rows for which it is true",
        example: "count_if(x > 5)", gives: "3")
    case .approximateCount:
      AggregateDefinition(
        "approx_count_distinct", usage: "approx_count_distinct(a[, deviation])",
        "about how many different values", 1...2, example: "approx_count_distinct(x)", gives: "3")
    case .sum:
      AggregateDefinition(
        "sum", usage: "sum(number)", "the sum, null over no values", example: "sum(x)", gives: "24")
    case .trySum:
      AggregateDefinition(
        "try_sum", usage: "try_sum(number)", "the sum, null on overflow",
        example: "try_sum(9223372036854775807)", gives: "NULL")
    case .average:
      AggregateDefinition(
        "avg", "mean", usage: "avg(number)", "the mean", example: "avg(x)", gives: "6.0")
    case .tryAverage:
      AggregateDefinition(
        "try_avg", usage: "try_avg(number)", "the mean, null on overflow",
        example: "try_avg(9e37BD)", gives: "NULL")
    case .product:
      AggregateDefinition(
        "product", usage: "product(number)", "the product", example: "product(x)", gives: "441.0")
    default: nil
    }
  }

  var sketchDefinition: AggregateDefinition? {
    switch self {
    case .sketch:
      AggregateDefinition(
        "hll_sketch_agg", usage: "hll_sketch_agg(a[, lgConfigK])",
        "a sketch of the different values that can be kept and united, as Apache DataSketches has "
          + "it: with 2^12 registers, or from 2^4 to 2^21", 1...2,
        example: "hll_sketch_estimate(hll_sketch_agg(x))", gives: "3")
    case .sketchUnion:
      AggregateDefinition(
        "hll_union_agg", usage: "hll_union_agg(sketch[, allowDifferentLgConfigK])",
        "the sketch of all values; of those with different numbers of registers only if it is said "
          + "that they may be", 1...2,
        example: "hll_sketch_estimate(hll_union_agg(X'0201070C030802082BF2FB06C1E91705'))",
        gives: "2")
    case .bitmapOfPlaces:
      AggregateDefinition(
        "bitmap_construct_agg", usage: "bitmap_construct_agg(place)",
        "a bitmap of 4096 bytes with a 1 at each place, from 0 to 32767",
        example: "bitmap_count(bitmap_construct_agg(bitmap_bit_position(x)))", gives: "3")
    case .bitmapOr:
      AggregateDefinition(
        "bitmap_or_agg", usage: "bitmap_or_agg(bitmap)",
        "a bitmap of 4096 bytes with the bits that one has",
        example: "bitmap_count(bitmap_or_agg(X'30'))", gives: "2")
    case .bitmapAnd:
      AggregateDefinition(
        "bitmap_and_agg", usage: "bitmap_and_agg(bitmap)",
        "a bitmap of 4096 bytes with the bits that all have",
        example: "bitmap_count(bitmap_and_agg(X'30'))", gives: "2")
    default: nil
    }
  }

  var bitDefinition: AggregateDefinition? {
    switch self {
    case .boolAnd:
      AggregateDefinition(
        "bool_and", "every", usage: "bool_and(condition)", "whether all are true",
        example: "bool_and(x > 5)", gives: "false")
    case .boolOr:
      AggregateDefinition(
        "bool_or", "some", "any", usage: "bool_or(condition)", "whether one is true",
        example: "bool_or(x > 5)", gives: "true")
    case .bitAnd:
      AggregateDefinition(
        "bit_and", usage: "bit_and(integer)", "the bits that all have",
        example: "bit_and(x)", gives: "1")
    case .bitOr:
      AggregateDefinition(
        "bit_or", usage: "bit_or(integer)", "the bits that one has",
        example: "bit_or(x)", gives: "15")
    case .bitXor:
      AggregateDefinition(
        "bit_xor", usage: "bit_xor(integer)", "the bits that an odd number has",
        example: "bit_xor(x)", gives: "8")
    default: nil
    }
  }

  var choosingDefinition: AggregateDefinition? {
    switch self {
    case .least:
      AggregateDefinition(
        "min", usage: "min(a)", "the smallest value", example: "min(x)", gives: "1")
    case .greatest:
      AggregateDefinition(
        "max", usage: "max(a)", "the largest value", example: "max(s)", gives: "'c'")
    case .leastBy:
      AggregateDefinition(
        "min_by", usage: "min_by(a, b)", "a where b is smallest", 2...2,
        example: "min_by(s, x)", gives: "'b'")
    case .greatestBy:
      AggregateDefinition(
        "max_by", usage: "max_by(a, b)", "a where b is largest", 2...2,
        example: "max_by(s, x)", gives: "'a'")
    case .first:
      AggregateDefinition(
        "first", "first_value", "any_value", usage: "first(a[, ignoreNulls])", "the first value",
        1...2, example: "first(x)", gives: "1")
    case .last:
      AggregateDefinition(
        "last", "last_value", usage: "last(a[, ignoreNulls])", "the last value", 1...2,
        example: "last(x, true)", gives: "9")
    case .mode:
      AggregateDefinition(
        "mode", usage: "mode(a), mode() WITHIN GROUP (ORDER BY a)", "the most frequent value",
        0...2, example: "mode(x)", gives: "7")
    case .top:
      AggregateDefinition(
        "top_k", usage: "top_k(a[, count])",
        "the most frequent values and how often they come, 5 of them if no count is given", 1...2,
        example: "top_k(x, 2)", gives: #"[{"item":7,"count":2},{"item":1,"count":1}]"#)
    default: nil
    }
  }

  var distributionDefinition: AggregateDefinition? {
    switch self {
    case .median:
      AggregateDefinition(
        "median", usage: "median(number)", "the middle value", example: "median(x)", gives: "7.0")
    case .percentile:
      AggregateDefinition(
        "percentile", usage: "percentile(number, share or array of shares)",
        "the exact percentile, between two values where needed", 2...2,
        example: "percentile(x, array(0.25, 0.5))", gives: "[5.5,7.0]")
    case .percentileContinuous:
      AggregateDefinition(
        "percentile_cont", usage: "percentile_cont(share) WITHIN GROUP (ORDER BY number)",
        "the exact percentile, between two values where needed",
        example: "percentile_cont(0.25) WITHIN GROUP (ORDER BY x)", gives: "5.5")
    case .percentileDiscrete:
      AggregateDefinition(
        "percentile_disc", usage: "percentile_disc(share) WITHIN GROUP (ORDER BY number)",
        "the percentile that is one of the values",
        example: "percentile_disc(0.25) WITHIN GROUP (ORDER BY x)", gives: "1.0")
    case .percentileApproximate:
      AggregateDefinition(
        "percentile_approx", "approx_percentile",
        usage: "percentile_approx(number, share or array of shares[, accuracy])",
        "the percentile that is one of the values", 2...3,
        example: "percentile_approx(x, 0.25)", gives: "1")
    case .histogram:
      AggregateDefinition(
        "histogram_numeric", "histogram", usage: "histogram_numeric(number, bins)",
        "about how the values are spread: the centres of so many bins, and how many are in each",
        2...2, example: "histogram_numeric(x, 2)",
        gives: #"[{"x":1,"y":1.0},{"x":7,"y":3.0}]"#)
    default: nil
    }
  }

  var statisticDefinition: AggregateDefinition? {
    switch self {
    case .varianceSample:
      AggregateDefinition(
        "variance", "var_samp", usage: "variance(x)", "the variance of a sample",
        example: "variance(x)", gives: "12.0")
    case .variancePopulation:
      AggregateDefinition(
        "var_pop", usage: "var_pop(x)", "the variance", example: "var_pop(x)", gives: "9.0")
    case .deviationSample:
      AggregateDefinition(
        "stddev", "stddev_samp", "std", usage: "stddev(x)", "the standard deviation of a sample",
        example: "round(stddev(x), 4)", gives: "3.4641")
    case .deviationPopulation:
      AggregateDefinition(
        "stddev_pop", usage: "stddev_pop(x)", "the standard deviation",
        example: "stddev_pop(x)", gives: "3.0")
    case .skewness:
      AggregateDefinition(
        "skewness", usage: "skewness(x)", "the skewness",
        example: "round(skewness(x), 4)", gives: "-0.8889")
    case .kurtosis:
      AggregateDefinition(
        "kurtosis", usage: "kurtosis(x)", "the excess kurtosis",
        example: "round(kurtosis(x), 4)", gives: "-0.8148")
    case .correlation:
      AggregateDefinition(
        "corr", usage: "corr(y, x)", "Pearson's correlation", 2...2,
        example: "round(corr(y, x), 4)", gives: "0.7071")
    case .covariancePopulation:
      AggregateDefinition(
        "covar_pop", usage: "covar_pop(y, x)", "the covariance", 2...2,
        example: "covar_pop(y, x)", gives: "4.5")
    case .covarianceSample:
      AggregateDefinition(
        "covar_samp", usage: "covar_samp(y, x)", "the covariance of a sample", 2...2,
        example: "covar_samp(y, x)", gives: "6.0")
    default: nil
    }
  }

  var regressionDefinition: AggregateDefinition? {
    switch self {
    case .regressionCount: regression("regr_count", "the pairs without nulls", gives: "4")
    case .regressionAverageX: regression("regr_avgx", "the mean of x", gives: "6.0")
    case .regressionAverageY: regression("regr_avgy", "the mean of y", gives: "5.0")
    case .regressionSlope:
      regression("regr_slope", "the slope of the line through the pairs", gives: "0.5")
    case .regressionIntercept:
      regression("regr_intercept", "where the line through the pairs meets x = 0", gives: "2.0")
    case .regressionR2:
      regression("regr_r2", "the share of the variance that the line explains", gives: "0.5")
    case .regressionSXX:
      regression("regr_sxx", "the sum of squares of x about its mean", gives: "36.0")
    case .regressionSXY:
      regression("regr_sxy", "the sum of products about the means", gives: "18.0")
    case .regressionSYY:
      regression("regr_syy", "the sum of squares of y about its mean", gives: "18.0")
    default: nil
    }
  }

  private func regression(
    _ name: String, _ summary: String, gives result: String
  ) -> AggregateDefinition {
    let usage = "\(name)(y, x)"
    return AggregateDefinition(
      name, usage: usage, summary, 2...2, example: usage, gives: result)
  }

  var listDefinition: AggregateDefinition {
    switch self {
    case .set:
      AggregateDefinition(
        "collect_set", usage: "collect_set(a)", "each value once, without nulls",
        example: "sort_array(collect_set(x))", gives: "[1,7,9]")
    case .join:
      AggregateDefinition(
        "listagg", "string_agg",
        usage: "listagg(text[, delimiter]) WITHIN GROUP (ORDER BY a)", "the texts as one", 1...2,
        example: "listagg(s, ', ') WITHIN GROUP (ORDER BY s)", gives: "'a, a, b, c'")
    case .reduce:
      AggregateDefinition(
        "reduce", usage: "reduce(a, (x, y) -> …)",
        "the values without nulls, made one by what it makes of two; it must not matter which two "
          + "come first", 2...2, example: "reduce(x, (a, b) -> a * b)", gives: "441")
    default:
      AggregateDefinition(
        "collect_list", "array_agg", usage: "collect_list(a)", "the values, without nulls",
        example: "collect_list(x)", gives: "[1,7,7,9]")
    }
  }
}
