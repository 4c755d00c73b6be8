import Columnar
import Diagnostics
import Formats
import TestSupport
import Testing

@Suite("JSON text")
struct JSONTextTests {
  static let asString = Schema([Field("x", .string)])
  static let asNothing = Schema([Field("y", .string)])

  @Test("is taken as it stands where a string is wanted", arguments: JSONSamples.valid)
  func valid(text: String) throws {
    let line = Array("{\"x\":\(text)}\n".utf8)
    let reading = try JSONReading(line, Self.asString)
    #expect(reading.malformed == [])
    let trimmed = text.trimming(" \t\r")
    let expected = try JSONTwin.value(JSONTwin.tree(Array(trimmed.utf8)), .string)
    #expect(reading.rows == [[expected]])
    #expect(try JSONReading(line, Self.asNothing).rows == [[.null]])
  }

  @Test("is refused where it is malformed, wanted or not", arguments: JSONSamples.invalid)
  func invalid(text: String) throws {
    let line = Array("{\"x\":\(text)}\n".utf8)
    for schema in [Self.asString, Self.asNothing] {
      let reading = try JSONReading(line, schema)
      #expect(reading.rows == [])
      #expect(reading.malformed.map(\.line) == [0])
      #expect(reading.malformed.map(\.bytes) == [Array(line.dropLast())])
    }
  }

  @Test("is refused where a string is no UTF-8", arguments: JSONSamples.invalidUTF8)
  func invalidUTF8(bytes: [UInt8]) throws {
    let prefix = Array("{\"x\":\"".utf8)
    for (schema, filler) in [(Self.asString, 0), (Self.asNothing, 0), (Self.asString, 70)] {
      let line = prefix + [UInt8](repeating: 0x78, count: filler) + bytes + Array("\"}\n".utf8)
      let reading = try JSONReading(line, schema)
      #expect(reading.rows == [])
      #expect(reading.malformed.count == 1)
      #expect(reading.malformed[0].message.hasPrefix("invalid UTF-8: byte 0x"))
    }
  }

  @Test("holds one object a line", arguments: JSONSamples.objects)
  func objects(text: String) throws {
    let reading = try JSONReading("\(text)\n{\"x\":\"next\"}\n".utf8, Self.asString)
    #expect(reading.rows == [[.string("next")]])
    #expect(reading.malformed.count == (text.isEmpty ? 0 : 1))
    #expect(reading.lineCount == 2)
  }

  @Test("may nest 256 levels deep, and no deeper", arguments: ["[", "{\"a\":"])
  func depth(open: String) throws {
    let close = open == "[" ? "]" : "}"
    for (levels, isRead) in [(255, true), (256, false), (257, false), (100_000, false)] {
      let value =
        String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
      var nested = DataType.string
      for _ in 0..<min(levels, 300) {
        nested = open == "[" ? .array(nested) : .structure([Field("a", nested)])
      }
      for type in [DataType.string, .void, nested] {
        let name = type == .void ? "y" : "x"
        let schema = Schema([Field(name, type == .void ? .string : type)])
        let reading = try JSONReading("{\"x\":\(value)}\n".utf8, schema)
        #expect(reading.rows.count == (isRead ? 1 : 0))
        #expect(reading.malformed.allSatisfy { $0.message == "nested deeper than 256 levels" })
      }
    }
  }

  @Test("may be cut off anywhere without harm")
  func truncation() throws {
    let record = Array(
      #"{"a":1,"b":[1,2,{"c":null}],"s":"é😀\u00e9\ud83d\ude00\n","d":-1.5e+3,"t":true,"u":{"v":"w"}}"#
        .utf8)
    let schema = Schema([
      Field("a", .bigint), Field("b", .array(.string)), Field("s", .string), Field("d", .double),
      Field("t", .boolean), Field("u", .structure([Field("v", .string)])),
    ])
    for length in 0...record.count {
      let reading = try JSONReading(record[..<length], schema)
      #expect(reading.rows.count == (length == record.count ? 1 : 0))
      #expect(reading.malformed.count == (length == record.count || length == 0 ? 0 : 1))
      #expect(reading.lineCount == 0)
    }
  }
}

