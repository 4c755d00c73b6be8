import Columnar
import Connectors
import Diagnostics
import Foundation
import SQLiteConnector
import TestSupport
import Testing

/// Runs `sqlite3` on a database.
private func run(_ sql: String, _ database: String) throws {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/sqlite3")
  process.arguments = [database, sql]
  try process.run()
  process.waitUntilExit()
  #expect(process.terminationStatus == 0)
}

private func rows(_ reading: any TableReading) throws -> [[Value]] {
  var rows: [[Value]] = []
  while let batch = try reading.next() { rows += (0..<batch.rowCount).map(batch.row) }
  return rows
}

@Suite("tables in an SQLite database")
struct SQLiteTableTests {
  private let scratch = ScratchDirectory()
  private var path: String { "\(scratch.path)/a.db" }

  private func read(
    _ query: String? = nil, _ schema: Schema? = nil, columns: [String]? = nil
  ) throws -> (Schema, [[Value]]) {
    let table = try SQLiteTable(path: path, query: query, schema: schema)
    let reading = try table.open(known: nil, columns: columns)
    return (reading.schema, try rows(reading))
  }

  @Test("have the types that they are declared with, or else hold")
  func types() throws {
    try run(
      """
      CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR(9), c DOUBLE, d BLOB, e BOOLEAN, f DATE,
        g TIMESTAMP, h, i NUMERIC);
      INSERT INTO t VALUES (1, 'x', 1.5, x'00ff', 1, '2024-02-29', '2024-02-29T12:00:00Z', 7, 1);
      INSERT INTO t VALUES (2, NULL, 3, NULL, 0, NULL, NULL, 7.5, 'n/a');
      """, path)
    let (schema, rows) = try read()
    #expect(
      "\(schema)" == "a bigint, b string, c double, d binary, e boolean, f date, g timestamp, "
        + "h double, i string")
    #expect(rows.count == 2)
    #expect(
      rows[0] == [
        .integer(1), .string("x"), .double(1.5), .binary([0, 255]), .boolean(true),
        .integer(19_782), .integer(1_709_208_000_000_000), .double(7), .string("1"),
      ])
    #expect(
      rows[1] == [
        .integer(2), .null, .double(3), .null, .boolean(false), .null, .null, .double(7.5),
        .string("n/a"),
      ])
  }

  @Test("can be the rows of a query, some of its columns, and of other types")
  func queries() throws {
    try run(
      "CREATE TABLE t (k TEXT, n INTEGER); CREATE TABLE u (k TEXT); "
        + "INSERT INTO t VALUES ('a', 1), ('b', NULL), ('a', 300)", path)
    let (schema, rows) = try read("SELECT k, sum(n) AS total, '12.5' AS x FROM t GROUP BY k")
    #expect("\(schema)" == "k string, total bigint, x string")
    #expect(rows.map { $0[1] } == [.integer(301), .null])
    let given = Schema([Field("x", .decimal(precision: 5, scale: 2)), Field("K", .string)])
    let query = "SELECT k, '12.5' AS x FROM t WHERE n = 1"
    #expect(try read(query, given).1 == [[.decimal(1250), .string("a")]])
    #expect(try read(query, given, columns: ["K"]).1 == [[.string("a")]])
    #expect(try read("SELECT n, k FROM t", columns: ["k"]).1.count == 3)
  }

  @Test(
    "say what cannot be read",
    arguments: [
      (nil, nil, "has several tables: t, u"),
      ("SELECT x FROM t", nil, "no such column: x"),
      ("SELEC", nil, "syntax error"),
      ("DELETE FROM t", nil, "gives no rows"),
      ("SELECT k, n AS K FROM t", nil, "two columns 'K'"),
      ("SELECT k FROM t", "n bigint", "no column 'n'"),
      ("SELECT k FROM t", "k bigint", "'k' is not an integer"),
      ("SELECT k FROM t", "k array<int>", "no values of type array<int>"),
      ("SELECT n FROM t", "n tinyint", "'n' is a tinyint, but here it is 300"),
      ("SELECT n FROM t", "n timestamp", "but here it is 300"),
      ("SELECT x'ff' AS k", "k string", "but here it is a blob"),
      ("SELECT cast(x'ff' AS TEXT) AS k", nil, "not valid UTF-8"),
    ] as [(String?, String?, String)])
  func errors(query: String?, schema: String?, expected: String) throws {
    try run(
      "CREATE TABLE t (k TEXT, n INTEGER); CREATE TABLE u (k TEXT); INSERT INTO t VALUES ('a', 300)",
      path)
    let given = schema.map { text -> Schema in
      let parts = text.split(separator: " ")
      let types: [Substring: DataType] = [
        "bigint": .bigint, "tinyint": .tinyint, "timestamp": .timestamp, "string": .string,
        "array<int>": .array(.int),
      ]
      return Schema([Field(String(parts[0]), types[parts[1]] ?? .void)])
    }
    let error = #expect(throws: StreamError.self) { try read(query, given) }
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
  }

  @Test("are not there, or are no database")
  func files() throws {
    #expect(throws: StreamError.self) { try read() }
    scratch.write(Array("k,n\na,1\n".utf8), to: "a.db")
    let error = #expect(throws: StreamError.self) { try read() }
    #expect(error?.message == "'\(path)' is not an SQLite database")
  }

  @Test(
    "tell when they have changed, be it that another file has their name", arguments: [false, true])
  func changes(usesWAL: Bool) throws {
    if usesWAL { try run("PRAGMA journal_mode = WAL", path) }
    try run("CREATE TABLE t (k INTEGER); INSERT INTO t VALUES (1)", path)
    let table = try SQLiteTable(path: path, query: nil, schema: nil)
    func read() throws -> [[Value]] { try rows(table.open(known: nil, columns: nil)) }
    #expect(try read() == [[.integer(1)]])
    #expect(try !table.hasChanged())
    try run("INSERT INTO t VALUES (2)", path)
    #expect(try table.hasChanged())
    // What has not been read to its end does not hold the next reading up.
    _ = try table.open(known: nil, columns: nil).next()
    #expect(try read().count == 2)
    #expect(try !table.hasChanged())
    let other = "\(scratch.path)/b.db"
    try run("CREATE TABLE t (k INTEGER); INSERT INTO t VALUES (9)", other)
    for ending in ["", "-wal", "-shm"] { unsafe unlink(path + ending) }
    #expect(throws: StreamError.self) { try table.hasChanged() }
    let status = unsafe rename(other, path)
    #expect(status == 0)
    #expect(try table.hasChanged())
    #expect(try read() == [[.integer(9)]])
    #expect(try !table.hasChanged())
  }
}
