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
      let log = stage.log
      let stop = StopSignal(descriptor: Signals.wakeUp)
      let input = try openRecords(
        makeOpener(stop), plan.bounded(by: bounds), stop,
        Notices { log.warning($0, hint: $1) })
      let isBounded = input.isBounded || epochs.final || trigger == .availableNow
      try stage.begin(input.schema, isBounded: isBounded)
      let summary = Summary()
      let time = SystemTime(stop: stop)
      var loop = EpochLoop(
        input, to: WireOutput(stage, input: input, summary: summary),
        clock: EpochClock(trigger: trigger, bounds: bounds, at: time.now),
        linger: plan.limits.linger, time: time)
      try loop.run()
      log.info(summary.text(stage.id, input))
    }
  }
}

func openRecords(
  _ opener: InputOpener, _ plan: InputPlan, _ stop: StopSignal, _ notices: Notices
) throws -> any MeasuredInput {
  if plan.format == .arrow {
    return try ArrowInput(opener, plan: plan, stop: stop, notices: notices)
  }
  return try RecordInput(opener, plan: plan, stop: stop, notices: notices)
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
