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
  case approximateCount, sketch, sketchUnion
  case bitmapOfPlaces, bitmapOr, bitmapAnd
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
  /// An expression over ``exampleRows``.
  package let example: String
  /// What the example gives, as the manual writes values.
  package let result: String

  init(
    _ names: String..., usage: String, _ summary: String, _ arity: ClosedRange<Int> = 1...1,
    example: String, gives result: String
  ) {
    self.names = names
    self.usage = usage
    self.summary = summary
    self.arity = arity
    self.example = example
    self.result = result
  }

  /// What the examples are over: names of columns, then rows of literals.
  package static let exampleRows = """
    x     y  s
    1     2  'b'
    7     8  'a'
    7     5  'c'
    9     5  'a'
    NULL  3  NULL
    """
}

extension AggregateFunction {
  package var definition: AggregateDefinition {
    countingDefinition ?? sketchDefinition ?? bitDefinition ?? choosingDefinition
      ?? distributionDefinition
      ?? statisticDefinition ?? regressionDefinition ?? listDefinition
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
}
