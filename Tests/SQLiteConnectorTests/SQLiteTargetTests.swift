import Columnar
import Connectors
import Diagnostics
import Foundation
import JSONText
import SQLiteConnector
import Testing

/// A directory with a database, removed at the end; the `sqlite3` program looks at what we wrote.
private final class Scratch {
  let path: String

  init() {
    path = "/tmp/sqlite-target-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var database: String { "\(path)/a.db" }

  /// What `sqlite3` prints, a line a row.
  @discardableResult
  func query(_ sql: String) throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/sqlite3")
    process.arguments = ["-nullvalue", "NULL", database, sql]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  func target(_ existing: ExistingFiles = .refuse) -> SQLiteTarget {
    SQLiteTarget(path: database, table: "t", existing: existing)
  }
}

private let numbered = Schema([Field("k", .string), Field("n", .bigint)])

private func rows(_ rows: [(String?, Int64?)], _ schema: Schema = numbered) -> Batch {
  Batch(
    schema: schema, columns: [Column(rows.map(\.0)), Column(rows.map(\.1))],
    rowCount: rows.count)
}

private func form(
  _ mode: ResultForm.Mode, keys: [String] = [], schema: Schema = numbered, lacksKeys: Bool = false,
  isDurable: Bool = false
) -> ResultForm {
  ResultForm(
    schema: schema, mode: mode, keys: keys, isBounded: false, queryTag: "3f2a91c0",
    branch: "main", lacksKeys: lacksKeys, isDurable: isDurable)
}

private func epoch(
  _ number: Int64, replaces: Bool = false, isFinal: Bool = false
) -> TargetEpoch {
  TargetEpoch(
    number: number, replacesResult: replaces, isFinal: isFinal,
    ledger: ["epoch": .integer(number), "time": 17])
}

private func resume(
  _ target: inout SQLiteTarget, _ committed: Int64, isNew: Bool = false, query: String = "q"
) throws -> TargetPosition {
  try target.resume(
    TargetResume(
      query: query, stage: "main.sink", epoch: committed, detail: .null, isNew: isNew,
      directory: "/"))
}

@Suite("Tables of SQLite")
struct SQLiteTargetTests {
  @Test("get the rows of each epoch in one transaction")
  func appends() throws {
    let scratch = Scratch()
    var target = scratch.target()
    try target.begin(form(.append))
    try target.write(rows([("a", 1), (nil, 2)]), isDeletion: false)
    try target.write(rows([("c", nil)]), isDeletion: false)
    #expect(try scratch.query("SELECT count(*) FROM sqlite_master") == ["0"])
    try target.commit(epoch(1))
    #expect(try scratch.query("SELECT * FROM t") == ["a|1", "NULL|2", "c|NULL"])
    try target.write(rows([("lost", 9)]), isDeletion: false)
    target.discard()
    try target.commit(epoch(2))
    #expect(try scratch.query("SELECT count(*) FROM t") == ["3"])
    #expect(try scratch.query("PRAGMA journal_mode") == ["wal"])
  }

