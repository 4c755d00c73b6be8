import ArgumentParser
import Checkpoint
import Connectors
import Diagnostics
import Toolkit

struct RateSource: SourceKind {
  static let configuration = CommandConfiguration.tool(
    SourceTool.toolName, kind: "rate", abstract: "Make numbered rows, for trying things out.",
    discussion: """
      The columns are 'timestamp' and 'value', which counts from 0. Rows that a slow pipeline keeps \
      waiting are not lost: they come in the next epoch.
      """,
    examples: [
      (
        "a count a second",
        "stream-source rate --rows-per-second 1000 --trigger 1s | stream-agg 'count(*) AS n'"
      ),
      ("a table of ten", "stream-source rate --rows-per-second 10 --rows 10 | stream-sink"),
    ])

  @Option(help: ArgumentHelp("How many rows are due in a second.", valueName: "count"))
  var rowsPerSecond: ArgumentText

  @Option(
    help: ArgumentHelp("Let the rate grow evenly from nothing for so long.", valueName: "duration"))
  var rampUp: ArgumentText?

  @Option(help: ArgumentHelp("End after so many rows.", valueName: "count"))
  var rows: ArgumentText?

  @OptionGroup(title: "Epochs") var epochs: EpochOptions
  @OptionGroup(title: "Checkpoint") var checkpoint: CheckpointOptions
  @OptionGroup(title: "Common options") var common: CommonOptions

  func run() throws {
    let schedule = RateSchedule(rowsPerSecond: try checkedRate(), rampUp: try checkedRampUp())
    let rowCount = try rows.map { try parseCount($0.text, option: "--rows", atLeast: 1) }
    let trigger = try epochs.checkedTrigger()
    guard trigger != .availableNow else {
      throw StreamError(
        .usage, "--trigger available-now: a rate has no end", hint: "say how many: --rows 1000")
    }
    let bounds = try epochs.checkedBounds()
    let options = epochs.adding(
      to: PlanOptions(["rate"]).adding("rows-per-second", rowsPerSecond.text)
        .adding("ramp-up", rampUp?.text).adding("rows", rows?.text))
    releaseStandardInput(unlessAmong: [])
    let guards = PlanGuards().adding("the kind of source", "rate")
      .adding("--rows-per-second", rowsPerSecond.text).adding("--ramp-up", rampUp?.text)
    let request = try checkpoint.request(guards)
    try runSource(options: options.json, checkpoint: request) { stage in
      try run(stage, schedule, rowCount, trigger, bounds)
    }
  }

  private func run(
    _ stage: SourceStage, _ schedule: RateSchedule, _ rowCount: Int64?, _ trigger: Trigger,
    _ bounds: EpochBounds
  ) throws {
    let stop = StopSignal(descriptor: Signals.wakeUp)
    let isDurable = stage.checkpoint != nil
    try stage.begin(
      rateSchema, isBounded: (rowCount != nil && !isDurable) || epochs.final,
      endsByItself: rowCount != nil)
    let (summary, time) = (Summary(), SystemTime(stop: stop))
    var clock = EpochClock(trigger: trigger, bounds: bounds, at: time.now, isPaced: isDurable)
    var (resumption, history): (Resumption?, RateHistory?)
    if let checkpoint = stage.checkpoint {
      let past = try RateHistory(checkpoint.base)
      for intent in checkpoint.committed { try past.advance(past: intent.input) }
      let resumed = try Resumption(checkpoint, journal: RateJournal(past)) { try RateHistory($0) }
      try resumed.replayAll(
        to: WireOutput(stage, filter: nil, summary: summary, resumption: resumed), history: past,
        &clock
      ) { try RateReplay(schedule, $0) }
      (resumption, history) = (resumed, past)
    }
    var loop = RateLoop(
      schedule, rowCount: rowCount,
      to: WireOutput(stage, filter: nil, summary: summary, resumption: resumption), clock: clock,
      time: time,
      behind: history, endIsFinal: !isDurable || epochs.final, isStopped: { stop.isRequested })
    try loop.run()
    stage.log.info(summary.text(stage.id, nil))
  }

  private func checkedRate() throws -> Int64 {
    let rate = try parseCount(rowsPerSecond.text, option: "--rows-per-second", atLeast: 1)
    guard rate <= 1_000_000_000 else {
      throw StreamError(
        .usage, "--rows-per-second: expected at most 1000000000 but found '\(rowsPerSecond.text)'")
    }
    return rate
  }

  private func checkedRampUp() throws -> Int64 {
    guard let rampUp else { return 0 }
    let duration = try parseDuration(rampUp.text, option: "--ramp-up")
    guard 0...1_000_000_000_000 ~= duration else {
      throw StreamError(.usage, "--ramp-up: expected 0s to 11d but found '\(rampUp.text)'")
    }
    return duration
  }
}
