package import Checkpoint
internal import Diagnostics
internal import Glibc
internal import JSONText
internal import Wire

/// A stage's place in the checkpoint: its directory, locked, in the run that its header names.
package final class StageFiles {
  package let checkpoint: CheckpointDirectory
  package let directory: StageDirectory
  private let lock: StageLock
  private let runs: [String: String]
  private let plan: PlanRecord
  private var isPlanWritten: Bool
  /// The stage has signed a marker in some earlier run.
  let hasWorkedBefore: Bool

  /// Joins the run: takes the lock, and makes sure that the run is still on and that the command
  /// goes with the files that are there.
  ///
  /// - Parameters:
  ///   - header: with this stage at the end of its plan.
  ///   - guards: what must not have changed.
  ///   - mayBeNew: the stage can have signed commits without having kept anything.
  init(
    _ header: Header, checkpoint path: String, guards: PlanGuards, mayBeNew: Bool = false
  ) throws {
    guard let stage = header.plan.last else { preconditionFailure("a plan without stages") }
    CrashPoint.name(stage: stage.stage)
    checkpoint = try CheckpointDirectory.open(path)
    guard checkpoint.query.id == header.query.id else {
      throw StreamError(
        .usage, "the checkpoint '\(path)' belongs to another query",
        hint: "run the stages that keep files on the machine of the source")
    }
    directory = checkpoint.stage(stage.stage)
    try directory.make()
    runs = header.query.runs
    lock = try StageFiles.takeLock(directory, runs: runs)
    plan = PlanRecord(stage: stage, lineage: header.plan, guards: guards)
    try StageFiles.compareRuns(runs, in: checkpoint)
    let former = try directory.plan()
    isPlanWritten = former == plan.json
    hasWorkedBefore = former != nil
    if former == nil, !mayBeNew, header.resume?["stages"]?[stage.stage] != nil {
      throw StreamError(
        .io, "the checkpoint is damaged: plan.json is missing", location: directory.path,
        hint: "restore the directory from a copy, or begin again with an empty one")
    }
    if let former { try plan.check(against: former) }
  }

  /// Refuses a command that does not go with the files that are there, before the stages behind have
  /// a header: they would complain of what follows from it for theirs.
  ///
  /// - Parameter header: with this stage at the end of its plan.
  static func checkPlan(_ header: Header, _ guards: PlanGuards) throws {
    // Where it cannot be seen from here, and whose it is, is found out when it is opened for good.
    guard let path = header.query.checkpoint, let stage = header.plan.last,
      let checkpoint = try? CheckpointDirectory.open(path),
      checkpoint.query.id == header.query.id,
      let former = try checkpoint.stage(stage.stage).plan()
    else { return }
    try PlanRecord(stage: stage, lineage: header.plan, guards: guards).check(against: former)
  }

  /// Says that the stage has joined the run: a source waits for its sink to do so.
  func declare() throws { try lock.declare(runs: runs) }

  /// A stage that wakes up late, when another run has begun, must not touch anything.
  func compareRuns() throws { try StageFiles.compareRuns(runs, in: checkpoint) }

  private static func compareRuns(
    _ runs: [String: String], in checkpoint: CheckpointDirectory
  ) throws {
    for (source, run) in runs where try checkpoint.stage(source).runID() != run {
      throw StreamError(
        .unavailable, "another run of this query has begun; this one is over",
        location: checkpoint.path)
    }
  }

  /// Before the first marker is signed, so that a start that fails records nothing.
  func recordPlan() throws {
    if isPlanWritten { return }
    try Document.write(plan.json, to: directory.planPath)
    isPlanWritten = true
  }

  /// Those who only look at a lock hold it for a moment.
  private static let patienceMilliseconds = 500

  private static func takeLock(
    _ directory: StageDirectory, runs: [String: String]
  ) throws -> StageLock {
    for _ in 0..<patienceMilliseconds / 5 {
      if let lock = try StageLock(directory) { return lock }
      usleep(5_000)
    }
    let holder = try StageLock.holder(of: directory)
    let isOfThisRun = holder?.runs.contains { runs[$0.key] == $0.value } ?? false
    if isOfThisRun, directory.id.contains(".sink") {
      throw StreamError(
        .usage, "this pipeline has two sinks, but a checkpoint has one",
        hint: "give one sink both targets: stream-sink … --also 'KIND …'; "
          + "a query of its own needs a checkpoint of its own")
    }
    if isOfThisRun {
      throw StreamError(
        .usage, "the id \(directory.id) is taken by another stage of this pipeline",
        hint: "give the branch of one of them a name: --name other")
    }
    throw StreamError(
      .unavailable, "\(directory.id) of another run still holds the checkpoint",
      location: directory.path)
  }
}
