import Columnar
import Connectors
import Diagnostics
import SQLiteConnector
import TestSupport
import Testing

@Suite("Statements over epochs")
struct StatementTests {
  private let input = column(.string, ["a", "b", "a"].map { .string($0) })

  @Test(
    "must be one that reads, and gives the same each time",
    arguments: [
      ("", "an empty statement"),
      ("-- nothing", "an empty statement"),
      ("DELETE FROM input", "expected SELECT, WITH or VALUES but found 'DELETE'"),
      ("PRAGMA table_info(input)", "expected SELECT, WITH or VALUES but found 'PRAGMA'"),
      ("ATTACH 'x' AS y", "expected SELECT, WITH or VALUES but found 'ATTACH'"),
      ("EXPLAIN SELECT 1", "expected SELECT, WITH or VALUES but found 'EXPLAIN'"),
      ("WITH x AS (SELECT 1) DELETE FROM input", "the statement writes, but it may only read"),
      (
        "WITH x AS (SELECT 1) INSERT INTO input SELECT 1, 1",
        "the statement writes, but it may only read"
      ),
      ("SELECT n FROM input; SELECT n FROM input", "one statement is enough"),
      (
        "SELECT random() AS n FROM input",
        "random(): the same rows must give the same result, not one of chance"
      ),
      (
        "SELECT n FROM input ORDER BY hex(RandomBlob(2))",
        "randomblob(): the same rows must give the same result, not one of chance"
      ),
      (
        "SELECT \"random\"() AS n",
        "random(): the same rows must give the same result, not one of chance"
      ),
      (
        "SELECT total_changes() AS n FROM input",
        "total_changes(): a result must not depend on what was run before"
      ),
      ("SELECT load_extension('x')", "load_extension(): it loads programs"),
      ("SELECT name FROM sqlite_master", "no table 'sqlite_master'; tables: input"),
      (
        "SELECT name FROM pragma_table_info('input')",
        "the statement reads a table of SQLite's own; tables: input"
      ),
      ("SELECT count(*) FROM sqlite_schema", "no table 'sqlite_schema'; tables: input"),
      ("SELECT count(*) FROM dbstat", "the statement reads a table of SQLite's own; tables: input"),
      ("SELECT \"stream cast\"(n, 0) FROM input", "no such function: stream cast"),
      (
        "SELECT n FROM input WHERE n = ?",
        "the statement has a parameter '?', which nobody fills in"
      ),
      (
        "SELECT n FROM input WHERE n = :x",
        "the statement has a parameter ':x', which nobody fills in"
      ),
      (
        "SELECT datetime('now', 'LocalTime') AS n",
        "local time is another on each machine; times are UTC here"
      ),
      ("SELECT m FROM input", "no column 'm' (did you mean 'n'?); columns: n, v"),
      ("SELECT input.m FROM input", "no column 'm' (did you mean 'n'?); columns: n, v"),
      ("SELECT v FROM inputs", "no table 'inputs' (did you mean 'input'?); tables: input"),
      ("SELECT v FROM input WHERE v = \"a\"", "no column 'a' (did you mean 'n'?); columns: n, v"),
      ("SELECT v FROM input WHERE", "incomplete input"),
      ("SELECT v v v FROM input", "near \"v\": syntax error"),
      (
        "SELECT max(v) AS m FROM input",
        "column 'm' is computed, and SQLite does not say of what type it is"
      ),
      ("SELECT 1 FROM input", "column '1' is computed, and SQLite does not say of what type it is"),
      (
        "SELECT value FROM input, json_each('[1]')",
        "column 'value' is computed, and SQLite does not say of what type it is"
      ),
      ("SELECT n, v AS n FROM input", "two columns would be called 'n'"),
      ("SELECT CAST(n AS FRUIT) AS f FROM input", "column 'f': no type 'FRUIT'"),
      (
        "SELECT CAST(n AS DECIMAL(39,2)) AS f FROM input",
        "no type 'DECIMAL(39,2)': a decimal has 1 to 38 digits"
      ),
      (
        "SELECT CAST(n AS DECIMAL(9,10)) AS f FROM input",
        "no type 'DECIMAL(9,10)': a decimal has 1 to 38 digits"
      ),
      ("SELECT CAST(n AS NUMERIC) AS f FROM input", "column 'f': no type 'NUMERIC'"),
      ("SELECT n\u{0} FROM input", "the statement has a character U+0000"),
    ])
  func refused(statement: String, message: String) {
    let error = fault(statement, over: input)

    #expect(error?.kind == .usage)
    #expect(error?.message == message)
  }

