import Columnar
import Diagnostics
import Expressions
import Testing

@Suite("Errors in the meaning of expressions")
struct BindingErrorTests {
  static let schema =
    "ts timestamp, device string, signal double, n bigint, tags array<string>, user struct<id:int,name:string>"

  @Test(
    "point at the place and say what is there",
    arguments: [
      (
        "devcie = 'a'",
        "no column 'devcie' (did you mean 'device'?); columns: ts, device, signal, n, tags, user\n  devcie = 'a'\n  ^^^^^^"
      ),
      (
        "user.nmae",
        "no field 'nmae' in column 'user' (did you mean 'name'?); fields: id, name\n  user.nmae\n  ^^^^^^^^^"
      ),
      ("uper(device)", "no function 'uper' (did you mean 'upper'?)\n  uper(device)\n  ^^^^"),
      (
        "upper(tags)",
        "upper(tags): column 'tags' is an array<string>; upper() needs a string\n  upper(tags)\n        ^^^^"
      ),
      (
        "upper()",
        "upper() takes 1 argument, but 0 stand here\n  upper()\n  ^^^^^^^\nt: hint: upper(text)"
      ),
      (
        "device + 'x'",
        """
        '+' does not go with a string and a string: column 'device' and 'x'
          device + 'x'
          ^^^^^^^^^^^^
        t: hint: texts are joined by ||: device || 'x'
        """
      ),
      (
        "n AND true",
        "column 'n' is a bigint; AND needs a condition\n  n AND true\n  ^\nt: hint: write n <> 0"
      ),
      (
        "count(*) > 1",
        """
        count() goes over many rows, so it cannot stand here
          count(*) > 1
          ^^^^^
        t: hint: stream-agg 'count(*)'
        """
      ),
      ("n[0]", "column 'n' is a bigint: it has no elements\n  n[0]\n  ^^^^"),
      (
        "1_000",
        """
        no column '1_000'; columns: ts, device, signal, n, tags, user
          1_000
          ^^^^^
        t: hint: a number has no '_': 1000
        """
      ),
      (
        "ts + 1",
        """
        '+' does not go with a timestamp and an int: column 'ts' and '1'
          ts + 1
          ^^^^^^
        t: hint: write an interval: ts + INTERVAL 1 HOUR
        """
      ),
      (
        "rand()",
        """
        rand(): a replayed row must give the same result, so there are no random functions
          rand()
          ^^^^
        t: hint: pmod(xxhash64(id), 100) < 5 takes five rows of a hundred, the same ones each time
        """
      ),
      (
        "cast(n AS date)",
        """
        column 'n' is a bigint, which has no cast to date
          cast(n AS date)
          ^^^^^^^^^^^^^^^
        t: hint: date_from_unix_date(n) takes days since 1970
        """
      ),
      (
        "date_format(ts, 'YYYY')",
        "pattern 'YYYY': 'Y' is week-based, which is not supported\n  date_format(ts, 'YYYY')\n                  ^^^^^^"
      ),
      (
        "CASE WHEN n > 1 THEN tags ELSE 1 END",
        """
        the values of CASE are of types that do not go together: column 'tags' is an array<string>, '1' is an int
          CASE WHEN n > 1 THEN tags ELSE 1 END
                                         ^
        """
      ),
    ])
  func placed(text: String, expected: String) throws {
    let schema = try Schema(parsing: BindingErrorTests.schema)
    let error = #expect(throws: StreamError.self) { try Expression.parse(text).bind(to: schema) }
    #expect(error?.rendered(by: "t") == "t: error: \(expected)")
  }

  @Test("a condition must be one")
  func predicate() throws {
    let schema = try Schema(parsing: BindingErrorTests.schema)
    let number = try Expression.parse("n + 1").bind(to: schema)
    let error = #expect(throws: StreamError.self) { try Predicate(number) }
    #expect(error?.message == "expected a condition but 'n + 1' is a bigint")
    #expect(error?.hint == "write n + 1 <> 0")
  }

