import Columnar
import Diagnostics
import SQLiteConnector
import TestSupport
import Testing

@Suite("Types in a statement over an epoch")
struct QueryTypeTests {
  private static let types =
    someTypes + [.decimal(precision: 38, scale: 0), .decimal(precision: 38, scale: 38)]

  @Test("a column that passes keeps its type and its values", arguments: types)
  func roundTrip(type: DataType) throws {
    let input = column(type, randomValues(type, count: 200, seed: 7))

    let result = try Result("SELECT n, v FROM input", over: [input])

    #expect(result.schema == input.schema)
    #expect(result.rows == (0..<input.rowCount).map { input.row($0) })
  }

  private static let tenTo38 = Int128("99999999999999999999999999999999999999")!

  @Test(
    "the ends of a type pass",
    arguments: [
      (.boolean, [.boolean(true), .boolean(false), .null]),
      (.tinyint, [.integer(-128), .integer(127)]),
      (.smallint, [.integer(-32768), .integer(32767)]),
      (.int, [.integer(Int64(Int32.min)), .integer(Int64(Int32.max))]),
      (.bigint, [.integer(.min), .integer(.max), .integer(0), .integer(-1), .null]),
      (
        .double,
        [
          .double(.infinity), .double(-.infinity), .double(.greatestFiniteMagnitude),
          .double(.leastNonzeroMagnitude), .double(1e15), .double(0.1), .double(9e18),
        ]
      ),
      (.float, [.double(Double(Float.greatestFiniteMagnitude)), .double(Double(Float(0.1)))]),
      (.decimal(precision: 38, scale: 10), [.decimal(tenTo38), .decimal(-tenTo38), .decimal(0)]),
      (
        .timestamp,
        [
          .integer(.min), .integer(.max), .integer(-1), .integer(0), .integer(1),
          .integer(1_767_268_800_123_456),
        ]
      ),
      (.date, [.integer(Int64(Int32.min)), .integer(Int64(Int32.max)), .integer(-1)]),
      (.dayTimeInterval, [.integer(.min), .integer(.max)]),
      (.yearMonthInterval, [.integer(Int64(Int32.min)), .integer(Int64(Int32.max))]),
      (.string, [.string(""), .string("a\u{0}b"), .string("'\"\\\n"), .string("日本 🎏")]),
      (.binary, [.binary([]), .binary([0, 255]), .null]),
      (.array(.string), [.list([]), .list([.string("\n,]\"\\"), .null]), .null]),
      (
        .structure([Field("a b", .timestamp), Field("c", .binary)]),
        [.structure([.integer(-1), .binary([1])]), .structure([.null, .null]), .null]
      ),
    ] as [(DataType, [Value])])
  func ends(type: DataType, values: [Value]) throws {
    #expect(try Result("SELECT v FROM input", over: [column(type, values)]).values == values)
  }

  @Test("NaN is null, since SQLite has none", arguments: [.float, .double] as [DataType])
  func notANumber(type: DataType) throws {
    let input = column(type, [.double(.nan), .double(1)])

    #expect(try Result("SELECT v FROM input", over: [input]).values == [.null, .double(1)])
  }

  @Test(
    "values are in SQLite what its functions expect",
    arguments: [
      (.boolean, .boolean(true), "integer", "1"),
      (.bigint, .integer(.min), "integer", "-9223372036854775808"),
      (.double, .double(0.5), "real", "0.5"),
      (.double, .double(.infinity), "real", "Inf"),
      (.decimal(precision: 9, scale: 2), .decimal(-5), "text", "-0.05"),
      (.timestamp, .integer(1_767_268_800_123_456), "text", "2026-01-01 12:00:00.123456"),
      (.timestamp, .integer(1_767_268_800_000_000), "text", "2026-01-01 12:00:00"),
      (.timestamp, .integer(-500_000), "text", "1969-12-31 23:59:59.5"),
      (.date, .integer(20_454), "text", "2026-01-01"),
      (.dayTimeInterval, .integer(1_500_000), "integer", "1500000"),
      (.yearMonthInterval, .integer(14), "integer", "14"),
      (.binary, .binary([0x61]), "blob", "a"),
      (.array(.bigint), .list([.integer(1), .null]), "text", "[1,null]"),
      (
        .map(key: .string, value: .double),
        .list([.structure([.string("k"), .double(1)])]), "text", #"{"k":1.0}"#
      ),
    ] as [(DataType, Value, String, String)])
  func inside(type: DataType, value: Value, kind: String, text: String) throws {
    let result = try Result(
      "SELECT CAST(typeof(v) AS TEXT) AS t, CAST(v AS TEXT) AS s FROM input",
      over: [column(type, [value])])

    #expect(result.rows == [[.string(kind), .string(text)]])
  }

