import Checkpoint
package import Diagnostics
import JSONText
import Toolkit
import Wire

/// What each part of a query waits for, as far as its checkpoint tells.
package struct Explanation {
  /// `query` first, then each stage that keeps files.
  package let sentences: [(stage: String, text: String)]

  /// With so many epochs open a source begins no further one.
  private static let openEpochsMax: Int64 = 4
  /// A sink that takes longer for a commit is called slow: µs.
  private static let slowMicroseconds: Int64 = 5_000_000

  /// - Parameter now: µs, UTC.
  package init(_ summary: QuerySummary, at now: Int64) throws(StreamError) {
    let records = try summary.files.commits()
    let acknowledged = try records.last.map { record throws(StreamError) in
      try EpochReport.ledger(of: record)
    }
    let order = summary.commands.map(\.stage)
    let stages = try summary.files.stages().sorted {
      order.firstIndex(of: $0.id) ?? .max < order.firstIndex(of: $1.id) ?? .max
    }
    let sources = Set(try summary.files.sources().map(\.id))
    let sinkID = try summary.files.directory.sink()?.id
    var sentences = [(stage: "query", text: Explanation.whole(summary))]
    for stage in stages {
      let holder = summary.state.holder(of: stage.id)
      let text =
        if sources.contains(stage.id) {
          Explanation.source(stage.id, holder, summary, acknowledged, at: now)
        } else if stage.id == sinkID {
          Explanation.sink(stage.id, holder, summary, acknowledged, at: now)
        } else {
          holder == nil ? "does not run" : "runs; it works when its input brings rows"
        }
      sentences.append((stage.id, text))
    }
    self.sentences = sentences
  }

  private static func whole(_ summary: QuerySummary) -> String {
    switch summary.state.kind {
    case .complete: return "complete: all of its input is committed, nothing is left to do"
    case .stopped where summary.report == nil: return "does not run, and has not committed anything"
    case .stopped:
      let again = "run its command line again to go on"
      let open = summary.openEpochCount
      if open == 0 { return "does not run; all that it began is committed; \(again)" }
      return "does not run; \(counted(open, "epoch")) will be made again; \(again)"
    case .running where summary.state.sources.isEmpty:
      return "ends: its source has gone, the stages behind it finish what they have"
    case .running: return "runs"
    }
  }

  private static func source(
    _ id: String, _ holder: QueryState.Holder?, _ summary: QuerySummary, _ last: Ledger?,
    at now: Int64
  ) -> String {
    guard holder != nil else { return "does not run" }
    let hasSink = summary.state.holders.contains { !$0.isSource }
    guard hasSink else { return "runs, and waits for the sink to join it" }
    let open = summary.openEpochs.first { $0.source == id }?.count ?? 0
    if open >= openEpochsMax {
      return "runs, and waits for the sink: \(counted(open, "epoch")) are on their way, the most "
        + "that may be"
    }
    let part = last?.sources.first { $0.id == id }
    if open == 0, let part, let last, part.idle > 0, part.rows == 0 {
      let idle = sum([part.idle, max(0, difference(now, last.time))])
      return "runs; its input has been empty for \(shownDuration(idle))"
    }
    let backlog = summary.report?.backlog.map { ", \(grouped($0)) behind the end of its input" }
    let waiting = open > 0 ? "; \(counted(open, "epoch")) on the way to the sink" : ""
    return "runs and reads\(backlog ?? "")\(waiting)"
  }

  private static func sink(
    _ id: String, _ holder: QueryState.Holder?, _ summary: QuerySummary, _ last: Ledger?,
    at now: Int64
  ) -> String {
    guard let report = summary.report else {
      return holder == nil
        ? "does not run; it has committed nothing" : "runs; it has committed nothing yet"
    }
    let age = shownAge(difference(now, report.ledger.time))
    let commit = "its last commit is epoch \(grouped(report.ledger.epoch)), begun \(age)"
    if summary.state.programs.contains(id) { return "its program is at work; \(commit)" }
    guard holder != nil else { return "does not run; \(commit)" }
    let silence = last.map { difference(now, $0.time) } ?? 0
    if summary.openEpochCount > 0, silence > slowMicroseconds {
      return "runs, but has not committed the next epoch for \(shownDuration(silence)): its target "
        + "or a stage before it is slow; \(commit)"
    }
    let pace = report.milliseconds.map { " and took \(grouped($0)) ms" } ?? ""
    return "runs; \(commit)\(pace)"
  }
}
