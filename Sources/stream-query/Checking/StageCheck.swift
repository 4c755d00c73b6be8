import Checkpoint
import Connectors
import Diagnostics
import JSONText
import State
import Toolkit

/// Looks at the files of one stage.
struct StageCheck {
  let stage: StageDirectory
  /// What the last commit says of its state.
  let version: Int64?
  /// Of a source: its last committed epoch.
  let committed: Int64

  private static let names: Set<String> = [
    "lock", "plan.json", "run", "intents.log", "order.log", "commits.log", "state",
    "wal", "program", "tables",
  ]

  func run(_ report: inout CheckReport) {
    let names = (try? Disk.names(in: stage.path)) ?? []
    for name in names.sorted() where !StageCheck.names.contains(name) {
      let isAside = name.hasPrefix(".") && name.hasSuffix(".tmp")
      report.note(
        "\(stage.path)/\(name)",
        isAside ? "left over from an interrupted write; harmless" : "not a file of ours")
    }
    checkLock(stage.lockPath, &report)
    checkDocument(
      stage.planPath,
      "restore the file from a copy; without one remove it: the next run writes it anew, and "
        + "cannot tell then whether its command line has changed", &report
    ) { $0["stage"]?.string != nil && $0["guards"]?.members != nil }
    checkDocument(
      stage.runPath, "remove it: every start of the source writes it anew", &report
    ) { $0.string != nil }
    checkLog(stage.intentsPath, &report) { stage throws(StreamError) in
      _ = try IntentLog.read(stage)
    }
    checkLog(stage.orderPath, &report) { stage throws(StreamError) in
      // The versions of a joined table stand in the same log; their files are looked at below.
      if !Disk.isDirectory(stage.tablesPath) { _ = try InputOrder.read(stage) }
    }
    checkTables(&report)
    checkLog(stage.commitsPath, &report) { stage throws(StreamError) in
      guard let contents = try LogContents.read(stage.commitsPath) else { return }
      _ = try CommitRecord.list(contents, of: stage.commitsPath)
    }
    checkState(&report)
    checkReceived(&report)
  }

  // MARK: - Kinds of files

  /// Whether there is a file that can be read without danger.
  private func isFile(_ path: String, _ report: inout CheckReport) -> Bool {
    switch EntryKind(path) {
    case .missing: return false
    case .file(let byteCount):
      report.count(files: 1, bytes: byteCount)
      return true
    case .directory, .other:
      report.add(path, "this is no file", Advice.strange)
      return false
    }
  }

  private func checkLock(_ path: String, _ report: inout CheckReport) {
    guard isFile(path, &report) else { return }
    do throws(StreamError) {
      let bytes = try Disk.contents(of: path, atMost: 1 << 20) ?? []
      let text = String(validating: bytes, as: UTF8.self)
      guard !bytes.isEmpty else { return }
      if let json = text.flatMap({ try? JSON(parsing: $0) }), json["process"]?.int64 != nil {
        return
      }
      report.note(path, "does not say who holds it; the next run writes it anew")
    } catch {
      report.add(error, path, "empty the file while the query does not run; never remove it")
    }
  }

  private func checkDocument(
    _ path: String, _ advice: String, _ report: inout CheckReport, isWhole: (JSON) -> Bool
  ) {
    guard isFile(path, &report) else { return }
    do throws(StreamError) {
      guard let record = try Document.read(path) else { return }
      report.count(records: 1)
      if !isWhole(record) { report.add(path, "its record is not what it should be", advice) }
    } catch {
      report.add(error, path, advice)
    }
  }

  private func checkLog(
    _ path: String, _ report: inout CheckReport,
    _ read: (StageDirectory) throws(StreamError) -> Void
  ) {
    guard isFile(path, &report) else { return }
    do throws(StreamError) {
      guard let contents = try LogContents.read(path) else { return }
      report.count(records: Int64(contents.records.count))
      if contents.tailCount > 0 {
        report.note(
          path,
          "\(contents.tailCount) bytes at its end are no whole record: one is being written, or "
            + "was when a crash came; the next start cuts them off")
      }
      try read(stage)
    } catch {
      report.add(error, path, Advice.restore)
    }
  }

