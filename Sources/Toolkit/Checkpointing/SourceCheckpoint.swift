package import Checkpoint
package import Columnar
internal import Diagnostics
internal import Glibc
package import JSONText
internal import Wire

/// What a source keeps of its epochs, and how it takes up where the last commit was.
package final class SourceCheckpoint {
  package let directory: CheckpointDirectory
  package let stage: StageDirectory
  /// The last commit; nil before the first.
  package let resume: CommitRecord?
  /// The committed input: what stands for the trimmed epochs, and the intents behind it.
  package let base: JSON?
  package let committed: [Intent]
  /// The epochs that were begun and not committed, to be made again first.
  package let replays: [Intent]

  private let lock: StageLock
  private let runID: String
  private let intents: IntentLog
  private let formerPlan: JSON?
  private var commits: CommitView?
  private var isPlanWritten = false
  private var plan: PlanRecord?

  /// So many epochs may be on their way to the sink: one is committed while the other is made. More
  /// would not be faster, only later.
  package static let openEpochsMax: Int64 = 2

  /// Takes the checkpoint over from an earlier run. The order of the steps is the guarantee: see
  /// stream-protocol(7).
  ///
  /// - Parameters:
  ///   - path: made if it is not there.
  ///   - id: of the source's stage.
  ///   - name: of a new query.
  init(_ path: String, id: String, name: String?, log: Log) throws {
    CrashPoint.name(stage: id)
    directory = try CheckpointDirectory.open(creating: path, name: name)
    if directory.isOnNetwork {
      log.warning(
        "'\(path)' is on a network file system, where a checkpoint may not survive a crash",
        hint: "use a directory on a local disk")
    }
    stage = directory.stage(id)
    try SourceCheckpoint.refuseNewSource(stage, in: directory)
    try stage.make()
    lock = try SourceCheckpoint.takeLock(stage, of: directory)
    runID = randomIdentifier()
    try Document.write(.string(runID), to: stage.runPath)
    try lock.declare(runs: [id: runID])
    try SourceCheckpoint.awaitFormerStages(of: id, in: directory)
    let resume = try CommitView.lastCommit(of: directory)
    self.resume = resume
    formerPlan = try stage.plan()
    intents = try IntentLog(stage)
    let epoch = resume?.epoch(ofSource: id) ?? 0
    try SourceCheckpoint.checkReach(of: intents, epoch, stage)
    if formerPlan == nil, intents.lastEpoch > 0 {
      throw SourceCheckpoint.damaged("the source's plan.json is missing", stage)
    }
    base = intents.base?.input
    committed = intents.intents.filter { $0.epoch <= epoch }
    replays = intents.intents.filter { $0.epoch > epoch }
  }

  /// The number and the time of the last epoch that was committed.
  package var lastEpoch: Int64 { resume?.epoch(ofSource: stage.id) ?? 0 }

  package var lastTime: Int64? {
    committed.last?.time ?? intents.base?.time ?? resume?.ledger["time"]?.int64
  }

  /// The number of the epoch that begins next, and the time that it must not be before.
  package var nextEpoch: (number: Int64, timeMin: Int64) {
    (intents.lastEpoch + 1, intents.intents.last?.time ?? lastTime ?? .min)
  }

  /// Whether the last commit says that the input is complete: of this source, or of all.
  package var isComplete: Bool { isQueryComplete || committed.last?.isFinal ?? false }

  /// Whether it says so of all sources.
  var isQueryComplete: Bool { resume?.ledger["final"]?.bool ?? false }

  /// What the source read before: inferred types are kept.
  package var schema: Schema? { formerPlan?["schema"].flatMap { Schema($0) } }

  /// What a record of its input held, before columns were chosen.
  package var records: Schema? { formerPlan?["records"].flatMap { Schema($0) } }

  /// The former value of a guard; nil when there was none.
  package func formerGuard(_ name: String) -> String? { formerPlan?["guards"]?[name]?.string }

  /// The last epoch that has an intent.
  package var lastIntent: Int64 { intents.lastEpoch }

  // MARK: - Starting

  /// The sink has on record which sources its query has; another one changes what its rows mean.
  /// Called before anything is written.
  private static func refuseNewSource(
    _ stage: StageDirectory, in directory: CheckpointDirectory
  ) throws {
    guard try stage.plan() == nil, let plan = try directory.sink()?.plan() else { return }
    let lineage = (plan["lineage"]?.array ?? []).compactMap(\.string)
    if lineage.contains(stage.id) { return }
    let sources = try directory.stages().filter { Disk.exists($0.runPath) }.map(\.id)
      .filter(lineage.contains)
    throw StreamError(
      .usage,
      "\(stage.id) is new, but the query is one over the rows of \(listed(sources))",
      hint: "if only the name is another one, give the former one (--name); else use another "
        + "--checkpoint directory")
  }

  private static func takeLock(
    _ stage: StageDirectory, of directory: CheckpointDirectory
  ) throws -> StageLock {
    for attempt in 0..<20 {
      if let lock = try StageLock(stage) { return lock }
      if attempt < 19 { usleep(5_000) }
    }
    let process = try StageLock.holder(of: stage)?.process ?? 0
    throw StreamError(
      .unavailable,
      "another run of this query is at work (process \(process)) and holds '\(directory.path)'")
  }

  private static let stalePatienceMilliseconds = 10_000

  /// Stages of the last run may still be at work: what they commit counts.
  private static func awaitFormerStages(
    of source: String, in directory: CheckpointDirectory
  ) throws {
    var waited = 0
    for stage in try directory.stages() where !Disk.exists(stage.runPath) {
      while try isHeld(stage, byRunOf: source) {
        guard waited < stalePatienceMilliseconds else {
          throw StreamError(
            .unavailable, "\(stage.id) of an earlier run is still at work",
            location: directory.path, hint: "stop it, or wait until it has ended")
        }
        usleep(5_000)
        waited += 5
      }
    }
  }

  private static func isHeld(_ stage: StageDirectory, byRunOf source: String) throws -> Bool {
    if try programHolds(stage) { return true }
    guard let holder = try StageLock.holder(of: stage) else { return false }
    return holder.runs.isEmpty || holder.runs[source] != nil
  }

  /// A sink's program that was started by an earlier run inherits a lock of its own.
  private static func programHolds(_ stage: StageDirectory) throws -> Bool {
    let program = stage.programLock
    return try Disk.exists(program.lockPath) && StageLock.holder(of: program) != nil
  }

  /// What was committed must be known here, or its trace be there.
  private static func checkReach(
    of intents: IntentLog, _ epoch: Int64, _ stage: StageDirectory
  ) throws {
    let trimmed = intents.base?.epoch ?? 0
    guard trimmed <= epoch else {
      throw damaged("commits of epochs \(epoch &+ 1) to \(trimmed) are missing", stage)
    }
    guard intents.lastEpoch >= epoch else {
      throw damaged("intents of epochs \(intents.lastEpoch &+ 1) to \(epoch) are missing", stage)
    }
  }

  private static func damaged(_ what: String, _ stage: StageDirectory) -> StreamError {
    StreamError(
      .io, "the checkpoint is damaged: \(what)", location: stage.path,
      hint: "restore the directory from a copy, or begin again with an empty one")
  }

  /// Puts the query into the header.
  func fill(_ header: inout Header) {
    header.query.id = directory.query.id
    header.query.name = directory.query.name
    header.query.checkpoint = directory.path
    header.query.runs = [stage.id: runID]
    header.resume = resume?.ledger
  }

  /// - Parameters:
  ///   - header: with this stage.
  ///   - schema: of its rows.
  ///   - records: of the input, before columns were chosen.
  func checkPlan(
    _ header: Header, _ schema: Schema, records: Schema?, _ guards: PlanGuards
  ) throws {
    guard let stage = header.plan.last else { return }
    let plan = PlanRecord(
      stage: stage, lineage: header.plan, guards: guards, schema: schema, records: records)
    if let formerPlan { try plan.check(against: formerPlan) }
    isPlanWritten = formerPlan == plan.json
    self.plan = plan
  }

  /// Behind the sink's joining, so that a start that fails records nothing; before the first row, so
  /// that what is received is known for what it is.
  func recordPlan() throws {
    guard !isPlanWritten, let plan else { return }
    try Document.write(plan.json, to: stage.planPath)
    isPlanWritten = true
  }

  private static let sinkPatienceMilliseconds = 30_000

  /// Waits until the sink has joined this run: no row goes out before.
  func awaitSink(_ output: Int32) throws {
    var waited = 0
    while true {
      if let sink = try directory.sink(),
        try StageLock.holder(of: sink)?.runs[stage.id] == runID
      {
        commits = CommitView(sink)
        try commits?.refresh()
        return
      }
      if isClosed(output) { throw WireError.closed }
      if Signals.isStopRequested { throw StoppedAtStart() }
      guard waited < SourceCheckpoint.sinkPatienceMilliseconds else { throw noSink() }
      usleep(2_000)
      // Another source of the query that has not yet joined may take its time.
      if try !otherSourceIsStarting() { waited += 2 }
    }
  }

  private func otherSourceIsStarting() throws -> Bool {
    for other in try directory.stages() where other.id != stage.id && Disk.exists(other.runPath) {
      guard try StageLock.holder(of: other) != nil else { continue }
      let run = try other.runID()
      let hasJoined = try directory.stages().contains { stage in
        try !Disk.exists(stage.runPath)
          && StageLock.holder(of: stage)?.runs[other.id] == run
      }
      if !hasJoined { return true }
    }
    return false
  }

  private func noSink() -> StreamError {
    StreamError(
      .usage, "no sink has joined this query within 30 s",
      hint: "end the pipeline with stream-sink: a checkpoint needs one")
  }

  // MARK: - Running

  /// Whether another epoch may end: few are on their way.
  func hasRoom(_ output: Int32) throws -> Bool {
    guard let commits else { return true }
    try commits.refresh()
    let done = commits.last?.epoch(ofSource: stage.id) ?? 0
    if intents.lastEpoch - done < SourceCheckpoint.openEpochsMax { return true }
    if isClosed(output) { throw WireError.closed }
    return false
  }

  /// The last epoch of this source whose commit is durable; nil before the first. What only it and
  /// earlier ones need may go.
  package var durableFloor: Int64? {
    get throws {
      try commits?.refresh()
      return commits?.floor?.epoch(ofSource: stage.id)
    }
  }

  /// Whether the sink has acknowledged all epochs, durably where they changed anything.
  var isDone: Bool {
    get throws {
      guard let commits else { return intents.lastEpoch <= 0 }
      try commits.refresh()
      return commits.isDurable && commits.last?.epoch(ofSource: stage.id) ?? 0 >= intents.lastEpoch
    }
  }

  /// Writes what an epoch took in, before its marker goes out.
  package func write(_ intent: Intent) throws {
    // One that is made again stands there already.
    if intent.epoch > intents.lastEpoch { try intents.append(intent) }
  }

  /// Drops the intents of committed epochs when that is worth the work.
  ///
  /// - Parameter makeBase: what stands for the input of these epochs, which follow the last base;
  ///   what it needs on the disk is durable when it returns.
  package func trim(_ makeBase: ([Intent]) throws -> JSON) throws {
    // A final epoch stays: it says that there is none behind it.
    guard let floor = commits?.floor?.epoch(ofSource: stage.id),
      intents.isWorthTrimming(upTo: floor),
      let last = intents.intents.last(where: { $0.epoch <= floor && !$0.isFinal })
    else { return }
    let input = try makeBase(intents.intents.filter { $0.epoch <= last.epoch })
    try intents.trim(to: IntentLog.Base(epoch: last.epoch, time: last.time, input: input))
  }
}

/// Whether nobody reads a pipe any more.
func isClosed(_ descriptor: Int32) -> Bool {
  var watched = pollfd(fd: descriptor, events: 0, revents: 0)
  return unsafe poll(&watched, 1, 0) > 0 && watched.revents & Int16(POLLERR) != 0
}

/// A source was told to stop before it had sent a row: its stream ends as it should.
struct StoppedAtStart: Error {}
