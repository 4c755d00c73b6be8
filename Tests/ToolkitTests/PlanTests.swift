import Columnar
import Diagnostics
import JSONText
import Testing
import Wire

import Toolkit

@Suite("Plans")
struct PlanTests {
  private func header() -> Header {
    var header = Header(shape: Shape(mode: .complete, keys: ["status"], isBounded: true))
    _ = header.append(
      tool: "stream-source",
      options: .object([
        .init("format", .string("csv")),
        .init("arguments", .array([.string("file"), .string("my data.csv")])),
      ]))
    _ = header.append(
      tool: "stream-agg",
      options: .object([
        .init("arguments", .array([.string("count(*) AS n")])), .init("by", .string("status")),
        .init("mode", .string("complete")), .init("limit", .null),
      ]))
    return header
  }

  @Test("names stages by branch, tool and number")
  func stageIds() {
    var header = header()
    #expect(header.plan.map(\.stage) == ["main.source", "main.agg"])
    #expect(header.append(tool: "stream-agg", options: .object([])) == "main.agg.2")
    #expect(header.append(tool: "stream-agg", options: .object([]), branch: "b") == "b.agg")
    #expect(header.append(tool: "stream-map", options: .object([])) == "b.map")
    #expect(header.append(tool: "stream-agg", options: .object([])) == "b.agg.2")
  }

  @Test("shows the plan as commands below each other")
  func tree() {
    var header = header()
    _ = header.append(
      tool: "stream-sink", options: .object([.init("explain", .bool(true))]))
    let schema = Schema([Field("status", .bigint), Field("n", .bigint)])
    #expect(
      PlanTree(header, schema).text == """
        main.sink: stream-sink --explain
        └─ main.agg: stream-agg 'count(*) AS n' --by status --mode complete
           └─ main.source: stream-source file 'my data.csv' --format csv

        rows: status bigint, n bigint
        sent: all of them, each time that one changes by status
        """)
  }

  @Test(
    "writes words for a shell",
    arguments: [
      ("a", "a"), ("", "''"), ("a b", "'a b'"), ("it's", "\"it's\""), ("x.csv", "x.csv"),
      ("it's $1", "'it'\\''s $1'"), ("'\"", "''\\''\"'"), ("oh!'", "'oh!'\\'''"),
    ])
  func quoting(word: String, expected: String) {
    #expect(shellQuoted(word) == expected)
  }

  @Test("writes figures for people")
  func figures() {
    #expect(counted(1, "row") == "1 row")
    #expect(counted(1_234_567, "row") == "1,234,567 rows")
    #expect(grouped(-1000) == "-1,000")
    #expect(
      [0.04, 9.96, 59.6, 200].map(shortSeconds) == ["0.0 s", "10.0 s", "60 s", "3 min 20 s"])
    #expect(
      [999, 1000, 12_345_678, 999_600_000].map(shortBytes) == [
        "999 B", "1.0 kB", "12.3 MB", "1.0 GB",
      ])
  }
}
