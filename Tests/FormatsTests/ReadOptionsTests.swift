import Columnar
import Diagnostics
import Formats
import Testing

@Suite("Read options")
struct ReadOptionsTests {
  let record = Schema([
    Field("kind", .string), Field("a.b", .int), Field("tags", .array(.string)),
    Field(
      "user", .structure([Field("id", .bigint), Field("m", .map(key: .string, value: .date))])),
  ])

  @Test(
    "choose columns by paths",
    arguments: [
      ("kind", "kind string"), (" KIND as k , tags[0] AS t", "k string, t string"),
      ("user.id", "id bigint"),
      ("user.id AS uid, user", "uid bigint, user struct<id:bigint,m:map<string,date>>"),
      ("user.m.x, a.b", "x date, a.b int"), ("`a.b` AS `odd ``name`", "odd `name int"),
      ("tags[12]", "tags string"),
    ])
  func selections(list: String, expected: String) throws {
    var options = ReadOptions()
    options.columns = try ColumnSelection.parse(list)
    #expect(try options.outputSchema(from: record).description == expected)
  }

  @Test(
    "refuse lists that cannot be read",
    arguments: [
      ("", "expected a column's name but found the end of the list", 0..<0),
      ("a,", "expected a column's name but found the end of the list", 2..<2),
      ("a b", "expected a comma or 'AS' but found 'b'", 2..<3),
      ("a[x]", "expected an index, from 0 but found 'x'", 2..<3),
      ("a[-1]", "expected an index, from 0 but found '-'", 2..<3),
      ("a[99999999999]", "expected an index, from 0 but found '9'", 2..<3),
      ("a[1", "expected ']' but found the end of the list", 3..<3),
      ("a.", "expected a column's name but found the end of the list", 2..<2),
      ("a AS", "expected a column's name but found the end of the list", 4..<4),
      ("count(*)", "expected a comma or 'AS' but found '('", 5..<6),
    ])
  func unreadable(list: String, message: String, place: Range<Int>) {
    let error = #expect(throws: StreamError.self) { try ColumnSelection.parse(list) }
    #expect(error?.message == message)
    #expect(error?.excerpt == Excerpt(list, place))
  }

  @Test(
    "refuse columns that are not there",
    arguments: [
      ("knd", "no column 'knd' (did you mean 'kind'?); columns: kind, a.b, tags, user"),
      ("user.i", "no column 'i' in 'user' (did you mean 'id'?); columns: id, m"),
      ("kind.x", "no field 'x' in 'kind', which is a string"),
      ("kind[0]", "'kind' is a string, so it has no elements"),
      ("kind, user.id AS kind", "two columns would be called 'kind'"),
    ])
  func missing(list: String, message: String) throws {
    var options = ReadOptions()
    options.columns = try ColumnSelection.parse(list)
    let error = #expect(throws: StreamError.self) {
      _ = try options.selection(from: record)
    }
    #expect(error?.message == message)
  }

  @Test("put the corrupt column last, once")
  func corruptColumn() throws {
    var options = ReadOptions()
    options.corruptColumn = "bad"
    let schema = Schema([Field("bad", .string), Field("a", .int)])
    #expect(try options.outputSchema(from: schema).description == "a int, bad string")
  }

  @Test(
    "name delimiters",
    arguments: [(",", 44), ("\\t", 9), ("tab", 9), ("\t", 9), ("|", 124)] as [(String, UInt8)])
  func delimiters(text: String, expected: UInt8) throws {
    #expect(try parseDelimiter(text) == expected)
  }

  @Test("refuse delimiters", arguments: ["", "ab", "é", "\"", "\n", "\r"])
  func badDelimiters(text: String) {
    #expect(throws: StreamError.self) { try parseDelimiter(text) }
  }

  @Test("refuse timestamp patterns with a caret under the letter")
  func pattern() {
    var options = ReadOptions()
    options.timestampFormat = "yyyy-QQQQQQ"
    let error = #expect(throws: StreamError.self) { _ = try options.timestampPattern() }
    #expect(error?.message == "--timestamp-format: 'QQQQQQ' has no meaning")
    #expect(error?.excerpt == Excerpt("yyyy-QQQQQQ", 5..<5))
  }
}
