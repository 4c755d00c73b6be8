internal import Columnar
internal import Connectors
internal import Diagnostics

/// A table, as the rows of a result need it.
struct TableShape {
  let name: String
  let schema: Schema
  let mode: ResultForm.Mode
  /// The columns that tell rows apart, in update mode.
  let keys: [Int]

  init(_ name: String, _ form: ResultForm) throws(StreamError) {
    self.name = name
    schema = form.schema
    mode = form.mode
    guard mode == .update else {
      keys = []
      return
    }
    guard !form.lacksKeys else {
      throw StreamError(
        .usage, "rows replace those of the same key, but the columns of the key were dropped",
        hint: "keep them behind stream-agg, or use --mode append or complete")
    }
    var keys: [Int] = []
    for key in form.keys {
      guard let index = form.schema.index(of: key) else {
        throw StreamError(.usage, "table '\(name)': the key '\(key)' is no column any more")
      }
      keys.append(index)
    }
    self.keys = keys
  }

  var quoted: String { quotedName(name) }

  private func list(_ columns: some Sequence<Int>, _ text: (Int) -> String) -> String {
    columns.map(text).joined(separator: ", ")
  }

  private func column(_ index: Int) -> String { quotedName(schema.fields[index].name) }

  private func definition(_ index: Int) -> String {
    "\(column(index)) \(schema.fields[index].type.declaration)"
  }

  /// A key is UNIQUE and not PRIMARY KEY: keys of groups may be null, and an INTEGER PRIMARY KEY
  /// would give a null a number.
  var creation: String {
    let key = keys.isEmpty ? "" : ", UNIQUE (\(list(keys, column)))"
    return "CREATE TABLE \(quoted) (\(list(schema.fields.indices, definition))\(key))"
  }

  var insertion: String {
    "INSERT INTO \(quoted) (\(list(schema.fields.indices, column))) "
      + "VALUES (\(list(schema.fields.indices) { _ in "?" }))"
  }

  /// For rows without a null in their key: SQLite takes no two nulls for the same.
  var upsert: String {
    let others = schema.fields.indices.filter { !keys.contains($0) }
    let action =
      others.isEmpty
      ? "NOTHING" : "UPDATE SET \(list(others) { "\(column($0)) = excluded.\(column($0))" })"
    return "\(insertion) ON CONFLICT (\(list(keys, column))) DO \(action)"
  }

  /// Takes the row of a key away; its parameters are the key.
  var deletion: String {
    let condition =
      keys.isEmpty ? "1" : keys.map { "\(column($0)) IS ?" }.joined(separator: " AND ")
    return "DELETE FROM \(quoted) WHERE \(condition)"
  }

  // MARK: - A table that is there

  /// - Returns: whether the table is there.
  /// - Throws: a usage error when it lacks columns, or cannot tell keys apart.
  func check(in database: Database) throws(StreamError) -> Bool {
    let names = try columns(in: database)
    if names.isEmpty { return false }
    let missing = schema.fields.indices.filter {
      !names.contains(schema.fields[$0].name.lowercased())
    }
    if let first = missing.first {
      let all = missing.map { "'\(schema.fields[$0].name)'" }.joined(separator: ", ")
      let hint = "ALTER TABLE \(quoted) ADD COLUMN \(definition(first))"
      throw StreamError(
        .usage, "table '\(name)' in '\(database.path)' has no column \(all)",
        hint: "sqlite3 \(database.path) '\(hint)'")
    }
    guard mode == .update, !keys.isEmpty else { return true }
    do {
      _ = try database.statement(upsert)
    } catch {
      guard error.message.contains("ON CONFLICT") else { throw error }
      let hint =
        "CREATE UNIQUE INDEX \(quotedName("\(name)_key")) ON \(quoted) (\(list(keys, column)))"
      throw StreamError(
        .usage,
        "table '\(name)' in '\(database.path)' has no unique index on its key: "
          + list(keys) { schema.fields[$0].name },
        hint: "sqlite3 \(database.path) '\(hint)'")
    }
    return true
  }

  /// In lower case.
  private func columns(in database: Database) throws(StreamError) -> Set<String> {
    let statement = try database.statement("SELECT name FROM pragma_table_info(?)")
    try statement.bind(name, at: 1)
    var names: Set<String> = []
    while try statement.step() { names.insert(statement.text(0).lowercased()) }
    return names
  }
}

extension DataType {
  /// What SQLite calls it. A decimal is kept as text, digit by digit.
  var declaration: String {
    switch self {
    case .boolean, .tinyint, .smallint, .int, .bigint: "INTEGER"
    case .float, .double: "REAL"
    case .binary: "BLOB"
    case .void, .decimal, .string, .timestamp, .date, .dayTimeInterval, .yearMonthInterval,
      .array, .map, .structure:
      "TEXT"
    }
  }
}
