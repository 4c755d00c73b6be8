import Columnar
import Expressions
import TestSupport
import Testing

/// Kernels go over 64 rows at a time where they can, and over the rest one by one: a row's value must
/// not depend on where it stands, nor on its neighbours.
@Suite("Expressions over many rows")
struct ManyRowsTests {
  @Test(
    "give each row what it is given alone",
    arguments: [
      ("expressions.ndjson", "expressions-input.ndjson"),
      ("own-expressions-1.ndjson", "expressions-input.ndjson"),
      ("own-expressions-2.ndjson", "own-input-2.ndjson"),
      ("own-expressions-3.ndjson", "own-input-3.ndjson"),
    ])
  func alone(expressions: String, input: String) throws {
    let table = try GoldenFile.table(input, try Schema(parsing: GoldenComparison.schema))
    var random = SplitMix64(seed: 5)
    var compared = 0
    for entry in try GoldenFile(expressions).entries {
      guard let bound = try? Expression.parse(entry.expression).bind(to: table.schema) else {
        continue
      }
      let alone = (0..<table.rowCount).map { row in
        try? GoldenComparison.written(
          bound.evaluate(over: table[row..<row + 1], context: GoldenComparison.context).value(0))
      }
      // A row that fails ends the batch.
      let good = alone.indices.filter { alone[$0] != nil }
      if good.isEmpty { continue }
      let rows = (0..<330).map { _ in Int32(good.randomElement(using: &random) ?? 0) }
      let many = Batch(
        schema: table.schema, columns: table.columns.map { $0.gathering(Buffer(rows)) },
        rowCount: rows.count)
      // From a row on at which no word of a bitmap begins.
      for range in [0..<330, 64..<320, 37..<241] {
        let found = try bound.evaluate(over: many[range], context: GoldenComparison.context)
        let differing = range.first {
          GoldenComparison.written(found.value($0 - range.lowerBound)) != alone[Int(rows[$0])]
        }
        if let differing {
          Issue.record("\(entry.expression): row \(differing - range.lowerBound) of \(range)")
        }
      }
      compared += 1
    }
    #expect(compared > 300)
  }
}
