import Connectors
import Diagnostics
import JSONText
import Operators
import Toolkit

/// The table of a join, which may change from one epoch to the next. With a checkpoint an epoch that
/// is made again finds the one that it had.
final class TableVersions: TableSupply {
  private let loader: TableLoader
  /// How often to look whether it has changed, in µs; nil: never.
  private let refresh: Int64?
  /// The first version holds for the whole query.
  private let isPinned: Bool
  private let log: Log
  private var journal: TableJournal?

  /// What new epochs are joined with.
  private var current: LoadedTable?
  /// What the epochs that are made again at present are joined with, where it is another one.
  private var former: LoadedTable?
  private var lastLook: Int64 = 0
  private var lastWarning: StreamError?
  /// What the stage signs its markers with.
  private(set) var memo: JSON?

  init(_ loader: TableLoader, refresh: Int64?, isPinned: Bool, log: Log) {
    self.loader = loader
    self.refresh = refresh
    self.isPinned = isPinned
    self.log = log
  }

  /// Reads the table, which may take its time.
  ///
  /// - Parameter place: nil without a checkpoint.
  func open(_ place: StagePlace?) throws {
    let journal = try place.map { try TableJournal($0) }
    self.journal = journal
    lastLook = Moment.now.uptime
    if isPinned, let journal, let version = journal.lastVersion {
      current = try loader.load(version, from: journal.file(of: version))
    } else {
      current = try load()
    }
  }

  private func load() throws -> LoadedTable {
    let start = Moment.now.uptime
    let loaded = try loader.load(needsVersion: journal != nil)
    let seconds = Double(Moment.now.uptime - start) / 1e6
    log.info(
      "\(loader.source.name): \(counted(Int64(loaded.table.rows.rowCount), "row")) read, "
        + shortSeconds(seconds))
    return loaded
  }

  func table(for epoch: Epoch) throws -> JoinTable {
    if let journal, let version = try journal.version(of: epoch.number) {
      return try table(version, from: journal)
    }
    former = nil
    try look()
    guard let current else { throw StreamError(.internal, "a table that was not opened") }
    if let journal, let version = current.version {
      try journal.keep(version, current.table.rows, columns: loader.columns)
    }
    return current.table
  }

  private func table(_ version: String, from journal: TableJournal) throws -> JoinTable {
    if let current, current.version == version { return current.table }
    if let former, former.version == version { return former.table }
    former = nil
    let loaded = try loader.load(version, from: journal.file(of: version))
    former = loaded
    return loaded.table
  }

  func close(_ epoch: Epoch) throws {
    guard let journal else { return }
    let present = try journal.version(of: epoch.number) ?? current?.version
    guard let version = present else { throw StreamError(.internal, "a table without a version") }
    try journal.close(epoch.number, with: version)
    memo = ["epoch": .integer(epoch.number), "table": .string(version)]
  }

  // MARK: - Changes

  /// Reads the table again when it has changed and the time has come.
  ///
  /// It goes on to hold when it cannot be read at present: somebody may be about to replace it.
  private func look() throws {
    guard let refresh else { return }
    let now = Moment.now.uptime
    guard now - lastLook >= refresh else { return }
    lastLook = now
    do {
      guard try loader.source.hasChanged() else {
        lastWarning = nil
        return
      }
      let next = try load()
      current = next
      lastWarning = nil
    } catch let error as StreamError where error.kind != .internal {
      if error != lastWarning {
        let place = error.location.map { "\($0): " } ?? ""
        log.warning(
          "the table cannot be read again, and stays as it was: \(place)\(error.message)",
          hint: error.hint)
      }
      lastWarning = error
    }
  }
}

extension TableJoin: MemoOperator {
  var memo: JSON? { (supply as? TableVersions)?.memo }

  mutating func restore(_ memo: JSON) {}
}

extension OuterTableJoin: MemoOperator {
  var memo: JSON? { (supply as? TableVersions)?.memo }

  func restore(_ memo: JSON) {}
}
