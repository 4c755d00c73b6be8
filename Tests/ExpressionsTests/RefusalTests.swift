import Columnar
import Diagnostics
import Expressions
import GoldenSupport
import Testing

@Suite("Functions of Spark that are not here")
struct RefusalTests {
  /// What Spark lists among its functions, though it is written otherwise.
  private static let operators: Set = [
    "and", "between", "case", "cast", "div", "in", "not", "or", "when",
  ]

  private static let known = Set(
    FunctionTable.functions.flatMap(\.names)
      + AggregateFunction.allCases.flatMap(\.definition.names))

  @Test("all say why: Spark's own list of names has no other")
  func complete() throws {
    let names = try GoldenFiles.text("spark-functions.txt").split(separator: "\n").map(String.init)
    #expect(names.count == 591)
    for name in names {
      guard let first = name.first, first.isLetter, !RefusalTests.known.contains(name),
        !RefusalTests.operators.contains(name)
      else { continue }
      let error = try refusal("\(name)(n)")
      #expect(error.message.hasPrefix("\(name)(): "), "\(name): \(error.message)")
    }
  }

  @Test("are not here, and stand in one group each")
  func distinct() {
    let names = Refusal.all.flatMap(\.names)
    #expect(Set(names).count == names.count)
    #expect(RefusalTests.known.isDisjoint(with: names))
    #expect(Set(Refusal.all.map(\.topic)).count == Refusal.all.count)
  }

  @Test(
    "say what to do instead",
    arguments: [
      (
        "explode(tags)",
        """
        explode(): makes rows of one row, so it is a step of its own
          explode(tags)
          ^^^^^^^
        t: hint: stream-map --explode 'explode(tags) AS item'
        """
      ),
      (
        "n + posexplode(split(s, ','))",
        """
        posexplode(): makes rows of one row, so it is a step of its own
          n + posexplode(split(s, ','))
              ^^^^^^^^^^
        t: hint: stream-map --explode "posexplode(split(s, ',')) AS (pos, item)"
        """
      ),
      (
        "INPUT_FILE_NAME()",
        """
        INPUT_FILE_NAME(): an expression does not know where a row came from
          INPUT_FILE_NAME()
          ^^^^^^^^^^^^^^^
        t: hint: give stream-source --metadata and use its column '_file'
        """
      ),
      (
        "xpath_int(s, 'a/b')",
        """
        xpath_int(): there is no XML
          xpath_int(s, 'a/b')
          ^^^^^^^^^
        t: hint: stream-map --exec 'python3 xml_to_json.py' sends rows through a program
        """
      ),
      (
        "current_user = s",
        """
        no column 'current_user'; columns: n, s, tags
          current_user = s
          ^^^^^^^^^^^^
        t: hint: there is neither a session nor a catalog; the shell knows: --with "'$USER' AS user"
        """
      ),
      (
        "st_asbinary(s)",
        "st_asbinary(): there are no types for geometry\n  st_asbinary(s)\n  ^^^^^^^^^^^"
      ),
    ])
  func rendered(text: String, expected: String) throws {
    #expect(try refusal(text).rendered(by: "t") == "t: error: \(expected)")
  }

  @Test(
    "say it where an aggregate is asked for, too",
    arguments: ["lag(n)", "sum(lag(n))", "approx_top_k(n)", "explode(tags)", "1 + ntile(n)"])
  func aggregates(text: String) throws {
    let schema = try Schema(parsing: "n bigint, s string, tags array<string>")
    let error = #expect(throws: StreamError.self) {
      try Aggregation(keys: [], aggregates: [Expression.parse(text)], over: schema)
    }
    #expect(error?.message.contains("(): ") == true && error?.hint != nil)
  }

  @Test("with OVER have the same advice")
  func over() throws {
    let error = #expect(throws: StreamError.self) {
      try Expression.parse("row_number() OVER (ORDER BY n)")
    }
    #expect(error?.hint?.contains("stream-sql") == true)
  }

  @Test(
    "are not taken for others that are not meant",
    arguments: [
      ("lagg(n)", nil), ("hmacc(n)", nil), ("foo(n)", nil), ("xy(n)", nil),
      ("uppr(s)", "upper"), ("concta(s)", "concat"), ("date_frmat(n, s)", "date_format"),
    ] as [(String, String?)])
  func guesses(text: String, meant: String?) throws {
    let message = try refusal(text).message
    let name = text.prefix { $0 != "(" }
    #expect(
      message == "no function '\(name)'" + (meant.map { " (did you mean '\($0)'?)" } ?? ""))
  }

  private func refusal(_ text: String) throws -> StreamError {
    let schema = try Schema(parsing: "n bigint, s string, tags array<string>")
    return try #require(
      #expect(throws: StreamError.self) { try Expression.parse(text).bind(to: schema) })
  }
}
