internal import CSQLite
internal import Diagnostics

/// What a statement may do: read the tables that it was given, by functions that give the same for
/// the same rows.
@safe final class Authorizer {
  /// Whether SQLite is preparing the user's statement, and not one of our own.
  var isStrict = false
  /// Why the statement was refused.
  private(set) var refusal: StreamError?
  /// The columns of the input that are read, in lower case; not those that USING names alone.
  private(set) var columnsRead: Set<String> = []
  /// The names of the input and of the tables beside it, as they were given.
  let tables: [String]

  static let inputTable = "input"
  private static let rowFunctions: Set = ["json_each", "json_tree"]

  /// - Parameter tables: names of those that are there beside the input.
  init(tables: [String]) { self.tables = [Authorizer.inputTable] + tables }

  /// From now on each statement that `database` prepares is looked at. The caller keeps this alive as
  /// long.
  func watch(_ database: Database) {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe sqlite3_set_authorizer(
      database.handle,
      { context, action, first, second, _, _ in
        guard let context = unsafe context else { return SQLITE_DENY }
        let authorizer = unsafe Unmanaged<Authorizer>.fromOpaque(context).takeUnretainedValue()
        let texts = unsafe [first, second].map { text in
          unsafe text.map { unsafe String(cString: $0) } ?? ""
        }
        return authorizer.allows(action, texts[0], texts[1]) ? SQLITE_OK : SQLITE_DENY
      }, context)
  }

  private func allows(_ action: Int32, _ first: String, _ second: String) -> Bool {
    guard isStrict else { return true }
    switch action {
    case SQLITE_SELECT, SQLITE_RECURSIVE: return true
    case SQLITE_READ: return allowsReading(first.lowercased(), second.lowercased())
    case SQLITE_FUNCTION: return allowsFunction(second.lowercased())
    case SQLITE_UPDATE where first == "sqlite_master":
      // SQLite makes the tables that show its own state when they are first named.
      refuse(
        StreamError(
          .usage,
          "the statement reads a table of SQLite's own; tables: \(tables.joined(separator: ", "))"))
      return false
    default:
      refuse(StreamError(.usage, "the statement writes, but it may only read"))
      return false
    }
  }

  private func allowsReading(_ table: String, _ column: String) -> Bool {
    if table == Authorizer.inputTable {
      columnsRead.insert(column)
      return true
    }
    if Authorizer.rowFunctions.contains(table) { return true }
    if tables.contains(where: { $0.lowercased() == table }) { return true }
    // A name of WITH, of which no column is named, as in count(*).
    if column.isEmpty, !table.hasPrefix("sqlite_") { return true }
    refuse(StreamError(.usage, "no table '\(table)'; tables: \(tables.joined(separator: ", "))"))
    return false
  }

  private func allowsFunction(_ name: String) -> Bool {
    guard let reason = Authorizer.refusedFunctions[name] else { return true }
    refuse(StreamError(.usage, "\(name)(): \(reason)"))
    return false
  }

  private func refuse(_ error: StreamError) {
    if refusal == nil { refusal = error }
  }

  private static let chance = "the same rows must give the same result, not one of chance"
  private static let history = "a result must not depend on what was run before"
  private static let build = "a result must not depend on how SQLite was built"

  private static let refusedFunctions: [String: String] = [
    "random": chance, "randomblob": chance, "changes": history, "total_changes": history,
    "last_insert_rowid": history, "sqlite_version": build, "sqlite_source_id": build,
    "sqlite_compileoption_get": build, "sqlite_compileoption_used": build,
    "sqlite_log": "it writes", "load_extension": "it loads programs",
    "fts3_tokenizer": "it loads programs",
  ]
}