  private static let decimal = DataType.decimal(precision: 6, scale: 2)

  @Test(
    "says of a cast, a count and a rank what they are",
    arguments: [
      ("CAST(v AS INTEGER)", .bigint, .integer(12)),
      ("CAST(v AS BIGINT)", .bigint, .integer(12)),
      ("cast ( v as int ) AS x", .int, .integer(12)),
      ("CAST(v AS SMALLINT) x", .smallint, .integer(12)),
      ("CAST(v AS TINYINT)", .tinyint, .integer(12)),
      ("CAST(v AS REAL)", .double, .double(12)),
      ("CAST(v AS DOUBLE PRECISION) AS \"a \"\"b\"", .double, .double(12)),
      ("CAST(v AS FLOAT)", .float, .double(12)),
      ("CAST(v AS TEXT)", .string, .string("12")),
      ("CAST(v AS VARCHAR(9))", .string, .string("12")),
      ("CAST('007' AS STRING)", .string, .string("007")),
      ("CAST(v AS BLOB)", .binary, .binary([0x31, 0x32])),
      ("CAST('1' AS BINARY)", .binary, .binary([0x31])),
      ("CAST(v AS BOOLEAN)", .boolean, .boolean(true)),
      ("CAST('FALSE' AS BOOL)", .boolean, .boolean(false)),
      ("CAST(v AS DECIMAL(6,2))", decimal, .decimal(1200)),
      ("CAST('1.005' AS DECIMAL(6, 2))", decimal, .decimal(101)),
      ("CAST(0.1 + 0.2 AS NUMERIC(6,2))", decimal, .decimal(30)),
      (
        "CAST('2026-01-01T12:00:00+01:00' AS TIMESTAMP)", .timestamp,
        .integer(1_767_265_200_000_000)
      ),
      ("CAST('2026-01-01' AS DATETIME)", .timestamp, .integer(1_767_225_600_000_000)),
      ("CAST('2026-01-01 23:59:59' AS DATE)", .date, .integer(20_454)),
      ("(CAST(v AS BIGINT)) AS x", .bigint, .integer(12)),
      ("((CAST(v AS BIGINT)))", .bigint, .integer(12)),
      (
        "CAST(CAST('2026-01-01 10:00' AS DATE) AS TIMESTAMP)", .timestamp,
        .integer(1_767_225_600_000_000)
      ),
      (
        "CAST(CAST('2026-01-01 10:00' AS DATE)AS TIMESTAMP)", .timestamp,
        .integer(1_767_225_600_000_000)
      ),
      ("count(*)", .bigint, .integer(1)),
      ("count(v) AS x", .bigint, .integer(1)),
      ("count(DISTINCT v) FILTER (WHERE v > 1) x", .bigint, .integer(1)),
      ("row_number() OVER (ORDER BY v) AS x", .bigint, .integer(1)),
      ("rank() OVER w AS x", .bigint, .integer(1)),
      ("dense_rank() OVER w", .bigint, .integer(1)),
      ("percent_rank() OVER w", .double, .double(0)),
      ("rowid", .bigint, .integer(1)),
      ("v", .int, .integer(12)),
      ("\"v\" AS x", .int, .integer(12)),
      ("(SELECT v FROM input LIMIT 1) AS x", .int, .integer(12)),
    ] as [(String, DataType, Value)])
  func typed(item: String, type: DataType, value: Value) throws {
    let result = try Result(
      "SELECT \(item) FROM input WINDOW w AS (ORDER BY v)", over: [column(.int, [.integer(12)])])

    #expect(result.schema.fields.map(\.type) == [type])
    #expect(result.values == [value])
  }

