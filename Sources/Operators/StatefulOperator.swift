package import Columnar

/// An operator whose results depend on more than the rows of the current epoch.
///
/// Its state can be kept as rows: a *snapshot* of all of it, and after each epoch the *changes*. A
/// fresh operator to which a snapshot and the changes since then are given, or all changes, goes on
/// as if it had never stopped: same rows, same order, same bits.
package protocol StatefulOperator: Operator {
  /// The columns of the rows that hold the state, keys first.
  var stateSchema: Schema { get }

  /// How many of them, from the first, are the key.
  var stateKeyCount: Int { get }

  /// Columns (arrays) of which a row of changes holds only the elements that were added, where
  /// others hold the new value. A row of a snapshot adds to what is restored already as well.
  var stateAppends: Set<Int> { get }

  /// The memory that the state takes, in bytes: what was allocated, whether it is filled or not.
  var stateByteCount: Int { get }

  /// From now on changes are kept track of, which an operator need not pay for otherwise. Called at
  /// most once, before ``restore(_:_:)`` and `process`.
  mutating func keepChanges()

  /// Takes rows of a snapshot or of changes, in the order in which they were given out, before the
  /// first `process`. What was restored does not count as changed.
  ///
  /// - Throws: `StreamError` of kind io when they are not what this operator writes, whatever else
  ///   they are; the operator is of no use then.
  mutating func restore(_ rows: Batch, _ change: Change) throws

  /// Gives out what has changed since the last call, in the order of the groups' first change, in
  /// batches of at most 16,384 rows. Then nothing counts as changed, even if `body` throws.
  ///
  /// A key comes again only in a later batch, with more elements for lists that are too long for
  /// one.
  mutating func takeChanges(_ body: (Batch, Change) throws -> Void) throws

  /// Gives out the whole state in the order of the groups, in batches as ``takeChanges(_:)`` does.
  /// What counts as changed stays as it is.
  func snapshot(_ body: (Batch) throws -> Void) throws
}
