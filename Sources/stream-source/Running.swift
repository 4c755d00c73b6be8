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