  @Test("a row without a value is named, the first one, whatever failed first")
  func rows() throws {
    let schema = try Schema(parsing: "a bigint, b bigint")
    let batch = Batch(
      schema: schema, columns: [Column([1, .max, 3] as [Int64?]), Column([1, 2, 0] as [Int64?])])
    let bound = try Expression.parse("a % b + a * 2").bind(to: schema)
    let error = #expect(throws: EvaluationError.self) {
      try bound.evaluate(over: batch, context: EvaluationContext(now: 0))
    }
    #expect(error?.row == 1)
    #expect(
      error?.streamError(row: 17).rendered(by: "t") == """
        t: error: [ARITHMETIC_OVERFLOW] bigint overflow in 'a * 2' (row 17)
        t: hint: try_multiply(a, b) gives null instead; a decimal or a double holds more
        """)
  }

  @Test("joins name columns of both sides")
  func qualifiers() throws {
    let scope = Scope([
      Scope.Column(Field("id", .int), qualifier: "l"),
      Scope.Column(Field("id", .int), qualifier: "r"),
      Scope.Column(Field("ts", .timestamp), qualifier: "r"),
    ])
    #expect(
      try Expression.parse("l.id = r.id AND ts > now()").bind(to: scope).columnsUsed == [0, 1, 2])
    let error = #expect(throws: StreamError.self) { try Expression.parse("id = 1").bind(to: scope) }
    #expect(error?.message == "several columns are called 'id'")
    #expect(error?.hint == "write l.id or r.id")
  }

  @Test("lists with stars and explosions name their columns")
  func columns() throws {
    let schema = try Schema(parsing: BindingErrorTests.schema)
    let list = try Expression.bindList(
      Expression.parseList("* EXCEPT (ts, tags), user.*, n + 1 AS m"), to: schema)
    #expect(list.map(\.name) == ["device", "signal", "n", "user", "id", "name", "m"])
    let word = try Expression.parse("split(device, '-') AS word").bindExplosion(to: schema)
    #expect(word.fields == [Field("word", .string)] && !word.hasPosition)
    let pair = try Expression.parse("posexplode(tags) AS (p, tag)").bindExplosion(to: schema)
    #expect(pair.fields == [Field("p", .int), Field("tag", .string)] && pair.hasPosition)
    #expect(throws: StreamError.self) { try Expression.parse("device").bindExplosion(to: schema) }
    let parts = try Expression.parse("inline(array(user))").bindExplosion(to: schema)
    #expect(parts.fields == [Field("id", .int), Field("name", .string)] && !parts.keepsEmpty)
    let rows = try Expression.parse("stack(2, 'n', n, 1, 'm', n + 1) AS (k, v, w)")
      .bindExplosion(to: schema)
    #expect(rows.fields == [Field("k", .string), Field("v", .bigint), Field("w", .int)])
  }

  @Test(
    "explosions say what they need",
    arguments: [
      ("device", "only an array or a map can be exploded, but 'device' is a string"),
      ("explode(tags, 1)", "explode() takes one array or map"),
      ("inline(tags)", "inline() takes an array of structs, but 'tags' is an array<string>"),
      ("inline_outer()", "inline_outer() takes one array"),
      ("inline(array(user)) AS u", "'inline(array(user))' gives 2 columns, but 1 name is given"),
      ("stack(2)", "stack() needs the number of rows and values"),
      ("stack(n, 1)", "stack() needs a constant number of rows from 1 to 1000"),
      ("stack(0, 1)", "stack() needs a constant number of rows from 1 to 1000"),
      ("stack(1001, 1)", "stack() needs a constant number of rows from 1 to 1000"),
      ("stack(NULL, 1)", "stack() needs a constant number of rows from 1 to 1000"),
      (
        "stack(2, n, 'a', device, 'b')",
        "the arguments of stack() do not go together: column 'n' is a bigint, column 'device' is a string"
      ),
      (
        "json_tuple(device, 'a')",
        "json_tuple(): makes several columns, and an expression makes one"
      ),
    ])
  func explosions(text: String, expected: String) throws {
    let schema = try Schema(parsing: BindingErrorTests.schema)
    let error = #expect(throws: StreamError.self) {
      try Expression.parse(text).bindExplosion(to: schema)
    }
    #expect(error?.message == expected)
  }

  @Test(
    "CSV says what it cannot be read as",
    arguments: [
      ("from_csv(device, device)", "from_csv(): the schema is a text such as 'a INT, b STRING'"),
      (
        "from_csv(n, 'a INT')",
        "from_csv(n, 'a INT'): column 'n' is a bigint; from_csv() needs a string"
      ),
      ("from_csv(device, 'INT')", "from_csv() makes a struct, not an int"),
      (
        "from_csv(device, 'a INT, b ARRAY<INT>')",
        "from_csv(): a field of CSV is no array<int>, as 'b' would be"
      ),
      (
        "from_csv(device, 'a INT, _corrupt_record INT')",
        "from_csv(): '_corrupt_record', which takes what cannot be read, is an int"
      ),
      ("from_csv(device, 'a INT', map('sep', ''))", "from_csv(): the delimiter is empty"),
      (
        "from_csv(device, 'a INT', map('quote', 'ab'))",
        "from_csv(): quote is one character of ASCII, not 'ab'"
      ),
      (
        "from_csv(device, 'a INT', map('mode', 'DropMalformed'))",
        "from_csv(): a mode is PERMISSIVE or FAILFAST; rows are dropped by --where"
      ),
      ("from_csv(device, 'a INT', device)", "from_csv(): options are a map of constants"),
      ("schema_of_csv(device)", "schema_of_csv() needs a text that is a constant"),
      ("schema_of_csv('')", "schema_of_csv(): there is no record"),
    ])
  func csv(text: String, expected: String) throws {
    let schema = try Schema(parsing: BindingErrorTests.schema)
    let error = #expect(throws: StreamError.self) { try Expression.parse(text).bind(to: schema) }
    #expect(error?.message == expected)
  }
}
