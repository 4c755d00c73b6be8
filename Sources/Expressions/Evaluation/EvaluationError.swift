package import Diagnostics

/// Why a value cannot be computed, in Spark's classes of errors (ANSI mode).
struct Reason: Error, Equatable {
  let errorClass: String
  let message: String
  var hint: String? = nil

  init(_ errorClass: String, _ message: String, hint: String? = nil) {
    self.errorClass = errorClass
    self.message = message
    self.hint = hint
  }
}

/// A reason and where it arose, on its way up the tree.
struct RowFailure: Error {
  /// Counted in the frame that is being evaluated.
  var row: Int
  let reason: Reason
  /// The part of the text, once a node has claimed the failure.
  var range: Range<Int>?

  init(row: Int, _ reason: Reason) {
    self.row = row
    self.reason = reason
  }
}

/// A row for which an expression has no value.
package struct EvaluationError: Error, Equatable {
  /// Spark's name for it, such as `DIVIDE_BY_ZERO`.
  package let errorClass: String
  /// `division by zero`.
  package let message: String
  /// The first row of the batch that fails.
  package let row: Int
  /// The expression and the part of it that failed.
  package let excerpt: Excerpt
  package let hint: String?

  /// The error as people read it; `row` and `place` are the caller's to say.
  ///
  /// - Parameter row: counted as the user counts them; nil leaves it out.
  package func streamError(row: Int? = nil, location: String? = nil) -> StreamError {
    let source = Array(excerpt.text.utf8)[excerpt.range]
    let text = String(decoding: source, as: UTF8.self)
    let place = row.map { " (row \($0))" } ?? ""
    return StreamError(
      .data, "[\(errorClass)] \(message) in '\(text)'\(place)", location: location, hint: hint)
  }
}