extension String {
  fileprivate func trimming(_ set: String) -> String {
    var bytes = Array(utf8)
    while let byte = bytes.first, set.utf8.contains(byte) { bytes.removeFirst() }
    while let byte = bytes.last, set.utf8.contains(byte) { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}

@Suite("JSON values")
struct JSONValueTests {
  static let good: [(String, DataType, Value)] = [
    ("12", .tinyint, .integer(12)), ("-128", .tinyint, .integer(-128)),
    ("-32768", .smallint, .integer(-32_768)), ("2147483647", .int, .integer(2_147_483_647)),
    ("9223372036854775807", .bigint, .integer(.max)),
    ("-9223372036854775808", .bigint, .integer(.min)), ("-0", .bigint, .integer(0)),
    ("1234567890123456", .bigint, .integer(1_234_567_890_123_456)),
    ("3", .double, .double(3)), ("0.1", .double, .double(0.1)),
    ("1e400", .double, .double(.infinity)),
    ("9007199254740993", .double, .double(9_007_199_254_740_992)), ("-0", .double, .double(-0.0)),
    ("\"-INF\"", .float, .double(-.infinity)), ("\"+Infinity\"", .double, .double(.infinity)),
    ("16777217", .float, .double(16_777_216)),
    ("1.25", .decimal(precision: 3, scale: 2), .decimal(125)),
    ("1.255", .decimal(precision: 3, scale: 2), .decimal(126)),
    ("1e2", .decimal(precision: 5, scale: 2), .decimal(10_000)),
    ("\"-1.5\"", .decimal(precision: 5, scale: 1), .decimal(-15)),
    (
      "12345678901234567890123456789012345678", .decimal(precision: 38, scale: 0),
      .decimal(12_345_678_901_234_567_890_123_456_789_012_345_678)
    ),
    ("true", .boolean, .boolean(true)), ("false", .boolean, .boolean(false)),
    ("\"2026-03-01T12:00:00Z\"", .timestamp, .integer(1_772_366_400_000_000)),
    ("\"2026-03-01\\u005412:00:00Z\"", .timestamp, .integer(1_772_366_400_000_000)),
    ("1772366400", .timestamp, .integer(1_772_366_400_000_000)),
    ("\"2026-03-01\"", .date, .integer(20_513)), ("\"\"", .binary, .binary([])),
    ("\"AP+A\"", .binary, .binary([0, 255, 128])), ("\"AP8=\"", .binary, .binary([0, 255])),
    ("\"AA==\"", .binary, .binary([0])), ("\"AA\"", .binary, .binary([0])),
    ("\"\\u0041\\/\\\\\"", .string, .string("A/\\")), ("\"\\u0000\"", .string, .string("\0")),
    ("1.50", .string, .string("1.50")), ("true", .string, .string("true")),
    ("[1, \"a\\n\"]", .string, .string("[1, \"a\\n\"]")), ("{ }", .string, .string("{ }")),
    ("null", .string, .null), ("null", .bigint, .null), ("null", .array(.int), .null),
    ("null", .structure([Field("a", .int)]), .null), ("null", .void, .null),
    ("[]", .array(.int), .list([])), ("[1,null]", .array(.int), .list([.integer(1), .null])),
    ("[[],[null]]", .array(.array(.boolean)), .list([.list([]), .list([.null])])),
    (
      "{\"a\":1}", .structure([Field("a", .int), Field("b", .int)]),
      .structure([.integer(1), .null])
    ),
    ("{}", .structure([]), .structure([])), ("{}", .map(key: .string, value: .int), .list([])),
    (
      "{\"k\":1,\"\\u006B\":2}", .map(key: .string, value: .int),
      .list([.structure([.string("k"), .integer(2)])])
    ),
  ]

  @Test("become what the schema says", arguments: good)
  func read(text: String, type: DataType, expected: Value) throws {
    let value = try jsonValue(text, type)
    #expect(value == expected)
    if case .double(let double) = expected, case .double(let read) = value {
      #expect(read.sign == double.sign)
    }
  }

  @Test("read NaN from a string")
  func nan() throws {
    guard case .double(let value) = try jsonValue("\"NaN\"", .double) else {
      Issue.record("no double")
      return
    }
    #expect(value.isNaN)
  }

  static let bad: [(String, DataType)] = [
    ("128", .tinyint), ("-32769", .smallint), ("2147483648", .int),
    ("9223372036854775808", .bigint),
    ("-9223372036854775809", .bigint), ("99999999999999999999999", .bigint), ("1.0", .bigint),
    ("1e3", .bigint), ("\"1\"", .bigint), ("true", .bigint), ("[1]", .bigint), ("{}", .bigint),
    ("\"1.5\"", .double), ("\"nan\"", .double), ("\"\"", .double), ("true", .double),
    ("10", .decimal(precision: 1, scale: 0)), ("\"\"", .decimal(precision: 5, scale: 2)),
    ("\"1,5\"", .decimal(precision: 5, scale: 2)), ("false", .decimal(precision: 5, scale: 2)),
    ("\"true\"", .boolean), ("1", .boolean), ("0", .boolean), ("\"\"", .boolean),
    ("\"\"", .timestamp), ("\"yesterday\"", .timestamp), ("\"2026-02-30T00:00:00Z\"", .timestamp),
    ("1.5", .timestamp), ("9223372036854775807", .timestamp), ("true", .timestamp),
    ("\"2026-02-30\"", .date), ("20513", .date), ("\"\"", .date),
    ("\"A\"", .binary), ("\"A=\"", .binary), ("\"====\"", .binary), ("\"AB==\"", .binary),
    ("\"A-_A\"", .binary), ("1", .binary), ("1", .void), ("\"\"", .void),
    ("1", .array(.int)), ("{}", .array(.int)), ("[\"a\"]", .array(.int)), ("[]", .structure([])),
    ("[]", .map(key: .string, value: .int)), ("{\"a\":\"b\"}", .map(key: .string, value: .int)),
    ("{\"a\":{\"b\":1}}", .structure([Field("a", .int)])),
  ]

  @Test("are refused where the type cannot hold them", arguments: bad)
  func refuse(text: String, type: DataType) throws {
    #expect(try jsonValue(text, type) == nil)
  }

  @Test("of equal keys the last counts, whatever the first was")
  func duplicates() throws {
    let schema = Schema([
      Field("a", .bigint), Field("u", .structure([Field("b", .string), Field("c", .array(.int))])),
    ])
    let reading = try JSONReading(
      """
      {"a":1,"a":2,"u":{"b":"x","c":[1,2]},"u":{"b":"y","b":"z"}}
      {"a":1,"u":{"c":[1]},"a":null,"u":null}
      {"\\u0061":7,"u":{"c":[],"c":[3]}}

      """.utf8, schema)
    #expect(reading.malformed == [])
    #expect(
      reading.rows == [
        [.integer(2), .structure([.string("z"), .null])], [.null, .null],
        [.integer(7), .structure([.null, .list([.integer(3)])])],
      ])
  }

  @Test("of a map with many equal keys the last counts")
  func manyDuplicates() throws {
    let members = (0..<100).map { "\"k\($0 % 40)\":\($0)" }.joined(separator: ",")
    let value = try jsonValue("{\(members)}", .map(key: .string, value: .int))
    let entries = (0..<40).map { key in
      Value.structure([.string("k\(key)"), .integer(Int64(key < 20 ? key + 80 : key + 40))])
    }
    #expect(value == .list(entries))
  }
}
