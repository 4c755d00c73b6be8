import Columnar
import Diagnostics
import Formats
import Scalars
import Testing

@Suite("CSV records")
struct CSVRecordTests {
  let fields = [Field("a", .string), Field("n", .bigint), Field("b", .string)]

  @Test(
    "are read",
    arguments: [
      ("", []),
      ("x,1,y\n", [["x", 1, "y"]]),
      ("x,1,y", [["x", 1, "y"]]),
      ("x,1,y\r\nz,2,w\r\n", [["x", 1, "y"], ["z", 2, "w"]]),
      ("x,1,y\n\n\r\nz,2,w\n\n", [["x", 1, "y"], ["z", 2, "w"]]),
      (",,\n", [[nil, nil, nil]]),
      ("\"\",\"\",\"\"\n", [["", nil, ""]]),
      ("\"x,y\",\"1\",\"a\nb\"\n", [["x,y", 1, "a\nb"]]),
      ("\"a\"\"b\",1,\"\"\"\"\n", [["a\"b", 1, "\""]]),
      ("a\"b,1,c\"\"\n", [["a\"b", 1, "c\"\""]]),
      (" x ,1, \"y\"\n", [[" x ", 1, " \"y\""]]),
      ("a\rb,1,c\r", [["a\rb", 1, "c\r"]]),
      ("a,1,b\r\r\n", [["a", 1, "b\r"]]),
      ("\"x\r\ny\",1,\"z\"\r\n", [["x\r\ny", 1, "z"]]),
      ("é,1,日本\n", [["é", 1, "日本"]]),
    ] as [(String, [[CSVCell]])])
  func good(text: String, expected: [[CSVCell]]) throws {
    let parsed = try parser(fields).parse(block(text))
    #expect(parsed.rows == expected.map { $0.map(\.value) })
    #expect(parsed.complaints == [])
  }

  @Test(
    "are malformed, and say where",
    arguments: [
      ("x,1\n", "0:4: expected 3 fields but found 2"),
      ("x,1,y,z,w\n", "0:7: expected 3 fields but found 5"),
      ("x", "0:2: expected 3 fields but found 1"),
      ("\"x\"y,1,z\n", "0:4: expected a delimiter behind the closing quote but found byte 'y'"),
      ("\"x\" ,1,z\n", "0:4: expected a delimiter behind the closing quote but found byte ' '"),
      ("\"x\"\r,1,z\n", "0:4: expected a delimiter behind the closing quote but found byte 0x0D"),
      ("\"x,1,z\n", "0:1: this quote is never closed"),
      ("x,1,\"z\nw,", "0:5: this quote is never closed"),
      ("x,12x4,y\n", "0:5: 'n' is not an integer: byte 'x' at offset 2"),
      ("x,\"1x\",y\n", "0:5: 'n' is not an integer: byte 'x' at offset 1"),
      ("x,+1,y\n", "0:3: 'n' is not an integer: byte '+' at offset 0"),
      ("x,-,y\n", "0:4: 'n' is not an integer: '-' ends too early"),
      ("x,9223372036854775808,y\n", "0:3: 'n' does not fit a bigint: '9223372036854775808'"),
      ("\n\nx,1.0,y\n", "2:4: 'n' is not an integer: byte '.' at offset 1"),
    ])
  func bad(text: String, complaint: String) throws {
    let parsed = try parser(fields).parse(block(text))
    #expect(parsed.rows == [])
    #expect(parsed.complaints == [complaint])
  }

