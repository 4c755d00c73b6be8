import Columnar
import Diagnostics
import Formats
import Scalars
import Testing

@Suite("JSON inference")
struct JSONInferenceTests {
  static let cases: [(String, String)] = [
    ("", ""), ("{}", ""), ("\n \n", ""),
    (#"{"b":1,"a":true,"c":"x","d":1.5}"#, "b bigint, a boolean, c string, d double"),
    (#"{"a":1}"# + "\n" + #"{"b":2,"a":null}"#, "a bigint, b bigint"),
    (#"{"a":1}"# + "\n" + #"{"a":2.5}"#, "a double"), (#"{"a":1e3}"#, "a double"),
    (#"{"a":9223372036854775807}"#, "a bigint"), (#"{"a":9223372036854775808}"#, "a decimal(38,0)"),
    (#"{"a":18446744073709551615}"# + "\n" + #"{"a":1}"#, "a decimal(38,0)"),
    (#"{"a":18446744073709551615}"# + "\n" + #"{"a":0.5}"#, "a double"),
    (#"{"a":1234567890123456789012345678901234567890}"#, "a double"),
    (#"{"a":1}"# + "\n" + #"{"a":"1"}"#, "a string"),
    (#"{"a":1}"# + "\n" + #"{"a":true}"#, "a string"),
    (#"{"a":null}"#, "a string"), (#"{"a":""}"#, "a string"), (#"{"a":"007"}"#, "a string"),
    (#"{"a":"2026-01-31"}"#, "a date"), (#"{"a":"2026-02-30"}"#, "a string"),
    (#"{"a":"2026-01-31T10:00:00Z"}"#, "a timestamp"),
    (#"{"a":"2026-01-31T10:00:00+02:00"}"# + "\n" + #"{"a":"2026-01-31"}"#, "a timestamp"),
    (#"{"a":"2026-01-31 10:00:00"}"#, "a timestamp"), (#"{"a":"2026\u002d01-31"}"#, "a date"),
    (#"{"a":"2026-01-31"}"# + "\n" + #"{"a":"soon"}"#, "a string"),
    (#"{"a":[1,2.5,null]}"#, "a array<double>"), (#"{"a":[]}"#, "a array<string>"),
    (#"{"a":[[1],[]]}"#, "a array<array<bigint>>"), (#"{"a":[1,"x"]}"#, "a array<string>"),
    (
      #"{"a":{"x":1}}"# + "\n" + #"{"a":{"y":{"z":[]}}}"#,
      "a struct<x:bigint,y:struct<z:array<string>>>"
    ),
    (#"{"a":{}}"#, "a string"), (#"{"a":{}}"# + "\n" + #"{"a":{"x":1}}"#, "a struct<x:bigint>"),
    (#"{"a":{"x":1}}"# + "\n" + #"{"a":[1]}"#, "a string"),
    (#"{"a":[{"x":1},{"y":"2026-01-31"}]}"#, "a array<struct<x:bigint,y:date>>"),
    (#"{"a":1,"a":"x"}"#, "a string"), (#"{"\u0061":1,"a":2}"#, "a bigint"),
    ("\u{FEFF}{\"a\":1}\r\n{\"a\":", "a bigint"), ("{\"a\":1\n{\"b\":2}", "b bigint"),
    ("[1]\n{\"b\":2}", "b bigint"),
  ]

  @Test("finds a type that holds all that was seen", arguments: cases)
  func infer(text: String, expected: String) throws {
    let sample = Buffer(Array(text.utf8))
    #expect(
      try inferJSONSchema(ReadOptions(), sample: sample, isWhole: true).description == expected)
  }

  @Test("leaves out the record that the sample cuts off, and those beyond the limit")
  func bounds() throws {
    let sample = Buffer(Array("{\"a\":1}\n{\"b\":1}\n{\"c\":1}".utf8))
    #expect(try inferJSONSchema(ReadOptions(), sample: sample, isWhole: false).names == ["a", "b"])
    #expect(
      try inferJSONSchema(ReadOptions(), sample: sample, isWhole: true).names == ["a", "b", "c"])
    #expect(
      try inferJSONSchema(ReadOptions(), sample: sample, isWhole: true, recordsMax: 1).names == [
        "a"
      ])
  }

  @Test("reads timestamps in the format that is given, and then in no other")
  func timestampFormat() throws {
    var options = ReadOptions()
    options.timestampFormat = "dd/MM/yyyy HH:mm"
    options.zone = .fixed(3600)
    let text = """
      {"a":"31/01/2026 10:00","b":"2026-01-31T10:00:00Z","c":"2026-01-31"}
      {"a":"01/02/1970 00:00"}

      """
    let sample = Buffer(Array(text.utf8))
    let schema = try inferJSONSchema(options, sample: sample, isWhole: true)
    #expect(schema.description == "a timestamp, b string, c date")
    let parser = try JSONParser(options, schema: schema)
    let reading = JSONReading(parser, [Array(text.utf8)])
    #expect(
      reading.rows.map { $0[0] } == [.integer(1_769_850_000_000_000), .integer(2_674_800_000_000)])
    options.timestampFormat = "dd/QQQQQQ"
    #expect(throws: StreamError.self) { try JSONParser(options, schema: schema) }
  }

  @Test("keeps what is nested too deep as text")
  func depth() throws {
    let text =
      "{\"a\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}"
    let schema = try inferJSONSchema(ReadOptions(), sample: Buffer(Array(text.utf8)), isWhole: true)
    let reading = try JSONReading(text.utf8, schema)
    #expect(reading.rows.count == 1)
    #expect(schema.description.hasSuffix("array<string" + String(repeating: ">", count: 31)))
  }

  @Test("goes through a long line once", .timeLimit(.minutes(1)))
  func longLine() throws {
    let text = "{\"a\":[" + String(repeating: "1,", count: 3_000_000) + "1]}\n"
    let schema = try inferJSONSchema(ReadOptions(), sample: Buffer(Array(text.utf8)), isWhole: true)
    #expect(schema.description == "a array<bigint>")
  }

  @Test("reads back every record that it was made from", arguments: 1...20)
  func reads(seed: Int) throws {
    var random = RandomJSON(seed: UInt64(seed))
    var text = ""
    for _ in 0..<30 {
      text +=
        "{\"a\":\(random.anything(depth: 3)),\(random.string()):\(random.anything(depth: 2))}\n"
    }
    let schema = try inferJSONSchema(ReadOptions(), sample: Buffer(Array(text.utf8)), isWhole: true)
    let reading = try JSONReading(text.utf8, schema)
    #expect(reading.malformed == [])
    #expect(reading.rows.count == 30)
  }

  @Test("says what is wrong when no record is well formed")
  func nothing() {
    let error = #expect(throws: StreamError.self) {
      try inferJSONSchema(
        ReadOptions(), sample: Buffer(Array("\n[{\"a\":1},\n{\"a\":2}]\n".utf8)), isWhole: true)
    }
    #expect(
      error
        == StreamError(
          .data, "expected an object but found an array", location: "2:1",
          hint: "jq -c '.[]' | stream-source --format json"))
  }

  static let layouts: [(String, String?)] = [
    ("", nil), ("{\"a\":1}\n{\"a\":2}\n", nil), ("{\"a\":1", nil), ("{\"a\":x\n}", nil),
    ("a,b\n1,2\n", nil),
    ("[{\"a\":1}]", "jq -c '.[]' 'x y.json' | stream-source --format json"),
    ("\u{FEFF} \n\n[\n", "jq -c '.[]' 'x y.json' | stream-source --format json"),
    ("{\n  \"a\": 1\n}\n", "jq -c . 'x y.json' | stream-source --format json"),
    ("{\"a\":\n1}", "jq -c . 'x y.json' | stream-source --format json"),
    ("{\"a\":1}{\"a\":2}", "jq -c . 'x y.json' | stream-source --format json"),
  ]

  @Test("knows JSON that is not a record a line", arguments: layouts)
  func layout(text: String, hint: String?) {
    #expect(jsonLayoutHint(Buffer(Array(text.utf8)), path: "x y.json") == hint)
  }
}
