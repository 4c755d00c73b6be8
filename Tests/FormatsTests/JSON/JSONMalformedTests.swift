import Columnar
import Formats
import Testing

@Suite("malformed JSON records")
struct JSONMalformedTests {
  static let schema = Schema([
    Field("id", .bigint), Field("name", .string), Field("tags", .array(.int)),
  ])

  static let messages: [(String, Int, String)] = [
    ("[1]", 1, "expected an object but found an array"),
    ("\"a\"", 1, "expected an object but found '\"'"),
    ("{", 2, "expected a key in double quotes or '}' but found the end of the line"),
    ("{\"id\":1,}", 9, "expected a key in double quotes but found '}'"),
    ("{id:1}", 2, "expected a key in double quotes or '}' but found 'i'"),
    ("{\"id\" 1}", 7, "expected ':' behind a key but found '1'"),
    ("{\"id\":}", 7, "expected a value but found '}'"),
    ("{\"id\":1 \"b\":2}", 9, "expected ',' or '}' but found '\"'"),
    ("{\"id\":1", 8, "expected ',' or '}' but found the end of the line"),
    ("{\"tags\":[1 2]}", 12, "expected ',' or ']' but found '2'"),
    ("{\"x\":[{\"y\":1]}", 13, "expected ',' or '}' but found ']'"),
    ("{\"x\":-}", 7, "expected a digit but found '}'"),
    ("{\"x\":007}", 6, "a number begins with a needless zero"),
    ("{\"name\":\"a}", 12, "a string is not closed"),
    ("{\"name\":\"a\tb\"}", 11, "a string holds the control character byte 0x09, not escaped"),
    ("{\"name\":\"\\x\"}", 10, "no escape '\\x'"),
    ("{\"name\":\"\\u12\"}", 10, "expected four hexadecimal digits behind '\\u'"),
    ("{\"name\":\"é\\uDEAD\"}", 12, "half of a surrogate pair: '\\uDEAD'"),
    ("{} x", 4, "expected the end of the line behind the object but found 'x'"),
    ("{}é", 3, "expected the end of the line behind the object but found 'é'"),
    ("{\"id\":\"12\"}", 7, "'id': expected a bigint but found '\"12\"'"),
    ("{\"id\":1.5}", 7, "'id': expected a bigint but found '1.5'"),
    ("{\"tags\":[1,true]}", 12, "'tags[]': expected an int but found 'true'"),
    ("{\"tags\":{\"a\":[1]}}", 9, "'tags': expected an array<int> but found '{\"a\":[1]}'"),
    ("{\"id\":true,\"name\":", 7, "'id': expected a bigint but found 'true'"),
  ]

  @Test("say what is wrong and where", arguments: messages)
  func message(text: String, column: Int, message: String) throws {
    let reading = try JSONReading("{\"id\":1}\n\(text)\n{\"id\":2}\n".utf8, Self.schema)
    #expect(
      reading.malformed == [
        MalformedRecord(line: 1, column: column, message: message, bytes: Array(text.utf8))
      ])
    #expect(reading.rows == [[.integer(1), .null, .null], [.integer(2), .null, .null]])
  }

  @Test("are shown shortened, but not within a character")
  func excerpt() throws {
    let long = String(repeating: "aé", count: 60)
    let reading = try JSONReading("{\"id\":\"\(long)\"}\n".utf8, Self.schema)
    #expect(
      reading.malformed.map(\.message) == [
        "'id': expected a bigint but found '\"\(String(repeating: "aé", count: 19))a…'"
      ])
  }

  @Test("leave nothing behind in the columns, nested ones too")
  func rollback() throws {
    let schema = Schema([
      Field("u", .structure([Field("a", .array(.string)), Field("b", .bigint)])),
      Field("m", .map(key: .string, value: .array(.boolean))), Field("o", .boolean),
      Field("f", .float), Field("d", .decimal(precision: 3, scale: 1)), Field("s", .smallint),
    ])
    let good = #"{"u":{"a":["x",null],"b":1},"m":{"k":[true,null]},"o":true,"f":1,"d":1.5,"s":3}"#
    let clean = try JSONReading("\(good)\n\(good)\n".utf8, schema)
    #expect(clean.rows.count == 2)
    for length in 1..<good.utf8.count {
      let cut = String(decoding: Array(good.utf8)[..<length], as: UTF8.self)
      let reading = try JSONReading("\(good)\n\(cut)\n\(good)\n".utf8, schema)
      #expect(reading.rows == clean.rows)
      #expect(reading.malformed.count == 1)
    }
  }

  @Test("go to the corrupt column, with the values that can be read")
  func corruptColumn() throws {
    let text = """
      {"id":1,"name":"a","tags":[1]}
      {"id":"x","name":"b","tags":[1,"y"]}
      {"id":3,"name":"c"
      {"id":4,"name":"d"}

      """
    let reading = try JSONReading(text.utf8, Self.schema, corruptColumn: "bad")
    #expect(
      reading.rows == [
        [.integer(1), .string("a"), .list([.integer(1)]), .null],
        [
          .null, .string("b"), .list([.integer(1), .null]),
          .string("{\"id\":\"x\",\"name\":\"b\",\"tags\":[1,\"y\"]}"),
        ],
        [.null, .null, .null, .string("{\"id\":3,\"name\":\"c\"")],
        [.integer(4), .string("d"), .null, .null],
      ])
    #expect(reading.malformed.map(\.line) == [1, 2])
    #expect(reading.offsets.count == 4)
  }

  @Test("have their bytes replaced in the corrupt column where they are no UTF-8")
  func corruptBytes() throws {
    let reading = try JSONReading(
      [0x7B, 0xFF, 0x7D, 0x0A], Schema([Field("id", .bigint)]), corruptColumn: "bad")
    #expect(reading.rows == [[.null, .string("{\u{FFFD}}")]])
  }
}
