import Columnar
import Diagnostics
import SQLiteConnector
import TestSupport
import Testing

/// Statements at random: many are refused, none may do harm.
@Suite("Statements at random")
struct RandomStatementTests {
  private let input = Batch(
    schema: Schema([Field("n", .bigint), Field("v", .string), Field("t", .timestamp)]),
    columns: [
      Column([1, nil, Int64.max]), Column(["a", "2026-01-01", nil]),
      Column(.timestamp, values: [.integer(.min), .null, .integer(0)]),
    ], rowCount: 3)

  @Test("of words that mean nothing are run or refused", arguments: 0..<20)
  func soup(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    for _ in 0..<200 { _ = try isRun(RandomStatement.soup(&random)) }
  }

  @Test("of expressions that mean something are run, or fail on the rows", arguments: 0..<20)
  func grammar(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var runCount = 0
    for _ in 0..<200 where try isRun(RandomStatement.sensible(&random)) { runCount += 1 }
    #expect(runCount > 5)
  }

  @Test("with a word too many or too few are run or refused", arguments: 0..<20)
  func damaged(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    for _ in 0..<200 {
      var words = RandomStatement.sensible(&random).split(separator: " ").map(String.init)
      let place = Int.random(in: 0..<words.count, using: &random)
      if Bool.random(using: &random) {
        words.remove(at: place)
      } else {
        words.insert(RandomStatement.word(&random), at: place)
      }
      _ = try isRun(words.joined(separator: " "))
    }
  }

  /// - Throws: what no statement may lead to.
  private func isRun(_ statement: String) throws -> Bool {
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
      return true
    } catch let error as StreamError {
      #expect(error.kind == .usage || error.kind == .data, "\(error): \(statement)")
    } catch is EpochQuery.Abandoned {
    }
    return false
  }
}

private enum RandomStatement {
  private static let words = [
    "SELECT", "FROM", "input", "v", "n", "t", "*", ",", "(", ")", "CAST(", "CAST", "AS", "DATE",
    "DECIMAL(9,2)", "DECIMAL(", "TIMESTAMP)", "BOOLEAN)", "'a'", "'2026-01-01'", "\"v\"", "[n]",
    "`t`", "x'00'", "1", "2.5", "1e400", "NULL", "WHERE", "GROUP BY", "ORDER BY", "HAVING", "LIMIT",
    "UNION ALL", "EXCEPT", "WITH", "RECURSIVE", "VALUES", "count(*)", "max(", "OVER",
    "PARTITION BY", "WINDOW", "w", "JOIN", "USING (n)", "NATURAL", "ON", "IS", "DISTINCT",
    "COLLATE", "decimal", "CASE", "WHEN", "THEN", "END", "||", "+", "-", "->>", "=", "<", ";", "--",
    "/*", "*/", "'", "\"", "[", "?1", "random()", "date(", "json_each(", "printf('%s',", "EXISTS",
    "NOT", "é", "\u{1}", "\"stream cast\"(", "CAST('x' AS DATE)", "CAST(n AS DECIMAL(5,1))",
  ]

  static func word(_ random: inout SplitMix64) -> String {
    words.randomElement(using: &random) ?? ""
  }

  private static let shapes = [
    "SELECT @ FROM input", "SELECT CAST(@ AS STRING) AS s FROM input", "@",
    "SELECT v, count(*) FROM input WHERE @ GROUP BY @", "WITH c AS (SELECT @) SELECT @ FROM c",
    "SELECT CAST(@ AS DECIMAL(9,2)) AS d, @, row_number() OVER (ORDER BY @) AS r FROM input",
  ]

  static func soup(_ random: inout SplitMix64) -> String {
    filled(shapes.randomElement(using: &random) ?? "@", &random) { random in
      let count = Int.random(in: 1...5, using: &random)
      let separator = Bool.random(using: &random) ? " " : ""
      return (0..<count).map { _ in word(&random) }.joined(separator: separator)
    }
  }

  private static let statements = [
    "SELECT CAST( @ AS ~ ) AS a FROM input", "SELECT v, @ AS s FROM input WHERE @ ORDER BY @ , s",
    "SELECT *, CAST( @ AS ~ ) AS a, count( @ ) AS c FROM input GROUP BY @ HAVING @",
    "SELECT CAST( @ AS ~ ), rank() OVER ( PARTITION BY @ ORDER BY @ ) FROM input LIMIT 2",
    "WITH c AS ( SELECT @ AS x FROM input UNION ALL SELECT @ ) SELECT CAST( x AS ~ ) AS s FROM c",
    "VALUES ( CAST( @ AS ~ ) , count(*) )",
    "SELECT a.n FROM input a JOIN input b ON @ NATURAL JOIN input",
  ]

  private static let expressions = [
    "n", "v", "t", "1", "-2.5", "'a'", "'2026-01-01 10:00'", "NULL", "x'00ff'",
    "9223372036854775807",
    "CAST( @ AS ~ )", "@ + @", "@ || @", "@ = @", "@ < @", "- @", "NOT @", "( @ )", "@ IS NULL",
    "CASE WHEN @ THEN @ ELSE @ END", "coalesce( @ , @ )", "max( @ , @ )", "length( @ )",
    "date( @ , '+1 day' )", "strftime( '%s' , @ )", "json_array( @ , @ )", "@ ->> '$[0]'",
    "substr( @ , 1 , 2 )", "round( @ , 1 )", "@ IN ( @ , @ )", "@ LIKE @", "typeof( @ )",
    "( SELECT @ FROM input LIMIT 1 )", "EXISTS ( SELECT 1 FROM input WHERE @ )",
    "@ COLLATE decimal",
    "@ IS DISTINCT FROM @",
  ]

  private static let types = [
    "BIGINT", "INTEGER", "INT", "TINYINT", "DOUBLE", "FLOAT", "TEXT", "STRING", "BLOB", "BINARY",
    "BOOLEAN", "DATE", "TIMESTAMP", "DECIMAL(9,2)", "DECIMAL(38,38)", "NUMERIC(5,0)", "VARCHAR(3)",
  ]

  static func sensible(_ random: inout SplitMix64) -> String {
    filled(statements.randomElement(using: &random) ?? "@", &random) { expression(3, &$0) }
  }

  private static func expression(_ depth: Int, _ random: inout SplitMix64) -> String {
    let leaves = 10
    let index = Int.random(in: 0..<(depth == 0 ? leaves : expressions.count), using: &random)
    return filled(expressions[index], &random) { expression(depth - 1, &$0) }
  }

  /// Puts something in place of each `@`, a type in place of each `~`.
  private static func filled(
    _ shape: String, _ random: inout SplitMix64, _ make: (inout SplitMix64) -> String
  ) -> String {
    var text = ""
    for character in shape {
      switch character {
      case "@": text += make(&random)
      case "~": text += types.randomElement(using: &random) ?? ""
      default: text.append(character)
      }
    }
    return text
  }
}
