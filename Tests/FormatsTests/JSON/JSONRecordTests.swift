import Columnar
import Diagnostics
import Formats
import TestSupport
import Testing

private let wide = Schema([
  Field("id", .bigint), Field("name", .string), Field("ts", .timestamp), Field("price", .double),
  Field("amount", .decimal(precision: 20, scale: 3)), Field("ok", .boolean), Field("day", .date),
  Field("blob", .binary), Field("f", .float), Field("i", .int), Field("t", .tinyint),
  Field("tags", .array(.string)),
  Field("user", .structure([Field("id", .bigint), Field("tags", .array(.array(.int)))])),
  Field("m", .map(key: .string, value: .structure([Field("a", .double), Field("b", .string)]))),
])

@Suite("JSON records")
struct JSONRecordTests {
  @Test("are read as the slow, obvious reader reads them", arguments: 1...40)
  func twin(seed: Int) throws {
    var random = RandomJSON(seed: UInt64(seed))
    random.noise = seed % 4 * 2
    let text = random.lines(wide, count: 100)
    let expected = JSONTwin.read(text, wide)
    let reading = try JSONReading(text, wide)
    #expect(reading.rows.map(\.description) == expected.rows.map(\.description))
    #expect(reading.malformed.map(\.line) == expected.malformed)
    #expect(reading.rows.count > 5)
  }

  @Test("that are damaged are read or refused as the slow reader does", arguments: 1...60)
  func fuzz(seed: Int) throws {
    var random = RandomJSON(seed: UInt64(1000 + seed))
    var text = random.lines(wide, count: 40)
    let spice =
      Array("\"\\{}[],:0-9eE.truefalsn\n\r\t u\u{0}".utf8) + [0x80, 0xC3, 0xED, 0xF0, 0xFF]
    for _ in 0..<60 {
      let place = Int.random(in: text.indices, using: &random.random)
      switch Int.random(in: 0..<3, using: &random.random) {
      case 0: text[place] = random.pick(spice)
      case 1: text.insert(random.pick(spice), at: place)
      default: text.remove(at: place)
      }
    }
    let expected = JSONTwin.read(text, wide)
    let reading = try JSONReading(text, wide)
    #expect(reading.rows.map(\.description) == expected.rows.map(\.description))
    #expect(reading.malformed.map(\.line) == expected.malformed)
  }

  @Test("are the same wherever the input is cut", arguments: [false, true])
  func cuts(keepsCorrupt: Bool) throws {
    var random = RandomJSON(seed: 7)
    var lines = (0..<60).map { _ in Array((random.record(wide) + "\n").utf8) }
    lines[3] = Array("\n".utf8)
    lines[20] = Array("{\"id\":\n".utf8)
    lines[59].removeLast()
    let parser = try jsonParser(wide, corruptColumn: keepsCorrupt ? "bad" : nil)
    let whole = JSONReading(parser, [lines.flatMap { $0 }])
    #expect(whole.malformed.contains { $0.line == 20 })
    #expect(whole.lineCount == 59)
    for count in [1, 7, 33] {
      let blocks = stride(from: 0, to: lines.count, by: count).map { start in
        lines[start..<min(start + count, lines.count)].flatMap { $0 }
      }
      let parts = JSONReading(parser, blocks)
      #expect(parts.rows.description == whole.rows.description)
      #expect(parts.offsets == whole.offsets)
      #expect(parts.malformed == whole.malformed)
      #expect(parts.lineCount == whole.lineCount)
    }
  }

  @Test("end at the last line feed of a block")
  func wholeRecords() throws {
    let parser = try jsonParser(wide)
    for (text, expected) in [("", 0), ("{}", 0), ("\n", 1), ("{}\n{}", 3), ("{}\n{}\n", 6)] {
      #expect(parser.wholeRecords(in: Buffer(Array(text.utf8))) == expected)
    }
  }

  @Test("may stand behind a byte order mark, spaces and empty lines, and end with CR LF")
  func margins() throws {
    let text = "\u{FEFF}{\"id\":1}\r\n\r\n \t\n\n  {\"id\":2} \r\n\u{FEFF}\n{\"id\":3}"
    let reading = try JSONReading(text.utf8, wide, columns: "id")
    #expect(reading.rows == [[.integer(1)], [.integer(2)], [.integer(3)]])
    #expect(reading.malformed == [])
    #expect(reading.lineCount == 6)
    #expect(reading.offsets == [0, 19, 36])
  }

  @Test("of no columns still count")
  func noColumns() throws {
    let parser = try jsonParser(Schema([]))
    let parsed = parser.parse(
      RecordBlock(bytes: Buffer(Array("{}\n{\"a\":1}\n".utf8)), isLast: true))
    #expect(parsed.batch.rowCount == 2)
  }

