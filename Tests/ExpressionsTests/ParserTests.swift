import Columnar
import Diagnostics
import Expressions
import TestSupport
import Testing

@Suite("Parsing expressions")
struct ParserTests {
  @Test(
    "binds operators as Spark does",
    arguments: [
      ("1 + 2 * 3 - 4 / 2", "((1 + (2 * 3)) - (4 / 2))"),
      ("1 | 2 & 3 ^ 1", "(1 | ((2 & 3) ^ 1))"),
      ("8 >> 1 + 1", "(8 >> (1 + 1))"),
      ("1 = 1 = true", "((1 = 1) = true)"),
      ("i = j IS NULL", "((i = j) IS NULL)"),
      ("NOT i > j AND b", "((NOT (i > j)) AND b)"),
      ("a OR b AND c OR d", "((a OR (b AND c)) OR d)"),
      ("! a = b", "(NOT (a = b))"),
      ("NOT a IS NULL", "(a IS NOT NULL)"),
      ("a == b", "(a = b)"),
      ("a != b", "(NOT (a = b))"),
      ("- - 3", "(- -3)"),
      ("-7 % 3", "(-7 % 3)"),
      ("-x::int", "(- CAST(x AS INT))"),
      ("-1::string", "CAST(-1 AS STRING)"),
      ("x * -y", "(x * (- y))"),
      ("~i & 3", "(~i & 3)"),
      ("7 DIV 2 div 1", "((7 div 2) div 1)"),
      ("'a' || 'b' = 'ab'", "(concat(a, b) = ab)"),
      ("i BETWEEN 1 AND 5 AND b", "(between(i, 1, 5) AND b)"),
      ("i not between 1 and 5", "(NOT between(i, 1, 5))"),
      ("s NOT LIKE 'a%' OR s LIKE '!%' ESCAPE '!'", "((NOT s LIKE a%) OR s LIKE !% ESCAPE '!')"),
      ("s LIKE ANY ('a', 'b')", "(s LIKE ANY (a, b))"),
      ("s RLIKE 'x'", "s RLIKE x"),
      ("i IN (1, 2) OR j NOT IN (3)", "((i IN (1, 2)) OR (NOT (j IN (3))))"),
      ("a IS DISTINCT FROM b", "(NOT (a <=> b))"),
      ("a IS NOT DISTINCT FROM b", "(NOT (NOT (a <=> b)))"),
      ("b IS NOT TRUE", "(b IS NOT TRUE)"),
    ])
  func precedence(text: String, spelling: String) throws {
    #expect(try Expression.parse(text).syntax.spelling == spelling)
  }

  @Test(
    "reads operands",
    arguments: [
      ("user.id", "user.id"),
      ("tags[0].x[i + 1]", "tags[0].x[(i + 1)]"),
      ("`my col` + `a``b`", "(my col + a`b)"),
      ("'it''s' 'b'", "it'sb"),
      ("\"say \"\"hi\"\"\"", "say \"hi\""),
      ("'\\101\\u00e9\\U0001F600\\%\\q'", "Aé😀\\%q"),
      ("'\\uD83D\\uDE00'", "😀"),
      ("r'raw\\n'", "raw\\n"),
      ("X'1F4a' || x'abc'", "concat(X'1F4A', X'0ABC')"),
      ("date '2026-01-02'", "DATE '2026-01-02'"),
      ("date + 1", "(date + 1)"),
      (
        "CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END", "CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END"
      ),
      ("case i when 1 then 'one' end", "CASE WHEN (i = 1) THEN one END"),
      (
        "cast(a as array<map<string,decimal(10,2)>>)", "CAST(a AS ARRAY<MAP<STRING,DECIMAL(10,2)>>)"
      ),
      ("try_cast('1' as int)", "TRY_CAST(1 AS INT)"),
      ("extract(day from ts)", "extract(day FROM ts)"),
      ("substring('Spark' FROM -3 FOR 2)", "substring(Spark, -3, 2)"),
      ("trim(BOTH 'h' FROM s)", "trim(h, s)"),
      ("trim(LEADING FROM s)", "ltrim(s)"),
      ("trim(s)", "trim(s)"),
      ("position('a' IN s)", "position(a, s)"),
      ("overlay(s PLACING '_' FROM 2)", "overlay(s, _, 2)"),
      ("dateadd(DAY, 3, d)", "dateadd(DAY, 3, d)"),
      ("transform(a, (x, i) -> x + i)", "transform(a, (x, i) -> (x + i))"),
      ("exists(a, x -> x > 1)", "exists(a, x -> (x > 1))"),
      ("count(*)", "count(1)"),
      ("count(DISTINCT a, b) FILTER (WHERE c)", "count(DISTINCT a, b) FILTER (WHERE c)"),
      (
        "listagg(s, ',') WITHIN GROUP (ORDER BY n DESC)",
        "listagg(s, ,) WITHIN GROUP (ORDER BY n DESC)"
      ),
      ("struct(a AS x, b)", "struct(a AS x, b)"),
      ("(a, b) = (1, 2)", "(struct(a, b) = struct(1, 2))"),
      ("a /* c */ + -- d\n b", "(a + b)"),
      ("CURRENT_TIMESTAMP > ts", "(current_timestamp() > ts)"),
    ])
  func operands(text: String, spelling: String) throws {
    #expect(try Expression.parse(text).syntax.spelling == spelling)
  }

