package import Connectors
internal import Diagnostics
package import JSONText
package import Toolkit
package import Columnar

/// A table as a stage uses it: it holds what was read last, and may be told to use an earlier version
/// for a while.
package protocol VersionedTable: AnyObject {
  var source: any TableSource { get }

  /// Of the whole table.
  var schema: Schema { get }

  /// Reads the table as it is now, to be used from the next call of ``usePresent()`` on.
  ///
  /// - Parameter needsVersion: its version is to be told.
  func read(needsVersion: Bool) throws -> (rowCount: Int, version: String?)

  /// Takes a version that was kept for what was read last.
  func read(_ version: String, from kept: KeptTable) throws

  /// Writes what was read last, unless it is there.
  func keepPresent(in kept: KeptTable) throws

  /// Uses what was read last.
  func usePresent() throws

  /// Uses a version that was kept.
  func use(_ version: String, from kept: KeptTable) throws
}

/// The tables of a stage, which may change from one epoch to the next. With a checkpoint an epoch that
/// is made again finds those that it had.
package final class TableVersions {
  private let tables: [Versions]
  /// How often to look whether they have changed, in µs; nil: never.
  private let refresh: Int64?
  /// The first version holds for the whole query.
  private let isPinned: Bool
  private let log: Log
  private var journal: TableJournal?
  private var lastLook: Int64 = 0
  private var preparedEpoch: Int64?
  /// What the stage signs its markers with.
  package private(set) var memo: JSON?

  private final class Versions {
    let name: String
    let table: any VersionedTable
    /// Of what was read last; nil where nobody asks.
    var version: String?
    var lastWarning: StreamError?

    init(_ name: String, _ table: any VersionedTable) {
      self.name = name
      self.table = table
    }
  }

  /// - Parameter tables: each with a name of its own.
  package init(
    _ tables: [(name: String, table: any VersionedTable)], refresh: Int64?, isPinned: Bool = false,
    log: Log
  ) {
    self.tables = tables.map { Versions($0.name, $0.table) }
    self.refresh = refresh
    self.isPinned = isPinned
    self.log = log
  }

  /// Reads the tables, which may take its time.
  ///
  /// - Parameter place: nil without a checkpoint.
  package func open(_ place: StagePlace?) throws {
    let journal = try place.map { try TableJournal($0) }
    self.journal = journal
    lastLook = Moment.now.uptime
    for table in tables {
      if isPinned, let journal, let version = journal.lastVersions?[table.name] {
        try table.table.read(version, from: journal.file(of: version))
        table.version = version
      } else {
        try read(table)
      }
    }
  }

  private func read(_ table: Versions) throws {
    let start = Moment.now.uptime
    let (rowCount, version) = try table.table.read(needsVersion: journal != nil)
    table.version = version
    let seconds = Double(Moment.now.uptime - start) / 1e6
    log.info(
      "\(table.table.source.name): \(counted(Int64(rowCount), "row")) read, "
        + shortSeconds(seconds))
  }

  /// Makes sure that the tables are those that an epoch is to be made with; asked for before anything
  /// is done with them in it.
  package func prepare(_ epoch: Int64) throws {
    if preparedEpoch == epoch { return }
    let former = try journal?.versions(of: epoch)
    if former == nil { try look() }
    for table in tables {
      if let journal, let version = former?[table.name], version != table.version {
        try table.table.use(version, from: journal.file(of: version))
        continue
      }
      if let journal, let version = table.version {
        try journal.keep(version, of: table.name, columns: table.table.schema) {
          try table.table.keepPresent(in: $0)
        }
      }
      try table.table.usePresent()
    }
    preparedEpoch = epoch
  }

  /// The epoch has been made; its marker has not gone on.
  package func close(_ epoch: Int64) throws {
    try prepare(epoch)
    guard let journal else { return }
    let former = try journal.versions(of: epoch)
    var (versions, present): ([String: String], Set<String>) = ([:], [])
    for table in tables {
      guard let version = table.version else {
        throw StreamError(.internal, "a table without a version")
      }
      present.insert(version)
      versions[table.name] = former?[table.name] ?? version
    }
    try journal.close(epoch, with: versions, present: present)
    memo = ["epoch": .integer(epoch), "tables": TableJournal.json(of: versions)]
  }

  // MARK: - Changes

  /// Reads tables again that have changed, when the time has come.
  private func look() throws {
    guard let refresh else { return }
    let now = Moment.now.uptime
    guard now - lastLook >= refresh else { return }
    lastLook = now
    for table in tables { try look(at: table) }
  }

  /// A table goes on to hold when it cannot be read at present: somebody may be about to replace it.
  private func look(at table: Versions) throws {
    do {
      if try table.table.source.hasChanged() { try read(table) }
      table.lastWarning = nil
    } catch let error as StreamError where error.kind != .internal {
      if error != table.lastWarning {
        let place = error.location.map { "\($0): " } ?? ""
        log.warning(
          "the table cannot be read again, and stays as it was: \(place)\(error.message)",
          hint: error.hint)
      }
      table.lastWarning = error
    }
  }
}