  @Test(
    "a column that is computed is told with what to write",
    arguments: [
      ("max(v) AS m", "CAST(max(v) AS STRING) AS m, or --schema 'm string'"),
      ("sum(n) total", "CAST(sum(n) AS BIGINT) AS total, or --schema 'total bigint'"),
      ("avg(n)", "CAST(avg(n) AS DOUBLE) AS name, or --schema '`avg(n)` double'"),
      (
        "lag(input.n) OVER (ORDER BY n) AS p",
        "CAST(lag(input.n) OVER (ORDER BY n) AS BIGINT) AS p, or --schema 'p bigint'"
      ),
      ("'a' AS label", "CAST('a' AS STRING) AS label, or --schema 'label string'"),
      ("1.5 AS x", "CAST(1.5 AS DOUBLE) AS x, or --schema 'x double'"),
      (
        "n % 2 AS odd",
        "CAST(n % 2 AS BIGINT) AS odd (or DOUBLE, STRING, TIMESTAMP, …), or --schema 'odd bigint'"
      ),
    ])
  func advice(item: String, hint: String) {
    #expect(fault("SELECT \(item) FROM input", over: input)?.hint == hint)
  }

  @Test("--schema must name columns that come out")
  func unknownDeclaration() {
    let declared = Schema([Field("mm", .int)])
    let error = fault("SELECT max(n) AS m FROM input", over: input, declared: declared)

    #expect(
      error?.message
        == "--schema: the statement gives no column 'mm' (did you mean 'm'?); columns: m")
  }

  @Test("columns that SQLite takes for one are refused")
  func columnsByCase() {
    let schema = Schema([Field("a", .int), Field("A", .int)])
    let error = fault("SELECT a FROM input", over: Batch(empty: schema))

    #expect(error?.message == "'input' has the columns 'a' and 'A', which SQLite takes for one")
    #expect(error?.kind == .usage)
  }

  @Test("more columns than SQLite has room for are refused")
  func manyColumns() {
    let schema = Schema((0..<2001).map { Field("c\($0)", .int) })
    let error = fault("SELECT c1 FROM input", over: Batch(empty: schema))

    #expect(error?.message == "SQLite cannot have the table 'input': too many columns on input")
    #expect(error?.kind == .usage)
  }

  @Test("any name can be a column's")
  func oddNames() throws {
    let schema = Schema(["", "a\"b", "select", "rowid", "ä b"].map { Field($0, .bigint) })
    let columns = (0..<5).map { Column([Int64($0)]) }
    let result = try Result("SELECT * FROM input", over: [Batch(schema: schema, columns: columns)])

    #expect(result.schema == schema)
    #expect(result.rows == [(0..<5).map { .integer($0) }])
  }

  @Test("the present is the time of the epoch")
  func present() throws {
    let query = try EpochQuery(
      """
      SELECT CAST(datetime('now') AS TIMESTAMP) AS a, CAST(CURRENT_DATE AS DATE) AS b,
        CAST(strftime('%f', 'n' || 'ow') AS DOUBLE) AS c, CAST(unixepoch() AS BIGINT) AS d
      """, over: input.schema)

    for time: Int64 in [1_767_268_800_123_456, -1_000_000] {
      let second = time >= 0 ? time - time % 1_000_000 : time
      let row = try query.result(over: [input], time: time).rows[0]
      #expect(row[0] == .integer(second))
      #expect(row[1] == .integer(time >= 0 ? 20_454 : -1))
      #expect(row[2] == .double(time >= 0 ? 0.123 : 59))
      #expect(row[3] == .integer(second / 1_000_000))
    }
  }

  @Test("nothing is kept from epoch to epoch, and the number of a row is its place")
  func epochs() throws {
    let query = try EpochQuery("SELECT rowid, v FROM input ORDER BY v DESC, n", over: input.schema)

    for _ in 0..<3 {
      let rows = try query.result(over: [input]).rows
      #expect(rows.map { $0[0] } == [.integer(2), .integer(1), .integer(3)])
    }
    #expect(try query.result(over: []).rows.isEmpty)
  }

  @Test("the result does not depend on how rows are cut into batches")
  func batches() throws {
    let type = DataType.structure([Field("a", .int), Field("b", .array(.string))])
    let rows = column(type, randomValues(type, count: 40_000, seed: 5))
    let statement =
      "SELECT v, row_number() OVER (PARTITION BY v ->> 'a' ORDER BY n DESC) AS r, n FROM input"

    let whole = try Result(statement, over: [rows])
    let parts = try Result(
      statement,
      over: [rows[0..<1], rows[1..<30_000], rows[30_000..<30_000], rows[30_000..<40_000]])

    #expect(whole.rows.count == 40_000)
    #expect(whole == parts)
  }

  @Test(
    "only what is looked at has to be there",
    arguments: [
      ("SELECT n FROM input", [0]),
      ("SELECT count(*) FROM input", []),
      ("SELECT * FROM input", [0, 1]),
      ("SELECT count(*) FROM input a JOIN input b USING (v)", [1]),
      ("SELECT count(*) FROM input NATURAL JOIN input b", [0, 1]),
      ("SELECT count(*) FROM input WHERE [V] > 'a' AND EXISTS (SELECT rowid FROM input)", [1]),
      ("WITH w AS (SELECT count(*) AS c FROM input GROUP BY n) SELECT count(*) FROM w", [0]),
    ] as [(String, Set<Int>)])
  func columnsUsed(statement: String, columns: Set<Int>) throws {
    let query = try EpochQuery(statement, over: input.schema)
    let sparse = Batch(
      schema: input.schema,
      columns: input.columns.enumerated().map { index, column in
        columns.contains(index) ? column : Column(.void, .void(count: column.count))
      }, rowCount: input.rowCount)

    #expect(query.columnsUsed == columns)
    #expect(try query.result(over: [sparse]) == Result(statement, over: [input]))
  }

  @Test("knows which columns of the input come out as they are")
  func inputColumns() throws {
    let query = try EpochQuery(
      "SELECT v, count(*) AS c, n AS m FROM (SELECT * FROM input) GROUP BY v", over: input.schema)

    #expect(query.inputColumns == [1, nil, 0])
  }

  @Test("ends when nobody waits for its rows")
  func abandoned() throws {
    let query = try EpochQuery(
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
      over: input.schema)
    var questions = 0

    #expect(throws: EpochQuery.Abandoned.self) {
      try query.run(at: 0) {
        questions += 1
        return questions > 3
      } emit: { _ in
      }
    }
  }

  @Test("gives the rows of a long result as they come")
  func longResult() throws {
    let query = try EpochQuery(
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT CAST(x AS INT) AS x "
        + "FROM c", over: input.schema)
    struct Enough: Error {}
    var sum = 0

    #expect(throws: Enough.self) {
      try query.run(at: 0) { batch in
        sum += batch.rowCount
        if sum > 50_000 { throw Enough() }
      }
    }
  }

  @Test("an expression that fails on a row is an error of the data")
  func failure() {
    let error = fault(
      "SELECT CAST(abs(-9223372036854775807 - n) AS BIGINT) FROM input", over: input)

    #expect(error?.kind == .data)
    #expect(error?.message == "the statement failed: integer overflow")
  }
}
