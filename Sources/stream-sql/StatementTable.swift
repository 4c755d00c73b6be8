import Columnar
import Connectors
import Diagnostics
import SQLiteConnector
import Tables

/// A table beside the input of a statement.
final class StatementTable: VersionedTable {
  let name: String
  let source: any TableSource
  let schema: Schema
  /// Which the table is filled in; there once the statement has been looked at.
  var query: EpochQuery?
  /// Opened already, to look at its columns.
  private var first: (any TableReading)?

  /// What was read last, until it stands elsewhere.
  private var rows: [Batch] = []
  private var version: String?
  /// Where it stands.
  private var file: KeptTable?
  private var filled = Filling.nothing

  /// What the statement finds in the table.
  private enum Filling: Equatable {
    case nothing
    case present
    case version(String)
  }

  /// - Parameter known: what the columns were found to be before; nil: they are to be found out.
  init(_ name: String, _ source: any TableSource, known: Schema?) throws {
    self.name = name
    self.source = source
    let reading = try source.open(known: known, columns: nil)
    schema = reading.schema
    first = reading
  }

  private var columns: [Int] { Array(schema.fields.indices) }

  func read(needsVersion: Bool) throws -> (rowCount: Int, version: String?) {
    let reading = try first ?? source.open(known: schema, columns: nil)
    first = nil
    let places = try ColumnPlaces(schema, columns: columns, in: reading.schema, of: source.name)
    var digest = TableDigest(schema)
    var (batches, rowCount) = ([Batch](), 0)
    while let batch = try reading.next() {
      let part = places.widened(batch)
      if needsVersion { digest.add(part) }
      batches.append(part)
      rowCount += part.rowCount
    }
    (rows, file, version) = (batches, nil, needsVersion ? digest.text : nil)
    if filled == .present { filled = .nothing }
    return (rowCount, version)
  }

  func read(_ version: String, from kept: KeptTable) {
    (rows, file, self.version) = ([], kept, version)
    if filled == .present { filled = .nothing }
  }

  func keepPresent(in kept: KeptTable) throws {
    if file != nil { return }
    try kept.write(schema) { try rows.forEach($0) }
    file = kept
  }

  func usePresent() throws {
    if filled == .present { return }
    if rows.isEmpty, let version, let file {
      if filled != .version(version) { try fill(version, from: file) }
    } else {
      try fill { try rows.forEach($0) }
    }
    (rows, filled) = ([], .present)
  }

  func use(_ version: String, from kept: KeptTable) throws {
    if filled == .version(version) { return }
    try fill(version, from: kept)
    filled = .version(version)
  }

  private func fill(_ version: String, from kept: KeptTable) throws {
    try fill { body in
      var places: ColumnPlaces?
      try kept.read(
        version: version,
        begin: { places = try ColumnPlaces(schema, columns: columns, in: $0, of: kept.path) },
        { try body(places?.widened($0) ?? $0) })
    }
  }

  private func fill(_ forEachBatch: ((Batch) throws -> Void) throws -> Void) throws {
    filled = .nothing
    try query?.fill(name, forEachBatch)
  }
}
