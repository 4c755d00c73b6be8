import Columnar
import Diagnostics
import SQLiteConnector
import TestSupport
import Testing

/// Statements of words at random: most are refused, none may do harm.
@Suite("Statements at random")
struct RandomStatementTests {
  private static let words = [
    "SELECT", "SELECT", "FROM", "input", "input", "v", "n", "t", "*", ",", "(", ")", "CAST(", "AS",
    "DATE", "DECIMAL(9,2)", "DECIMAL(", "TIMESTAMP)", "BOOLEAN)", "'a'", "'2026-01-01'", "\"v\"",
    "[n]", "`t`", "x'00'", "1", "2.5", "1e400", "NULL", "WHERE", "GROUP BY", "ORDER BY", "HAVING",
    "LIMIT", "UNION ALL", "EXCEPT", "WITH", "RECURSIVE", "VALUES", "count(*)", "max(", "OVER",
    "PARTITION BY", "WINDOW", "w", "JOIN", "USING (n)", "NATURAL", "ON", "IS", "DISTINCT",
    "COLLATE",
    "decimal", "CASE", "WHEN", "THEN", "END", "||", "+", "-", "->>", "=", "<", ";", "--", "/*",
    "*/",
    "'", "\"", "?1", "random()", "date(", "json_each(", "printf('%s',", "EXISTS", "NOT", "é",
    "\u{1}",
    "\"stream cast\"(", "CAST('x' AS DATE)", "CAST(n AS DECIMAL(5,1))", "CAST(v AS BLOB) AS b",
  ]

  private static let shapes = [
    "SELECT @ FROM input", "SELECT CAST(@ AS STRING) AS s FROM input", "@",
    "SELECT v, count(*) FROM input WHERE @ GROUP BY @", "WITH c AS (SELECT @) SELECT @ FROM c",
    "SELECT CAST(@ AS DECIMAL(9,2)) AS d, @, row_number() OVER (ORDER BY @) AS r FROM input",
  ]

  private let input = Batch(
    schema: Schema([Field("n", .bigint), Field("v", .string), Field("t", .timestamp)]),
    columns: [
      Column([1, nil, Int64.max]), Column(["a", "2026-01-01", nil]),
      Column(.timestamp, values: [.integer(.min), .null, .integer(0)]),
    ], rowCount: 3)

  @Test("are run or refused", arguments: 0..<40)
  func soup(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    for _ in 0..<100 {
      let statement = Self.statement(&random)
      do {
        let query = try EpochQuery(
          statement, over: input.schema, declared: Schema([Field("s", .string)]))
        try query.insert(input)
        var questions = 0
        try query.run(at: 0) {
          questions += 1
          return questions > 2
        } emit: { batch in
          #expect(batch.schema == query.output)
        }
      } catch let error as StreamError {
        #expect(error.kind == .usage || error.kind == .data, "\(error): \(statement)")
      } catch is EpochQuery.Abandoned {
      }
    }
  }

  private static func statement(_ random: inout SplitMix64) -> String {
    var text = ""
    for character in shapes.randomElement(using: &random) ?? "@" {
      guard character == "@" else {
        text.append(character)
        continue
      }
      let count = Int.random(in: 1...5, using: &random)
      text += (0..<count).map { _ in words.randomElement(using: &random) ?? "" }
        .joined(separator: Bool.random(using: &random) ? " " : "")
    }
    return text
  }
}
