internal import Checkpoint
package import Columnar
package import Connectors
internal import Diagnostics
package import JSONText

/// Records in a table of an SQLite database.
///
/// The rows of an epoch, and with a checkpoint its ledger, are one durable transaction: so each row
/// takes effect exactly once. In append mode rows are inserted, in update mode they replace those of
/// their keys, in complete mode they replace all rows.
package struct SQLiteTarget: DurableTarget {
  private let path: String
  private let table: String
  private let existing: ExistingFiles
  private var session: Session?

  /// - Parameter existing: what becomes of rows that are in the table when it is first written.
  package init(path: String, table: String, existing: ExistingFiles) {
    self.path = path
    self.table = table
    self.existing = existing
  }

  package mutating func begin(_ form: ResultForm) throws {
    if form.mode == .complete, existing == .append {
      throw StreamError(
        .usage, "complete mode replaces the rows of '\(table)', so none can be added to it",
        hint: "--overwrite")
    }
    guard Disk.isDirectory(Disk.parent(of: path)) else {
      let parent = Disk.parent(of: path)
      throw StreamError(.usage, "no directory '\(parent)'", hint: "mkdir -p \(parent)")
    }
    let session = try Session(path, try TableShape(table, form), form)
    if !form.isDurable { try session.start(existing) }
    self.session = session
  }

  package mutating func resume(_ resume: TargetResume) throws -> TargetPosition {
    guard let session else { throw StreamError(.internal, "a target that has not begun") }
    session.owner = (resume.query, resume.stage)
    guard let held = try session.ledger(), let epoch = held["epoch"]?.safeInteger else {
      if !resume.isNew { return .behind(epoch: 0) }
      try session.start(existing)
      return .asCommitted
    }
    if epoch > resume.epoch { return .ahead(ledger: held, detail: .null) }
    if epoch == resume.epoch { return .asCommitted }
    if resume.isNew {
      throw StreamError(
        .usage,
        "table '\(table)' has the rows of this query up to epoch \(epoch), but it was left out since",
        hint: "name another table")
    }
    return .behind(epoch: epoch)
  }

  package mutating func write(_ batch: Batch, isDeletion: Bool) throws {
    try session?.write(batch, isDeletion: isDeletion)
  }

  package mutating func commit(_ epoch: TargetEpoch) throws { try session?.commit(epoch) }

  package mutating func prepare(_ epoch: TargetEpoch) throws -> JSON {
    try session?.commit(epoch)
    return .null
  }

  package mutating func publish(_ epoch: TargetEpoch) {}

  package mutating func discard() { session?.rollBack() }
}

/// A database with the table that is written to.
private final class Session {
  /// The query and the stage whose ledger is kept; nil without a checkpoint.
  var owner: (query: String, stage: String)?

  private let database: Database
  private let shape: TableShape
  private let isDurable: Bool
  private var tableExists: Bool
  /// Rows that were there before and go with the first commit.
  private var clears = false
  private var writer: TableWriter?
  private var pending: [(batch: Batch, isDeletion: Bool)] = []
  private var pendingBytes = 0

  /// Rows wait for the end of their epoch, so that others can write to the database meanwhile; with
  /// so many bytes of them the transaction begins early.
  private static let pendingBytesMax = 64 << 20

  init(_ path: String, _ shape: TableShape, _ form: ResultForm) throws(StreamError) {
    self.shape = shape
    isDurable = form.isDurable
    database = try Database(path)
    tableExists = try shape.check(in: database)
    try Disk.synchronizeDirectory(Disk.parent(of: path), label: "sqlite")
  }

  /// The first time: rows that are there are not ours.
  func start(_ existing: ExistingFiles) throws(StreamError) {
    guard tableExists, existing != .append,
      try database.integer("SELECT 1 FROM \(shape.quoted) LIMIT 1") != nil
    else { return }
    guard existing == .overwrite else {
      throw StreamError(
        .usage, "table '\(shape.name)' in '\(database.path)' has rows already",
        hint: shape.mode == .complete
          ? "--overwrite replaces them" : "--overwrite replaces them, --append adds to them")
    }
    clears = true
  }

