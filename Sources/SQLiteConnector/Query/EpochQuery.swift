internal import CSQLite
package import Columnar
internal import Diagnostics
internal import Glibc

/// A statement of SQLite's over the rows of one epoch after the other, which are its table `input`.
///
/// Nothing is kept from one epoch to the next.
package final class EpochQuery {
  /// Of the rows that come out.
  package let output: Schema
  /// For each column of the output the column of the input that it is; nil for any other.
  package let inputColumns: [Int?]
  /// The columns of the input that the statement looks at.
  package let columnsUsed: Set<Int>

  private let database: Database
  private let clock: EpochClock
  private let authorizer: Authorizer
  private let cast: CastFunction
  private let watch: RunWatch
  private let table: InputTable
  private let others: [InputTable]
  private let statement: Statement
  private let results: [ResultColumn]
  private let text: StatementText

  /// Whoever was to have the rows has gone away.
  package struct Abandoned: Error {}

  /// A table beside the input.
  package struct Table {
    package let name: String
    package let schema: Schema

    package init(_ name: String, _ schema: Schema) {
      self.name = name
      self.schema = schema
    }
  }

  private static let outputRowsMax = 8_192
  private static let outputBytesMax = 8 << 20

  /// Bounds what SQLite takes in this process, and makes it know no time but UTC.
  package static func prepareProcess(memoryByteCount: Int) {
    sqlite3_hard_heap_limit64(Int64(memoryByteCount))
    unsafe setenv("TZ", "UTC0", 1)
    tzset()
  }

  /// Looks at the statement.
  ///
  /// - Parameters:
  ///   - tables: empty until ``fill(_:_:)``.
  ///   - declared: the types of columns that the statement does not tell.
  ///   - memory: how the bound is called, such as `--memory 64M`.
  /// - Throws: usage errors.
  package init(
    _ statement: String, over input: Schema, tables: [Table] = [], declared: Schema? = nil,
    memory: String = "there is"
  ) throws {
    clock = EpochClock()
    database = try Database(inMemory: clock) { queryError($0, $1, memory: memory) }
    authorizer = Authorizer(tables: tables.map(\.name))
    watch = RunWatch()
    try database.prepareForQueries()
    authorizer.watch(database)
    table = try InputTable(Authorizer.inputTable, input, in: database)
    var schemas = [Authorizer.inputTable: input]
    var others: [InputTable] = []
    for extra in tables {
      schemas[extra.name.lowercased()] = extra.schema
      others.append(try InputTable(extra.name, extra.schema, in: database))
    }
    self.others = others
    let check = StatementCheck(
      database: database, authorizer: authorizer, input: input, tables: schemas)
    let written = try check.prepare(SQLText(statement))
    text = try StatementText(statement)
    let result = try ResultSchema(written, text, tables: schemas, declared: declared)
    results = try result.fields.map { try ResultColumn($0) }
    output = Schema(result.fields)
    inputColumns = result.inputColumns
    cast = CastFunction(text.casts)
    try cast.add(to: database)
    self.statement = try check.prepare(rewritten: text)
    columnsUsed = check.columnsUsed(text.text)
    try table.prepare(columnsUsed.sorted())
    for other in others { try other.prepare(Array(other.schema.fields.indices)) }
    watch.watch(database)
  }

  /// Adds rows to the open epoch.
  package func insert(_ batch: Batch) throws { try table.insert(batch) }

  /// Puts rows into a table in place of those that it has.
  ///
  /// - Parameters:
  ///   - name: of one of the tables, as it was given.
  ///   - forEachBatch: calls its argument with all rows, some at a time.
  package func fill(_ name: String, _ forEachBatch: ((Batch) throws -> Void) throws -> Void) throws
  {
    guard let table = others.first(where: { $0.name == name }) else {
      throw StreamError(.internal, "no table '\(name)'")
    }
    try table.removeAll()
    try forEachBatch { try table.insert($0) }
  }

  /// Runs the statement over the rows of the epoch, and forgets them.
  ///
  /// - Parameters:
  ///   - time: of the epoch, in µs.
  ///   - isAbandoned: asked now and then.
  /// - Throws: a data error when the statement fails on the rows or gives what is not of its column's
  ///   type; `Abandoned`; what `emit` throws.
  package func run(
    at time: Int64, isAbandoned: @escaping () -> Bool = { false }, emit: (Batch) throws -> Void
  ) throws {
    clock.set(time)
    watch.isAbandoned = isAbandoned
    defer {
      watch.isAbandoned = nil
      unsafe sqlite3_reset(statement.handle)
    }
    var (rowCount, byteCount) = (0, 0)
    while try step() {
      for (index, column) in results.enumerated() {
        byteCount += try column.append(statement, Int32(truncatingIfNeeded: index))
      }
      rowCount += 1
      if rowCount >= EpochQuery.outputRowsMax || byteCount >= EpochQuery.outputBytesMax {
        try emit(try takeBatch(rowCount))
        (rowCount, byteCount) = (0, 0)
      }
    }
    if rowCount > 0 { try emit(try takeBatch(rowCount)) }
    unsafe sqlite3_reset(statement.handle)
    try table.removeAll()
  }

  private func takeBatch(_ rowCount: Int) throws -> Batch {
    Batch(schema: output, columns: try results.map { try $0.take() }, rowCount: rowCount)
  }

  private func step() throws -> Bool {
    switch unsafe sqlite3_step(statement.handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case SQLITE_INTERRUPT: throw Abandoned()
    case let code:
      if let failure = cast.failure {
        throw StreamError(.data, failure.message(of: column(of: failure) ?? failure.cast))
      }
      throw database.failure(code)
    }
  }

  /// The column that is this very cast.
  private func column(of failure: CastFailure) -> String? {
    let items = text.items(count: output.fields.count)
    return items.indices.first { text.isCast(items[$0], failure.cast) }.map { output.names[$0] }
  }
}

