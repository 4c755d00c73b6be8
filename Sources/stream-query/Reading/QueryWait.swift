internal import Checkpoint
package import Diagnostics
internal import JSONText

/// What is waited for in one checkpoint.
package struct QueryWait {
  package enum Aim: Equatable {
    case end
    case epoch(Int64)
    /// µs.
    case watermark(Int64)
  }

  let path: String
  package private(set) var isOver = false
  private let aim: Aim
  private var files: QueryFiles?
  private var commits: CommitView?

  /// - Parameter mayBeMade: it is no error that there is no checkpoint yet.
  package init(_ path: String, _ aim: Aim, mayBeMade: Bool) throws(StreamError) {
    self.path = path
    self.aim = aim
    files = try mayBeMade ? QueryFiles(ifThereIs: path) : QueryFiles(path)
  }

  package mutating func look() throws {
    if files == nil { files = try QueryFiles(ifThereIs: path) }
    guard let files else { return }
    if aim == .end {
      isOver = try !QueryState(files, last: nil).isRunning
      return
    }
    // Looked at first: what was committed before the end is then read below.
    let isRunning = try QueryState(files, last: nil).isRunning
    if commits == nil { commits = try files.directory.sink().map { CommitView($0) } }
    try commits?.refresh()
    let ledger = commits?.lastCommit?.ledger
    let isFinal = ledger?["final"]?.bool ?? false
    switch aim {
    case .epoch(let number): isOver = commits?.lastCommit?.epoch ?? 0 >= number
    case .watermark(let time): isOver = isFinal || ledger?["watermark"]?.int64 ?? .min > time
    case .end: return
    }
    if !isOver, isFinal, !isRunning {
      throw StreamError(
        .unavailable, "'\(path)' \(position); it is complete and comes no further")
    }
  }

  /// How far it has come.
  var position: String {
    guard files != nil else { return "is no checkpoint yet" }
    guard aim != .end else { return "still runs" }
    guard let floor = commits?.lastCommit else { return "has committed nothing" }
    return "has committed epoch \(floor.epoch)"
  }

  var member: JSON.Member {
    JSON.Member(path, ["reached": .bool(isOver), "epoch": JSON(commits?.lastCommit?.epoch)])
  }
}
