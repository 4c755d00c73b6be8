internal import CSQLite
internal import Columnar
internal import Diagnostics

/// What the columns of a statement's result are.
struct ResultSchema {
  private(set) var fields: [Field] = []
  /// For each the column of the input that it is; nil for any other.
  private(set) var inputColumns: [Int?] = []

  private let statement: Statement
  private let text: StatementText
  private let tables: [String: Schema]
  private let declared: Schema?

  /// - Parameters:
  ///   - statement: as it was written: it gives the columns their names.
  ///   - tables: by their names in lower case.
  ///   - declared: what the user says of columns.
  /// - Throws: a usage error for a column that nobody says the type of, and for equal names.
  init(
    _ statement: Statement, _ text: StatementText, tables: [String: Schema], declared: Schema?
  ) throws(StreamError) {
    self.statement = statement
    self.text = text
    self.tables = tables
    self.declared = declared
    let count = unsafe Int(sqlite3_column_count(statement.handle))
    let items = text.items(count: count)
    let names = (0..<count).map { index in
      let name = unsafe sqlite3_column_name(statement.handle, Int32(index))
      return unsafe name.map { unsafe String(cString: $0) } ?? "column\(index + 1)"
    }
    try refuseEqual(names)
    try refuseUnknownDeclarations(names)
    for (index, name) in names.enumerated() {
      fields.append(Field(name, try type(of: name, at: index, items[index])))
    }
  }

  private mutating func type(
    of name: String, at index: Int, _ item: StatementText.Item?
  ) throws(StreamError) -> DataType {
    let origin = origin(index)
    inputColumns.append(origin?.table == Authorizer.inputTable ? origin?.column : nil)
    if let declared, let place = declared.index(of: name) { return declared.fields[place].type }
    switch item {
    case .typed(let type, _): return type
    case .unknownType(let type):
      let types = ["BIGINT", "DOUBLE", "STRING", "BOOLEAN", "TIMESTAMP", "DATE", "BINARY"]
      let meant = nearest(to: type, among: types).map { " (did you mean '\($0)'?)" } ?? ""
      throw StreamError(
        .usage, "column '\(name)': no type '\(type)'\(meant)",
        hint: "types: \(types.joined(separator: ", ")), DECIMAL(p,s)")
    case .expression, nil: break
    }
    if let type = origin?.type ?? text.innerType(of: name, item) { return type }
    throw untyped(name, item)
  }

  // MARK: - Columns as they are

  private struct Origin {
    /// In lower case.
    let table: String
    /// nil for the number of a row.
    let column: Int?
    let type: DataType
  }

  /// - Returns: nil for what is computed.
  private func origin(_ index: Int) -> Origin? {
    let handle = unsafe statement.handle
    guard let table = unsafe sqlite3_column_table_name(handle, Int32(index)),
      let column = unsafe sqlite3_column_origin_name(handle, Int32(index))
    else { return nil }
    let name = unsafe String(cString: table).lowercased()
    let columnName = unsafe String(cString: column)
    guard let schema = tables[name] else { return nil }
    if let place = schema.index(of: columnName) {
      return Origin(table: name, column: place, type: schema.fields[place].type)
    }
    let isRowNumber = ["rowid", "oid", "_rowid_"].contains(columnName.lowercased())
    return isRowNumber ? Origin(table: name, column: nil, type: .bigint) : nil
  }

  // MARK: - Errors

  private func untyped(_ name: String, _ item: StatementText.Item?) -> StreamError {
    var expression = quotedIfNeeded(name)
    if case .expression(let source) = item { expression = unnamed(source, name) }
    let alias = isPlain(name) ? name : "name"
    let guess = TypeGuess(input: tables[Authorizer.inputTable] ?? Schema([])).type(of: expression)
    let others = guess == nil ? " (or DOUBLE, STRING, TIMESTAMP, …)" : ""
    let declaration =
      "\(isPlain(name) ? name : "`\(name)`") \(guess?.lowercased() ?? "bigint")"
    return StreamError(
      .usage, "column '\(name)' is computed, and SQLite does not say of what type it is",
      hint: "CAST(\(expression) AS \(guess ?? "BIGINT")) AS \(alias)\(others), or --schema "
        + "'\(declaration)'")
  }

  private func isPlain(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39 ~= first) else { return false }
    return name.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
      default: false
      }
    }
  }

  private func quotedIfNeeded(_ name: String) -> String {
    isPlain(name) ? name : quotedName(name)
  }

  /// An item without the name behind it.
  private func unnamed(_ source: String, _ name: String) -> String {
    let item = SQLText(source)
    let last = item.tokens.count - 1
    guard last > 0, item.unquoted(last) == name, !item.isSymbol(last - 1, ".") else {
      return source
    }
    return item.source(0..<(item.word(last - 1) == "AS" ? last - 1 : last))
  }

  private func refuseEqual(_ names: [String]) throws(StreamError) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw StreamError(
        .usage, "two columns would be called '\(name)'",
        hint: "name one of them: … AS other")
    }
  }

  private func refuseUnknownDeclarations(_ names: [String]) throws(StreamError) {
    let result = Schema(names.map { Field($0, .void) })
    for name in declared?.names ?? [] where result.index(of: name) == nil {
      let meant = nearest(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
      throw StreamError(
        .usage,
        "--schema: the statement gives no column '\(name)'\(meant); columns: "
          + names.joined(separator: ", "))
    }
  }
}
