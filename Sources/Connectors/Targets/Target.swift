package import Columnar
package import JSONText

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
  /// The columns that tell rows apart; none for a result of one row.
  package var keys: [String]
  /// Columns that tell rows apart are no longer among those that come.
  package var lacksKeys: Bool
  /// The input ends, and its end is final.
  package var isBounded: Bool
  /// Eight characters that tell this query's files from those of others.
  package var queryTag: String
  /// The branch whose rows these are, such as `main`.
  package var branch: String
  /// There is a checkpoint: the target is a ``DurableTarget`` if it can be, and goes on where the
  /// last run's was.
  package var isDurable: Bool
  /// What tells the query from others: with a checkpoint its id, else that of the run.
  package var query: String
  /// The sink's stage, such as `main.sink`.
  package var stage: String

  package init(
    schema: Schema, mode: Mode, keys: [String], isBounded: Bool, queryTag: String, branch: String,
    lacksKeys: Bool = false, isDurable: Bool = false, query: String = "",
    stage: String = "main.sink"
  ) {
    self.lacksKeys = lacksKeys
    self.isDurable = isDurable
    self.query = query
    self.stage = stage
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
  /// The ledger, for targets that keep it beside the rows.
  package let ledger: JSON
  /// The epoch's rows are the whole result, be there none.
  package let replacesResult: Bool
  /// Nothing follows.
  package let isFinal: Bool

  package init(number: Int64, replacesResult: Bool, isFinal: Bool, ledger: JSON = .null) {
    self.ledger = ledger
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

/// A target whose epochs take effect exactly once, through the commits of a checkpoint.
///
/// An epoch goes `write`…, `prepare`, the commit's record, `publish`; `commit` is not called.
package protocol DurableTarget: Target {
  /// Behind `begin`: finishes what was committed and not published, and undoes what was prepared and
  /// not committed.
  mutating func resume(_ resume: TargetResume) throws -> TargetPosition

  /// Makes the rows since the last commit durable, so that they are invisible, or can be taken back,
  /// until the commit's record is written. Databases commit rows and ledger together here.
  ///
  /// - Returns: what ``resume(_:)`` needs to know of this epoch; null if nothing.
  mutating func prepare(_ epoch: TargetEpoch) throws -> JSON

  /// The commit's record is durable.
  mutating func publish(_ epoch: TargetEpoch) throws
}

/// What a target is told when it is taken up.
package struct TargetResume: Sendable {
  /// The query's id.
  package let query: String
  /// The sink's stage, such as `main.sink`.
  package let stage: String
  /// The last epoch that the target was given and that was committed; for a new target the one
  /// behind which it begins; 0 before the first.
  package let epoch: Int64
  /// What `prepare` returned for it; null for a new target.
  package let detail: JSON
  /// No commit has this target in it: what is there already is not ours.
  package let isNew: Bool
  /// A directory of the checkpoint for what the target keeps besides.
  package let directory: String

  package init(
    query: String, stage: String, epoch: Int64, detail: JSON, isNew: Bool, directory: String
  ) {
    self.query = query
    self.stage = stage
    self.epoch = epoch
    self.detail = detail
    self.isNew = isNew
    self.directory = directory
  }
}

/// Where a target stands when it is taken up.
package enum TargetPosition: Sendable {
  case asCommitted
  /// It holds a later epoch, with this ledger.
  case ahead(ledger: JSON, detail: JSON)
  /// It holds an earlier epoch, or none (0).
  case behind(epoch: Int64)
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
