import Checkpoint
import Columnar
import Connectors
import Diagnostics
import JSONText
import Operators
import Toolkit
import Wire

/// Which version of its table each epoch of a join was made with, and the versions themselves, as
/// long as an epoch may have to be made again.
///
///     order.log               {"epoch":42,"table":"9ae16a3b2f90404f"}
///     tables/schema.json      what the columns were found to be
///     tables/VERSION.arrows   what a version holds
final class TableJournal {
  private struct Entry {
    let epoch: Int64
    let version: String

    var json: JSON { ["epoch": .integer(epoch), "table": .string(version)] }
  }

  private let place: StagePlace
  private let log: RecordLog
  /// Ascending, without gaps.
  private var entries: [Entry]
  /// Versions that are known to be on the disk.
  private var kept: Set<String> = []

  /// The log is written anew when so many entries can go.
  private static let trimmedCountMin = 64

  /// - Throws: an I/O error when the log is damaged, or lacks epochs that may come again.
  init(_ place: StagePlace) throws {
    self.place = place
    let path = place.directory.orderPath
    let records = try LogContents.read(path)?.records ?? []
    // Epochs of a run that was given up, before any was committed.
    entries = place.isNew ? [] : try TableJournal.entries(records, of: path)
    try TableJournal.checkReach(entries, place, path)
    log = try RecordLog(path, holding: entries.map(\.json))
  }

  private static func entries(_ records: [JSON], of path: String) throws -> [Entry] {
    var entries: [Entry] = []
    for (index, json) in records.enumerated() {
      guard let epoch = json["epoch"]?.int64, let version = json["table"]?.string,
        version.allSatisfy({ $0.isASCII && $0.isHexDigit }), !version.isEmpty,
        entries.last.map({ $0.epoch &+ 1 == epoch }) ?? true
      else {
        throw damaged("expected the table of the epoch that follows", "\(path):\(index + 1)")
      }
      entries.append(Entry(epoch: epoch, version: version))
    }
    return entries
  }

  /// What the stage had signed when the sink committed stands in the log.
  private static func checkReach(
    _ entries: [Entry], _ place: StagePlace, _ path: String
  ) throws {
    guard let resume = place.resume?["memo"]?["epoch"]?.int64 else { return }
    guard let first = entries.first, let last = entries.last, first.epoch - 1 <= resume,
      last.epoch >= resume
    else {
      throw damaged("it does not say which table the epochs behind \(resume) are joined with", path)
    }
  }

  private static func damaged(_ what: String, _ location: String) -> StreamError {
    StreamError(
      .io, "the checkpoint is damaged: \(what)", location: location,
      hint: "restore the directory from a copy, or begin again with an empty one")
  }

  // MARK: - Versions

  /// The version that an epoch had when it was made before; nil for one that comes for the first
  /// time.
  func version(of epoch: Int64) throws -> String? {
    guard let first = entries.first, let last = entries.last, epoch <= last.epoch else {
      return nil
    }
    guard epoch >= first.epoch else {
      throw TableJournal.damaged(
        "it does not say which table epoch \(epoch) is joined with", log.path)
    }
    return entries[Int(epoch - first.epoch)].version
  }

  /// That of the newest epoch.
  var lastVersion: String? { entries.last?.version }

  func file(of version: String) -> KeptTable {
    KeptTable(path: "\(place.directory.tablesPath)/\(KeptTable.fileName(of: version))")
  }

  /// Keeps a version, durably, before it is used for the first time.
  func keep(_ version: String, _ rows: TableRows, columns: [Int]) throws {
    if kept.contains(version) { return }
    let isFirst = kept.isEmpty
    try Disk.makeDirectory(place.directory.tablesPath)
    try TableSchema.write(rows.schema, in: place.directory)
    try file(of: version).write(Schema(columns.map { rows.schema.fields[$0] })) {
      try rows.forEachBatch(columns: columns, $0)
    }
    kept.insert(version)
    if isFirst { try sweep(but: version) }
  }

  // MARK: - Epochs

  /// Notes what an epoch was joined with, before its marker goes on.
  func close(_ epoch: Int64, with version: String) throws {
    try place.recordPlan()
    // One that is made again stands there already.
    if let last = entries.last, epoch <= last.epoch { return }
    if let last = entries.last, epoch != last.epoch + 1 {
      throw StreamError(.internal, "epoch \(epoch) cannot follow \(last.epoch)")
    }
    let entry = Entry(epoch: epoch, version: version)
    try log.append(entry.json)
    entries.append(entry)
    try trim(behind: entry)
  }

  /// Drops what only committed epochs need.
  private func trim(behind entry: Entry) throws {
    let hasOldVersions = entries.contains { $0.version != entry.version }
    guard hasOldVersions || entries.count >= TableJournal.trimmedCountMin,
      let floor = try place.durablePart()?["memo"]?["epoch"]?.int64,
      let index = entries.lastIndex(where: { $0.epoch <= floor }), index > 0
    else { return }
    let rest = Array(entries[index...])
    let frees = !Set(entries.map(\.version)).subtracting(rest.map(\.version)).isEmpty
    guard frees || index >= TableJournal.trimmedCountMin else { return }
    try log.compact(to: rest.map(\.json))
    entries = rest
    try sweep(but: entry.version)
  }

  /// Removes versions that no epoch needs any more, and what a crash left half written.
  private func sweep(but present: String) throws {
    let directory = place.directory.tablesPath
    let needed = Set(entries.map(\.version)).union([present])
    for name in try Disk.names(in: directory) {
      let version = KeptTable.version(ofFile: name)
      guard version != nil || name.hasSuffix(".tmp") else { continue }
      if let version, needed.contains(version) { continue }
      try Disk.remove("\(directory)/\(name)", label: "table.arrows")
      if let version { kept.remove(version) }
    }
  }
}

/// What the columns of a table were found to be when the query first started: later versions are read
/// as that.
enum TableSchema {
  private static func path(in stage: StageDirectory) -> String { "\(stage.tablesPath)/schema.json" }

  /// - Returns: nil before the first start.
  static func read(in stage: StageDirectory) throws -> Schema? {
    guard let record = try Document.read(path(in: stage)) else { return nil }
    guard let schema = Schema(record) else {
      throw StreamError(
        .io, "the checkpoint is damaged: these are no columns", location: path(in: stage),
        hint: "restore the directory from a copy, or begin again with an empty one")
    }
    return schema
  }

  static func write(_ schema: Schema, in stage: StageDirectory) throws {
    if try read(in: stage) == schema { return }
    try Document.write(schema.json, to: path(in: stage))
  }
}