  @Test(
    "gives literals Spark's types",
    arguments: [
      ("1", .int(1)), ("-2147483648", .int(.min)), ("2147483648", .bigint(2_147_483_648)),
      ("9223372036854775808", .decimal(9_223_372_036_854_775_808, precision: 19, scale: 0)),
      ("1Y", .tinyint(1)), ("-5s", .smallint(-5)), ("7L", .bigint(7)), ("1.5F", .float(1.5)),
      ("1.50", .decimal(150, precision: 3, scale: 2)), (".5", .decimal(5, precision: 1, scale: 1)),
      ("5.", .decimal(5, precision: 1, scale: 0)),
      ("1e3BD", .decimal(1000, precision: 4, scale: 0)),
      ("1.5e-3BD", .decimal(15, precision: 4, scale: 4)),
      ("0.00", .decimal(0, precision: 2, scale: 2)),
      ("1e3", .double(1000)), ("1.5D", .double(1.5)), ("NULL", .null), ("true", .boolean(true)),
      (
        "INTERVAL 1 WEEK",
        .dayTimeInterval(microseconds: 604_800_000_000, IntervalFields(.day, .day))
      ),
      (
        "INTERVAL 1 HOUR 30 MINUTES",
        .dayTimeInterval(microseconds: 5_400_000_000, IntervalFields(.hour, .minute))
      ),
      (
        "INTERVAL '-1 2:03:04.5' DAY TO SECOND",
        .dayTimeInterval(microseconds: -93_784_500_000, .dayToSecond)
      ),
      ("INTERVAL '1-2' YEAR TO MONTH", .yearMonthInterval(months: 14, .yearToMonth)),
      (
        "INTERVAL '1 day 2 hours'",
        .dayTimeInterval(microseconds: 93_600_000_000, IntervalFields(.day, .hour))
      ),
      (
        "INTERVAL '0.000001' SECOND",
        .dayTimeInterval(microseconds: 1, IntervalFields(.second, .second))
      ),
    ] as [(String, Literal)])
  func literals(text: String, literal: Literal) throws {
    #expect(try Expression.parse(text).syntax.kind == .literal(literal))
  }

  @Test(
    "names an expression by its alias or as Spark does",
    arguments: [
      ("a + 1 AS n", "n"), ("a n", "n"), ("a `my n`", "my n"), ("user.id", "id"),
      ("cast(a AS int)", "a"), ("a + 1", "(a + 1)"), ("count(*)", "count(1)"),
    ])
  func names(text: String, name: String) throws {
    #expect(try Expression.parse(text).name == name)
  }

  @Test("reads lists and orders")
  func lists() throws {
    let list = try Expression.parseList("a, b + 1 AS c, * EXCEPT (d), st.*")
    #expect(list.map(\.name) == ["a", "c", "*", "st.*"])
    #expect(list[1].source == "b + 1")
    let order = try Expression.parseOrder("n DESC, k ASC NULLS LAST, m desc nulls first")
    #expect(order.map(\.isDescending) == [true, false, true])
    #expect(order.map(\.nullsFirst) == [false, false, true])
  }

  @Test("reads schemas")
  func schemas() throws {
    let text =
      "ts timestamp, `a b`: string NOT NULL, m decimal(10,2) COMMENT 'x', "
      + "arr array<array<int>>, st struct<a:bigint,b:map<string,double>>"
    let schema = try Schema(parsing: text)
    #expect(
      schema.fields.map { "\($0.name) \($0.type)" } == [
        "ts timestamp", "a b string", "m decimal(10,2)", "arr array<array<int>>",
        "st struct<a:bigint,b:map<string,double>>",
      ])
    #expect(throws: StreamError.self) { try Schema(parsing: "a strng") }
  }
}
