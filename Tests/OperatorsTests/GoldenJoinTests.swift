import Columnar
import Expressions
import GoldenSupport
import JSONText
import Operators
import Testing

@Suite("Spark's joins with a fixed table")
struct GoldenJoinTests {
  private static let names: Set<String> = [
    "static-inner", "static-inner-condition", "static-left-anti", "static-left-outer",
    "static-left-semi", "static-then-window-append",
  ]

  @Test("give the same rows in each epoch, wherever batches are cut", arguments: [1, 10, 100_000])
  func agrees(size: Int) throws {
    let cases = try GoldenCase.all().filter { $0.name.hasPrefix("static-") }
    #expect(Set(cases.map(\.name)) == GoldenJoinTests.names)
    for example in cases {
      var chain = StageChain(try stages(example, size: size))
      let expected = try example.expected()
      var (before, latest): (Int64?, Int64?) = (nil, nil)
      for epoch in 1...example.epochCount {
        let input = try example.batch(of: "in", epoch: epoch)
        let times = input.columns[0].values.compactMap { value -> Int64? in
          if case .integer(let time) = value { time } else { nil }
        }
        latest = (times + [latest].compactMap { $0 }).max()
        // Ten seconds behind, in whole milliseconds; these are times after 1970.
        let after = latest.map { ($0 - 10_000_000) / 1000 * 1000 }
        let hasWatermark = example.name.contains("window")
        let result = try chain.run(
          input, epoch: Int64(epoch), watermarks: hasWatermark ? (before, after) : (nil, nil),
          size: size)
        before = after
        let rows = result.batches.flatMap { batch in (0..<batch.rowCount).map(batch.goldenRow) }
        let wanted = (expected[epoch] ?? []).map { row in
          JSON.object(example.outputColumns.map { .init($0, row[$0] ?? .null) })
        }
        #expect(
          areSame(rows, wanted),
          "\(example.name), epoch \(epoch): \(rows.count) rows, not \(wanted.count)")
      }
    }
  }

  private func areSame(_ rows: [JSON], _ expected: [JSON]) -> Bool {
    var left = expected
    for row in rows {
      guard let index = left.firstIndex(where: { $0.isNear(row) }) else { return false }
      left.remove(at: index)
    }
    return left.isEmpty
  }

  private func stages(_ example: GoldenCase, size: Int) throws -> [any Operator] {
    let node = example.steps(of: "j").isEmpty ? "out" : "j"
    let step = try #require(example.steps(of: node).first { $0["op"]?.string == "join" })
    let definition = example.definition["statics"]?["dim"]
    let table = Schema(
      try (definition?["columns"]?.array ?? []).map { column in
        Field(column["name"]?.string ?? "", try DataType(parsing: column["type"]?.string ?? ""))
      })
    let words = (step["type"]?.string ?? "").split(separator: " ").map(String.init)
    let name = words.first { $0 == "semi" || $0 == "anti" } ?? words[0]
    let plan = try TableJoinPlan(
      try #require(JoinType(rawValue: name)), step["condition"]?.string ?? "",
      example.schema(of: "in"), table)
    let rows = try Batch(
      goldenRows: example.rows(definition?["file"]?.string ?? ""), schema: table)
    let join = TableJoin(plan, try FixedTable(rows, plan, size: size))
    guard let last = example.steps().last, last["op"]?.string == "aggregate" else { return [join] }
    let aggregates = try (last["aggregates"]?.array ?? []).map { aggregate in
      try Expression.parse("\(aggregate["expr"]?.string ?? "") AS \(aggregate["as"]?.string ?? "")")
    }
    let aggregation = try Aggregation(
      keys: [Expression.parse("name")], aggregates: aggregates,
      windowKeys: [.windowStart, .windowEnd], over: plan.output)
    let windows = try #require(AlignedWindows(.sliding(size: 10_000_000, slide: 10_000_000)))
    let grouped = try AggregatePlan(
      aggregation, grouping: .windows(windows, .column(0)), mode: .append)
    return [join, Aggregate(grouped)]
  }
}
