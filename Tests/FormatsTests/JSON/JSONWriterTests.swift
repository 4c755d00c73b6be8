import Columnar
import Formats
import Glibc
import Scalars
import TestSupport
import Testing

func written(_ batches: [Batch]) throws -> [UInt8] {
  var bytes = MutableBuffer<UInt8>()
  var writer = JSONWriter()
  writer.begin(batches[0].schema, into: &bytes)
  for batch in batches { try writer.write(batch, into: &bytes) }
  writer.end(into: &bytes)
  return bytes.take().elements
}

private func text(_ type: DataType, _ values: [Value]) throws -> String {
  let batch = Batch(schema: Schema([Field("x", type)]), columns: [Column(type, values: values)])
  return String(decoding: try written([batch]), as: UTF8.self)
}

@Suite("written JSON")
struct JSONWriterTests {
  static let cases: [(DataType, Value, String)] = [
    (.void, .null, "null"), (.bigint, .null, "null"), (.array(.int), .null, "null"),
    (.boolean, .boolean(true), "true"), (.boolean, .boolean(false), "false"),
    (.tinyint, .integer(-128), "-128"), (.smallint, .integer(300), "300"), (.int, .integer(0), "0"),
    (.bigint, .integer(.min), "-9223372036854775808"),
    (.bigint, .integer(.max), "9223372036854775807"),
    (.double, .double(1.5), "1.5"), (.double, .double(0.1), "0.1"),
    (.double, .double(-0.0), "-0.0"),
    (.double, .double(1e300), "1e+300"), (.double, .double(.nan), "\"NaN\""),
    (.double, .double(.infinity), "\"Infinity\""), (.float, .double(-.infinity), "\"-Infinity\""),
    (.float, .double(Double(Float(0.1))), "0.1"),
    (.decimal(precision: 5, scale: 2), .decimal(-5), "-0.05"),
    (
      .decimal(precision: 38, scale: 0), .decimal(12_345_678_901_234_567_890),
      "12345678901234567890"
    ),
    (.string, .string(""), "\"\""), (.string, .string("a/b"), "\"a/b\""),
    (.string, .string("\"\\"), "\"\\\"\\\\\""),
    (.string, .string("\u{8}\t\n\u{C}\r\0\u{1F}\u{7F}"), "\"\\b\\t\\n\\f\\r\\u0000\\u001f\u{7F}\""),
    (.string, .string("é日😀\u{2028}"), "\"é日😀\u{2028}\""),
    (.binary, .binary([]), "\"\""), (.binary, .binary([0]), "\"AA==\""),
    (.binary, .binary([0, 255]), "\"AP8=\""), (.binary, .binary([0, 255, 128]), "\"AP+A\""),
    (.timestamp, .integer(1_772_366_400_000_000), "\"2026-03-01T12:00:00Z\""),
    (.timestamp, .integer(1_772_366_400_120_000), "\"2026-03-01T12:00:00.12Z\""),
    (.date, .integer(20_513), "\"2026-03-01\""),
    (.dayTimeInterval, .integer(93_784_000_000), "\"INTERVAL '1 02:03:04' DAY TO SECOND\""),
    (.dayTimeInterval, .integer(-1_500_000), "\"INTERVAL '-0 00:00:01.5' DAY TO SECOND\""),
    (
      .dayTimeInterval, .integer(.min),
      "\"INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND\""
    ),
    (.yearMonthInterval, .integer(-14), "\"INTERVAL '-1-2' YEAR TO MONTH\""),
    (.array(.int), .list([]), "[]"), (.array(.int), .list([.integer(1), .null]), "[1,null]"),
    (.structure([]), .structure([]), "{}"),
    (
      .structure([Field("a\"", .int), Field("b", .array(.string))]),
      .structure([.integer(1), .list([.string("x")])]), "{\"a\\\"\":1,\"b\":[\"x\"]}"
    ),
    (
      .map(key: .string, value: .int),
      .list([.structure([.string("k\n"), .integer(1)]), .structure([.string(""), .null])]),
      "{\"k\\n\":1,\"\":null}"
    ),
    (
      .map(key: .bigint, value: .boolean), .list([.structure([.integer(5), .boolean(true)])]),
      "{\"5\":true}"
    ),
    (
      .map(key: .double, value: .int), .list([.structure([.double(.nan), .integer(1)])]),
      "{\"NaN\":1}"
    ),
    (
      .map(key: .date, value: .int), .list([.structure([.integer(0), .integer(1)])]),
      "{\"1970-01-01\":1}"
    ),
    (
      .map(key: .array(.int), value: .int),
      .list([.structure([.list([.integer(1)]), .integer(2)])]), "[{\"key\":[1],\"value\":2}]"
    ),
  ]

