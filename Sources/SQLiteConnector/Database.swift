internal import CSQLite
internal import Diagnostics

/// An open SQLite database.
@safe final class Database {
  /// What a code and SQLite's own words for it mean to the user.
  typealias ErrorMeaning = (_ code: Int32, _ said: String) -> StreamError

  let path: String
  // SAFETY: open from the initialiser to the end; no statement outlives it, since each keeps it.
  @unsafe let handle: OpaquePointer
  private let meaning: ErrorMeaning
  private let clock: EpochClock?

  /// How long another program may hold the database.
  private static let patienceMilliseconds: Int32 = 10_000

  /// Opens a database, or makes a new one.
  ///
  /// A new one gets a write-ahead log, so that readers and we do not wait for each other; one that is
  /// there keeps its kind of journal. Commits survive the loss of power with both: `EXTRA` also
  /// synchronizes the directory from which a rollback journal was removed.
  convenience init(_ path: String) throws(StreamError) {
    try self.init(file: path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
    if try integer("PRAGMA page_count") == 0 { try chooseLog() }
    try run("PRAGMA synchronous = EXTRA")
    try run("PRAGMA cache_size = -65536")
  }

  /// Opens a database that is there, to look at it only.
  convenience init(reading path: String) throws(StreamError) {
    try self.init(file: path, SQLITE_OPEN_READONLY)
  }

  private convenience init(file path: String, _ flags: Int32) throws(StreamError) {
    try self.init(path, flags, clock: nil) { databaseError(path, $0, $1) }
    unsafe sqlite3_busy_timeout(handle, Database.patienceMilliseconds)
  }

  /// Makes an empty one in memory that never touches a file.
  ///
  /// - Parameter clock: tells SQLite the time.
  convenience init(
    inMemory clock: EpochClock, meaning: @escaping ErrorMeaning
  ) throws(StreamError) {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY
    try self.init(":memory:", flags, clock: clock, meaning)
  }

  private init(
    _ path: String, _ flags: Int32, clock: EpochClock?, _ meaning: @escaping ErrorMeaning
  ) throws(StreamError) {
    self.path = path
    self.meaning = meaning
    self.clock = clock
    var handle: OpaquePointer?
    let code = unsafe sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX, clock?.name)
    guard code == SQLITE_OK, let opened = unsafe handle else {
      let error = meaning(code, unsafe Database.said(handle))
      unsafe sqlite3_close_v2(handle)
      throw error
    }
    unsafe self.handle = opened
    unsafe sqlite3_extended_result_codes(opened, 1)
  }

  deinit { unsafe sqlite3_close_v2(handle) }

  private func chooseLog() throws(StreamError) {
    do throws(StreamError) {
      try run("PRAGMA journal_mode = WAL")
    } catch  where error.kind == .unavailable {
      // Somebody else is making the database at this moment: it has the journal that they choose.
    }
  }

  /// Runs statements that give no rows that matter.
  func run(_ sql: String) throws(StreamError) {
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  func statement(_ sql: String) throws(StreamError) -> Statement {
    var statement: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement = unsafe statement else { throw failure(code) }
    return unsafe Statement(statement, of: self)
  }

  /// The first column of the first row; nil when there is none.
  func integer(_ sql: String, _ texts: String...) throws(StreamError) -> Int64? {
    let statement = try statement(sql)
    for (index, text) in texts.enumerated() { try statement.bind(text, at: index + 1) }
    return try statement.step() ? statement.integer(0) : nil
  }

  /// Whether a transaction is open.
  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// What the database said last, in our words.
  func failure(_ code: Int32) -> StreamError { meaning(code, said) }

  /// What the database said last, in its own.
  var said: String { unsafe Database.said(handle) }

  @unsafe private static func said(_ handle: OpaquePointer?) -> String {
    unsafe handle.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
  }
}

/// A prepared statement.
@safe final class Statement {
  // SAFETY: valid until it is finalized at the end.
  @unsafe let handle: OpaquePointer
  private let database: Database

  @unsafe init(_ handle: OpaquePointer, of database: Database) {
    unsafe self.handle = handle
    self.database = database
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// - Parameter position: from 1.
  func bind(_ text: String, at position: Int) throws(StreamError) {
    // SQLITE_TRANSIENT: the database makes a copy.
    let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    try check(unsafe sqlite3_bind_text(handle, Int32(position), text, -1, copies))
  }

  func bind(_ value: Int64, at position: Int) throws(StreamError) {
    try check(unsafe sqlite3_bind_int64(handle, Int32(position), value))
  }

  func check(_ code: Int32) throws(StreamError) {
    guard code == SQLITE_OK else { throw database.failure(code) }
  }

  /// - Returns: whether there is a row.
  func step() throws(StreamError) -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      let error = database.failure(code)
      unsafe sqlite3_reset(handle)
      throw error
    }
  }

  /// Runs a statement that gives no rows, and makes it ready for the next time.
  @inline(__always)
  func run() throws(StreamError) {
    _ = try step()
    unsafe sqlite3_reset(handle)
  }

  func integer(_ column: Int) -> Int64 { unsafe sqlite3_column_int64(handle, Int32(column)) }

  func text(_ column: Int) -> String {
    guard let text = unsafe sqlite3_column_text(handle, Int32(column)) else { return "" }
    return unsafe String(cString: text)
  }
}

/// Whose business an error is: see ``StreamError/Kind``.
private func databaseError(_ path: String, _ code: Int32, _ said: String) -> StreamError {
  switch code & 0xFF {
  case SQLITE_BUSY, SQLITE_LOCKED:
    return StreamError(
      .unavailable, "database '\(path)' is locked by another program",
      hint: "end that program's transaction; readers do not wait in the way of a database whose "
        + "journal_mode is WAL")
  case SQLITE_NOTADB: return StreamError(.usage, "'\(path)' is not an SQLite database")
  case SQLITE_CORRUPT: return StreamError(.io, "database '\(path)' is damaged: \(said)")
  case SQLITE_FULL, SQLITE_IOERR, SQLITE_NOLFS, SQLITE_NOMEM, SQLITE_PROTOCOL:
    return StreamError(.io, "cannot write database '\(path)': \(said)")
  case SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG:
    return StreamError(.data, "database '\(path)' refuses a row: \(said)")
  case SQLITE_ERROR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
    return StreamError(.usage, "database '\(path)': \(said)")
  default: return StreamError(.internal, "database '\(path)': \(said) (\(code))")
  }
}

/// A name within SQL.
func quotedName(_ name: String) -> String {
  "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    + "\""
}
