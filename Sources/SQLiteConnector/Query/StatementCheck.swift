internal import CSQLite
internal import Columnar
internal import Diagnostics

/// Looks at a statement before the first row comes.
struct StatementCheck {
  let database: Database
  let authorizer: Authorizer
  let input: Schema

  /// - Parameter text: as it was written.
  /// - Throws: a usage error when it is no single statement that reads.
  func prepare(_ text: SQLText) throws(StreamError) -> Statement {
    try refuseOthers(text)
    let statement = try prepare(text.text, text, isWritten: true)
    guard unsafe sqlite3_stmt_readonly(statement.handle) != 0 else {
      throw StreamError(.usage, "the statement writes, but it may only read")
    }
    guard unsafe sqlite3_bind_parameter_count(statement.handle) == 0 else {
      let name = unsafe sqlite3_bind_parameter_name(statement.handle, 1)
      let shown = unsafe name.map { unsafe String(cString: $0) } ?? "?"
      throw StreamError(.usage, "the statement has a parameter '\(shown)', which nobody fills in")
    }
    return statement
  }

  /// - Parameter text: of a statement that is right.
  func prepare(rewritten text: StatementText) throws(StreamError) -> Statement {
    try prepare(text.rewritten, text.text, isWritten: false)
  }

  /// - Parameter isWritten: `sql` is the text, so that a place in it is one in the text.
  private func prepare(
    _ sql: String, _ text: SQLText, isWritten: Bool
  ) throws(StreamError) -> Statement {
    authorizer.isStrict = true
    defer { authorizer.isStrict = false }
    var handle: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      database.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    if code == SQLITE_OK, let handle = unsafe handle {
      return unsafe Statement(handle, of: database)
    }
    if let refusal = authorizer.refusal { throw refusal }
    if code & 0xFF == SQLITE_NOMEM { throw database.failure(code) }
    let offset = unsafe Int(sqlite3_error_offset(database.handle))
    let meaning = StatementError(
      text: text, columns: input.names,
      tables: authorizer.tables)
    throw meaning.error(database.said, at: isWritten && offset >= 0 ? offset : nil)
  }

  private func refuseOthers(_ text: SQLText) throws(StreamError) {
    guard !text.bytes.contains(0) else {
      throw StreamError(.usage, "the statement has a character U+0000")
    }
    guard let first = text.tokens.first else { throw StreamError(.usage, "an empty statement") }
    guard ["SELECT", "WITH", "VALUES"].contains(text.word(0) ?? "") else {
      throw StreamError(
        .usage, "expected SELECT, WITH or VALUES but found '\(text[first.range])'",
        excerpt: Excerpt(text.text, first.range))
    }
    let end = text.tokens.firstIndex { $0.kind == .symbol(UInt8(ascii: ";")) }
    if let end, let next = text.tokens[end...].first(where: { $0.kind != text.tokens[end].kind }) {
      throw StreamError(
        .usage, "one statement is enough", excerpt: Excerpt(text.text, next.range))
    }
    for index in text.tokens.indices.dropFirst() where text.isSymbol(index - 1, ",") {
      guard text.tokens[index].kind == .string, text.unquoted(index).lowercased() == "localtime"
      else { continue }
      throw StreamError(
        .usage, "local time is another on each machine; times are UTC here",
        excerpt: Excerpt(text.text, text.tokens[index].range), hint: "'+1 hour'")
    }
  }

  // MARK: - Columns

  /// The columns of the input that a statement looks at.
  ///
  /// SQLite tells of those that are named; those of USING are found in the text, and NATURAL may join
  /// by any.
  func columnsUsed(_ text: SQLText) -> Set<Int> {
    let words = Set(
      text.tokens.indices.map { text.unquoted($0).lowercased() })
    if words.contains("natural") { return Set(input.fields.indices) }
    return Set(
      input.fields.indices.filter { index in
        let name = input.fields[index].name.lowercased()
        return authorizer.columnsRead.contains(name) || words.contains(name)
      })
  }
}
