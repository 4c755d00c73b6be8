/// What the protocol must never let happen, in words.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

/// The checkpoint directory. Locks are not here: they die with the process that holds them.
struct Disk: Hashable, Sendable {
  /// `run` of each source; replaced durably in one step.
  var runs: [UInt8]
  /// `intents.log` of each source.
  var intents: [ModelFile<Intent>]
  /// The aggregate's snapshot.
  var snapshot = Delta()
  /// The aggregate's segment: the deltas behind its snapshot.
  var segment = ModelFile<Delta>()
  /// `order.log` of the join.
  var order = ModelFile<OrderEntry>()
  var commits = ModelFile<Commit>()
  /// Whether the stage, and the sink, have recorded a plan that names their sources.
  var isStagePlanned = false
  var isSinkPlanned = false

  /// The last commit that counts for resuming and skipping.
  var floor: Ledger { commits.records.last { !$0.isSoft }?.ledger ?? Ledger() }

  /// The last epoch of a source that any record acknowledges.
  func acknowledged(source: Int) -> UInt8 {
    commits.records.reduce(0) { max($0, $1.ledger[source].epoch) }
  }
}

/// A database that takes an epoch's rows and its ledger in one durable transaction.
struct Database: Hashable, Sendable {
  var rows = Rows()
  var ledger = Ledger()
}

/// How much of a kind of trouble may still happen.
struct Budget: Hashable, Sendable {
  var kills: UInt8
  var powerLosses: UInt8
  var heartbeats: UInt8
  var trims: UInt8
  var planChanges: UInt8
  var stops: UInt8
  var giveUps: UInt8
  var fsyncErrors: UInt8
}

/// Everything at one moment: disk, target, processes, and what a reader has seen.
struct World: Hashable, Sendable {
  var disk: Disk
  var directory = Directory()
  var database = Database()
  /// Every file that a reader has ever seen under its final name.
  var seen: [Part] = []
  /// Runs with a process left; all but the last are stale.
  var runs: [Run] = []
  /// The id of the last run that was started.
  var runID: UInt8 = 0
  var format: UInt8 = 0
  /// Whether somebody may start the pipeline: it has not run yet, or has lost a process.
  var mayStart = true
  /// Whether a run has come to its end with everything committed, undisturbed since.
  var isComplete = false
  var budget: Budget

  init(_ model: Model) {
    let sources = model.shape.sourceCount
    disk = Disk(
      runs: Array(repeating: 0, count: sources),
      intents: Array(repeating: ModelFile(), count: sources))
    budget = model.bounds.budget
  }

  func isSourceLocked(_ source: Int) -> Bool { runs.contains { $0.sources[source].holdsLock } }

  var isStageLocked: Bool { runs.contains { $0.stage?.holdsLock ?? false } }

  var isSinkLocked: Bool { runs.contains { $0.sink.holdsLock } }

  /// Somebody will start the pipeline anew when one of its processes has failed.
  mutating func fail(_ run: Int) {
    if runs[run].id == runID { mayStart = true }
  }
}
