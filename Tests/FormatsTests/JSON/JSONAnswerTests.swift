import Columnar
import Diagnostics
import Formats
import Testing

@Suite("Answers in JSON")
struct JSONAnswerTests {
  private static let schema = Schema([
    Field("word", .string), Field("n", .bigint), Field("tags", .array(.string)),
    Field("at", .structure([Field("x", .double)])),
  ])

  private static let parser: JSONAnswerParser? = try? JSONAnswerParser(
    JSONAnswerParser.Names(value: "state", rows: "rows", others: ["key", "epoch"]), rows: schema)

  private func parse(_ lines: String...) throws -> JSONAnswers {
    let parser = try #require(JSONAnswerTests.parser)
    return try parser.parse(Buffer(Array(lines.map { $0 + "\n" }.joined().utf8)))
  }

  @Test("keep a value as the text that it is")
  func values() throws {
    let texts = [
      "5", "-0.10e+7", "12345678901234567890123", "true", "\"\"", "\"a \\\"b\\\" \\u00e9\"",
      "[1, 2 ,[] ]", "{ \"a\" : null }", "\"5\"", "\"null\"",
    ]
    for text in texts {
      let answers = try parse("{\"state\":\(text),\"rows\":[]}", "{ \"state\" : \(text) }")
      #expect(answers.values.value(0) == .string(text))
      #expect(answers.values.value(1) == .string(text))
      #expect(answers.rows.rowCount == 0)
    }
  }

  @Test("have no value, no rows, fewer columns, and fields that do not count")
  func missing() throws {
    let answers = try parse(
      "{}", #"{"state":null,"rows":null}"#, #"{"rows":[{"n":1},{}],"key":{"k":[1]},"epoch":2}"#,
      #"  {"rows" : [ {"at":{"x":2},"word":"é\n","tags":["p",null]} ], "state":1}  "#,
      #"{"state":1,"state":2,"rows":[{"n":1}],"rows":[{"n":3}]}"#)
    #expect(
      (0..<5).map { answers.values.value($0) }
        == [.null, .null, .null, .string("1"), .string("2")])
    #expect(
      (0..<4).map { answers.rows.row($0) } == [
        [.null, .integer(1), .null, .null], [.null, .null, .null, .null],
        [
          .string("é\n"), .null, .list([.string("p"), .null]), .structure([.double(2)]),
        ],
        [.null, .integer(3), .null, .null],
      ])
    #expect(answers.rows.schema == JSONAnswerTests.schema)
  }

  @Test(
    "say what is wrong",
    arguments: [
      ("", "expected an object but found an empty line"),
      (" \t", "expected an object but found an empty line"),
      ("hello", "expected an object but found 'h'"),
      ("[1]", "expected an object but found an array"),
      (#"{"state":1"#, "expected ',' or '}' but found the end of the line"),
      (#"{"state":tru}"#, "expected a value but found 't'"),
      (#"{"state":1} {}"#, "expected the end of the line behind the object but found an object"),
      (
        #"{"stat":1}"#, "unknown field '\"stat\"'; there may be: state, rows"
      ),
      (
        #"{"rows":[{"m":1}]}"#,
        "unknown field '\"m\"' in 'rows[]'; there may be: word, n, tags, at"
      ),
      (#"{"rows":[{"at":{"y":1}}]}"#, "unknown field '\"y\"' in 'rows[].at'; there may be: x"),
      (#"{"rows":[{"n":"x"}]}"#, "'rows[].n': expected a bigint but found '\"x\"'"),
      (#"{"rows":[{"n":1},null]}"#, "a row is null"),
      (#"{"rows":[{"tags":"x"}]}"#, "'rows[].tags': expected an array<string> but found '\"x\"'"),
    ])
  func faults(line: String, message: String) throws {
    for before in [[], ["{}"], [#"{"state":[],"rows":[{"n":1},{"n":2}]}"#, "{}", "{}"]] {
      let parser = try #require(JSONAnswerTests.parser)
      let lines = (before + [line, "{}", "worse"]).map { $0 + "\n" }.joined()
      let fault = #expect(throws: JSONAnswerFault.self) {
        try parser.parse(Buffer(Array(lines.utf8)))
      }
      #expect(fault?.line == before.count)
      #expect(fault?.message == message)
      let isBlank = line.allSatisfy { $0 == " " || $0 == "\t" }
      #expect(fault.map { String(decoding: $0.text, as: UTF8.self) } == (isBlank ? "" : line))
    }
  }

  @Test("are not understood when they are cut anywhere")
  func truncation() throws {
    let whole =
      #"{"state":{"a":[1,"x\u00e9"]},"rows":[{"word":"é","n":-12,"tags":["t"],"at":{"x":1.5}}]}"#
    #expect(try parse(whole).rows.rowCount == 1)
    let bytes = Array(whole.utf8)
    for length in 0..<bytes.count {
      let parser = try #require(JSONAnswerTests.parser)
      #expect(throws: JSONAnswerFault.self, "\(length) bytes") {
        try parser.parse(Buffer(Array(bytes[..<length]) + [0x0A]))
      }
    }
  }

  @Test("have no intervals")
  func types() {
    let error = #expect(throws: StreamError.self) {
      try JSONAnswerParser(
        JSONAnswerParser.Names(value: "state", rows: "rows"),
        rows: Schema([Field("d", .dayTimeInterval)]))
    }
    #expect(error?.kind == .usage)
  }
}