  @Test(
    "finds the types of columns that come from a subquery by their names",
    arguments: [
      (
        "SELECT * FROM (SELECT *, row_number() OVER (ORDER BY v) AS r FROM input) WHERE r <= 3",
        "n bigint, v int, r bigint"
      ),
      (
        "SELECT q.r, v FROM (SELECT v, CAST(v AS DOUBLE) AS r FROM input) AS q",
        "r double, v int"
      ),
      ("WITH q AS (SELECT count(*) AS c FROM input) SELECT c FROM q", "c bigint"),
      (
        "SELECT c FROM (SELECT c FROM (SELECT count(*) AS c FROM input))", "c bigint"
      ),
    ])
  func inner(statement: String, schema: String) throws {
    let result = try Result(statement, over: [column(.int, [.integer(12)])])

    #expect(result.schema.description == schema)
    #expect(result.values.count >= 1)
  }

  @Test(
    "does not guess at a column that is computed, or has another type elsewhere",
    arguments: [
      "SELECT r + 1 AS r FROM (SELECT count(*) AS r FROM input)",
      "SELECT * FROM (SELECT v * 2 AS r FROM input)",
      "SELECT x.r FROM (SELECT v || 'a' AS r FROM input) AS x, (SELECT count(*) AS r FROM input) AS y",
      "SELECT x.r FROM (SELECT CAST(v AS TEXT) AS r FROM input) AS x, (SELECT count(*) AS r FROM input) AS y",
    ])
  func untyped(statement: String) {
    let error = #expect(throws: StreamError.self) {
      try Result(statement, over: [column(.int, [.integer(12)])])
    }
    #expect(error?.message.contains("SQLite does not say of what type") == true)
  }

  @Test("a column is called as SQLite calls it, casts or not")
  func names() throws {
    let result = try Result(
      "SELECT CAST(v AS DATE), CAST(v AS  TIMESTAMP) AS t, count( * ), v \"a b\" FROM input",
      over: [column(.string, [.string("2026-01-01")])])

    #expect(result.schema.names == ["CAST(v AS DATE)", "t", "count( * )", "a b"])
  }

  @Test("finds the types of columns before and behind a star")
  func stars() throws {
    let result = try Result(
      "SELECT CAST(v AS DOUBLE) AS a, *, count(*) OVER () AS c FROM input",
      over: [column(.int, [.integer(1)])])

    #expect(result.schema.description == "a double, n bigint, v int, c bigint")
  }

  @Test("--schema says the type of the columns that it names, whatever they are")
  func declared() throws {
    let declared = Schema([Field("M", .int), Field("v", .string), Field("a", .array(.bigint))])
    let result = try Result(
      "SELECT max(v) AS m, v, json_array(v, 2) AS a FROM input",
      over: [column(.int, [.integer(1)])], declared: declared)

    #expect(result.schema.description == "m int, v string, a array<bigint>")
    #expect(result.rows == [[.integer(1), .string("1"), .list([.integer(1), .integer(2)])]])
  }

  @Test(
    "a value that does not fit the type of its column is an error that shows both",
    arguments: [
      ("40000", "smallint", "'x' is a smallint, but the statement gives 40000"),
      ("2.5", "bigint", "'x' is a bigint, but the statement gives 2.5"),
      (
        "9223372036854775807 + 1", "bigint",
        "'x' is a bigint, but the statement gives 9.223372036854776e+18"
      ),
      ("'7'", "int", "'x' is an int, but the statement gives the text '7'"),
      ("2", "boolean", "'x' is a boolean, but the statement gives 2"),
      ("'a'", "double", "'x' is a double, but the statement gives the text 'a'"),
      ("1e300", "float", "'x' is a float, but the statement gives 1e+300"),
      ("x'ff'", "string", "'x' is a string, but the statement gives a blob of 1 bytes"),
      ("CAST(x'ff' AS TEXT)", "string", "'x' is not valid UTF-8: the text '\u{FFFD}'"),
      ("'a'", "binary", "'x' is a binary, but the statement gives the text 'a'"),
      ("12", "timestamp", "'x' is a timestamp, but the statement gives 12"),
      ("'2026-13-01'", "date", "'x' is not a date: there is no such month: '2026-13-01'"),
      ("'abc'", "timestamp", "'x' is not a timestamp: byte 'a' at offset 0: 'abc'"),
      ("'1000'", "decimal(3,0)", "'x' does not fit a decimal(3,0): '1000'"),
      ("1000", "decimal(3,0)", "'x' is a decimal(3,0), but the statement gives 1000"),
      ("'[1'", "array<int>", "'x' is not an array<int>: it is no JSON value: '[1'"),
      (
        "'[1], \"x\": [2]'", "array<int>",
        "'x' is not an array<int>: it is no JSON value: '[1], \"x\": [2]'"
      ),
      ("''", "array<int>", "'x' is not an array<int>: expected a value but found '}': ''"),
      (
        "'[7, true]'", "array<int>",
        "'x' is not an array<int>: 'x[]': expected an int but found 'true': '[7, true]'"
      ),
    ])
  func misfits(item: String, type: String, message: String) throws {
    let declared = try Schema([Field("x", #require(Self.types(named: type)))])
    let error = fault(
      "SELECT \(item) AS x FROM input", over: column(.int, [.integer(1)]), declared: declared)

    #expect(error?.kind == .data)
    #expect(error?.message.hasSuffix(message) == true, "\(error?.message ?? "no error")")
  }

  private static func types(named name: String) -> DataType? {
    let more: [DataType] = [.decimal(precision: 3, scale: 0), .array(.int)]
    return (someTypes + more).first { $0.description == name }
  }

  @Test(
    "a cast that fails ends the statement",
    arguments: [
      ("CAST('apple' AS DATE) AS d", "'d' is not a date: byte 'a' at offset 0: 'apple'"),
      ("length(CAST(v AS TIMESTAMP)) > 3 AS b", "'CAST(v AS TIMESTAMP)' is not a timestamp: 12"),
      ("CAST('maybe' AS BOOLEAN)", "'CAST('maybe' AS BOOLEAN)' is not a boolean"),
      ("CAST(v AS DECIMAL(1,0)) AS d", "'d' does not fit a decimal(1,0): 12"),
      ("CAST(1e300 AS DECIMAL(38,0)) AS d", "'d' does not fit a decimal(38,0): 1e+300"),
      ("CAST(x'00' AS DATE) AS d", "'d' is not a date: a blob of 1 bytes"),
    ])
  func failingCasts(item: String, message: String) {
    let error = fault(
      "SELECT \(item) FROM input", over: column(.int, [.integer(12)]),
      declared: item.hasSuffix("AS b") ? Schema([Field("b", .boolean)]) : nil)

    #expect(error?.kind == .data)
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "no error")")
  }

  @Test("casts are those of the type wherever they stand")
  func deepCasts() throws {
    let times = ["2026-01-01 10:00:00", "2026-01-01 11:00:00", "2026-01-02 00:00:00"]
    let result = try Result(
      """
      SELECT CAST(day AS DATE) AS day, n FROM
        (SELECT CAST(v AS DATE) AS day, count(*) AS n FROM input GROUP BY CAST(v AS DATE)
          HAVING CAST(count(*) AS DECIMAL(9,1)) >= 1 ORDER BY CAST(v AS DATE) DESC)
      """, over: [column(.string, times.map { .string($0) })],
      declared: Schema([Field("n", .bigint)]))

    #expect(result.rows == [[.integer(20_455), .integer(1)], [.integer(20_454), .integer(2)]])
  }
}
