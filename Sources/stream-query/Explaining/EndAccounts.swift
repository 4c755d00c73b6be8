import JSONText
import Toolkit
import Wire

/// What there is to say of the stages at the ends.
extension Evidence {
  /// A sink that takes longer for a commit is called slow: µs.
  private static let slowMicroseconds: Int64 = 5_000_000

  func sourceAccount(_ stage: String) -> StageAccount {
    let open = summary.openEpochs.first { $0.source == stage }?.count ?? 0
    var account = StageAccount(stage, sourceSentence(stage, open: open))
    account.note("running", .bool(isHeld(stage)))
    account.note("openEpochs", .integer(open))
    account.note("emptyMs", JSON(idle(stage).map { $0 / 1000 }))
    return account
  }

  private func sourceSentence(_ stage: String, open: Int64) -> String {
    guard isHeld(stage) else {
      let isComplete = summary.completeSources.contains(stage)
      return isComplete ? "does not run: its input is complete" : "does not run"
    }
    let hasSink = summary.state.holders.contains { !$0.isSource }
    guard hasSink else { return "runs, and waits for the sink to join it" }
    if open >= SourceCheckpoint.openEpochsMax {
      return "runs, and waits for the sink: \(counted(open, "epoch")) are on their way, the most "
        + "that may be"
    }
    if open == 0, let idle = idle(stage) {
      return "runs; its input has been empty for \(shownDuration(idle))"
    }
    if open == 0, last == nil { return "runs; its first epoch has not ended yet" }
    let backlog = summary.report?.backlog.map { ", \(grouped($0)) behind the end of its input" }
    let waiting = open > 0 ? "; \(counted(open, "epoch")) on the way to the sink" : ""
    return "runs and reads\(backlog ?? "")\(waiting)"
  }

  func sinkAccount(_ stage: String) -> StageAccount {
    var account = StageAccount(stage, sinkSentence(stage))
    account.note("running", .bool(isHeld(stage)))
    account.note("epoch", JSON(summary.report?.ledger.epoch))
    return account
  }

  private func sinkSentence(_ stage: String) -> String {
    let isHeld = isHeld(stage)
    guard let report = summary.report else {
      return isHeld
        ? "runs; it has committed nothing yet" : "does not run; it has committed nothing"
    }
    let age = shownAge(difference(now, report.ledger.time))
    let commit = "its last commit is epoch \(grouped(report.ledger.epoch)), begun \(age)"
    if summary.state.programs.contains(stage) { return "its program is at work; \(commit)" }
    guard isHeld else { return "does not run; \(commit)" }
    let silence = last.map { difference(now, $0.time) } ?? 0
    if summary.openEpochCount > 0, silence > Evidence.slowMicroseconds {
      return "runs, but has not committed the next epoch for \(shownDuration(silence)): its target "
        + "or a stage before it is slow; \(commit)"
    }
    let pace = report.milliseconds.map { " and took \(grouped($0)) ms" } ?? ""
    return "runs; \(commit)\(pace)"
  }
}
