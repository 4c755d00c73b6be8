internal import Checkpoint
package import Diagnostics
internal import JSONText

/// What is waited for in one checkpoint.
package struct QueryWait {
  package enum Aim: Equatable {
    case end
    case epoch(Int64)
    /// µs: every window that ends by then, and every row up to then, is in the result.
    case watermark(Int64)
  }

  let path: String
  package private(set) var isOver = false
  private let aim: Aim
  private var files: QueryFiles?
  private var commits: CommitView?
  /// There was no checkpoint when the waiting began: a query is to be started.
  package let isToBeMade: Bool

  package init(_ path: String, _ aim: Aim) throws(StreamError) {
    self.path = path
    self.aim = aim
    files = try QueryFiles(ifThereIs: path)
    isToBeMade = files == nil
  }

  package mutating func look() throws {
    if files == nil { files = try QueryFiles(ifThereIs: path) }
    guard let files else { return }
    if aim == .end {
      // A source that has begun holds its lock.
      let hasBegun = try !isToBeMade || !files.sources().isEmpty
      isOver = try hasBegun && !QueryState(files, last: nil).isRunning
      return
    }
    // Looked at first: what was committed before the end is then read below.
    let isRunning = try QueryState(files, last: nil).isRunning
    if commits == nil { commits = try files.directory.sink().map { CommitView($0) } }
    try commits?.refresh()
    // Not the last commit: its rows may not be visible yet.
    let floor = commits?.floor
    let isFinal = floor?.ledger["final"]?.bool ?? false
    switch aim {
    case .epoch(let number): isOver = floor?.epoch ?? 0 >= number
    case .watermark(let time): isOver = isFinal || floor?.ledger["watermark"]?.int64 ?? .min >= time
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
    switch aim {
    case .end: return isToBeMade ? "has not ended" : "still runs"
    case .epoch: return commits?.floor.map { "has committed epoch \($0.epoch)" } ?? nothing
    case .watermark:
      guard let floor = commits?.floor else { return nothing }
      let watermark = floor.ledger["watermark"]?.int64
      return watermark.map { "has come to \(isoMilliseconds($0))" }
        ?? "has no watermark yet (epoch \(floor.epoch))"
    }
  }

  private var nothing: String { "has committed nothing" }

  var member: JSON.Member {
    let floor = commits?.floor
    return JSON.Member(
      path,
      [
        "reached": .bool(isOver), "epoch": JSON(floor?.epoch),
        "watermark": JSON(time: floor?.ledger["watermark"]?.int64),
      ])
  }
}