  // MARK: - Epochs

  func write(_ batch: Batch, isDeletion: Bool) throws(StreamError) {
    guard batch.rowCount > 0 else { return }
    pending.append((batch, isDeletion))
    pendingBytes += batch.byteCount
    if pendingBytes > Session.pendingBytesMax { try applyPending() }
  }

  private func applyPending() throws(StreamError) {
    let writer = try begin()
    for (batch, isDeletion) in pending { try writer.apply(batch, isDeletion: isDeletion) }
    pending = []
    pendingBytes = 0
  }

  /// Opens the transaction of the epoch, unless it is open.
  private func begin() throws(StreamError) -> TableWriter {
    if database.isInTransaction, let writer { return writer }
    CrashPoint.pass("sqlite:begin")
    try database.run("BEGIN IMMEDIATE")
    if !tableExists { try database.run(shape.creation) }
    if isDurable { try database.run(Session.ledgerCreation) }
    if clears || shape.mode == .complete { try database.run("DELETE FROM \(shape.quoted)") }
    if let writer { return writer }
    let made = try TableWriter(shape, in: database)
    writer = made
    return made
  }

  func commit(_ epoch: TargetEpoch) throws(StreamError) {
    let hasChanges = !pending.isEmpty || database.isInTransaction || epoch.replacesResult
    if shape.mode == .complete, !hasChanges, isDurable { return try keepLedgerAlone(epoch) }
    guard hasChanges || isDurable || (epoch.isFinal && (!tableExists || clears)) else { return }
    try applyPending()
    try finish(epoch)
    tableExists = true
    clears = false
  }

  /// In complete mode, where to begin an epoch is to drop the result before it.
  private func keepLedgerAlone(_ epoch: TargetEpoch) throws(StreamError) {
    CrashPoint.pass("sqlite:begin")
    try database.run("BEGIN IMMEDIATE")
    try database.run(Session.ledgerCreation)
    try finish(epoch)
  }

  private func finish(_ epoch: TargetEpoch) throws(StreamError) {
    if let owner {
      let statement = try database.statement(Session.ledgerUpsert)
      try statement.bind(owner.query, at: 1)
      try statement.bind(owner.stage, at: 2)
      try statement.bind(epoch.number, at: 3)
      try statement.bind(epoch.ledger.text, at: 4)
      try statement.run()
    }
    CrashPoint.pass("sqlite:commit")
    try database.run("COMMIT")
    CrashPoint.pass("sqlite:committed")
  }

  func rollBack() {
    pending = []
    pendingBytes = 0
    // Without effect where a failure has ended the transaction already.
    if database.isInTransaction { try? database.run("ROLLBACK") }
  }

  // MARK: - The ledger

  private static let ledgerCreation = """
    CREATE TABLE IF NOT EXISTS stream_tools_commits
      (query TEXT, stage TEXT, epoch INTEGER, ledger TEXT, PRIMARY KEY (query, stage))
    """

  private static let ledgerUpsert = """
    INSERT INTO stream_tools_commits (query, stage, epoch, ledger) VALUES (?, ?, ?, ?)
      ON CONFLICT (query, stage) DO UPDATE SET epoch = excluded.epoch, ledger = excluded.ledger
    """

  /// The ledger of the last epoch that the database holds; nil when there is none.
  func ledger() throws(StreamError) -> JSON? {
    guard let owner,
      try database.integer(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'stream_tools_commits'") != nil
    else { return nil }
    let statement = try database.statement(
      "SELECT ledger FROM stream_tools_commits WHERE query = ? AND stage = ?")
    try statement.bind(owner.query, at: 1)
    try statement.bind(owner.stage, at: 2)
    guard try statement.step() else { return nil }
    guard let json = try? JSON(parsing: statement.text(0)), json["epoch"]?.safeInteger != nil else {
      throw StreamError(
        .io, "database '\(database.path)': the ledger in stream_tools_commits is damaged")
    }
    return json
  }
}
