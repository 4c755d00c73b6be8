import Checkpoint
package import Diagnostics
import JSONText
import State
import Toolkit

/// How far back a query can be put.
package struct ResetReach {
  /// Those that could be the last commit, ascending; the last commit is among them.
  package let epochs: [Int64]
  /// The last commit; nil before the first.
  package let last: Int64?

  package init(_ files: QueryFiles) throws(StreamError) {
    let records = try files.commits()
    let commits = records.filter { !$0.isSoft }
    var ranges: [(source: String, epochs: ClosedRange<Int64>)] = []
    for source in try files.sources() {
      guard let log = try IntentLog.read(source) else { continue }
      let first = log.base?.epoch ?? 0
      ranges.append((source.id, first...max(first, log.intents.last?.epoch ?? first)))
    }
    var versions: [(stage: String, kept: Set<Int64>)] = []
    for stage in try files.stages() where Disk.isDirectory(stage.statePath) {
      versions.append((stage.id, Set(try StateReader(stage).versions())))
    }
    var orders: [(stage: String, first: Int64)] = []
    for stage in try files.stages() {
      let records = try LogContents.read(stage.orderPath)?.records ?? []
      if let first = records.first?["epoch"]?.safeInteger { orders.append((stage.id, first)) }
    }
    var epochs = commits.filter { record in
      ranges.allSatisfy { $0.epochs.contains(record.epoch(ofSource: $0.source) ?? 0) }
        && versions.allSatisfy { entry in
          let version = record.version(ofStage: entry.stage) ?? 0
          return version == 0 || entry.kept.contains(version)
        }
        && orders.allSatisfy { ResetReach.goesOn(behind: record, $0.stage, from: $0.first) }
    }.map(\.epoch)
    // The beginning: nothing has been dropped yet.
    if records.first?.epoch == 1, ranges.allSatisfy({ $0.epochs.lowerBound == 0 }),
      orders.allSatisfy({ $0.first == 1 })
    {
      epochs.insert(0, at: 0)
    }
    self.epochs = epochs
    last = commits.last?.epoch
  }

  /// Whether the order of a stage's inputs, or the versions of its table, are known for the epochs
  /// behind a commit.
  ///
  /// - Parameter first: the oldest epoch that is known.
  private static func goesOn(
    behind record: CommitRecord, _ stage: String, from first: Int64
  ) -> Bool {
    if let epoch = InputOrder.epoch(of: stage, in: record.ledger) { return epoch >= first }
    let memo = record.ledger["stages"]?[stage]?["memo"]
    return memo?["epoch"]?.safeInteger.map { $0 >= first &- 1 } ?? true
  }

  /// `0, 3 to 17, 19`; nil for none.
  package var text: String? {
    var runs: [ClosedRange<Int64>] = []
    for epoch in epochs {
      if let run = runs.last, run.upperBound &+ 1 == epoch {
        runs[runs.count - 1] = run.lowerBound...epoch
      } else {
        runs.append(epoch...epoch)
      }
    }
    guard !runs.isEmpty else { return nil }
    return runs.map { run in
      run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound) to \(run.upperBound)"
    }.joined(separator: ", ")
  }

  /// What a reset does not undo.
  ///
  /// - Parameter plan: of the sink.
  static func warning(forSink plan: JSON?) -> String {
    let words = plan?["options"]?["arguments"]?.array ?? []
    switch words.first?.string {
    case "file":
      return "parts of these epochs are written again under the same names; a file that was "
        + "appended to is cut back"
    case "sqlite", "postgres":
      return "the database is ahead, and the next run believes it: put it back to the same epoch "
        + "first, or nothing will be made again"
    case "exec": return "the program will be called again with these epochs"
    case "null": return "nothing has been written"
    default: return "the rows of these epochs will be written once more"
    }
  }
}
