package import Checkpoint
internal import Columnar
package import Diagnostics
package import JSONText

/// The rows that a source has received from an input that cannot be read twice, in files of the
/// checkpoint: `wal/EPOCH.arrows`.
///
/// - Rows count as received as soon as the call returns that writes them: they survive the death of
///   the process. Before the marker of their epoch goes out they survive the loss of power.
/// - A segment is an Arrow stream without an end. What a run has begun no later run appends to.
/// - Every segment above the one where the last intent ends, and the rest of that one, holds rows
///   that belong to no epoch yet: the process died before their intent, or the intent was lost with
///   the power. Then their epoch was not committed either, since the sink makes intents durable
///   before it commits: so they are made an epoch by the next run.
package final class WriteAheadLog {
  let path: String
  /// A segment is finished when it is longer.
  private let segmentByteCountMax: Int64
  /// The last segment's number.
  private var lastNumber: Int64 = 0
  private var floorHasMoved = false

  package static let segmentByteCountMax: Int64 = 64 << 20
  /// A segment that is not full is finished all the same when all before it could go: else a slow
  /// input would keep the rows of hours.
  private static let worthwhileByteCount: Int64 = 1 << 20

  /// Opens the log of a source that holds its stage's lock; it makes the directory.
  package convenience init(_ stage: StageDirectory) throws(StreamError) {
    try self.init(stage.walPath)
  }

  package init(
    _ path: String, segmentByteCountMax: Int64 = WriteAheadLog.segmentByteCountMax
  ) throws(StreamError) {
    self.path = path
    self.segmentByteCountMax = segmentByteCountMax
    if !Disk.isDirectory(path) { try Disk.makeDirectory(path) }
    lastNumber = try names().last.flatMap { SegmentName.number(of: $0) } ?? 0
  }

  /// In their order.
  func names() throws(StreamError) -> [String] {
    try Disk.names(in: path).filter { SegmentName.number(of: $0) != nil }.sorted()
  }

  // MARK: - Writing

  /// A new segment.
  ///
  /// - Parameter epoch: the first of its rows.
  func begin(_ epoch: SourceEpoch, _ schema: Schema) throws(StreamError) -> SegmentWriter {
    lastNumber = max(epoch.number, lastNumber + 1)
    return try SegmentWriter(SegmentName.name(lastNumber), in: path, schema)
  }

  /// Whether the next epoch should begin a new segment.
  func isFinished(_ segment: SegmentWriter) -> Bool {
    let limit = floorHasMoved ? WriteAheadLog.worthwhileByteCount : segmentByteCountMax
    guard segment.byteCount >= min(limit, segmentByteCountMax) else { return false }
    floorHasMoved = false
    return true
  }

  /// Removes what only epochs below the floor need.
  ///
  /// The intents that name these files are dropped after that. A crash in between is harmless: they
  /// are intents of epochs whose commits are durable, and nobody reads the rows of those again. The
  /// other order would leave files that no intent names, if the crash came in between; they would
  /// go with the next trimming. Names that come back with the power are removed in the same way.
  ///
  /// - Parameter last: the last place below the floor.
  func trim(below last: WALRange?) throws(StreamError) {
    floorHasMoved = true
    guard let last else { return }
    for name in try names() where name < last.segment {
      try Disk.remove("\(path)/\(name)", label: "wal")
    }
  }

  // MARK: - Starting

  /// Rows that were received and belong to no epoch.
  package struct Orphans: Sendable {
    /// What the intent of their epoch says.
    package let input: JSON
    package let rowCount: Int64
  }

  /// Finds what an earlier run has left behind the last intent, durable from now on, and cuts off
  /// what it was writing when it died.
  ///
  /// - Parameter history: of all epochs that have an intent.
  /// - Returns: each the rows of one epoch, in order.
  package func recover(behind history: WALHistory) throws(StreamError) -> [Orphans] {
    let last = history.last
    var orphans: [Orphans] = []
    for name in try names() where name >= last?.segment ?? "" {
      let known = name == last?.segment ? last?.bytes.upperBound : nil
      if let found = try recover(name, behind: known) { orphans.append(found) }
    }
    if !orphans.isEmpty { try Disk.synchronizeDirectory(path, label: "wal") }
    return orphans
  }

  /// - Parameter known: up to where intents name the file; nil where none does.
  private func recover(_ name: String, behind known: Int64?) throws(StreamError) -> Orphans? {
    let file = "\(path)/\(name)"
    guard let segment = try SegmentReader(file) else {
      if known == nil { try Disk.remove(file, label: "wal") }
      return nil
    }
    let start = known ?? Int64(segment.head.count)
    let (end, rowCount) = try segment.sealed(behind: start)
    guard rowCount > 0, let sum = try segment.sum(of: start..<end) else {
      if known == nil {
        try Disk.remove(file, label: "wal")
      } else if segment.byteCount > start {
        try cut(file, to: start)
      }
      return nil
    }
    try cut(file, to: end)
    let range = WALRange(segment: name, bytes: start..<end, sum: sum)
    return Orphans(input: range.json, rowCount: rowCount)
  }

  private func cut(_ path: String, to end: Int64) throws(StreamError) {
    var file = try DiskFile(path, label: "wal")
    if file.length > end { try file.truncate(to: end) }
    try file.synchronize()
  }
}

/// Where the log stood in the epochs so far, from their intents.
package final class WALHistory: InputHistory {
  private let log: WriteAheadLog
  /// Of the last epoch with rows.
  private(set) var last: WALRange?

  /// - Parameter base: nil for none.
  package init(_ base: JSON?, of log: WriteAheadLog) throws {
    self.log = log
    last = try base.flatMap { try WALRange.read($0) }
  }

  package func advance(past input: JSON) throws {
    if let range = try WALRange.read(input) { last = range }
  }

  package func makeBase() throws -> JSON {
    try log.trim(below: last)
    return last?.json ?? WALRange.none
  }
}