  @Test("is exact", arguments: cases)
  func values(type: DataType, value: Value, expected: String) throws {
    #expect(
      try text(type, [value, .null, value]) == """
        {"x":\(expected)}
        {"x":null}
        {"x":\(expected)}

        """)
    var bytes = ByteText()
    JSONValueWriter(Column(type, values: [.null, value])).append(1, to: &bytes)
    #expect(bytes.string == expected)
  }

  @Test(
    "escapes wherever in a string it must",
    arguments: [0, 1, 15, 31, 62, 63, 64, 65, 127, 128, 200])
  func escapes(length: Int) throws {
    for spice in ["", "\"", "\\", "\n", "\u{1}", "é"] {
      for place in [0, length / 2, length] {
        let filler = String(repeating: "x", count: place)
        let rest = String(repeating: "y", count: length - place)
        let escaped = ["\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\u{1}": "\\u0001"][spice] ?? spice
        #expect(
          try text(.string, [.string(filler + spice + rest)])
            == "{\"x\":\"\(filler)\(escaped)\(rest)\"}\n")
      }
    }
  }

  @Test("has a line a row, and an object without columns too")
  func emptyRows() throws {
    let batch = Batch(schema: Schema([]), columns: [], rowCount: 2)
    #expect(String(decoding: try written([batch]), as: UTF8.self) == "{}\n{}\n")
    #expect(try written([Batch(empty: Schema([Field("a", .int)]))]) == [])
  }

  @Test("reads back as what it was, slices too", arguments: someCounts)
  func roundTrip(count: Int) throws {
    // Random timestamps are far beyond the years that can be written, random decimals longer than
    // their type says.
    let types =
      someTypes.filter {
        ![.void, .dayTimeInterval, .yearMonthInterval, .timestamp].contains($0) && !$0.isDecimal
      } + [.decimal(precision: 38, scale: 3)]
    let schema = Schema(
      types.enumerated().map {
        Field("column \($0.offset) " + String(repeating: "é", count: $0.offset * 3), $0.element)
      })
    let columns = types.enumerated().map { index, type in
      Column(type, values: randomValues(type, count: count, seed: UInt64(index)))
    }
    let batch = Batch(schema: schema, columns: columns, rowCount: count)
    let parts = [batch[0..<count / 3], batch[count / 3..<count]]
    let bytes = try written(parts)
    #expect(bytes == (try written([batch])))
    let reading = try JSONReading(bytes, schema)
    #expect(reading.malformed == [])
    #expect(reading.rows == (0..<count).map { batch.row($0) })
  }

  @Test("is what Python reads, and Python's is what we read")
  func python() throws {
    var random = RandomJSON(seed: 11)
    let schema = Schema([
      Field("s", .string), Field("d", .double), Field("m", .map(key: .string, value: .string)),
    ])
    var strings: [Value] = (0..<0x20).map { .string(String(Unicode.Scalar(UInt8($0)))) }
    strings += [
      0x22, 0x5C, 0x2F, 0x7F, 0x80, 0xFF, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x1_0000, 0x10_FFFF,
    ]
    .map { .string(String(Unicode.Scalar($0)!)) }
    for _ in 0..<200 {
      strings.append(try JSONTwin.value(JSONTwin.tree(Array(random.string().utf8)), .string))
    }
    let rows = strings.enumerated().map { index, string -> [Value] in
      [
        string, .double(Double(index) / 7 * (index % 2 == 0 ? 1e-9 : 1e12)),
        .list([.structure([string, string])]),
      ]
    }
    let batch = Batch(
      schema: schema,
      columns: schema.fields.indices.map { column in
        Column(schema.fields[column].type, values: rows.map { $0[column] })
      })
    let directory = "/tmp/json-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    #expect(unsafe mkdir(directory, 0o700) == 0)
    defer {
      for name in ["in", "out"] { unsafe unlink("\(directory)/\(name)") }
      unsafe rmdir(directory)
    }
    try store(try written([batch]), "\(directory)/in")
    let script = """
      import json,sys
      for i, line in enumerate(open(sys.argv[1], 'rb').read().split(b'\\n')[:-1]):
          sys.stdout.write(json.dumps(json.loads(line), ensure_ascii=i % 2 == 0) + '\\n')
      """
    let command = "python3 -X utf8 -c \"\(script)\" \(directory)/in > \(directory)/out"
    #expect(unsafe system(command) == 0)
    let reading = try JSONReading(try load("\(directory)/out"), schema)
    #expect(reading.malformed == [])
    #expect(reading.rows == rows)
  }

  private func store(_ bytes: [UInt8], _ path: String) throws {
    let file = unsafe try #require(unsafe fopen(path, "w"))
    #expect(unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count)
    unsafe fclose(file)
  }

  private func load(_ path: String) throws -> [UInt8] {
    let file = unsafe try #require(unsafe fopen(path, "r"))
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    unsafe fclose(file)
    return Array(bytes[..<count])
  }
}
