import Diagnostics
import Expressions
import TestSupport
import Testing

@Suite("Errors in the grammar of expressions")
struct ParserErrorTests {
  @Test(
    "point at the place",
    arguments: [
      ("", "expected an expression but the text is empty\n  \n  ^"),
      ("a +", "expected an expression but the text ends\n  a +\n     ^"),
      ("(a", "expected an operator or ')' but the text ends\n  (a\n    ^"),
      ("a b c", "expected an operator or the end but found 'b'\n  a b c\n    ^"),
      (
        "s LIK 'a'",
        """
        expected an operator or the end but found 'LIK'
          s LIK 'a'
            ^^^
        t: hint: write LIKE
        """
      ),
      ("a && b", "expected an expression but found '&'\n  a && b\n     ^"),
      ("upper(a", "expected an operator, ',' or ')' but the text ends\n  upper(a\n         ^"),
      (
        "a = NOT b",
        """
        expected an expression but found 'NOT'
          a = NOT b
              ^^^
        t: hint: a column of that name needs backquotes: `NOT`
        """
      ),
      ("a IN ()", "expected an expression but found ')'\n  a IN ()\n        ^"),
      (
        "a IS 5",
        "expected NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM after IS but found '5'\n  a IS 5\n       ^"
      ),
      ("'abc", "the text is not closed: expected '\n  'abc\n  ^"),
      (
        "CASE WHEN a THEN 1",
        "expected WHEN, ELSE or END but the text ends\n  CASE WHEN a THEN 1\n                    ^"
      ),
      (
        "cast(a as strin)",
        "no type 'strin' (did you mean 'string'?)\n  cast(a as strin)\n            ^^^^^"
      ),
      ("128Y", "128 is out of the range of tinyint\n  128Y\n  ^^^^"),
      (
        "é + 'ü' + ‘x’",
        """
        unexpected character '‘'
          é + 'ü' + ‘x’
                    ^
        t: hint: quote with ' or "
        """
      ),
      (
        "INTERVAL 1 MONTH 2 DAYS",
        """
        an interval has years and months, or days and times, but not both
          INTERVAL 1 MONTH 2 DAYS
          ^^^^^^^^^^^^^^^^^^^^^^^
        t: hint: add two intervals one after the other: d + INTERVAL 1 MONTH + INTERVAL 2 DAYS
        """
      ),
      (
        "sum(a) OVER (ORDER BY b)",
        """
        window functions (OVER) are not supported on a stream
          sum(a) OVER (ORDER BY b)
                 ^^^^
        t: hint: group rows with stream-window and stream-agg
        """
      ),
    ])
  func placed(text: String, expected: String) {
    let error = #expect(throws: StreamError.self) { try Expression.parse(text) }
    #expect(error?.kind == .usage)
    #expect(error?.rendered(by: "t") == "t: error: \(expected)")
  }

  @Test(
    "refuses what is nested too deep, however it nests",
    arguments: [
      String(repeating: "(", count: 100_000),
      String(repeating: "- ", count: 100_000) + "1",
      String(repeating: "NOT ", count: 100_000) + "a",
      String(repeating: "f(", count: 100_000),
      String(repeating: "a[", count: 100_000),
      "a" + String(repeating: " + 1", count: 100_000),
      "a" + String(repeating: ".b", count: 100_000),
      "cast(a as " + String(repeating: "array<", count: 100_000),
      String(repeating: "CASE ", count: 100_000),
      String(repeating: "x -> ", count: 100_000),
      String(repeating: "trim(", count: 100_000),
    ])
  func deep(text: String) {
    #expect(throws: StreamError.self) { try Expression.parse(text) }
  }

  @Test("takes long chains of AND and OR")
  func longChain() throws {
    let text = (0..<5000).map { "a = \($0)" }.joined(separator: " OR ")
    #expect(try Expression.parse(text).syntax.kind.children.count == 5000)
  }

  @Test("answers any text with a tree or an error inside it")
  func fuzz() {
    var random = SplitMix64(seed: 11)
    let pieces = [
      "a", "1", "'s'", "(", ")", "[", "]", ",", ".", "::", "->", "+", "-", "*", "AND", "OR", "NOT",
      "IN", "IS", "NULL", "LIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END", "CAST", "AS",
      "int", "array", "<", ">", ">>", "struct", "INTERVAL", "DAY", "TO", "SECOND", "X", "'", "`",
      "\\", "é", "1.5", "e", "DISTINCT", "FILTER", "WHERE", "trim", "extract", "FROM", "\u{1}", ";",
      "--", "/*", "ORDER", "BY", "DESC", "NULLS", "WITHIN", "GROUP", "EXCEPT",
    ]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...12, using: &random)
      let glue = Bool.random(using: &random) ? " " : ""
      let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined(separator: glue)
      do {
        for item in try Expression.parseList(text) { _ = item.name }
      } catch let error as StreamError {
        let range = error.excerpt?.range ?? 0..<0
        #expect(
          range.lowerBound <= range.upperBound && range.upperBound <= text.utf8.count, "\(text)")
      } catch {
        Issue.record("\(text): \(error)")
      }
    }
  }

  @Test("a text cut anywhere is a tree or an error")
  func truncation() throws {
    let text =
      "CASE WHEN a.b[1] IN (1, X'0f') THEN cast('é' AS decimal(10, 2)) "
      + "ELSE transform(c, (x, y) -> x + INTERVAL '1-2' YEAR TO MONTH) END AS `n m`"
    _ = try Expression.parse(text)
    for count in 0..<text.count {
      do { _ = try Expression.parse(String(text.prefix(count))) } catch is StreamError {}
    }
  }
}
