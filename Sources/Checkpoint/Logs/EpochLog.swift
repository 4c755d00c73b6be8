package import Diagnostics
package import JSONText

/// What an ``EpochLog`` says of an epoch.
package protocol EpochEntry: Sendable {
  var epoch: Int64 { get }

  var json: JSON { get }

  /// - Returns: nil for what is none.
  init?(_ json: JSON)
}

/// A log that says something of each epoch of a stage, which are ascending and without gaps.
package final class EpochLog<Entry: EpochEntry> {
  package private(set) var entries: [Entry]
  private let log: RecordLog

  /// Opens the log of a stage that holds its lock.
  ///
  /// - Parameter entries: what it holds from now on.
  package init(_ path: String, holding entries: [Entry]) throws(StreamError) {
    self.entries = entries
    log = try RecordLog(path, holding: entries.map(\.json))
  }

  /// What a log holds; nil where there is none.
  ///
  /// - Throws: an I/O error when it is damaged.
  package static func read(_ path: String) throws(StreamError) -> [Entry]? {
    guard let contents = try LogContents.read(path) else { return nil }
    var entries: [Entry] = []
    for (index, json) in contents.records.enumerated() {
      guard let entry = Entry(json), entry.epoch > 0,
        entries.last.map({ $0.epoch &+ 1 == entry.epoch }) ?? true
      else {
        throw StreamError.damagedCheckpoint(
          "expected what belongs to the epoch behind the one before", at: "\(path):\(index + 1)")
      }
      entries.append(entry)
    }
    return entries
  }

  package var path: String { log.path }

  /// - Returns: nil for an epoch that is not in the log.
  package func entry(of epoch: Int64) -> Entry? {
    guard let first = entries.first?.epoch, epoch >= first, epoch - first < entries.count else {
      return nil
    }
    return entries[Int(epoch - first)]
  }

  /// Adds the next epoch; it survives the death of the process. The sink makes it durable.
  package func append(_ entry: Entry) throws(StreamError) {
    try log.append(entry.json)
    entries.append(entry)
  }

  /// Keeps these entries alone. When it fails, the log is what it was.
  package func keep(_ kept: [Entry]) throws(StreamError) {
    try log.compact(to: kept.map(\.json))
    entries = kept
  }
}
