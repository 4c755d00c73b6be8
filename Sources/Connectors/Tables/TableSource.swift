package import Columnar

/// A table that is read as a whole, and again when it has changed.
package protocol TableSource: AnyObject {
  /// As the user names it, for messages.
  var name: String { get }

  /// Whether it can be read more than once. A pipe cannot.
  var canBeReadAgain: Bool { get }

  /// Opens the table, so far that its columns are known.
  ///
  /// - Parameters:
  ///   - known: what the columns were found to be before; nil: they are to be found out.
  ///   - columns: the names of those that are wanted; nil for all.
  func open(known: Schema?, columns: [String]?) throws -> any TableReading

  /// Whether somebody has changed it, as far as one can see, since it was opened last.
  ///
  /// - Throws: when it is not there, for a moment perhaps.
  func hasChanged() throws -> Bool
}

/// A table that is being read.
package protocol TableReading: AnyObject {
  /// Of the rows that come.
  var schema: Schema { get }

  /// - Returns: nil at the end.
  func next() throws -> Batch?
}
