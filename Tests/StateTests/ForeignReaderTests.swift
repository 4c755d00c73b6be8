import Columnar
import Diagnostics
import State
import TestSupport
import Testing

@Suite("a foreign Arrow reader")
struct ForeignReaderTests {
  @Test("opens segments and snapshots")
  func pyarrow() throws {
    let scratch = try Scratch()
    let tracked = try Tracked(scratch, at: nil)
    let first = batch([
      [.string("a"), .integer(0), .integer(1), .list([.integer(1)])],
      [.string("b"), .integer(0), .null, .null],
    ])
    let change = batch([[.string("a"), .integer(0), .integer(2), .list([.integer(2)])]])
    try tracked.append(1, [(first, false)])
    try tracked.append(4, [(change, false), (first[1..<2], true)])
    try tracked.writeSnapshot()

    let schema =
      #"{"stream.state.appends": "[\"seen\"]", "stream.state.keys": "2"}"#
    func text(_ version: Int, _ rows: [String], isDeletion: Bool = false) -> String {
      let change = isDeletion ? #""stream.change": "delete", "# : ""
      return
        #"{"metadata": {\#(change)"stream.state.version": "\#(version)"}, "#
        + #""rows": [\#(rows.joined(separator: ", "))]}"#
    }
    func mark(_ version: Int, rows: Int) -> String {
      #"{"metadata": {"stream.state.end": "rows: \#(rows)", "#
        + #""stream.state.version": "\#(version)"}, "rows": []}"#
    }
    func row(_ word: String, _ n: String, _ seen: String) -> String {
      #"{"word": "\#(word)", "window": "1970-01-01 00:00:00+00:00", "n": \#(n), "seen": \#(seen)}"#
    }
    let segment = try Python.run("state.py", scratch.path("000000000000.changes.arrows"))
    #expect(
      segment.split(separator: "\n").map(String.init) == [
        schema, text(1, [row("a", "1", "[1]"), row("b", "null", "null")]), mark(1, rows: 2),
        text(4, [row("a", "2", "[2]")]), text(4, [row("b", "null", "null")], isDeletion: true),
        mark(4, rows: 2),
      ])
    let snapshot = try Python.run("state.py", scratch.path("000000000004.snapshot.arrows"))
    #expect(
      snapshot.split(separator: "\n").map(String.init) == [
        schema, text(4, [row("a", "2", "[1, 2]")]), mark(4, rows: 1),
      ])
  }
}
