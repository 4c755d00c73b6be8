package import Checkpoint
package import Diagnostics
package import JSONText
import Toolkit
package import Wire

/// What all epochs of a query have in common.
package struct ReportContext {
  let query: QueryRecord
  /// Of the first source's last run.
  let runID: String?
  /// The command by stage.
  let commands: [String: String]
  /// The stage that commits.
  let sinkID: String?
  /// Those that keep the latest event time.
  let eventTimeStages: [String]
  /// What intents say of the input's end, where a ledger leaves it out.
  let intents: [String: [Int64: JSON]]

  package init(_ files: QueryFiles) throws(StreamError) {
    query = files.query
    sinkID = try files.directory.sink()?.id
    let stages = try files.commands()
    commands = Dictionary(stages.map { ($0.stage, $0.command) }) { $1 }
    eventTimeStages = stages.filter { $0.tool == "stream-window" }.map(\.stage)
    var (runID, intents): (String?, [String: [Int64: JSON]]) = (nil, [:])
    for source in try files.sources() {
      if runID == nil { runID = try source.runID() }
      guard let log = try? IntentLog.read(source) else { continue }
      for intent in log.intents { intents[source.id, default: [:]][intent.epoch] = intent.input }
    }
    (self.runID, self.intents) = (runID, intents)
  }
}