  @Test("keep their text without the line end")
  func text() throws {
    let parsed = try parser(fields).parse(block("a,1,b\r\n\"c\nd\",2\r\ne,3,f\n"))
    #expect(
      parsed.rows == [
        [.string("a"), .integer(1), .string("b")], [.string("e"), .integer(3), .string("f")],
      ])
    #expect(parsed.malformed.map(\.bytes) == [Array("\"c\nd\",2".utf8)])
    #expect(parsed.malformed.map(\.line) == [1])
    #expect(parsed.lineCount == 4)
  }

  @Test("that are not UTF-8 are malformed where the column is a string")
  func invalidUTF8() throws {
    let bytes: [UInt8] = Array("a,1,b\nx".utf8) + [0xC3] + Array(",2,c\nd,3,".utf8) + [0xFF, 0x0A]
    let parsed = try parser(fields).parse(block(bytes))
    #expect(parsed.rows == [[.string("a"), .integer(1), .string("b")]])
    #expect(
      parsed.complaints == [
        "1:2: 'a' is not UTF-8: byte 0xC3 at offset 1",
        "2:5: 'b' is not UTF-8: byte 0xFF at offset 0",
      ])
    let raw = try parser([Field("a", .binary), Field("n", .bigint), Field("b", .binary)])
    #expect(raw.parse(block(bytes)).batch.column(named: "b")?.value(2) == .binary([0xFF]))
  }

  @Test("of one column may be empty lines: nulls")
  func oneColumn() throws {
    let parsed = try parser([Field("a", .string)]).parse(block("x\n\n\"\"\n\r\ny"))
    #expect(parsed.rows == [[.string("x")], [.null], [.string("")], [.null], [.string("y")]])
    let ragged = try parser([Field("a", .string)]).parse(block("x\ny,z\n"))
    #expect(ragged.complaints == ["1:3: expected 1 field but found 2"])
  }

  @Test("have other delimiters", arguments: ["\t", ";", "|", "\u{01}", " "])
  func delimiters(delimiter: String) throws {
    let text = ["a,b", "1", "\"c\(delimiter)d\""].joined(separator: delimiter) + "\n"
    let parser = try parser(fields) { $0.delimiter = Array(delimiter.utf8)[0] }
    #expect(
      parser.parse(block(text)).rows == [[.string("a,b"), .integer(1), .string("c\(delimiter)d")]])
  }

  @Test("have a text for null, without quotes only")
  func nullText() throws {
    let parser = try parser(fields) { $0.nullText = "NA" }
    let parsed = parser.parse(block("NA,NA,\"NA\"\nNAN,,na\n"))
    #expect(
      parsed.rows == [[.null, .null, .string("NA")], [.string("NAN"), .null, .string("na")]])
  }

  @Test("are read into a corrupt column, with the fields that can be read")
  func corruptColumn() throws {
    let parser = try parser(fields + [Field("bad", .string)]) { $0.corruptColumn = "bad" }
    let bytes = Array("a,1,b\nc,x,d\n\"e\"f,2,g\nh,3\n".utf8) + [0xFF] + Array(",4,i\n".utf8)
    let parsed = parser.parse(block(bytes))
    #expect(
      parsed.rows == [
        [.string("a"), .integer(1), .string("b"), .null],
        [.string("c"), .null, .string("d"), .string("c,x,d")],
        [.null, .null, .null, .string("\"e\"f,2,g")],
        [.null, .null, .null, .string("h,3")],
        [.null, .integer(4), .string("i"), .string("\u{FFFD},4,i")],
      ])
    #expect(parsed.malformed.map(\.line) == [1, 2, 3, 4])
    #expect(
      parser.parse(block("a,1,b\n")).rows == [[.string("a"), .integer(1), .string("b"), .null]])
  }

  @Test("are not looked at where a column is not asked for")
  func pruning() throws {
    let parser = try parser(fields) { $0.columns = [ColumnSelection(FieldPath("b"), as: "B")] }
    let parsed = parser.parse(block("a,x,b\n\"c\"d,1,e\nf,1\n"))
    #expect(parsed.batch.schema.names == ["B"])
    #expect(parsed.rows == [[.string("b")]])
    #expect(parsed.malformed.count == 2)
  }

  @Test("tell where they begin")
  func rowOffsets() throws {
    let parser = try parser(fields) { $0.wantsRowOffsets = true }
    let parsed = parser.parse(block("a,1,b\n\nc,x,d\n\"e\",2,f\n"))
    #expect(parsed.rowOffsets?.elements == [0, 13])
  }
}