  private func checkState(_ report: inout CheckReport) {
    switch EntryKind(stage.statePath) {
    case .missing:
      if let version, version > 0 {
        report.add(
          stage.statePath, "version \(version), which the last commit names, is missing",
          Advice.restore)
      }
    case .directory:
      guard countFiles(stage.statePath, &report) else { return }
      let reader = StateReader(stage)
      do throws(StreamError) {
        for problem in try reader.verify(committed: version) {
          report.add(problem.path, problem.message, Advice.restore)
        }
        report.count(records: Int64(try reader.versions().count))
      } catch {
        report.add(error, stage.statePath, Advice.restore)
      }
    case .file, .other: report.add(stage.statePath, "this is no directory", Advice.strange)
    }
  }

  /// The tables that epochs were joined with are whole.
  private func checkTables(_ report: inout CheckReport) {
    switch EntryKind(stage.tablesPath) {
    case .missing: return
    case .file, .other: report.add(stage.tablesPath, "this is no directory", Advice.strange)
    case .directory:
      guard countFiles(stage.tablesPath, &report) else { return }
      for name in ((try? Disk.names(in: stage.tablesPath)) ?? []).sorted() {
        checkTable(named: name, &report)
      }
      checkVersions(&report)
    }
  }

  /// What epochs were made with is there as long as the log names it.
  private func checkVersions(_ report: inout CheckReport) {
    let records = (try? LogContents.read(stage.orderPath)?.records) ?? []
    let versions = records.flatMap { record in
      (record["tables"]?.members ?? []).compactMap(\.value.string)
    }
    for version in Set(versions).sorted() {
      let path = "\(stage.tablesPath)/\(KeptTable.fileName(of: version))"
      guard !Disk.exists(path) else { continue }
      report.add(path, "the table is missing, but epochs were made with it", Advice.restore)
    }
  }

  private func checkTable(named name: String, _ report: inout CheckReport) {
    let path = "\(stage.tablesPath)/\(name)"
    do {
      if name == "schema.json" {
        _ = try Document.read(path)
      } else if let version = KeptTable.version(ofFile: name) {
        try KeptTable(path: path).verify(version: version)
      } else {
        return report.note(path, "left over from an interrupted write; harmless")
      }
      report.count(records: 1)
    } catch let error as StreamError {
      report.add(error, path, Advice.restore)
    } catch {
      report.add(path, "\(error)", Advice.restore)
    }
  }

  private func checkReceived(_ report: inout CheckReport) {
    switch EntryKind(stage.walPath) {
    case .missing: return
    case .directory:
      if countFiles(stage.walPath, &report) { checkEpochsReceived(&report) }
    case .file, .other: report.add(stage.walPath, "this is no directory", Advice.strange)
    }
  }

  /// The rows of all epochs that may have to be made again are there, and whole.
  private func checkEpochsReceived(_ report: inout CheckReport) {
    // Damage of the intents was found above.
    guard let log = try? IntentLog.read(stage) else { return }
    let verifier = WALVerifier(stage)
    for intent in log.intents {
      do throws(StreamError) {
        switch try verifier.look(at: intent.input) {
        case .nothing: continue
        case .whole: report.count(records: 1)
        case .missing(let path):
          // Those of committed epochs may be gone before their intents are.
          if intent.epoch <= committed { continue }
          report.add(path, "the rows of epoch \(intent.epoch) are missing", Advice.restore)
        case .damaged(let path):
          report.add(
            path, "the rows of epoch \(intent.epoch) do not match their checksum", Advice.restore)
        }
      } catch {
        report.add(error, stage.walPath, Advice.restore)
      }
    }
  }

  /// - Returns: whether all of them can be read without danger.
  private func countFiles(_ directory: String, _ report: inout CheckReport) -> Bool {
    var areFiles = true
    for name in (try? Disk.names(in: directory)) ?? [] {
      let path = "\(directory)/\(name)"
      switch EntryKind(path) {
      case .file(let byteCount): report.count(files: 1, bytes: byteCount)
      case .missing: continue
      case .directory, .other:
        report.add(path, "this is no file", Advice.strange)
        areFiles = false
      }
    }
    return areFiles
  }
}
