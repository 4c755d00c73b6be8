import Checkpoint
import Diagnostics
import JSONText
import Toolkit
import Wire

/// What an explanation goes by.
struct Evidence {
  let summary: QuerySummary
  /// µs, UTC.
  let now: Int64
  /// Of all epochs that are kept, ascending.
  let ledgers: [Ledger]
  /// Empty before the first commit.
  let plan: [PlanStage]
  let sources: Set<String>
  let inputs: [EventTimeInput]
  private let sinkID: String?

  init(_ summary: QuerySummary, at now: Int64) throws(StreamError) {
    self.summary = summary
    self.now = now
    ledgers = try summary.files.commits().map { record throws(StreamError) in
      try EpochReport.ledger(of: record)
    }
    plan = summary.plan ?? []
    sources = Set(try summary.files.sources().map(\.id))
    sinkID = try summary.files.directory.sink()?.id
    inputs = EventTimeInput.all(
      in: plan, ledgers.last, sources, complete: summary.completeSources)
  }

  /// As of the epoch that was acknowledged last.
  var last: Ledger? { ledgers.last }

  var isRunning: Bool { summary.state.isRunning }

  /// Nothing follows: every window is closed.
  var isFinal: Bool { last?.isFinal ?? false }

  func isHeld(_ stage: String) -> Bool { summary.state.holder(of: stage) != nil }

  func planned(_ stage: String) -> PlanStage? { plan.flattened.first { $0.stage == stage } }

  /// The inputs whose event time a stage goes by.
  func inputs(before stage: String) -> [EventTimeInput] {
    let upstream = Set(plan.upstream(of: stage).map(\.stage))
    return inputs.filter { upstream.contains($0.stage) && $0.makesWatermark }
  }

  /// How long a source has found its input empty, in µs; nil if it has not.
  func idle(_ source: String) -> Int64? {
    guard let last, let part = last.sources.first(where: { $0.id == source }), part.idle > 0,
      part.rows == 0
    else { return nil }
    return isRunning ? sum([part.idle, max(0, difference(now, last.time))]) : part.idle
  }

  /// Aggregations that keep their results until windows close.
  var stagesWithOpenWindows: [String] {
    if isFinal { return [] }
    return plan.flattened.filter { stage in
      stage.tool == "stream-agg" && stage.options["mode"]?.string == "append"
        && hasOpenWindows(last?[stage: stage.stage])
    }.map(\.stage)
  }

  private func hasOpenWindows(_ part: StagePart?) -> Bool {
    guard let part else { return false }
    return part[metric: "openWindows"].map { $0 > 0 } ?? (part[metric: "nextClose"] != nil)
  }

  /// Where the window of an aggregation was declared; nil if none was.
  func window(of stage: String) -> PlanStage? {
    let upstream = plan.upstream(of: stage)
    let former = upstream.lastIndex { $0.tool == "stream-agg" } ?? -1
    return upstream.dropFirst(former + 1).last { before in
      before.tool == "stream-window" && before.options["explode"]?.bool != true
        && ["size", "session"].contains { before.options[$0] != nil }
    }
  }

  func account(of stage: String, tool: String) -> StageAccount {
    if sources.contains(stage) { return sourceAccount(stage) }
    let parts = stage.split(separator: ".")
    if stage == sinkID || (parts.count > 1 && parts[1] == "sink") { return sinkAccount(stage) }
    switch tool {
    case "stream-window": return windowAccount(stage)
    case "stream-agg": return aggregateAccount(stage)
    case "stream-dedup": return dedupAccount(stage)
    default: return passingAccount(stage)
    }
  }

  /// What became of the last rows that came to a stage; nil where nothing is known of them.
  func flow(_ stage: String) -> String? {
    guard let first = ledgers.first else { return nil }
    let busy = ledgers.last { $0[stage: stage][metric: "rowsIn"] ?? 0 > 0 }
    if let busy {
      let rows = (busy[stage: stage][metric: "rowsIn"], busy[stage: stage][metric: "rowsOut"])
      guard let rowsIn = rows.0, let rowsOut = rows.1 else { return nil }
      let out = rowsOut == 0 ? "none" : grouped(rowsOut)
      return "\(counted(rowsIn, "row")) came in epoch \(grouped(busy.epoch)), \(out) went on"
    }
    guard ledgers.contains(where: { $0[stage: stage][metric: "rowsIn"] != nil }) else { return nil }
    if first.epoch <= 1 { return "no row has come to it yet" }
    return "no row has come to it since epoch \(grouped(first.epoch))"
  }

  /// A stage of which no more is known than what it does.
  private func passingAccount(_ stage: String) -> StageAccount {
    let keepsFiles = Disk.isDirectory(summary.files.directory.stage(stage).path)
    guard keepsFiles else {
      return StageAccount(stage, flow(stage) ?? "keeps nothing, and waits for nothing but rows")
    }
    var account = StageAccount(
      stage, isHeld(stage) ? "runs; it works when its input brings rows" : "does not run")
    account.say(flow(stage))
    return account
  }
}