@Suite("CSV types")
struct CSVTypeTests {
  @Test(
    "are read",
    arguments: [
      (DataType.boolean, "true", Value.boolean(true)), (.boolean, "FALSE", .boolean(false)),
      (.tinyint, "-128", .integer(-128)), (.smallint, "32767", .integer(32767)),
      (.int, "-2147483648", .integer(-2_147_483_648)), (.bigint, "007", .integer(7)),
      (.float, "0.1", .double(Double(0.1 as Float))), (.double, "1e3", .double(1000)),
      (.double, "-Infinity", .double(-.infinity)), (.double, ".5", .double(0.5)),
      (.decimal(precision: 5, scale: 2), "123.455", .decimal(12346)),
      (.date, "1970-01-02", .integer(1)),
      (.timestamp, "1970-01-01T00:00:01.5Z", .integer(1_500_000)),
      (.timestamp, "1970-01-01 01:00:00+01:00", .integer(0)), (.timestamp, "1970", .integer(0)),
      (.string, "x", .string("x")), (.binary, "x", .binary([0x78])),
    ])
  func good(type: DataType, text: String, expected: Value) throws {
    let parser = try parser([Field("c", type)])
    for written in [text, "\"\(text)\""] {
      #expect(parser.parse(block("\(written)\n")).rows == [[expected]])
    }
    #expect(parser.parse(block("\n")).rows == [[.null]])
  }

  @Test(
    "are refused, and say why",
    arguments: [
      (DataType.boolean, "1", "'c' is not a boolean: byte '1' at offset 0"),
      (.boolean, "tru", "'c' is not a boolean: 'tru' ends too early"),
      (.boolean, "truest", "'c' is not a boolean: byte 's' at offset 4"),
      (.tinyint, "128", "'c' does not fit a tinyint: '128'"),
      (.int, "2147483648", "'c' does not fit an int: '2147483648'"),
      (.double, "1.2.3", "'c' is not a number: byte '.' at offset 3"),
      (.double, "1e", "'c' is not a number: '1e' ends too early"),
      (.float, "x", "'c' is not a number: byte 'x' at offset 0"),
      (.decimal(precision: 4, scale: 2), "123", "'c' does not fit a decimal(4,2): '123'"),
      (.decimal(precision: 4, scale: 2), "1,5", "expected 1 field but found 2"),
      (.date, "2026-13-01", "'c' is not a date: there is no such month: '2026-13-01'"),
      (.date, "2026-02-30", "'c' is not a date: there is no such day: '2026-02-30'"),
      (
        .timestamp, "2026-01-01T25:00:00Z",
        "'c' is not a timestamp: there is no such hour: '2026-01-01T25:00:00Z'"
      ),
      (.timestamp, "yesterday", "'c' is not a timestamp: byte 'y' at offset 0"),
      (
        .timestamp, "2026-01-01T00:00:00 A/B",
        "'c' is not a timestamp: no such time zone: '2026-01-01T00:00:00 A/B'"
      ),
    ])
  func bad(type: DataType, text: String, message: String) throws {
    let parsed = try parser([Field("c", type)]).parse(block("\(text)\n"))
    #expect(parsed.malformed.map(\.message) == [message])
  }

  @Test("take zone-less times to be where the options say")
  func zone() throws {
    let parser = try parser([Field("c", .timestamp)]) { $0.zone = .fixed(3600) }
    #expect(parser.parse(block("1970-01-01T01:00:00\n")).rows == [[.integer(0)]])
  }

  @Test("take times in the form that the options say")
  func pattern() throws {
    let parser = try parser([Field("c", .timestamp)]) { $0.timestampFormat = "dd/MM/yyyy HH:mm" }
    #expect(parser.parse(block("02/01/1970 00:01\n")).rows == [[.integer(86_460_000_000)]])
    #expect(parser.parse(block("1970-01-02\n")).malformed.count == 1)
  }

  @Test(
    "refuse what CSV cannot hold",
    arguments: [
      DataType.array(.int), .map(key: .string, value: .int), .structure([]), .void,
      .dayTimeInterval,
    ])
  func nested(type: DataType) {
    let expected = StreamError(
      .usage, "column 'c' cannot be read from CSV as \(type.phrase)",
      hint: "read it as a string and convert it behind, or use --format json")
    #expect(throws: expected) { try parser([Field("c", type)]) }
  }
}

