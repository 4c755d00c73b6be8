import Columnar
import Expressions
import JSONText
import Testing

@Suite("Spark's results")
struct GoldenTests {
  @Test("are ours, but for the exceptions, each of which has its reason")
  func agrees() throws {
    let schema = try Schema(parsing: GoldenComparison.schema)
    let table = try GoldenFile.table("expressions-input.ndjson", schema)
    var tally: [String: (passed: Int, total: Int)] = [:]
    var surprises: [String] = []
    for entry in try GoldenFile("expressions.ndjson").entries {
      let problem = GoldenComparison.problem(entry, over: table)
      tally[entry.category, default: (0, 0)].total += 1
      if problem == nil { tally[entry.category, default: (0, 0)].passed += 1 }
      switch (problem, goldenExceptions[entry.expression]) {
      case (nil, nil), (_?, _?): break
      case (let problem?, nil):
        surprises.append("\(entry.category): \(entry.expression): \(problem)")
      case (nil, _?): surprises.append("\(entry.expression) passes: take it off the exceptions")
      }
    }
    let passed = tally.values.reduce(0) { $0 + $1.passed }
    let total = tally.values.reduce(0) { $0 + $1.total }
    print("golden expressions: \(passed) of \(total) pass")
    for (category, count) in tally.sorted(by: { $0.key < $1.key }) {
      print("  \(category): \(count.passed) of \(count.total)")
    }
    for surprise in surprises { print("golden: \(surprise)") }
    #expect(surprises.isEmpty)
    // Neither a file that shrank nor an exception that was added goes unseen.
    #expect(total == 1030 && passed == 1027)
  }

  @Test(
    "are ours for further expressions over other rows",
    arguments: [
      ("own-expressions-1.ndjson", "expressions-input.ndjson", 419),
      ("own-expressions-2.ndjson", "own-input-2.ndjson", 636),
      ("own-expressions-3.ndjson", "own-input-3.ndjson", 1266),
      ("own-expressions-4.ndjson", "own-input-2.ndjson", 164),
    ])
  func agrees(expressions: String, input: String, count: Int) throws {
    let table = try GoldenFile.table(input, try Schema(parsing: GoldenComparison.schema))
    let entries = try GoldenFile(expressions).entries
    #expect(entries.count == count)
    for entry in entries {
      let problem = GoldenComparison.problem(entry, over: table)
      #expect(problem == nil, "\(entry.expression): \(problem ?? "")")
    }
  }
}
