package import Columnar
package import Connectors
internal import Diagnostics
internal import SystemPackage

/// A table of an SQLite database, or what a query makes of some.
///
/// It is read in one transaction, so that what others write meanwhile does not tear it.
package final class SQLiteTable: TableSource {
  package let name: String
  private let path: String
  private let query: String
  private let given: Schema?
  private var database: Database
  /// Which file is open, should another one have taken its name.
  private var identity: Int64
  /// Of the database, when it was read last.
  private var dataVersion: Int64?

  /// - Parameters:
  ///   - query: nil for the database's only table.
  ///   - schema: what the columns are; nil: what they are declared as, or else hold.
  /// - Throws: a usage error when there is no such file, or no table to choose.
  package init(path: String, query: String?, schema: Schema?) throws {
    name = "sqlite:\(path)"
    self.path = path
    given = schema
    guard let file = InputFile(lookingAt: FilePath(path)) else {
      throw StreamError(.usage, "no file '\(path)'")
    }
    identity = file.identity
    database = try Database(reading: path)
    self.query = try query ?? SQLiteTable.onlyTable(of: database)
  }

  package var canBeReadAgain: Bool { true }

  private static func onlyTable(of database: Database) throws -> String {
    let statement = try database.statement(
      """
      SELECT name FROM sqlite_master WHERE type IN ('table', 'view')
        AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'stream_tools_commits' ORDER BY name
      """)
    var names: [String] = []
    while try statement.step() { names.append(statement.text(0)) }
    guard names.count == 1 else {
      let list = names.isEmpty ? "no table" : "several tables: \(names.joined(separator: ", "))"
      throw StreamError(
        .usage, "database '\(database.path)' has \(list)",
        hint: names.isEmpty ? nil : "--table-query 'SELECT * FROM \(names[0])'")
    }
    return "SELECT * FROM \(quotedName(names[0]))"
  }

  package func open(known: Schema?, columns: [String]?) throws -> any TableReading {
    let present = try present()
    if present != identity {
      database = try Database(reading: path)
      identity = present
    }
    if database.isInTransaction { try database.run("ROLLBACK") }
    try database.run("BEGIN")
    let reading = try SQLiteReading(database, query, given: given ?? known, columns: columns)
    // Behind the first look, by which the transaction has chosen what it sees.
    dataVersion = try database.integer("PRAGMA data_version")
    return reading
  }

  package func hasChanged() throws -> Bool {
    if try present() != identity { return true }
    return try database.integer("PRAGMA data_version") != dataVersion
  }

  private func present() throws -> Int64 {
    guard let file = InputFile(lookingAt: FilePath(path)) else {
      throw StreamError(.usage, "no file '\(path)'")
    }
    return file.identity
  }
}