@Suite("CSV headers")
struct CSVHeaderTests {
  private func read(_ bytes: [UInt8], isLast: Bool = true) throws -> CSVHeader? {
    try CSVHeader.read(from: Buffer(bytes), isLast: isLast, delimiter: UInt8(ascii: ","))
  }

  @Test(
    "name the columns",
    arguments: [
      ("a,b\n1,2\n", ["a", "b"], 4, 1), ("a,b\r\n1", ["a", "b"], 5, 1), ("a", ["a"], 1, 0),
      ("\"a,\nb\",\"c\"\"\"\nx", ["a,\nb", "c\""], 13, 2), ("\n\r\na,b\n", ["a", "b"], 7, 3),
      ("a,a,,a_2,,a\n", ["a", "a_3", "_c2", "a_2", "_c4", "a_4"], 12, 1),
    ] as [(String, [String], Int, Int)])
  func names(text: String, names: [String], byteCount: Int, lineCount: Int) throws {
    let header = try #require(try read(Array(text.utf8)))
    #expect(header.names == names)
    #expect(header.byteCount == byteCount)
    #expect(header.lineCount == lineCount)
  }

  @Test("may be long", arguments: [10, 4094, 4095, 4096, 40_000])
  func long(length: Int) throws {
    let name = String(repeating: "n", count: length)
    let text = Array("\"\(name)\n\",b\n1,2\n".utf8)
    #expect(try read(text, isLast: false)?.names == ["\(name)\n", "b"])
    #expect(try read(text, isLast: false)?.byteCount == length + 6)
  }

  @Test("may stand behind a byte order mark")
  func byteOrderMark() throws {
    let header = try #require(try read([0xEF, 0xBB, 0xBF] + Array("a,b\n".utf8)))
    #expect(header.names == ["a", "b"])
    #expect(header.byteCount == 7)
  }

  @Test("wait for their line end", arguments: ["", "a,b", "a,\"b\n", "\"a\"\r", "\n"])
  func incomplete(text: String) throws {
    #expect(try read(Array(text.utf8), isLast: false) == nil)
  }

  @Test("are refused when they are malformed")
  func malformed() {
    let quote = StreamError(
      .data, "the header is malformed: this quote is never closed", location: "1:3")
    #expect(throws: quote) { try read(Array("a,\"b\n".utf8)) }
    let invalid = StreamError(
      .data, "the header is not UTF-8: byte 0xE9", location: "1:4", hint: "--encoding latin1")
    #expect(throws: invalid) { try read(Array("a,b".utf8) + [0xE9, 0x0A]) }
    let wide = StreamError(
      .data, "the header is not UTF-8: byte 0xFF", location: "1:1", hint: "--encoding utf-16")
    #expect(throws: wide) { try read([0xFF, 0xFE, 0x61, 0, 0x0A, 0]) }
  }

  @Test("say where the schema's columns are")
  func binding() throws {
    let fields = [Field("n", .bigint), Field("a", .string)]
    let parser = try parser(fields, header: "a,x,N\n")
    #expect(parser.parse(block("p,q,1\n")).rows == [[.integer(1), .string("p")]])
    #expect(parser.parse(block("p,1\n")).complaints == ["0:4: expected 3 fields but found 2"])
  }

  @Test("have to have the columns", arguments: [(true, StreamError.Kind.usage), (false, .data)])
  func missing(isDeclared: Bool, kind: StreamError.Kind) {
    let expected = StreamError(
      kind, "no column 'devcie' in the header (did you mean 'device'?); columns: ts, device")
    #expect(throws: expected) {
      let schema = Schema([Field("devcie", .string)])
      return try parser(schema.fields, header: "ts,device\n") {
        $0.schema = isDeclared ? schema : nil
      }
    }
  }
}

/// A cell of a table in a test.
enum CSVCell: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral,
  Sendable
{
  case string(String), integer(Int64), null

  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int64) { self = .integer(value) }
  init(nilLiteral: ()) { self = .null }

  var value: Value {
    switch self {
    case .string(let text): .string(text)
    case .integer(let integer): .integer(integer)
    case .null: .null
    }
  }
}
