import Columnar
import Connectors
import Formats
import Toolkit

extension SourceKind {
  /// Runs a source of records to its end.
  func runRecords(
    from makeOpener: (StopSignal) -> InputOpener, plan: InputPlan, epochs: EpochOptions,
    bounds: EpochBounds, options: PlanOptions
  ) throws {
    let trigger = try epochs.checkedTrigger()
    try runSource(options: options.json) { stage in
      let stop = StopSignal(descriptor: Signals.wakeUp)
      let input = try openRecords(
        makeOpener(stop), plan.bounded(by: bounds), stop, stage.notices)
      let isBounded = input.isBounded || epochs.final || trigger == .availableNow
      try stage.begin(input.schema, isBounded: isBounded)
      let summary = Summary()
      let time = SystemTime(stop: stop)
      var loop = EpochLoop(
        input, to: WireOutput(stage, input: input, summary: summary),
        clock: EpochClock(trigger: trigger, bounds: bounds, at: time.now),
        linger: plan.limits.linger, time: time)
      try loop.run()
      stage.log.info(summary.text(stage.id, input))
    }
  }
}

/// Opens an input of records, of whatever format.
///
/// - Parameters:
///   - observer: keeps account of the files; nil without a checkpoint.
///   - malformed: what becomes of malformed records; nil for what the plan says.
func openRecords(
  _ opener: InputOpener, _ plan: InputPlan, _ stop: StopSignal, _ notices: Notices,
  _ observer: (any FileObserver)? = nil, _ malformed: MalformedRecords? = nil
) throws -> any RecordSource {
  if plan.format == .arrow {
    return try ArrowInput(opener, plan: plan, stop: stop, notices: notices, observer: observer)
  }
  return try RecordInput(
    opener, plan: plan, stop: stop, notices: notices, observer: observer, malformed: malformed)
}

/// An input that knows what its records hold.
protocol RecordSource: MeasuredInput {
  /// Before columns are chosen.
  var record: Schema { get }
}

extension RecordInput: RecordSource {}
extension ArrowInput: RecordSource {}
extension SocketInput: RecordSource {}

extension SourceStage {
  /// For what inputs have to tell.
  var notices: Notices {
    let log = log
    return Notices { log.warning($0, hint: $1) }
  }
}

extension InputPlan {
  /// Blocks are what an epoch takes in at a time: none may be larger than it.
  func bounded(by bounds: EpochBounds) -> InputPlan {
    var plan = self
    if let bytes = bounds.bytes {
      plan.limits.fullBytes = max(1, min(plan.limits.fullBytes, bytes))
    }
    return plan
  }
}
