package import Columnar

/// Which rows a source gives out.
package protocol RowFilter: Sendable {
  /// What is true of each row that is given out, as far as minima and maxima can tell: others may be
  /// left unread. What does not fit the schema says nothing.
  func condition(over schema: Schema) -> RowCondition

  /// - Parameter schema: of the rows, metadata among their columns.
  /// - Throws: a usage error for what does not fit it.
  func bound(to schema: Schema) throws -> any BoundRowFilter
}

package protocol BoundRowFilter {
  /// The rows that are given out; `batch` itself when it is all of them.
  mutating func rows(of batch: Batch, in epoch: SourceEpoch) throws -> Batch
}
