package import Columnar
package import Diagnostics

/// One aggregate over the rows of a group: what is computed for each row before, and of which type
/// the result is.
package struct AggregateCall: Sendable {
  package let function: AggregateFunction
  /// Over the input, one value a row; none for `count(*)`. Numbers have the type that the function
  /// works with: doubles for the statistics.
  package let arguments: [BoundExpression]
  /// What is the same for all rows: percentiles (`.double`, or a `.list` of them), the deviation of
  /// `approx_count_distinct`, the delimiter of `listagg`.
  package let parameters: [Value]
  /// What `reduce` makes of two values, the columns 0 and 1.
  package let merge: BoundExpression?
  /// Only different combinations of arguments count.
  package let isDistinct: Bool
  /// Only rows for which it is true count.
  package let filter: Predicate?
  package let order: [AggregateOrder]
  package let ignoresNulls: Bool
  package let type: DataType
  /// Spark's name of it: `sum(price)`.
  package let name: String
  /// Where it stands, for errors.
  package let excerpt: Excerpt

  /// What overflows: the error that `sum` raises when its result does not fit.
  package func overflow() -> StreamError {
    let isDecimal = type.isDecimal
    let source = Array(excerpt.text.utf8)[excerpt.range]
    let text = String(decoding: source, as: UTF8.self)
    return StreamError(
      .data,
      "[\(isDecimal ? "NUMERIC_VALUE_OUT_OF_RANGE" : "ARITHMETIC_OVERFLOW")] \(type) overflow in '\(text)'",
      hint: "try_sum and try_avg give null instead; a sum of doubles or decimals holds more")
  }
}

/// One key of the order of `listagg` and its kin.
package struct AggregateOrder: Sendable {
  package let expression: BoundExpression
  package let isDescending: Bool
  package let nullsFirst: Bool
}

/// A key of an order over the rows of a result.
package struct BoundSortKey: Sendable {
  package let expression: BoundExpression
  package let isDescending: Bool
  package let nullsFirst: Bool
}

extension SortKey {
  package func bind(to schema: Schema) throws -> BoundSortKey {
    BoundSortKey(
      expression: try expression.bind(to: schema), isDescending: isDescending,
      nullsFirst: nullsFirst)
  }
}
