import Columnar
import Diagnostics
import Formats
import Testing

@Suite("Inference")
struct InferenceTests {
  @Test(
    "goes by how a text looks",
    arguments: [
      ("true", DataType.boolean), ("False", .boolean), ("tru", .string), ("truely", .string),
      ("0", .bigint), ("-7", .bigint), ("-", .string), ("+7", .string), ("007", .string),
      ("-01", .string),
      ("9223372036854775807", .bigint), ("-9223372036854775808", .bigint),
      ("9223372036854775808", .decimal(precision: 38, scale: 0)),
      (String(repeating: "9", count: 39), .string),
      ("1.5", .double), ("0.5", .double), ("00.5", .string), (".5", .double), ("5.", .double),
      ("1e3", .double), ("-1E-3", .double), ("1e", .string), ("1.2.3", .string), ("0x10", .string),
      ("NaN", .double), ("nan", .string), ("Infinity", .double), ("-Infinity", .double),
      ("inf", .string),
      ("2026-01-31", .date), ("2026-02-30", .string), ("2026-1-31", .string), ("2026", .bigint),
      ("2026-01-31T10:00:00Z", .timestamp), ("2026-01-31T10:00:00.123456+01:00", .timestamp),
      ("2026-01-31 10:00", .timestamp), ("2026-01-31 10:00:00", .timestamp),
      ("2026-01-31 10", .string),
      ("2026-01-31T25:00:00Z", .string), (" 1", .string), ("", .string), ("x", .string),
    ])
  func text(text: String, expected: DataType) {
    #expect(inferredType(of: Array(text.utf8).span) == expected)
  }

  @Test(
    "merges types alike from both sides",
    arguments: [
      (DataType.void, DataType.date, DataType.date), (.bigint, .double, .double),
      (.bigint, .decimal(precision: 38, scale: 0), .decimal(precision: 38, scale: 0)),
      (.decimal(precision: 38, scale: 0), .double, .double), (.date, .timestamp, .timestamp),
      (.bigint, .boolean, .string), (.date, .bigint, .string), (.string, .double, .string),
      (.void, .void, .void),
    ])
  func merge(left: DataType, right: DataType, expected: DataType) {
    #expect(left.merged(with: right) == expected)
    #expect(right.merged(with: left) == expected)
  }

  private func infer(
    _ text: String, header: String? = nil, isWhole: Bool = true,
    _ change: (inout ReadOptions) -> Void = { _ in }
  ) throws -> String {
    var options = ReadOptions()
    change(&options)
    let read = try header.flatMap {
      try CSVHeader.read(from: Buffer(Array($0.utf8)), isLast: true, delimiter: options.delimiter)
    }
    let sample = Buffer(Array(text.utf8))
    return try inferSchema(.csv, options, sample: sample, isWhole: isWhole, header: read)
      .description
  }

  @Test("of CSV looks at every column")
  func csv() throws {
    let text = "1,x,,2026-01-01,1\n2.5,,,2026-01-01T00:00:00Z,\"007\"\n\n3,y,\"\",,3\nbad,row\n"
    #expect(
      try infer(text, header: "n,s,e,t,z\n")
        == "n double, s string, e string, t timestamp, z string")
    #expect(try infer("1,true\n2,FALSE\n") == "_c0 bigint, _c1 boolean")
    #expect(try infer("", header: "a,b\n") == "a string, b string")
  }

  @Test("of CSV leaves out what the sample cuts off")
  func cut() throws {
    #expect(try infer("1,2\n3,x", isWhole: false) == "_c0 bigint, _c1 bigint")
    #expect(try infer("1,2\n3,x", isWhole: true) == "_c0 bigint, _c1 string")
    #expect(try infer("1,2", isWhole: false) == "_c0 bigint, _c1 bigint")
  }

  @Test("of CSV knows the options")
  func options() throws {
    #expect(
      try infer("1;NA\n2;5\n") {
        $0.delimiter = UInt8(ascii: ";"); $0.nullText = "NA"
      }
        == "_c0 bigint, _c1 bigint")
    #expect(try infer("31/12/2026\n") { $0.timestampFormat = "dd/MM/yyyy" } == "_c0 timestamp")
  }

  @Test("needs a record or a header")
  func nothing() {
    let expected = StreamError(
      .data, "no record to infer the columns from", hint: "--schema 'id bigint, name string'")
    #expect(throws: expected) { try infer("\n\n") }
  }
}
