package import Checkpoint
package import Diagnostics
import JSONText

/// Whether a query runs, as its locks tell.
package struct QueryState: Equatable {
  package enum Kind: String {
    /// A process of it holds a lock.
    case running
    case stopped
    /// Stopped, and its last commit says that the input is complete.
    case complete
  }

  package struct Holder: Equatable {
    package let stage: String
    /// As the lock's file says; 0 where it says nothing.
    package let process: Int32
    package let runs: [String: String]
    package let isSource: Bool
  }

  package let kind: Kind
  package let holders: [Holder]
  /// Sinks whose program of an earlier epoch is still at work.
  package let programs: [String]

  /// - Parameter last: the last commit.
  package init(_ files: QueryFiles, last: CommitRecord?) throws(StreamError) {
    let sources = Set(try files.sources().map(\.id))
    var holders: [Holder] = []
    var programs: [String] = []
    for stage in try files.stages() {
      if let holder = try StageLock.holder(of: stage) {
        holders.append(
          Holder(
            stage: stage.id, process: holder.process, runs: holder.runs,
            isSource: sources.contains(stage.id)))
      }
      let program = stage.programLock
      if Disk.isDirectory(program.path), try StageLock.holder(of: program) != nil {
        programs.append(stage.id)
      }
    }
    self.holders = holders
    self.programs = programs
    let isComplete = last?.ledger["final"]?.bool ?? false
    kind = !holders.isEmpty || !programs.isEmpty ? .running : isComplete ? .complete : .stopped
  }

  var isRunning: Bool { kind == .running }

  var sources: [Holder] { holders.filter(\.isSource) }

  func holder(of stage: String) -> Holder? { holders.first { $0.stage == stage } }

  /// For people: `running (main.source 4711, main.sink 4712)`.
  package var text: String {
    guard isRunning else { return kind.rawValue }
    let names = holders.map { $0.process > 0 ? "\($0.stage) \($0.process)" : $0.stage }
    let others = programs.map { "a program of \($0)" }
    let word = sources.isEmpty ? "ending" : "running"
    return "\(word) (\((names + others).joined(separator: ", ")))"
  }
}
