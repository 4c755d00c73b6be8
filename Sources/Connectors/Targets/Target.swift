package import Columnar

/// What a target is about to be given.
package struct ResultForm: Sendable {
  package enum Mode: Sendable {
    /// Rows are added, for good.
    case append
    /// A row replaces the earlier one of its key.
    case update
    /// Each epoch that replaces the result brings all of it.
    case complete
  }

  package var schema: Schema
  package var mode: Mode
  /// The columns that tell rows apart; may be unknown.
  package var keys: [String]
  /// The input ends, and its end is final.
  package var isBounded: Bool
  /// Eight characters that tell this query's files from those of others.
  package var queryTag: String
  /// The branch whose rows these are, such as `main`.
  package var branch: String

  package init(
    schema: Schema, mode: Mode, keys: [String], isBounded: Bool, queryTag: String, branch: String
  ) {
    self.schema = schema
    self.mode = mode
    self.keys = keys
    self.isBounded = isBounded
    self.queryTag = queryTag
    self.branch = branch
  }
}

/// An epoch whose rows are all there.
package struct TargetEpoch: Sendable {
  package let number: Int64
  /// The epoch's rows are the whole result, be there none.
  package let replacesResult: Bool
  /// Nothing follows.
  package let isFinal: Bool

  package init(number: Int64, replacesResult: Bool, isFinal: Bool) {
    self.number = number
    self.replacesResult = replacesResult
    self.isFinal = isFinal
  }
}

/// Where the rows of a query go, epoch by epoch: what was written since the last commit takes effect
/// wholly or, after ``discard()``, not at all (as far as the target can take things back).
package protocol Target {
  /// Before anything is created or changed: what cannot work is refused here.
  mutating func begin(_ form: ResultForm) throws

  /// - Parameter isDeletion: the rows (their keys at least) are taken back.
  mutating func write(_ batch: Batch, isDeletion: Bool) throws

  mutating func commit(_ epoch: TargetEpoch) throws

  /// The input has nothing more for now: what people wait for should be visible.
  mutating func flush() throws

  /// Drops the rows since the last commit, as well as can be; the run has failed.
  mutating func discard()

  /// The stream has ended as it should. No call follows.
  mutating func end() throws
}

extension Target {
  package mutating func flush() throws {}
  package mutating func end() throws {}
}

/// Rows that go nowhere.
package struct NullTarget: Target {
  package init() {}
  package mutating func begin(_ form: ResultForm) throws {}
  package mutating func write(_ batch: Batch, isDeletion: Bool) throws {}
  package mutating func commit(_ epoch: TargetEpoch) throws {}
  package mutating func discard() {}
}

/// The result of complete mode as of the last epoch that changed it.
struct WholeResult {
  private(set) var batches: [Batch] = []
  private var pending: [Batch] = []

  mutating func add(_ batch: Batch) { pending.append(batch) }

  mutating func commit(_ epoch: TargetEpoch) {
    if epoch.replacesResult { batches = pending }
    pending = []
  }
}