  @Test("are found by keys in any order, long ones, and many of them")
  func keys() throws {
    var random = SplitMix64(seed: 5)
    let names = (0..<300).map { "key-\($0)-" + String(repeating: "k", count: $0 % 70) }
    let schema = Schema(
      names.enumerated().filter { $0.offset % 3 == 0 }.map { Field($0.element, .bigint) })
    var expected: [[Value]] = []
    var text = ""
    for row in 0..<40 {
      let order = row < 10 ? Array(names.indices) : names.indices.shuffled(using: &random)
      let present = order.filter { _ in row % 2 == 0 || Int.random(in: 0..<4, using: &random) > 0 }
      text += "{" + present.map { "\"\(names[$0])\":\($0 * row)" }.joined(separator: ",") + "}\n"
      let members = Set(present)
      expected.append(
        names.indices.filter { $0 % 3 == 0 }.map {
          members.contains($0) ? .integer(Int64($0 * row)) : .null
        })
    }
    #expect(try JSONReading(text.utf8, schema).rows == expected)
  }
}

@Suite("JSON columns")
struct JSONColumnTests {
  static let schema = Schema([
    Field("kind", .string),
    Field(
      "user",
      .structure([
        Field("id", .bigint), Field("name", .string), Field("at", .structure([Field("x", .int)])),
      ])),
    Field("tags", .array(.string)), Field("points", .array(.structure([Field("x", .int)]))),
    Field("m", .map(key: .string, value: .array(.int))), Field("a.b", .int),
  ])

  static let text = """
    {"kind":"k","user":{"id":1,"name":"n","at":{"x":5}},"tags":["a","b"],"points":[{"x":1},{"x":2}],\
    "m":{"p":[1],"q":[2,3]},"a.b":9}
    {"user":{"name":"o"},"tags":[],"points":[null,{}],"m":{"q":[]}}
    {"user":null,"tags":null,"points":null,"m":null}
    {}

    """

  static let cases: [(String, [[Value]])] = [
    (
      "user.id AS uid, kind",
      [[.integer(1), .string("k")], [.null, .null], [.null, .null], [.null, .null]]
    ),
    (
      "tags[0], tags[1] AS t1",
      [[.string("a"), .string("b")], [.null, .null], [.null, .null], [.null, .null]]
    ),
    ("points[1].x", [[.integer(2)], [.null], [.null], [.null]]),
    (
      "m.q[1] AS q1, m.q AS q",
      [
        [.integer(3), .list([.integer(2), .integer(3)])], [.null, .list([])], [.null, .null],
        [.null, .null],
      ]
    ),
    (
      "user.name, user.at.x, user.name AS again",
      [
        [.string("n"), .integer(5), .string("n")], [.string("o"), .null, .string("o")],
        [.null, .null, .null], [.null, .null, .null],
      ]
    ),
    (
      "user, user.id",
      [
        [.structure([.integer(1), .string("n"), .structure([.integer(5)])]), .integer(1)],
        [.structure([.null, .string("o"), .null]), .null], [.null, .null], [.null, .null],
      ]
    ),
    (
      "`a.b`, a.b AS same",
      [[.integer(9), .integer(9)], [.null, .null], [.null, .null], [.null, .null]]
    ),
  ]

  @Test("are chosen by paths", arguments: cases)
  func paths(columns: String, expected: [[Value]]) throws {
    let reading = try JSONReading(Self.text.utf8, Self.schema, columns: columns)
    #expect(reading.malformed == [])
    #expect(reading.rows == expected)
  }

  @Test("that are not asked for may be of any type, those on the way not")
  func unwanted() throws {
    let text = """
      {"user":{"id":"no","name":7,"at":[]},"tags":1}
      {"user":1}
      {"tags":{},"user":{"name":"ok"}}

      """
    let reading = try JSONReading(text.utf8, Self.schema, columns: "user.name")
    #expect(reading.rows == [[.string("7")], [.string("ok")]])
    #expect(reading.malformed.map(\.line) == [1])
    #expect(
      reading.malformed[0].message
        == "'user': expected a struct<id:bigint,name:string,at:struct<x:int>> but found '1'")
  }

  @Test("that are not there are refused, as are types that JSON does not have")
  func refusals() {
    #expect(throws: StreamError.self) { try jsonParser(Self.schema, columns: "usr.id") }
    #expect(throws: StreamError.self) {
      try jsonParser(Schema([Field("x", .map(key: .int, value: .int))]))
    }
    #expect(throws: StreamError.self) { try jsonParser(Schema([Field("x", .dayTimeInterval)])) }
  }

  @Test("that the schema does not know are told once a block")
  func newFields() throws {
    let parser = try jsonParser(Self.schema, columns: "user.id, tags")
    let first =
      "{\"kind\":1,\"nick\":1,\"user\":{\"id\":1,\"age\":2,\"name\":\"\"},\"m\":{\"zz\":[]}}\n"
    let parsed = parser.parse(RecordBlock(bytes: Buffer(Array((first + first).utf8)), isLast: true))
    #expect(parsed.newFields == ["nick", "user.age"])
  }
}
