import Checkpoint
import Columnar
import Connectors
import Diagnostics
import Formats
import JSONText
import Toolkit
import Wire

/// A source of records that cannot be read twice: with a checkpoint they are written down before they
/// go on.
struct ReceivedRecords {
  let plan: InputPlan
  let epochs: EpochOptions
  let bounds: EpochBounds
  /// The input has an end, with a checkpoint too.
  let endsByItself: Bool
  /// Opens the input and waits until its schema is known.
  let open: (InputPlan, StopSignal, Notices, MalformedRecords?) throws -> any RecordSource

  /// Runs it to its end.
  func run(_ stage: SourceStage) throws {
    guard let checkpoint = stage.checkpoint else { return try runUnlogged(stage) }
    try runLogged(stage, checkpoint)
  }

  private func runUnlogged(_ stage: SourceStage) throws {
    let log = stage.log
    let stop = StopSignal(descriptor: Signals.wakeUp)
    let trigger = try epochs.checkedTrigger()
    let input = try open(
      plan.bounded(by: bounds), stop, stage.notices, nil)
    let filter = try plan.filter?.bound(to: input.schema)
    try stage.begin(
      input.schema, isBounded: input.isBounded || epochs.final || trigger == .availableNow)
    let (summary, time) = (Summary(), SystemTime(stop: stop))
    var loop = EpochLoop(
      input, to: WireOutput(stage, input: input, filter: filter, summary: summary),
      clock: EpochClock(trigger: trigger, bounds: bounds, at: time.now),
      linger: plan.limits.linger, time: time)
    try loop.run()
    log.info(summary.text(stage.id, input))
  }

  private func runLogged(_ stage: SourceStage, _ checkpoint: SourceCheckpoint) throws {
    let log = stage.log
    let stop = StopSignal(descriptor: Signals.wakeUp)
    let trigger = try epochs.checkedTrigger()
    let time = SystemTime(stop: stop)
    var clock = EpochClock(trigger: trigger, bounds: bounds, at: time.now, isPaced: true)
    let wal = try WriteAheadLog(checkpoint.stage)
    var plan = plan.bounded(by: bounds)
    if plan.options.schema == nil { plan.options.schema = checkpoint.records }
    plan.keepsRejects = true
    let malformed = try MalformedRecords(
      plan, notices: stage.notices,
      epochs: EpochRejects(
        checkpoint.directory.path, stage: stage.id, lastEpoch: checkpoint.lastIntent))
    let source = try open(plan, stop, stage.notices, malformed)
    let input = ReceivedInput(source)
    let filter = try plan.filter?.bound(to: input.schema)
    try stage.begin(
      input.schema, records: source.record, isBounded: epochs.final,
      endsByItself: endsByItself && trigger != .availableNow)

    let journal = WALJournal(wal, of: input, malformed: malformed)
    let resumption = try Resumption(checkpoint, journal: journal) { try WALHistory($0, of: wal) }
    let summary = Summary()
    let output = WireOutput(
      stage, input: input, filter: filter, summary: summary, resumption: resumption)
    do {
      try takeUp(resumption, journal, wal, output, &clock)
      var loop = EpochLoop(
        input, to: output, clock: clock, linger: plan.limits.linger, time: time,
        endIsFinal: epochs.final)
      try loop.run()
    } catch {
      try keepRest(checkpoint, journal, log, after: error)
      throw error
    }
    try malformed.finish()
    log.info(summary.text(stage.id, input))
  }

  /// Sends what was received before and not committed.
  private func takeUp(
    _ resumption: Resumption, _ journal: WALJournal, _ wal: WriteAheadLog, _ output: WireOutput,
    _ clock: inout EpochClock
  ) throws {
    let checkpoint = resumption.checkpoint
    let history = try WALHistory(checkpoint.base, of: wal)
    for intent in checkpoint.committed + checkpoint.replays {
      try history.advance(past: intent.input)
    }
    // All intents come before the first row goes out: whatever happens then, none is forgotten.
    let adopted = try wal.recover(behind: history).map {
      try resumption.adopt($0.input, rowCount: $0.rowCount)
    }
    try resumption.replayAll(to: output, history: history, adopted: adopted, &clock) {
      try journal.replay($0)
    }
  }

  /// The stream is broken, the rows are not: they become an epoch of the next run.
  private func keepRest(
    _ checkpoint: SourceCheckpoint, _ journal: WALJournal, _ log: Log, after error: any Error
  ) throws {
    Signals.requestStop()
    let (number, timeMin) = checkpoint.nextEpoch
    let epoch = SourceEpoch(number: number, time: journal.time ?? max(timeMin, Moment.now.wall))
    do {
      guard try journal.takeRest(in: epoch) else { return }
      let rowCount = journal.rowCount
      let input = try journal.close(epoch)
      try checkpoint.write(
        Intent(
          epoch: number, time: epoch.time, idle: 0, isFinal: false, rows: rowCount, input: input))
      log.info("\(counted(rowCount, "row")) received and not sent: the next run sends them")
    } catch let failure {
      // Whoever closed the pipe has a status of his own; what is lost here nobody else tells.
      guard case WireError.closed = error else {
        return log.warning("rows that were received are lost: \(failure)")
      }
      throw failure
    }
  }
}
