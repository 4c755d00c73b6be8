import Checkpoint
import JSONText
import Testing
import Wire
import stream_query

/// 2026-01-01T12:00:00Z, in µs.
let noon: Int64 = 1_767_268_800_000_000
let second: Int64 = 1_000_000
let minute: Int64 = 60_000_000

/// A query over windows of a minute, as its checkpoint tells it when it stands somewhere.
struct TimedQuery {
  let sample: SampleCheckpoint
  var source: JSON = ["arguments": ["tail", "app.log"]]
  var window: JSON = ["time": "ts", "watermark": "1m", "size": "1m"]
  var aggregate: JSON = ["arguments": ["count(*)"], "mode": "append"]
  var idle: Int64 = 0
  var rows: Int64 = 0
  var isFinal = false
  var isRunning = true
  /// What `stream-window` remembers.
  var latest: Int64? = noon - 30 * second
  var watermark: Int64? = noon - 90 * second
  var windowMemo: JSON = [:]
  var aggregateMemo: JSON?
  var aggregateMetrics = [Metric("openWindows", 3), Metric("nextClose", noon)]
  /// Further stages in front of the aggregation, and what they say.
  var others: [(stage: PlanStage, part: StagePart)] = []
  /// Of the ledger, where it is not that of `stream-window`.
  var merged: Int64?

  init() throws { sample = try SampleCheckpoint() }

  private var epoch: Int64 { (sample.commits.last?.epoch ?? 0) + 1 }

  private var ledger: Ledger {
    var ledger = sample.ledger(epoch, rows: rows, isFinal: isFinal)
    ledger.time = SampleCheckpoint.time(of: 1)
    ledger.watermark = merged ?? watermark
    ledger.sources[0].idle = idle
    var memo = windowMemo
    if let latest { memo["max"] = .integer(latest) }
    if let watermark { memo["watermark"] = .integer(watermark) }
    ledger[stage: "main.window"].memo = memo
    for other in others { ledger[stage: other.part.id] = other.part }
    ledger[stage: "main.agg"].memo = aggregateMemo
    ledger[stage: "main.agg"].metrics = aggregateMetrics
    return ledger
  }

  /// - Returns: the lines of each stage, by its name.
  func explain(now: Int64 = SampleCheckpoint.time(of: 1) + 5 * second) throws -> [String: [String]]
  {
    let explanation = try explanation(now: now)
    let pairs = explanation.accounts.map { ($0.stage, $0.sentences) }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  func explanation(now: Int64 = SampleCheckpoint.time(of: 1) + 5 * second) throws -> Explanation {
    let stages =
      [
        PlanStage(stage: "main.source", tool: "stream-source", options: source),
        PlanStage(stage: "main.window", tool: "stream-window", options: window),
      ] + others.map(\.stage)
      + [
        PlanStage(stage: "main.agg", tool: "stream-agg", options: aggregate),
        PlanStage(stage: "main.sink", tool: "stream-sink", options: ["arguments": ["stdout"]]),
      ]
    try sample.plan(stages)
    try sample.begin(epoch...epoch)
    try sample.commit(ledger)
    let locks = try isRunning ? sample.lock(["main.source", "main.agg", "main.sink"]) : []
    defer { withExtendedLifetime(locks) {} }
    return try Explanation(QuerySummary(QueryFiles(sample.path)), at: now)
  }
}

/// What a stage remembers of rows that were late by at most `max` µs.
func lateRows(_ count: Int64, max: Int64, _ histogram: [Int64], unusable: Int64 = 0) -> JSON {
  let rest = [Int64](repeating: 0, count: 7 - histogram.count)
  return [
    "late": [
      "rows": .integer(count), "max": .integer(max),
      "by": .array((histogram + rest).map { .integer($0) }),
    ], "unusable": .integer(unusable),
  ]
}
