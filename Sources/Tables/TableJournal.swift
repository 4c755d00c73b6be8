internal import Checkpoint
internal import Columnar
internal import Connectors
internal import Diagnostics
internal import JSONText
internal import Toolkit

/// Which versions of its tables each epoch of a stage was made with, and the versions themselves, as
/// long as an epoch may have to be made again.
///
///     order.log               {"epoch":42,"tables":{"products":"9ae16a3b2f90404f"}}
///     tables/schema.json      what the columns were found to be
///     tables/VERSION.arrows   what a version holds
final class TableJournal {
  fileprivate struct Entry: EpochEntry {
    let epoch: Int64
    /// By the names of the tables.
    let versions: [String: String]

    var json: JSON { ["epoch": .integer(epoch), "tables": TableJournal.json(of: versions)] }
  }

  private let place: StagePlace
  private let log: EpochLog<Entry>
  /// What is left over from earlier runs has been removed.
  private var hasSwept = false
  /// Versions that are known to be on the disk.
  private var kept: Set<String> = []

  /// The log is written anew when so many entries can go.
  private static let trimmedCountMin = 64

  /// - Throws: an I/O error when the log is damaged, or lacks epochs that may come again.
  init(_ place: StagePlace) throws {
    self.place = place
    let path = place.directory.orderPath
    // What a new stage finds are epochs of a run that was given up, before any was committed.
    log = try EpochLog(path, holding: place.isNew ? [] : EpochLog.read(path) ?? [])
    try checkReach()
  }

  static func json(of versions: [String: String]) -> JSON {
    .object(versions.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
  }

  /// What the stage had signed when the sink committed stands in the log.
  private func checkReach() throws {
    guard let resume = place.resume?["memo"]?["epoch"]?.safeInteger else { return }
    guard let first = log.entries.first, let last = log.entries.last, first.epoch - 1 <= resume,
      last.epoch >= resume
    else {
      throw StreamError.damagedCheckpoint(
        "it does not say which tables the epochs behind \(resume) are made with", at: log.path)
    }
  }

  // MARK: - Versions

  /// The versions that an epoch had when it was made before, by the names of the tables; nil for one
  /// that comes for the first time.
  func versions(of epoch: Int64) throws -> [String: String]? {
    guard let last = log.entries.last, epoch <= last.epoch else { return nil }
    guard let entry = log.entry(of: epoch) else {
      throw StreamError.damagedCheckpoint(
        "it does not say which tables epoch \(epoch) is made with", at: log.path)
    }
    return entry.versions
  }

  /// Those of the newest epoch.
  var lastVersions: [String: String]? { log.entries.last?.versions }

  func file(of version: String) -> KeptTable {
    KeptTable(path: "\(place.directory.tablesPath)/\(KeptTable.fileName(of: version))")
  }

  /// Keeps a version, durably, before it is used for the first time.
  ///
  /// - Parameters:
  ///   - name: of the table.
  ///   - write: see ``KeptTable/write(_:_:)``.
  func keep(
    _ version: String, of name: String, columns: Schema, _ write: (KeptTable) throws -> Void
  ) throws {
    if kept.contains(version) { return }
    try Disk.makeDirectory(place.directory.tablesPath)
    try TableColumns.write(columns, of: name, in: place.directory)
    try write(file(of: version))
    kept.insert(version)
  }

  // MARK: - Epochs

  /// Notes what an epoch was made with, before its marker goes on.
  ///
  /// - Parameter present: what those that come for the first time are made with.
  func close(
    _ epoch: Int64, with versions: [String: String], present: Set<String>
  ) throws {
    try place.recordPlan()
    if !hasSwept { try sweep(but: present.union(versions.values)) }
    hasSwept = true
    // One that is made again stands there already.
    if let last = log.entries.last {
      if epoch <= last.epoch { return }
      guard epoch == last.epoch + 1 else {
        throw StreamError(.internal, "epoch \(epoch) cannot follow \(last.epoch)")
      }
    }
    let entry = Entry(epoch: epoch, versions: versions)
    try log.append(entry)
    try trim(behind: entry, but: present)
  }

  /// Drops what only committed epochs need.
  private func trim(behind entry: Entry, but present: Set<String>) throws {
    let entries = log.entries
    let hasOldVersions = entries.contains { $0.versions != entry.versions }
    guard hasOldVersions || entries.count >= TableJournal.trimmedCountMin,
      let floor = try place.durablePart()?["memo"]?["epoch"]?.safeInteger,
      let index = entries.lastIndex(where: { $0.epoch <= floor }), index > 0
    else { return }
    let rest = Array(entries[index...])
    let frees = !TableJournal.versions(in: entries).isSubset(of: TableJournal.versions(in: rest))
    guard frees || index >= TableJournal.trimmedCountMin else { return }
    try log.keep(rest)
    try sweep(but: present)
  }

  private static func versions(in entries: [Entry]) -> Set<String> {
    Set(entries.flatMap(\.versions.values))
  }

  /// Removes versions that no epoch needs any more, and what a crash left half written.
  private func sweep(but present: Set<String>) throws {
    let directory = place.directory.tablesPath
    let needed = TableJournal.versions(in: log.entries).union(present)
    for name in try Disk.names(in: directory) {
      let version = KeptTable.version(ofFile: name)
      guard version != nil || name.hasSuffix(".tmp") else { continue }
      if let version, needed.contains(version) { continue }
      try Disk.remove("\(directory)/\(name)", label: "table.arrows")
      if let version { kept.remove(version) }
    }
  }
}

extension TableJournal.Entry {
  fileprivate init?(_ json: JSON) {
    guard let epoch = json["epoch"]?.safeInteger, let members = json["tables"]?.members,
      !members.isEmpty
    else { return nil }
    var versions: [String: String] = [:]
    for member in members {
      guard let version = member.value.string, !version.isEmpty,
        version.allSatisfy({ $0.isASCII && $0.isHexDigit }), versions[member.key] == nil
      else { return nil }
      versions[member.key] = version
    }
    self.init(epoch: epoch, versions: versions)
  }
}
