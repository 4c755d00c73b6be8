internal import Columnar
internal import Diagnostics

/// A file, or the rows of it from one to another, that holds batches and says of what.
protocol BatchPart: AnyObject {
  /// nil for standard input.
  var segment: FileSegment? { get }
  /// All columns of the file.
  var record: Schema { get }
  /// Rows of the file that were read or passed over.
  var position: Int64 { get }
  /// Bytes of the file that were read.
  var consumedCount: Int64 { get }
  /// Nothing has come that would be lost if no more were read.
  var isAtRest: Bool { get }

  /// Says which columns are wanted. Called once, before rows are asked for.
  ///
  /// - Parameters:
  ///   - places: where the columns of `output` are; nil for what the file lacks.
  ///   - condition: on columns of `output`; rows for which it is not true may be passed over.
  func select(
    _ places: [ColumnPlace?], as output: Schema, where condition: RowCondition
  ) throws(StreamError)
  /// - Returns: false when nothing has come until the deadline.
  func wait(until deadline: Deadline) throws(StreamError) -> Bool
  /// - Returns: nil at the end of the part.
  func next() throws(StreamError) -> BatchPartRows?
}

/// What a part of a file gives next.
enum BatchPartRows {
  case read(Batch)
  /// So many rows, none of which is wanted.
  case passedOver(Int)
}

extension BatchPart {
  var name: String? { segment?.file.name }
}
