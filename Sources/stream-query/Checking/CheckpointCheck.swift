import Checkpoint
import Diagnostics
import JSONText
import Wire

/// Verifies all checksums of a checkpoint, and that its files agree with each other.
package struct CheckpointCheck {
  let path: String

  package init(path: String) { self.path = path }

  package func run() -> CheckReport {
    var report = CheckReport(root: path)
    guard checkQuery(&report) else { return report }
    checkNames(&report)
    guard let files = try? QueryFiles(path), let stages = try? files.directory.stages() else {
      return report
    }
    let sinks = stages.filter { Disk.exists($0.commitsPath) }
    if sinks.count > 1 {
      report.add(
        "\(path)/stages", "it has \(sinks.count) sinks: \(sinks.map(\.id).joined(separator: ", "))",
        Advice.restore)
    }
    // Read before all else: what follows it can then only be newer.
    let last = lastCommit(files)
    for stage in stages {
      guard case .directory = EntryKind(stage.path) else {
        report.add(stage.path, "this is no directory", Advice.strange)
        continue
      }
      StageCheck(
        stage: stage, version: last?.version(ofStage: stage.id),
        committed: last?.epoch(ofSource: stage.id) ?? 0
      ).run(&report)
    }
    if let last { checkAgreement(last, files, stages, &report) }
    return report
  }

  private func checkQuery(_ report: inout CheckReport) -> Bool {
    let file = "\(path)/query.json"
    switch EntryKind(file) {
    case .missing:
      report.add(file, "the file is missing", Advice.restore)
      return false
    case .directory, .other:
      report.add(file, "this is no file", Advice.restore)
      return false
    case .file(let byteCount): report.count(files: 1, records: 1, bytes: byteCount)
    }
    do throws(StreamError) {
      _ = try CheckpointDirectory.open(path)
      return true
    } catch {
      report.add(error, file, error.hint ?? Advice.restoreFile)
      return false
    }
  }

  private func checkNames(_ report: inout CheckReport) {
    let known: Set<String> = ["query.json", "stages", "rejects"]
    for name in ((try? Disk.names(in: path)) ?? []).sorted() where !known.contains(name) {
      let isAside = name.hasPrefix(".query.json.")
      report.note(
        "\(path)/\(name)",
        isAside ? "left over from an interrupted start; harmless" : "not a file of ours")
    }
  }

  private func lastCommit(_ files: QueryFiles) -> CommitRecord? {
    guard let sink = try? files.directory.sink(), case .file = EntryKind(sink.commitsPath) else {
      return nil
    }
    return (try? files.commits())?.last { !$0.isSoft }
  }

  // MARK: - Agreement

  private func checkAgreement(
    _ last: CommitRecord, _ files: QueryFiles, _ stages: [StageDirectory],
    _ report: inout CheckReport
  ) {
    let log = (try? files.directory.sink())?.commitsPath ?? path
    guard let ledger = try? EpochReport.ledger(of: last) else {
      return report.add(log, "the commit of epoch \(last.epoch) holds no ledger", Advice.restore)
    }
    for source in ledger.sources {
      guard let stage = stages.first(where: { $0.id == source.id }) else {
        report.add(
          log, "the last commit names the source \(source.id), which has no files",
          Advice.restore)
        continue
      }
      checkIntents(of: stage, epoch: source.epoch, &report)
    }
    for part in ledger.stages where part.version ?? 0 > 0 {
      if !stages.contains(where: { $0.id == part.id }) {
        report.add(
          log, "the last commit names the state of \(part.id), which has no files",
          Advice.restore)
      }
    }
  }

  /// What a start of the source asks for.
  private func checkIntents(of stage: StageDirectory, epoch: Int64, _ report: inout CheckReport) {
    guard case .file = EntryKind(stage.intentsPath) else {
      return report.add(
        stage.intentsPath, "the file is missing, but epoch \(epoch) is committed", Advice.restore)
    }
    // Damage of its own was found above.
    guard let log = try? IntentLog.read(stage) else { return }
    let trimmed = log.base?.epoch ?? 0
    let newest = log.intents.last?.epoch ?? trimmed
    if trimmed > epoch {
      report.add(
        stage.intentsPath,
        "it begins behind epoch \(trimmed), but the last commit is that of epoch \(epoch)",
        Advice.restore)
    }
    if newest < epoch {
      report.add(
        stage.intentsPath,
        "it ends with epoch \(newest), but the last commit is that of epoch \(epoch)",
        Advice.restore)
    }
  }
}
