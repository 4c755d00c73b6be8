import Columnar
import Diagnostics
import Expressions

/// A row of a batch for which an expression has no value, and what to say about it.
struct RowError: Error {
  /// Counted in the batch.
  let row: Int
  let error: StreamError
}

/// Counts the rows that have come in, so that an error can say which one it was.
struct RowNumbers: Sendable {
  private var seen = 0
  /// The row of the input that each row of a batch was made of; nil where they are the same.
  private var origins: Buffer<Int32>?

  mutating func advance(_ count: Int) { seen += count }

  /// For a batch that was made of some rows of the input's.
  func of(_ origins: Buffer<Int32>?) -> RowNumbers {
    var numbers = self
    numbers.origins = origins
    return numbers
  }

  /// - Parameter origin: the row of the batch that a row that is evaluated came from.
  /// - Throws: `RowError` in place of `EvaluationError`; it says which row of the input it is
  ///   about, counted from 1.
  func attempt<Result>(
    from origin: (Int) -> Int = { $0 }, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as EvaluationError {
      let local = origin(error.row)
      let row = origins.map { Int($0[local]) } ?? local
      throw RowError(row: row, error: error.streamError(row: seen + row + 1))
    }
  }

  /// The values of some expressions, as ``attempt(from:_:)`` does it.
  func evaluate(
    _ expressions: [BoundExpression], over batch: Batch, _ context: EvaluationContext,
    from origin: (Int) -> Int = { $0 }
  ) throws -> [Column] {
    try attempt(from: origin) {
      try expressions.map { try $0.evaluate(over: batch, context: context) }
    }
  }
}
