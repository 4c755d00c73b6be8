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
      var clock = WatermarkClock(example, node: "s")
      let expected = try example.expected()
      for epoch in 1...example.epochCount {
        let input = try example.batch(of: "in", epoch: epoch)
        let rows = try chain.run(
          input, epoch: Int64(epoch), watermarks: clock.advance(past: input), size: size
        ).goldenRows
        let wanted = example.wanted(expected[epoch] ?? [])
        #expect(
          areSame(rows, wanted, isOrdered: false),
          "\(example.name), epoch \(epoch): \(rows.count) rows, not \(wanted.count)")
      }
    }
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
    let plan = try JoinPlan(
      try #require(JoinType(rawValue: name)), step["condition"]?.string ?? "",
      example.schema(of: "in"), table)
    let rows = try Batch(
      goldenRows: example.rows(definition?["file"]?.string ?? ""), schema: table)
    let join = TableJoin(plan, try FixedTable(rows, plan, size: size))
    return try [join] + example.stages(over: plan.output)
  }
}
