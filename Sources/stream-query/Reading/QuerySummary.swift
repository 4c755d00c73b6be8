import Checkpoint
package import Diagnostics
package import JSONText
import Toolkit
import Wire

/// A query at one moment.
package struct QuerySummary {
  let files: QueryFiles
  let state: QueryState
  /// The last commit; nil before the first.
  let report: EpochReport?
  /// All rows that were read up to the last commit; nil where nobody has counted them.
  package let rowCount: Int64?
  /// How many epochs each source has begun that are not acknowledged.
  let openEpochs: [(source: String, count: Int64)]
  /// Whose last epoch is committed, though those of others may follow.
  let completeSources: Set<String>
  let plan: [PlanStage]?
  let commands: [(stage: String, tool: String, command: String)]
  let byteCount: Int64

  package init(_ files: QueryFiles) throws(StreamError) {
    self.files = files
    let records = try files.commits()
    let last = records.last { !$0.isSoft }
    let (report, rows, open) = try QuerySummary.progress(files, records)
    (self.report, rowCount, openEpochs) = (report, rows, open)
    completeSources = try QuerySummary.completeSources(files, last)
    state = try QueryState(files, last: last)
    plan = try files.plan()
    commands = try files.commands()
    byteCount = files.byteCount()
  }

  private static func progress(
    _ files: QueryFiles, _ records: [CommitRecord]
  ) throws(StreamError) -> (EpochReport?, Int64?, [(String, Int64)]) {
    let last = records.last { !$0.isSoft }
    var report: EpochReport?
    if let last {
      let before = try records.last { $0.epoch < last.epoch }.map { record throws(StreamError) in
        try EpochReport.ledger(of: record)
      }
      report = try EpochReport(last, behind: before, ReportContext(files))
    }
    var rows: Int64? = 0
    var open: [(String, Int64)] = []
    for source in try files.sources() {
      let log = try IntentLog.read(source)
      let committed = last?.epoch(ofSource: source.id) ?? 0
      let done = max(committed, records.last?.epoch(ofSource: source.id) ?? 0)
      let intents = log?.intents ?? []
      let trimmed = log?.base == nil ? 0 : log?.base?.rows
      rows = rows.flatMap { before in
        trimmed.map { trimmed in
          sum([before, trimmed] + intents.filter { $0.epoch <= committed }.map(\.rows))
        }
      }
      let newest = intents.last?.epoch ?? done
      open.append((source.id, max(0, difference(newest, done))))
    }
    return (report, rows, open)
  }

  private static func completeSources(
    _ files: QueryFiles, _ last: CommitRecord?
  ) throws(StreamError) -> Set<String> {
    var complete: Set<String> = []
    for source in try files.sources() {
      guard let newest = try IntentLog.read(source)?.intents.last, newest.isFinal,
        newest.epoch <= last?.epoch(ofSource: source.id) ?? 0
      else { continue }
      complete.insert(source.id)
    }
    return complete
  }

  package var openEpochCount: Int64 { sum(openEpochs.map(\.count)) }

  // MARK: - For programs

  package var json: JSON {
    let query = files.query
    let stages = commands.map { entry -> JSON in
      let holder = state.holder(of: entry.stage)
      // A stage that keeps nothing has no lock that would tell.
      let hasLock = Disk.isDirectory(files.directory.stage(entry.stage).path)
      return [
        "id": .string(entry.stage), "tool": .string(entry.tool),
        "command": .string(entry.command), "running": hasLock ? .bool(holder != nil) : .null,
        "process": JSON(holder.flatMap { $0.process > 0 ? Int64($0.process) : nil }),
      ]
    }
    return [
      "path": .string(files.directory.path), "id": .string(query.id), "name": .string(query.name),
      "created": JSON(time: query.created), "state": .string(state.kind.rawValue),
      "commit": commit(at: wallClock()), "rows": JSON(rowCount),
      "openEpochs": .integer(openEpochCount), "backlog": JSON(report?.backlog),
      "bytes": .integer(byteCount), "stages": .array(stages),
    ]
  }

  private func commit(at now: Int64) -> JSON {
    guard let report else { return .null }
    return [
      "epoch": .integer(report.ledger.epoch), "time": JSON(time: report.ledger.time),
      "ageMs": .integer(max(0, difference(now, report.ledger.time)) / 1000),
      "watermark": JSON(time: report.ledger.watermark), "final": .bool(report.ledger.isFinal),
    ]
  }

  // MARK: - For people

  package func lines(at now: Int64) -> [String] {
    let query = files.query
    var lines = [
      "query      \(plain(query.name)) (\(plain(query.id))), made \(shownTime(query.created))",
      "state      \(state.text)", "committed  \(committed(at: now))",
    ]
    if let report {
      let so = rowCount.map { "\(counted($0, "row")) so far" }
      let rows = counted(report.inputRows, "row")
      lines.append("read       \(so.map { "\($0), " } ?? "")\(rows) in the last epoch")
    }
    if openEpochCount > 0 {
      lines.append("open       \(counted(openEpochCount, "epoch")) begun and not yet committed")
    }
    if let backlog = report?.backlog {
      lines.append("backlog    \(grouped(backlog)) behind the end of the input")
    }
    lines.append("on disk    \(shortBytes(byteCount)) in \(plain(files.directory.path))")
    let tree = plan.map(PlanTree.lines) ?? commands.reversed().map { "\($0.stage): \($0.command)" }
    return lines + (tree.isEmpty ? [] : [""] + tree.map(plain))
  }

  private func committed(at now: Int64) -> String {
    guard let ledger = report?.ledger else { return "nothing yet" }
    let age = shownAge(difference(now, ledger.time))
    let mark = ledger.isFinal ? ", the last one" : ""
    let watermark = ledger.watermark.map { ", watermark \(isoMilliseconds($0))" } ?? ""
    return
      "epoch \(grouped(ledger.epoch))\(mark), begun \(shownTime(ledger.time)) (\(age))\(watermark)"
  }
}