  @Test("hold values of all types")
  func types() throws {
    let scratch = Scratch()
    let samples: [(DataType, Value, String, String)] = [
      (.boolean, .boolean(true), "INTEGER", "1"), (.tinyint, .integer(-128), "INTEGER", "-128"),
      (.smallint, .integer(-7), "INTEGER", "-7"),
      (.int, .integer(1 << 30), "INTEGER", "1073741824"),
      (.bigint, .integer(.max), "INTEGER", "9223372036854775807"),
      (.bigint, .integer(.min), "INTEGER", "-9223372036854775808"),
      (.float, .double(0.5), "REAL", "0.5"), (.double, .double(-2.5), "REAL", "-2.5"),
      (.double, .double(.nan), "REAL", "NULL"), (.double, .double(.infinity), "REAL", "Inf"),
      (
        .decimal(precision: 38, scale: 2), .decimal(12_345_678_901_234_567_890), "TEXT",
        "123456789012345678.90"
      ),
      (.string, .string("é\u{1F600}"), "TEXT", "é\u{1F600}"), (.string, .string(""), "TEXT", ""),
      (.binary, .binary([0x68, 0x69]), "BLOB", "hi"),
      (.timestamp, .integer(1_500_000), "TEXT", "1970-01-01T00:00:01.500000Z"),
      (.timestamp, .integer(60_000_000), "TEXT", "1970-01-01T00:01:00.000000Z"),
      (.timestamp, .integer(-1), "TEXT", "1969-12-31T23:59:59.999999Z"),
      (.timestamp, .integer(-990_000), "TEXT", "1969-12-31T23:59:59.010000Z"),
      (.date, .integer(1), "TEXT", "1970-01-02"),
      (.array(.bigint), .list([.integer(1), .null]), "TEXT", "[1,null]"),
      (.structure([Field("x", .string)]), .structure([.string("y")]), "TEXT", "{\"x\":\"y\"}"),
      (.void, .null, "TEXT", "NULL"),
    ]
    let schema = Schema(samples.enumerated().map { Field("c\($0)", $1.0) })
    var target = scratch.target()
    try target.begin(form(.append, schema: schema))
    try target.write(
      Batch(schema: schema, columns: samples.map { Column($0.0, values: [$0.1]) }),
      isDeletion: false)
    try target.commit(epoch(1))
    let list = schema.names.joined(separator: ", ")
    #expect(
      try scratch.query("SELECT \(list) FROM t")
        == [samples.map(\.3).joined(separator: "|")])
    #expect(
      try scratch.query("SELECT type FROM pragma_table_info('t')") == samples.map(\.2))
    #expect(try scratch.query("SELECT typeof(c12), typeof(c13) FROM t") == ["text|blob"])
  }

  @Test("are updated by key, null keys too")
  func updates() throws {
    let scratch = Scratch()
    var target = scratch.target()
    try target.begin(form(.update, keys: ["k"]))
    try target.write(rows([("a", 1), (nil, 2), ("b", 3)]), isDeletion: false)
    try target.commit(epoch(1))
    try target.write(rows([(nil, 20), ("a", 10)]), isDeletion: false)
    try target.write(rows([("b", nil)]), isDeletion: true)
    try target.write(rows([("c", 4), (nil, 21)]), isDeletion: false)
    try target.commit(epoch(2))
    #expect(try scratch.query("SELECT * FROM t ORDER BY k") == ["NULL|21", "a|10", "c|4"])
    try target.write(rows([(nil, 0)]), isDeletion: true)
    try target.commit(epoch(3))
    #expect(try scratch.query("SELECT * FROM t ORDER BY k") == ["a|10", "c|4"])
  }

  @Test("keep integer keys apart from null, and NaN from both")
  func numericKeys() throws {
    let scratch = Scratch()
    let schema = Schema([Field("i", .bigint), Field("d", .double)])
    func batch(_ rows: [(Int64?, Double?)]) -> Batch {
      Batch(schema: schema, columns: [Column(rows.map(\.0)), Column(rows.map(\.1))])
    }
    var target = scratch.target()
    try target.begin(form(.update, keys: ["i", "d"], schema: schema))
    for number in 1...2 {
      try target.write(
        batch([(nil, nil), (nil, 0), (0, nil), (0, 0), (1, .nan), (1, nil)]), isDeletion: false)
      try target.commit(epoch(Int64(number)))
    }
    #expect(try scratch.query("SELECT count(*) FROM t") == ["6"])
    #expect(try scratch.query("SELECT d FROM t WHERE i = 1 ORDER BY d") == ["NULL", "NaN"])
  }

  @Test("agree with a dictionary after many random changes")
  func randomUpdates() throws {
    let scratch = Scratch()
    var target = scratch.target()
    try target.begin(form(.update, keys: ["k"]))
    var expected: [String: Int64] = [:]
    var random = SystemRandomNumberGenerator()
    for number in 1...30 {
      let deletes = Int.random(in: 0..<4, using: &random) == 0
      let changes: [(String?, Int64?)] = (0..<20).map { _ in
        let key = Int.random(in: 0..<15, using: &random)
        return (key == 0 ? nil : "k\(key)", Int64.random(in: 0...9, using: &random))
      }
      for (key, value) in changes { expected[key ?? "NULL"] = deletes ? nil : value }
      try target.write(rows(changes), isDeletion: deletes)
      try target.commit(epoch(Int64(number)))
    }
    let lines = expected.map { "\($0.key)|\($0.value)" }.sorted()
    #expect(try scratch.query("SELECT k, n FROM t").sorted() == lines)
  }

  @Test("hold one row of a result without keys")
  func singleRow() throws {
    let scratch = Scratch()
    var target = scratch.target()
    try target.begin(form(.update))
    for number in 1...3 {
      try target.write(rows([("all", Int64(number))]), isDeletion: false)
      try target.commit(epoch(Int64(number)))
    }
    #expect(try scratch.query("SELECT * FROM t") == ["all|3"])
    #expect(throws: StreamError.self) {
      var target = scratch.target(.append)
      try target.begin(form(.update, lacksKeys: true))
    }
  }

  @Test("hold the last whole result in complete mode", arguments: [false, true])
  func complete(isDurable: Bool) throws {
    let scratch = Scratch()
    var target = scratch.target()
    try target.begin(form(.complete, isDurable: isDurable))
    if isDurable { _ = try resume(&target, 0, isNew: true) }
    func commit(_ epoch: TargetEpoch) throws {
      if isDurable { _ = try target.prepare(epoch) } else { try target.commit(epoch) }
    }
    try target.write(rows([("a", 1), ("b", 2)]), isDeletion: false)
    try commit(epoch(1, replaces: true))
    try target.write(rows([("c", 3)]), isDeletion: false)
    try commit(epoch(2, replaces: true))
    #expect(try scratch.query("SELECT * FROM t") == ["c|3"])
    try commit(epoch(3))
    #expect(try scratch.query("SELECT * FROM t") == ["c|3"])
    try commit(epoch(4, replaces: true))
    #expect(try scratch.query("SELECT * FROM t") == [])
  }

  @Test("that are there need the columns, and a unique key")
  func foreignTables() throws {
    let scratch = Scratch()
    try scratch.query("CREATE TABLE t (id INTEGER PRIMARY KEY, K TEXT)")
    #expect(
      throws: StreamError(
        .usage, "table 't' in '\(scratch.database)' has no column 'n'",
        hint: "sqlite3 \(scratch.database) 'ALTER TABLE \"t\" ADD COLUMN \"n\" INTEGER'")
    ) {
      var target = scratch.target()
      try target.begin(form(.append))
    }
    try scratch.query("ALTER TABLE t ADD COLUMN n INTEGER")
    #expect(
      throws: StreamError(
        .usage, "table 't' in '\(scratch.database)' has no unique index on its key: k",
        hint: "sqlite3 \(scratch.database) 'CREATE UNIQUE INDEX \"t_key\" ON \"t\" (\"k\")'")
    ) {
      var target = scratch.target()
      try target.begin(form(.update, keys: ["k"]))
    }
    try scratch.query("CREATE UNIQUE INDEX \"t_key\" ON \"t\" (\"k\")")
    var target = scratch.target()
    try target.begin(form(.update, keys: ["k"]))
    try target.write(rows([("a", 1), ("a", 2)]), isDeletion: false)
    try target.commit(epoch(1))
    #expect(try scratch.query("SELECT * FROM t") == ["1|a|2"])
    #expect(try scratch.query("PRAGMA journal_mode") == ["delete"])
  }

  @Test("with rows are refused, unless told")
  func existingRows() throws {
    let scratch = Scratch()
    try scratch.query("CREATE TABLE t (k, n); INSERT INTO t VALUES ('mine', 0)")
    #expect(
      throws: StreamError(
        .usage, "table 't' in '\(scratch.database)' has rows already",
        hint: "--overwrite replaces them, --append adds to them")
    ) {
      var target = scratch.target()
      try target.begin(form(.append))
    }
    for (existing, count) in [(ExistingFiles.append, "2"), (.overwrite, "1")] {
      var target = scratch.target(existing)
      try target.begin(form(.append))
      try target.write(rows([("a", 1)]), isDeletion: false)
      try target.commit(epoch(1))
      #expect(try scratch.query("SELECT count(*) FROM t") == [count])
    }
  }

  @Test("tell what is wrong with a file", arguments: [("no database, but text\n", 64)])
  func notADatabase(text: String, status: Int32) throws {
    let scratch = Scratch()
    try String(repeating: text, count: 200).write(
      toFile: scratch.database, atomically: true, encoding: .utf8)
    #expect(
      throws: StreamError(.usage, "'\(scratch.database)' is not an SQLite database")
    ) {
      var target = scratch.target()
      try target.begin(form(.append))
    }
  }

  @Test("refuse a row by their own rules")
  func constraint() throws {
    let scratch = Scratch()
    try scratch.query("CREATE TABLE t (k TEXT NOT NULL, n INTEGER)")
    var target = scratch.target()
    try target.begin(form(.append))
    try target.write(rows([("a", 1), (nil, 2)]), isDeletion: false)
    #expect(
      throws: StreamError(
        .data, "database '\(scratch.database)' refuses a row: NOT NULL constraint failed: t.k")
    ) { try target.commit(epoch(1)) }
    target.discard()
    #expect(try scratch.query("SELECT count(*) FROM t") == ["0"])
  }
}