/// Asks during a long run whether anybody still waits for its rows.
@safe private final class RunWatch {
  var isAbandoned: (() -> Bool)?

  /// Some milliseconds.
  private static let stepsBetween: Int32 = 100_000

  /// The caller keeps this alive as long as the database.
  func watch(_ database: Database) {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe sqlite3_progress_handler(
      database.handle, RunWatch.stepsBetween,
      { context in
        guard let context = unsafe context else { return 0 }
        let watch = unsafe Unmanaged<RunWatch>.fromOpaque(context).takeUnretainedValue()
        return watch.isAbandoned?() == true ? 1 : 0
      }, context)
  }
}

extension Database {
  /// Everything in memory, nothing to roll back, the same result in each run.
  fileprivate func prepareForQueries() throws {
    unsafe sqlite3_shim_refuse_quoted_strings(handle)
    try run("PRAGMA journal_mode = OFF")
    try run("PRAGMA temp_store = MEMORY")
    try run("PRAGMA secure_delete = OFF")
    try addDecimalCollation(to: self)
    // SQLite makes these tables when they are first named, by statements that no user may run.
    try run("SELECT 1 FROM json_each('[]'), json_tree('[]')")
    try run("BEGIN")
  }
}

/// What an error in a running statement means.
private func queryError(_ code: Int32, _ said: String, memory: String) -> StreamError {
  switch code & 0xFF {
  case SQLITE_NOMEM:
    StreamError(
      .io, "the rows of an epoch and the statement over them need more memory than \(memory)",
      hint: "smaller epochs: stream-source … --max-rows 100000; or --memory SIZE")
  case SQLITE_TOOBIG: StreamError(.data, "a value is larger than SQLite takes: 1 GB")
  case SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH:
    StreamError(.data, "the statement failed: \(said)")
  default: StreamError(.internal, "SQLite: \(said) (\(code))")
  }
}
