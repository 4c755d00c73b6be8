import Columnar
import Formats
import TestSupport
import Testing

@Suite("CSV and text writers")
struct CSVWriterTests {
  private func written(
    _ batch: Batch, as format: Format = .csv, _ change: (inout WriteOptions) -> Void = { _ in }
  ) throws -> String {
    var options = WriteOptions()
    change(&options)
    var writer = try makeWriter(format, options)
    var bytes = MutableBuffer<UInt8>()
    try writer.begin(batch.schema, into: &bytes)
    try writer.write(batch, into: &bytes)
    writer.end(into: &bytes)
    return String(decoding: bytes.take().elements, as: UTF8.self)
  }

  private func batch(_ columns: [(String, Column)]) -> Batch {
    Batch(schema: Schema(columns.map { Field($0.0, $0.1.type) }), columns: columns.map(\.1))
  }

  @Test(
    "quotes where it has to",
    arguments: [
      (nil, ""), ("", "\"\""), ("a", "a"), ("a b", "a b"), ("a,b", "\"a,b\""),
      ("a\"b", "\"a\"\"b\""),
      ("a\nb", "\"a\nb\""), ("a\r", "\"a\r\""), ("é'", "é'"),
    ] as [(String?, String)])
  func quoting(value: String?, expected: String) throws {
    #expect(
      try written(batch([("x", Column([value])), ("y", Column([1 as Int64?]))]))
        == "x,y\n\(expected),1\n")
  }

  @Test("has a delimiter and a text for null")
  func options() throws {
    let rows = batch([
      ("a;b", Column(["x,y", nil, "NA", "p;q"])), ("n", Column([-1 as Int64?, nil, 2, 3])),
    ])
    let text = try written(rows) {
      $0.delimiter = UInt8(ascii: ";")
      $0.nullText = "NA"
    }
    #expect(text == "\"a;b\";n\nx,y;-1\nNA;NA\n\"NA\";2\n\"p;q\";3\n")
    #expect(try written(rows) { $0.hasHeader = false }.hasPrefix("\"x,y\",-1\n"))
  }

  @Test("quotes numbers where the delimiter is one of their characters")
  func oddDelimiter() throws {
    let rows = batch([("a", Column([-1.5, 2])), ("b", Column([1 as Int64?, -2]))])
    let text = try written(rows) { $0.delimiter = UInt8(ascii: "-") }
    #expect(text == "a-b\n\"-1.5\"-1\n2.0-\"-2\"\n")
  }

  @Test("writes every scalar type")
  func types() throws {
    let columns: [(String, Column)] = [
      ("b", Column([true, nil])),
      ("i", Column(.tinyint, values: [.integer(-5), .null])),
      ("d", Column([.nan, -.infinity])),
      ("f", Column(.float, values: [.double(Double(0.1 as Float)), .double(1e20)])),
      ("m", Column(.decimal(precision: 6, scale: 2), values: [.decimal(-1234), .decimal(5)])),
      ("t", Column(.timestamp, values: [.integer(1_500_000), .integer(-1)])),
      ("y", Column(.date, values: [.integer(1), .null])),
      ("v", Column(.void, values: [.null, .null])),
      ("x", Column(.binary, values: [.binary([0x66, 0x6F]), .null])),
      ("l", Column(.array(.string), values: [.list([.string("a"), .null]), .list([])])),
      ("o", Column(.structure([Field("k", .int)]), values: [.null, .structure([.integer(1)])])),
    ]
    #expect(
      try written(batch(columns)) == """
        b,i,d,f,m,t,y,v,x,l,o
        true,-5,NaN,0.1,-12.34,1970-01-01T00:00:01.5Z,1970-01-02,,Zm8=,"[""a"",null]",
        ,,-Infinity,1e+20,0.05,1969-12-31T23:59:59.999999Z,,,,[],"{""k"":1}"

        """)
  }

  @Test("is read back as it was", arguments: [0, 1, 63, 64, 65, 9000])
  func roundTrip(count: Int) throws {
    let types: [DataType] = [
      .boolean, .tinyint, .smallint, .int, .bigint, .float, .double,
      .decimal(precision: 25, scale: 3), .date, .timestamp, .string,
    ]
    let columns = types.enumerated().map { index, type in
      ("c\(index)", Column(type, values: randomValues(type, count: count, seed: UInt64(index))))
    }
    let batch = batch(columns)
    for nullText in ["", "null", "0", "true"] {
      let text = try written(batch) {
        $0.nullText = nullText; $0.hasHeader = false
      }
      let parser = try parser(batch.schema.fields) { $0.nullText = nullText }
      let parsed = parser.parse(block(text))
      #expect(parsed.malformed == [])
      #expect(parsed.rows == (0..<count).map { batch.row($0) })
    }
  }

  @Test("writes slices as it writes the whole")
  func slices() throws {
    let batch = batch([
      ("a", Column(.string, values: randomValues(.string, count: 200, seed: 3))),
      ("b", Column(.boolean, values: randomValues(.boolean, count: 200, seed: 4))),
    ])
    let whole = try written(batch) { $0.hasHeader = false }
    let parts = try [0..<1, 1..<70, 70..<133, 133..<200].map { range in
      try written(batch[range]) { $0.hasHeader = false }
    }
    #expect(parts.joined() == whole)
  }

  @Test("writes text as it is, columns between tabs")
  func text() throws {
    let one = batch([("a", Column(["x,\"y\"", nil, "", "z"]))])
    #expect(try written(one, as: .text) == "x,\"y\"\n\n\nz\n")
    let two = batch([("a", Column(["x", nil])), ("n", Column([1 as Int64?, 2]))])
    #expect(try written(two, as: .text) == "x\t1\n\t2\n")
  }
}