@Suite("Tables of SQLite with a checkpoint")
struct DurableTableTests {
  private func name(_ position: TargetPosition) -> String {
    switch position {
    case .asCommitted: "as committed"
    case .ahead(let ledger, _):
      "ahead: \(ledger["epoch"]?.int64 ?? -1) \(ledger["time"]?.int64 ?? -1)"
    case .behind(let epoch): "behind: \(epoch)"
    }
  }

  private func begun(_ scratch: Scratch, _ existing: ExistingFiles = .refuse) throws -> SQLiteTarget
  {
    var target = scratch.target(existing)
    try target.begin(form(.append, isDurable: true))
    return target
  }

  @Test("keep the ledger beside the rows, for each query")
  func ledger() throws {
    let scratch = Scratch()
    var target = try begun(scratch)
    #expect(name(try resume(&target, 0, isNew: true)) == "as committed")
    for number in 1...3 {
      try target.write(rows([("a", Int64(number))]), isDeletion: false)
      _ = try target.prepare(epoch(Int64(number)))
    }
    #expect(
      try scratch.query("SELECT query, stage, epoch FROM stream_tools_commits")
        == ["q|main.sink|3"])
    var other = try begun(scratch, .append)
    _ = try resume(&other, 0, isNew: true, query: "another")
    _ = try other.prepare(epoch(7))
    #expect(try scratch.query("SELECT epoch FROM stream_tools_commits ORDER BY 1") == ["3", "7"])
    #expect(try scratch.query("SELECT count(*) FROM t") == ["3"])
  }

  @Test("tell how they stand to the checkpoint's last commit")
  func positions() throws {
    let scratch = Scratch()
    var target = try begun(scratch)
    _ = try resume(&target, 0, isNew: true)
    try target.write(rows([("a", 1)]), isDeletion: false)
    _ = try target.prepare(epoch(5))
    for (committed, isNew, expected) in [
      (5, false, "as committed"), (4, false, "ahead: 5 17"), (0, true, "ahead: 5 17"),
      (6, false, "behind: 5"),
    ] as [(Int64, Bool, String)] {
      // Rows that are there are ours: no word of them.
      var next = try begun(scratch)
      #expect(name(try resume(&next, committed, isNew: isNew)) == expected)
    }
    #expect(throws: StreamError.self) {
      var next = try begun(scratch)
      _ = try resume(&next, 6, isNew: true)
    }
    let empty = Scratch()
    var next = try begun(empty)
    #expect(name(try resume(&next, 6)) == "behind: 0")
  }

  @Test("say that a ledger is damaged")
  func damagedLedger() throws {
    let scratch = Scratch()
    var target = try begun(scratch)
    _ = try resume(&target, 0, isNew: true)
    _ = try target.prepare(epoch(1))
    try scratch.query("UPDATE stream_tools_commits SET ledger = '{'")
    #expect(throws: StreamError.self) {
      var next = try begun(scratch)
      _ = try resume(&next, 1)
    }
  }
}
