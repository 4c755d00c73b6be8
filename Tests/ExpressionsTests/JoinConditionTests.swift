import Columnar
import Diagnostics
import Expressions
import Testing

private let left = Schema([
  Field("id", .bigint), Field("ts", .timestamp), Field("name", .string), Field("l", .int),
])
private let right = Schema([
  Field("id", .int), Field("ad_id", .bigint), Field("from", .timestamp), Field("name", .string),
  Field("tags", .map(key: .string, value: .int)),
])

private func parsed(_ text: String) throws -> JoinCondition {
  try JoinCondition(parsing: text, left: left, right: right, rightName: "the table")
}

@Suite("Conditions of joins")
struct JoinConditionTests {
  @Test(
    "are taken apart into equalities and the rest",
    arguments: [
      // Columns of the equalities' sides, whether null equals null, columns of the rest.
      ("id", [[0], [0]], [false], []),
      ("name, id", [[2], [3], [0], [0]], [false, false], []),
      ("l.id = r.ad_id", [[0], [1]], [false], []),
      ("r.ad_id = l.id", [[0], [1]], [false], []),
      ("ad_id = l.id", [[0], [1]], [false], []),
      ("l.id <=> r.ad_id", [[0], [1]], [true], []),
      ("l.id IS NOT DISTINCT FROM r.ad_id", [[0], [1]], [true], []),
      ("l.id + l.l = r.ad_id - r.id", [[0, 3], [0, 1]], [false], []),
      ("l.l = r.id", [[3], [0]], [false], []),
      ("l.id = r.id AND l.id = 7", [[0], [0]], [false], [0]),
      ("l.id = r.id AND l.name <> r.name AND ts >= r.`from`", [[0], [0]], [false], [1, 2, 6, 7]),
      (
        "(l.id = r.id AND l.name = r.name) AND l.ts = l.ts", [[0], [0], [2], [3]], [false, false],
        [1]
      ),
      ("l.id = r.id AND (l.name = r.name OR l.l = 1)", [[0], [0]], [false], [2, 3, 7]),
      ("l.id = r.id AND l.id + r.id = 3", [[0], [0]], [false], [0, 4]),
      // What changes with time cannot be a key that is computed once.
      ("l.id = r.id AND l.ts = r.`from` + (now() - now())", [[0], [0]], [false], [1, 6]),
      ("l.id = r.id AND r.id = any_of", [], [], []),
    ] as [(String, [[Int]], [Bool], [Int])])
  func splits(text: String, columns: [[Int]], nulls: [Bool], rest: [Int]) throws {
    guard !columns.isEmpty else {
      #expect(throws: StreamError.self) { try parsed(text) }
      return
    }
    let condition = try parsed(text)
    let used = condition.equalities.flatMap { [$0.left.columnsUsed, $0.right.columnsUsed] }
    #expect(used.map { $0.sorted() } == columns)
    #expect(condition.equalities.map(\.matchesNulls) == nulls)
    #expect((condition.residual?.columnsUsed ?? []).sorted() == rest)
    #expect(condition.equalities.allSatisfy { $0.left.type == $0.right.type })
    #expect(condition.shared.count == (text.contains(".") ? 0 : columns.count / 2))
  }

  @Test(
    "say what is wrong with them",
    arguments: [
      (
        "idd",
        """
        no column 'idd' in the stream (did you mean 'id'?); columns: id, ts, name, l
          idd
          ^^^
        t: hint: where the names differ: --on 'l.idd = r.…'
        """
      ),
      (
        "id, ts",
        """
        no column 'ts' in the table; columns: id, ad_id, from, name, tags
          id, ts
              ^^
        t: hint: where the names differ: --on 'l.ts = r.…'
        """
      ),
      ("id, id", "'id' is named twice\n  id, id\n      ^^"),
      (
        "l.id = r.id, l.name = r.name",
        """
        expected a list of names or one condition but found 'l.id = r.id, l.name = r.name'
        t: hint: join conditions by AND: 'l.id = r.id AND l.kind = r.kind'
        """
      ),
      (
        "l.id < r.id",
        """
        the condition has no equality between a value of l and one of r, so that each row would have \
        to be compared with all rows of the other side
          l.id < r.id
          ^^^^^^^^^^^
        t: hint: --on 'l.id = r.id AND …'
        """
      ),
      (
        "name = 'a' AND l.id = r.id",
        "several columns are called 'name'\n  name = 'a' AND l.id = r.id\n  ^^^^\n"
          + "t: hint: write l.name or r.name"
      ),
      (
        "l.id = r.ad",
        """
        no column 'ad' (did you mean 'id'?); columns: id, ad_id, from, name, tags
          l.id = r.ad
                 ^^^^
        """
      ),
      (
        "l.ts = r.id",
        """
        '=' does not go with a timestamp and an int: column 'l.ts' and column 'r.id'
          l.ts = r.id
          ^^^^^^^^^^^
        t: hint: cast one of them: l.ts = cast(r.id AS timestamp)
        """
      ),
      (
        "l.id = r.id AND l.l",
        "column 'l.l' is an int; AND needs a condition\n  l.id = r.id AND l.l\n"
          + "                  ^^^\nt: hint: write l.l <> 0"
      ),
      (
        "l.id",
        """
        expected a condition but column 'l.id' is a bigint
          l.id
          ^^^^
        t: hint: write l.id <> 0
        """
      ),
    ])
  func errors(text: String, expected: String) {
    let error = #expect(throws: StreamError.self) { try parsed(text) }
    #expect(error?.kind == .usage)
    #expect(error?.rendered(by: "t") == "t: error: " + expected)
  }
}
