internal import CSQLite
internal import Columnar
internal import Connectors
internal import Diagnostics
internal import Formats

/// The rows of a query.
final class SQLiteReading: TableReading {
  let schema: Schema
  private let database: Database
  private let statement: Statement
  private let columns: [(values: ResultColumn, index: Int32)]
  private var rowCount: Int64 = 0
  private var isAtEnd = false

  private static let batchRowCount = 16_384

  /// - Parameters:
  ///   - given: what columns of these names are; nil: what they are declared as, or else hold.
  ///   - columns: the names of those that are wanted; nil for all.
  /// - Throws: a usage error for a query that is none, or a column that is not there.
  init(
    _ database: Database, _ query: String, given: Schema?, columns: [String]?
  ) throws(StreamError) {
    self.database = database
    statement = try database.statement(query)
    guard statement.isReading, statement.columnCount > 0 else {
      throw StreamError(
        .usage, "'\(query)' gives no rows", hint: "--table-query 'SELECT id, name FROM users'")
    }
    // What was changed by others since shows from the first step on.
    let all = try SQLiteReading.schema(statement, given: given)
    var places: [Int] = []
    for name in columns ?? all.names { places.append(try all.place(of: name)) }
    schema = Schema(places.map { all.fields[$0] })
    let names = statement.columnNames
    self.columns = try places.map { place throws(StreamError) in
      let field = all.fields[place]
      let index = names.firstIndex { $0.lowercased() == field.name.lowercased() } ?? place
      return (try ResultColumn(field, isStored: true), Int32(index))
    }
  }

  func next() throws -> Batch? {
    var count = 0
    while !isAtEnd, count < SQLiteReading.batchRowCount {
      guard try statement.step() else {
        isAtEnd = true
        break
      }
      count += 1
      for column in columns {
        do throws(StreamError) {
          _ = try column.values.append(statement, column.index)
        } catch {
          throw place(error, column.values.field)
        }
      }
      rowCount += 1
    }
    if isAtEnd, database.isInTransaction { try database.run("COMMIT") }
    guard count > 0 else { return nil }
    return Batch(
      schema: schema, columns: try columns.map { try $0.values.take() }, rowCount: count)
  }

  private func place(_ error: StreamError, _ field: Field) -> StreamError {
    let isText = field.type == .string || field.type == .binary
    return StreamError(
      error.kind, error.message, location: "\(database.path) (row \(rowCount + 1))",
      hint: error.kind != .data || isText
        ? error.hint : "--table-schema '\(field.name) string', or CAST it in --table-query")
  }

  // MARK: - The columns

  private static func schema(
    _ statement: Statement, given: Schema?
  ) throws(StreamError) -> Schema {
    let names = statement.columnNames
    var seen: Set<String> = []
    for name in names where !seen.insert(name.lowercased()).inserted {
      throw StreamError(
        .usage, "the query has two columns '\(name)'", hint: "SELECT …, \(name) AS other")
    }
    if let given {
      for field in given.fields {
        _ = try Schema(names.map { Field($0, .string) }).place(of: field.name)
        try check(field)
      }
      return given
    }
    var types = names.indices.map { statement.declaredType($0).flatMap(DataType.init(declared:)) }
    if types.contains(nil) { try infer(&types, statement) }
    return Schema(zip(names, types).map { Field($0, $1 ?? .string) })
  }

  /// Refuses types that no value of a database can have.
  private static func check(_ field: Field) throws(StreamError) {
    switch field.type {
    case .boolean, .tinyint, .smallint, .int, .bigint, .float, .double, .decimal, .string, .binary,
      .timestamp, .date:
      return
    default:
      throw StreamError(
        .usage, "'\(field.name)': a database has no values of type \(field.type)")
    }
  }

  /// Of columns that are not declared as anything, what the first rows hold.
  private static func infer(
    _ types: inout [DataType?], _ statement: Statement
  ) throws(StreamError) {
    let unknown = types.indices.filter { types[$0] == nil }
    var guesses = unknown.map { _ in DataType.void }
    var count = 0
    while count < inferenceRecordCount, try statement.step() {
      for (index, column) in unknown.enumerated() {
        guesses[index] = guesses[index].merged(with: statement.storedType(column))
      }
      count += 1
    }
    statement.reset()
    for (guess, column) in zip(guesses, unknown) {
      types[column] = guess == .void ? .string : guess
    }
  }
}

extension Schema {
  fileprivate func place(of name: String) throws(StreamError) -> Int {
    if let index = index(of: name) { return index }
    _ = try field(called: name)
    return 0
  }
}

extension DataType {
  /// What a column is that was declared so; nil where that says nothing.
  fileprivate init?(declared text: String) {
    let words = text.uppercased()
    if words.contains("INT") {
      self = .bigint
    } else if words.contains("CHAR") || words.contains("CLOB") || words.contains("TEXT") {
      self = .string
    } else if words.contains("BLOB") {
      self = .binary
    } else if words.contains("REAL") || words.contains("FLOA") || words.contains("DOUB") {
      self = .double
    } else if words.hasPrefix("BOOL") {
      self = .boolean
    } else if words == "DATE" {
      self = .date
    } else if words.hasPrefix("TIMESTAMP") || words == "DATETIME" {
      self = .timestamp
    } else {
      return nil
    }
  }
}

extension Statement {
  /// Whether it changes nothing.
  var isReading: Bool { unsafe sqlite3_stmt_readonly(handle) != 0 }

  var columnCount: Int { unsafe Int(sqlite3_column_count(handle)) }

  var columnNames: [String] {
    (0..<Int32(columnCount)).map { column in
      unsafe sqlite3_column_name(handle, column).map { unsafe String(cString: $0) } ?? ""
    }
  }

  /// What a column of a table was declared as; nil for what is computed.
  func declaredType(_ column: Int) -> String? {
    unsafe sqlite3_column_decltype(handle, Int32(column)).map { unsafe String(cString: $0) }
  }

  /// What the present row holds.
  func storedType(_ column: Int) -> DataType {
    switch unsafe sqlite3_column_type(handle, Int32(column)) {
    case SQLITE_INTEGER: .bigint
    case SQLITE_FLOAT: .double
    case SQLITE_BLOB: .binary
    case SQLITE_NULL: .void
    default: .string
    }
  }

  /// Begins anew with the first row.
  func reset() { unsafe sqlite3_reset(handle) }
}
