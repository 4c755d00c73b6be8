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

  mutating func advance(_ count: Int) { seen += count }

  /// - Parameter origin: the row of the batch that a row that is evaluated came from.
  /// - Throws: `RowError` in place of `EvaluationError`; it says which row of the input it is
  ///   about, counted from 1.
  func attempt<Result>(
    from origin: (Int) -> Int = { $0 }, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as EvaluationError {
      let row = origin(error.row)
      throw RowError(row: row, error: error.streamError(row: seen + row + 1))
    }
  }
}