/// A commit under the names of Spark's StreamingQueryProgress.
package struct EpochReport {
  let record: CommitRecord
  package let ledger: Ledger
  /// The ledger of the epoch before, where it is kept.
  let previous: Ledger?
  private let context: ReportContext

  package init(_ record: CommitRecord, behind previous: Ledger?, _ context: ReportContext)
    throws(StreamError)
  {
    self.record = record
    self.previous = previous
    self.context = context
    ledger = try EpochReport.ledger(of: record)
  }

  static func ledger(of record: CommitRecord) throws(StreamError) -> Ledger {
    do {
      return try Ledger(record.ledger)
    } catch {
      throw StreamError.damagedCheckpoint(
        "the commit of epoch \(record.epoch) holds no ledger",
        hint: "look at all of it: stream-query check DIR")
    }
  }

  var inputRows: Int64 { sum(ledger.sources.map(\.rows)) }

  var outputRows: Int64? {
    context.sinkID.flatMap { ledger[stage: $0][metric: "rowsIn"] }
  }

  /// How long the sink had the epoch, in ms: from its first rows to its commit.
  var milliseconds: Int64? { context.sinkID.flatMap { ledger[stage: $0][metric: "ms"] } }

  /// µs since the epoch before began.
  private var interval: Int64? {
    guard let previous else { return nil }
    let interval = difference(ledger.time, previous.time)
    return interval > 0 ? interval : nil
  }

  private func perSecond(_ rows: Int64, in microseconds: Int64?) -> Double? {
    guard let microseconds, microseconds > 0 else { return nil }
    return (Double(rows) * 1e9 / Double(microseconds)).rounded() / 1000
  }

  func inputRate(_ rows: Int64) -> Double? { perSecond(rows, in: interval) }

  func processingRate(_ rows: Int64) -> Double? {
    perSecond(rows, in: milliseconds.map { $0.multipliedReportingOverflow(by: 1000).partialValue })
  }

  // MARK: - For programs

  package var json: JSON {
    [
      "id": .string(context.query.id), "runId": JSON(context.runID),
      "name": .string(context.query.name), "timestamp": JSON(time: ledger.time),
      "batchId": .integer(ledger.epoch), "batchDuration": JSON(milliseconds),
      "numInputRows": .integer(inputRows),
      "inputRowsPerSecond": JSON(rate: inputRate(inputRows)),
      "processedRowsPerSecond": JSON(rate: processingRate(inputRows)),
      "durationMs": durations, "eventTime": eventTime, "stateOperators": .array(stateOperators),
      "sources": .array(ledger.sources.map(source)),
      "sink": [
        "description": JSON(context.sinkID.flatMap { context.commands[$0] }),
        "numOutputRows": JSON(outputRows),
      ],
      "final": .bool(ledger.isFinal),
    ]
  }

  private var durations: JSON {
    var members = ledger.stages.compactMap { stage in
      stage[metric: "ms"].map { JSON.Member(stage.id, .integer($0)) }
    }
    if let milliseconds {
      members.append(JSON.Member("triggerExecution", .integer(milliseconds)))
    }
    return .object(members)
  }

  private var eventTime: JSON {
    var members: [JSON.Member] = []
    if let latest = context.eventTimeStages.compactMap({ ledger[stage: $0].memo?["max"]?.int64 })
      .max()
    {
      members.append(JSON.Member("max", JSON(time: latest)))
    }
    if let watermark = ledger.watermark {
      members.append(JSON.Member("watermark", JSON(time: watermark)))
    }
    return .object(members)
  }

  private static let stateMetrics: Set<String> = [
    "stateRows", "stateRowsUpdated", "stateRowsRemoved", "stateBytes", "lateRows",
  ]

  private var stateOperators: [JSON] {
    ledger.stages.filter(\.keepsState).map { stage in
      let others = stage.metrics.filter { !EpochReport.stateMetrics.contains($0.name) }
      return [
        "operatorName": .string(stage.id), "numRowsTotal": JSON(stage[metric: "stateRows"]),
        "numRowsUpdated": JSON(stage[metric: "stateRowsUpdated"]),
        "numRowsRemoved": JSON(stage[metric: "stateRowsRemoved"]),
        "memoryUsedBytes": JSON(stage[metric: "stateBytes"]),
        "numRowsDroppedByWatermark": .integer(stage[metric: "lateRows"] ?? 0),
        "customMetrics": .object(others.map { JSON.Member($0.name, .integer($0.value)) }),
      ]
    }
  }

  private func source(_ part: SourcePart) -> JSON {
    let before = previous?.sources.first { $0.id == part.id }
    let metrics = ledger[stage: part.id].metrics.map { JSON.Member($0.name, .integer($0.value)) }
    return [
      "description": JSON(context.commands[part.id] ?? part.id),
      "startOffset": before.map { $0.end ?? intent(part.id, $0.epoch) } ?? .null,
      "endOffset": end(of: part), "latestOffset": part.latest ?? .null,
      "numInputRows": .integer(part.rows),
      "inputRowsPerSecond": JSON(rate: inputRate(part.rows)),
      "processedRowsPerSecond": JSON(rate: processingRate(part.rows)),
      "metrics": .object(metrics),
    ]
  }

  private func end(of part: SourcePart) -> JSON { part.end ?? intent(part.id, part.epoch) }

  private func intent(_ source: String, _ epoch: Int64) -> JSON {
    context.intents[source]?[epoch] ?? .null
  }

  /// Of all sources; nil where one of them does not know.
  var backlog: Int64? {
    guard !ledger.sources.isEmpty else { return nil }
    var parts: [Int64] = []
    for part in ledger.sources {
      guard let backlog = Backlog(end: end(of: part), latest: part.latest) else { return nil }
      parts.append(backlog.amount)
    }
    return sum(parts)
  }

  // MARK: - For people

  static let table = TextTable([
    TextTable.Column("epoch", width: 7, isNumber: true), TextTable.Column("time", width: 24),
    TextTable.Column("rows in", width: 9, isNumber: true),
    TextTable.Column("rows/s", width: 9, isNumber: true),
    TextTable.Column("rows out", width: 9, isNumber: true),
    TextTable.Column("ms", width: 5, isNumber: true),
    TextTable.Column("state", width: 7, isNumber: true), TextTable.Column("watermark", width: 24),
  ])

  package var cells: [String] {
    let states = ledger.stages.filter(\.keepsState).compactMap { $0[metric: "stateRows"] }
    return [
      String(ledger.epoch), isoMilliseconds(ledger.time), grouped(inputRows),
      inputRate(inputRows).map { grouped(Int64(clamping: $0)) } ?? "-",
      outputRows.map(grouped) ?? "-", milliseconds.map(grouped) ?? "-",
      states.isEmpty ? "-" : grouped(sum(states)),
      ledger.isFinal ? "final" : ledger.watermark.map(isoMilliseconds) ?? "-",
    ]
  }
}

extension StagePart {
  /// Stages without state count its rows as well: none.
  fileprivate var keepsState: Bool { version != nil || self[metric: "stateRows"] ?? 0 > 0 }
}

extension JSON {
  fileprivate init(rate: Double?) { self = rate.map { .double($0) } ?? .null }
}

extension Int64 {
  /// The nearest one.
  fileprivate init(clamping value: Double) {
    self = value >= 9.2e18 ? .max : value <= -9.2e18 ? .min : Int64(value)
  }
}
