package import Checkpoint
internal import Diagnostics
internal import JSONText
internal import Wire

/// What a sink is told when it takes a query up.
package struct SinkResume: Sendable {
  /// The query's id, which survives restarts, and the sink's stage.
  package let query: String
  package let stage: String
  /// The last commit; nil before the first.
  package let commit: CommitRecord?
  /// What the stage may keep besides: its directory.
  package let directory: StageDirectory

  package init(
    query: String, stage: String, commit: CommitRecord?, directory: StageDirectory
  ) {
    self.query = query
    self.stage = stage
    self.commit = commit
    self.directory = directory
  }
}

/// Where a sink's targets stand when they are taken up.
package enum SinkPosition: Sendable {
  /// At the last commit.
  case asCommitted
  /// A target has the next epoch in it: a crash came between its own commit and ours.
  case ahead(CommitRecord)
  /// A target was put back, from a copy perhaps: it holds this epoch, or none (0).
  case behind(epoch: Int64)
}

/// The commits of a sink: an epoch has taken effect when it stands in their log.
final class SinkCheckpoint {
  private let files: StageFiles
  private let log: CommitLog
  private let stageID: String
  /// What the targets hold and the log does not yet.
  private var ahead: CommitRecord?

  /// Joins the run.
  init(_ header: Header, checkpoint path: String, guards: PlanGuards) throws {
    files = try StageFiles(header, checkpoint: path, guards: guards)
    stageID = files.directory.id
    if let other = try files.checkpoint.sink(), other.id != files.directory.id {
      throw StreamError(
        .usage, "the checkpoint '\(path)' has a sink already: \(other.id)",
        hint: "give that sink a further target: stream-sink … --also 'KIND …'; "
          + "a query of its own needs a checkpoint of its own")
    }
    log = try CommitLog(files.directory)
  }

  /// For the targets.
  private var resume: SinkResume {
    SinkResume(
      query: files.checkpoint.query.id, stage: stageID, commit: log.last,
      directory: files.directory)
  }

  /// The last epoch that must not be applied again.
  var lastEpoch: Int64 { ahead?.epoch ?? log.last?.epoch ?? 0 }

  /// An epoch comes again that the targets hold. It is committed now, when the stages before have made
  /// it again: a log that ran ahead of them would leave them behind at the next crash.
  func skip(_ ledger: Ledger) throws {
    guard let held = ahead, ledger.epoch > log.last?.epoch ?? 0 else { return }
    try prepare(ledger)
    try log.commit(CommitRecord(ledger: ledger.json, targets: held.targets))
    try log.declare()
    if ledger.epoch >= held.epoch { ahead = nil }
  }

  /// Takes the targets up, and joins the run: the source, which waits for that, has begun no epoch
  /// before.
  func takeUp(_ sink: inout any EpochSink) throws {
    do {
      try settle(sink.resume(resume))
      try log.declare()
      try files.declare()
    } catch var error as StreamError
      where error.kind == .usage && log.last == nil && files.hasWorkedBefore
    {
      error.kind = .io
      error.message += "; the sink has worked before, but the checkpoint knows of no commit"
      throw error
    }
  }

  /// Brings the log and the targets together: what a target holds has happened.
  private func settle(_ position: SinkPosition) throws {
    switch position {
    case .asCommitted: break
    case .ahead(let record):
      try checkReach(record)
      ahead = record
    case .behind(let epoch):
      guard log.reaches(epoch) else {
        throw StreamError(
          .io,
          "the sink's target holds epoch \(epoch), but the checkpoint does not reach back so far",
          location: files.checkpoint.path,
          hint: "restore a newer copy of the target, or begin anew with an empty checkpoint")
      }
      try log.cut(to: epoch)
      throw StreamError(
        .unavailable,
        "the sink's target holds epoch \(epoch) only; the next run goes on from there")
    }
  }

  /// An epoch that a target holds was made of intents that were durable before. Where they are not
  /// there, the checkpoint is older than the target, and the source would give the numbers of epochs
  /// that the target has to other rows.
  private func checkReach(_ record: CommitRecord) throws {
    for source in try Ledger(record.ledger).sources {
      let known = try IntentLog.read(files.checkpoint.stage(source.id))
      let last = known?.intents.last?.epoch ?? known?.base?.epoch ?? 0
      guard last >= source.epoch else {
        throw StreamError(
          .io,
          "the sink's target holds epoch \(record.epoch), of which the checkpoint knows nothing: "
            + "it is older than the target",
          location: files.checkpoint.path,
          hint: "put checkpoint and target back to the same moment, or begin anew with both empty")
      }
    }
  }

  /// Before the targets are touched: what the epoch was made of must outlive it.
  func prepare(_ ledger: Ledger) throws {
    try files.recordPlan()
    try files.compareRuns()
    for source in ledger.sources {
      let path = files.checkpoint.stage(source.id).intentsPath
      if Disk.exists(path) { try Disk.synchronize(fileAt: path) }
    }
    for stage in ledger.stages {
      let path = files.checkpoint.stage(stage.id).orderPath
      if Disk.exists(path) { try Disk.synchronize(fileAt: path) }
    }
  }

  /// The commit itself.
  func commit(_ ledger: Ledger, targets: [JSON]) throws {
    try log.commit(CommitRecord(ledger: ledger.json, targets: targets))
  }

  /// Everybody can see the rows of the last commit: who waits for them may go on.
  func declare() throws { try log.declare() }

  /// Whether the epoch left everything as it was, but for the time.
  func changesNothing(_ ledger: Ledger, rowCount: Int64) -> Bool {
    guard rowCount == 0, !ledger.replaces, !ledger.isFinal, let last = log.last else {
      return false
    }
    let hasRead = ledger.sources.contains { $0.rows > 0 }
    return !hasRead && ledger.watermark == last.ledger["watermark"]?.int64
      && ledger.stages.allSatisfy { $0.version == last.version(ofStage: $0.id) }
  }

  func acknowledge(_ ledger: Ledger) throws {
    try files.compareRuns()
    try log.acknowledge(CommitRecord(ledger: ledger.json, targets: log.last?.targets ?? []))
  }
}
