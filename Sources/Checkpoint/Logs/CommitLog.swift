package import Diagnostics
internal import JSONText

/// The sink's log: only what stands in it has taken effect.
package final class CommitLog {
  /// The last epoch that was committed; nil before the first.
  package private(set) var last: CommitRecord?

  private let log: RecordLog
  /// The newest ones, for those who ask how the query fares.
  private var recent: [CommitRecord]
  private var softCount = 0

  /// So many records are kept besides those from the last commit on.
  private static let recentCount = 100
  /// The log is written anew when it has grown so long.
  private static let byteCountMax: Int64 = 1 << 20
  /// Of so many soft records in a row the last is a commit, so that what depends on it can be trimmed.
  private static let softRunMax = 63

  /// Opens the log of a sink that holds its stage's lock.
  package init(_ stage: StageDirectory) throws(StreamError) {
    let path = stage.commitsPath
    let contents = try LogContents.read(path)
    let records = try contents.map { contents throws(StreamError) in
      try CommitRecord.list(contents, of: path)
    }
    // The epochs of soft records come again.
    let committed = records?.lastIndex { !$0.isSoft }.map { records?[...$0] ?? [] } ?? []
    recent = CommitLog.kept(Array(committed))
    last = recent.last
    log = try RecordLog(path, holding: recent.map(\.json))
  }

  /// Commits an epoch: when the call returns, it survives the loss of power. ``declare()`` follows.
  package func commit(_ record: CommitRecord) throws(StreamError) {
    var record = record
    record.isSoft = false
    try append(record)
    try log.synchronize()
    try compactIfLong()
    last = record
    softCount = 0
  }

  /// Says to those who read the log that the last commit is on the disk, and that the targets show
  /// its rows.
  package func declare() throws(StreamError) {
    if last != nil { try log.declareDurable() }
  }

  /// Acknowledges an epoch that changed nothing.
  package func acknowledge(_ record: CommitRecord) throws(StreamError) {
    if softCount >= CommitLog.softRunMax {
      try commit(record)
      return try declare()
    }
    var record = record
    record.isSoft = true
    try append(record)
    softCount += 1
  }

  /// Cuts the log back to an epoch: the target has lost what came behind.
  package func cut(to epoch: Int64) throws(StreamError) {
    recent.removeAll { $0.epoch > epoch }
    last = recent.last { !$0.isSoft }
    try log.compact(to: recent.map(\.json))
    try declare()
  }

  /// Whether a record of that epoch, or of none, is where a cut would go on from.
  package func reaches(_ epoch: Int64) -> Bool {
    epoch == 0 ? recent.first?.epoch == 1 : recent.contains { $0.epoch == epoch && !$0.isSoft }
  }

  private func append(_ record: CommitRecord) throws(StreamError) {
    try log.append(record.json)
    recent.append(record)
    if recent.count > 8 * CommitLog.recentCount { recent = CommitLog.kept(recent) }
  }

  private func compactIfLong() throws(StreamError) {
    guard log.byteCount > CommitLog.byteCountMax else { return }
    recent = CommitLog.kept(recent)
    try log.compact(to: recent.map(\.json))
  }

  /// The last commit and all behind it, and some before.
  private static func kept(_ records: [CommitRecord]) -> [CommitRecord] {
    let floor = records.lastIndex { !$0.isSoft } ?? 0
    return Array(records[max(0, min(floor, records.count - recentCount))...])
  }
}

/// The sink's log as the other stages see it.
package final class CommitView {
  /// The last commit that a later line declares to be on the disk: nothing at or above it may be
  /// dropped, and the targets show its rows.
  ///
  /// A reader's own fsync would not do: one that has failed for the sink can succeed for the next
  /// who asks, though the bytes are lost.
  package private(set) var floor: CommitRecord?
  package private(set) var lastCommit: CommitRecord?
  /// The last record, be it soft.
  package private(set) var last: CommitRecord?

  private let follower: LogFollower
  /// Commits above the floor, and where their lines end.
  private var undeclared: [(commit: CommitRecord, end: Int64)] = []

  package init(_ sink: StageDirectory) { follower = LogFollower(sink.commitsPath) }

  /// Looks for new records.
  package func refresh() throws(StreamError) {
    for entry in try follower.news() {
      // Of a log that was written anew other places count.
      if entry.place.lowerBound == 0 { undeclared = [] }
      raiseFloor(entry.durableLength)
      guard let record = CommitRecord(entry.record) else { continue }
      if record.epoch >= last?.epoch ?? 0 { last = record }
      guard !record.isSoft, record.epoch >= floor?.epoch ?? 0 else { continue }
      lastCommit = record
      undeclared.append((record, entry.place.upperBound))
    }
  }

  /// Whether the last commit is known to be on the disk.
  package var isDurable: Bool { undeclared.isEmpty }

  private func raiseFloor(_ durableLength: Int64) {
    guard let declared = undeclared.lastIndex(where: { $0.end <= durableLength }) else { return }
    floor = undeclared[declared].commit
    undeclared.removeSubrange(...declared)
  }

  /// The last commit of a query; nil before the first.
  ///
  /// - Throws: an I/O error when the log is damaged.
  package static func lastCommit(
    of checkpoint: CheckpointDirectory
  ) throws(StreamError) -> CommitRecord? {
    guard let sink = try checkpoint.sink(), let contents = try LogContents.read(sink.commitsPath)
    else {
      try refuseLostCommits(of: checkpoint)
      return nil
    }
    return try CommitRecord.list(contents, of: sink.commitsPath).last { !$0.isSoft }
  }

  /// A sink's plan is written when its commits have a log.
  private static func refuseLostCommits(
    of checkpoint: CheckpointDirectory
  ) throws(StreamError) {
    for stage in try checkpoint.stages() where try stage.plan()?["tool"]?.string == "stream-sink" {
      throw StreamError.damagedCheckpoint("its commits are gone", at: stage.commitsPath)
    }
  }
}
