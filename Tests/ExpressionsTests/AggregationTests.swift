import Columnar
import Diagnostics
import Expressions
import Testing

@Suite("Aggregates in expressions")
struct AggregationTests {
  static let schema = try? Schema(
    parsing: "g string, i bigint, n int, x double, m decimal(10,2), price string, b boolean, d date"
  )

  private func plan(
    _ aggregates: String, by keys: String? = nil, having: String? = nil, order: String? = nil,
    window: [Field] = []
  ) throws -> Aggregation {
    try Aggregation(
      keys: keys.map { try Expression.parseList($0) } ?? [],
      aggregates: Expression.parseList(aggregates), having: having.map { try Expression.parse($0) },
      order: order.map { try Expression.parseOrder($0) } ?? [], windowKeys: window,
      over: #require(AggregationTests.schema))
  }

  @Test("are taken out of the expressions around them, each once")
  func decomposition() throws {
    let plan = try plan("count(*) AS n, sum(x) / count(x) AS m, max(i) - min(i), sum(x)", by: "g")
    #expect(plan.calls.map(\.name) == ["count(1)", "sum(x)", "count(x)", "max(i)", "min(i)"])
    #expect(plan.outputs.map(\.name) == ["n", "m", "(max(i) - min(i))", "sum(x)"])
    #expect(plan.intermediate.names == ["g", "count(1)", "sum(x)", "count(x)", "max(i)", "min(i)"])
    #expect(plan.outputs[3].columnIndex == 2)
    #expect(plan.columnsUsed == [0, 1, 3])
  }

  @Test(
    "have Spark's types",
    arguments: [
      ("sum(i)", "bigint"), ("sum(n)", "bigint"), ("sum(x)", "double"), ("sum(m)", "decimal(20,2)"),
      ("sum(NULL)", "double"), ("avg(i)", "double"), ("avg(m)", "decimal(14,6)"),
      ("min(d)", "date"),
      ("max(NULL)", "void"), ("count(DISTINCT i, g)", "bigint"),
      ("collect_list(g)", "array<string>"),
      ("percentile(i, array(0.25, 0.75))", "array<double>"),
      ("percentile_approx(i, 0.5)", "bigint"),
      ("percentile_disc(0.5) WITHIN GROUP (ORDER BY i)", "double"), ("median(i)", "double"),
      ("regr_count(i, n)", "bigint"), ("stddev(i)", "double"),
      ("max(struct(i, n))", "struct<i:bigint,n:int>"),
      ("listagg(g, ',') WITHIN GROUP (ORDER BY n)", "string"),
      ("approx_count_distinct(g)", "bigint"),
      ("sum(i) > 10", "boolean"), ("if(count(*) > 3, 'many', 'few')", "string"),
      ("min_by(g, n)", "string"),
    ])
  func types(text: String, type: String) throws {
    #expect(try plan(text).outputs[0].typeName == type)
  }

  @Test("see keys, however they are written, and what a list has named")
  func keys() throws {
    let upper = try plan(
      "upper(g) || '!' AS k, count(*) AS n", by: "UPPER(g) AS u", having: "n > 1",
      order: "n DESC, u")
    #expect(upper.outputs[0].columnsUsed == [0])
    #expect(upper.having?.columnsUsed == [1])
    #expect(upper.order.map(\.expression.columnIndex) == [1, 0])
    let literal = try plan("concat(g, 'g')", by: "g")
    #expect(literal.outputs[0].constant == nil)
    #expect(literal.outputs[0].columnsUsed == [0])
    let window = try plan(
      "window_end", by: "g",
      window: [Field("window_start", .timestamp), Field("window_end", .timestamp)])
    #expect(window.outputs[0].columnIndex == 1)
    #expect(window.keyCount == 3)
  }

  @Test("carry filters, orders and what is constant")
  func clauses() throws {
    let calls = try plan(
      "count(*) FILTER (WHERE b), first(g, true), listagg(DISTINCT g, '|') WITHIN GROUP (ORDER BY g DESC), "
        + "percentile_cont(0.9) WITHIN GROUP (ORDER BY i DESC)"
    ).calls
    #expect(calls[0].filter?.columnsUsed == [6])
    #expect(calls[1].ignoresNulls)
    #expect(
      calls[2].isDistinct && calls[2].parameters == [.string("|")] && calls[2].order[0].isDescending
    )
    #expect(calls[3].parameters == [.double(0.9), .boolean(true)] && calls[3].order.isEmpty)
    #expect(calls[3].arguments[0].type == .double)
  }

  @Test(
    "are refused with a reason",
    arguments: [
      (
        "sum(price) AS total",
        """
        sum(price): column 'price' is a string; sum() needs a number
          sum(price) AS total
              ^^^^^
        t: hint: cast it: 'sum(cast(price AS double)) AS total'
        """
      ),
      ("summ(x)", "no function 'summ' (did you mean 'sum'?)\n  summ(x)\n  ^^^^"),
      ("sum(sum(i))", "sum() cannot stand inside another aggregate\n  sum(sum(i))\n      ^^^"),
      (
        "i + count(*)",
        """
        column 'i' is neither grouped nor aggregated
          i + count(*)
          ^
        t: hint: group by it: --by i, or take one of its values: any_value(i)
        """
      ),
      ("sum(j)", "no column 'j'; columns: g, i, n, x, m, price, b, d\n  sum(j)\n      ^"),
      (
        "mode(g) WITHIN GROUP (ORDER BY g)",
        """
        mode() takes no WITHIN GROUP (ORDER BY …)
          mode(g) WITHIN GROUP (ORDER BY g)
          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        t: hint: mode(a), mode() WITHIN GROUP (ORDER BY a)
        """
      ),
      (
        "upper(DISTINCT g)",
        "DISTINCT goes with functions over many rows, not with upper()\n  upper(DISTINCT g)\n  ^^^^^^^^^^^^^^^^^"
      ),
      (
        "percentile(i, 2)",
        "percentile(i, 2): '2' is an int; percentile() needs a constant from 0 to 1\n  percentile(i, 2)\n                ^"
      ),
    ])
  func refused(text: String, expected: String) {
    let error = #expect(throws: StreamError.self) { try plan(text) }
    #expect(error?.rendered(by: "t") == "t: error: \(expected)")
  }
}
