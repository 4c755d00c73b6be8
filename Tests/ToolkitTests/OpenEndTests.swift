import JSONText
import Testing
import Toolkit
import Wire

/// What a sink says of windows that are open when the input has ended.
@Suite("The end of an input that is not final")
struct OpenEndTests {
  private static let window: JSON = ["kind": "tumbling"]

  /// A query with two aggregations.
  private func header(modes: (String, String), ends: Bool = true, window: JSON? = window) -> Header
  {
    var header = Header(shape: Shape(window: window, endsByItself: ends))
    _ = header.append(tool: "stream-source", options: ["arguments": ["file", "a.csv"]])
    _ = header.append(tool: "stream-agg", options: ["mode": .string(modes.0)])
    _ = header.append(tool: "stream-agg", options: ["mode": .string(modes.1)])
    return header
  }

  private func ledger(open: (Int64?, Int64?), isFinal: Bool = false) -> Ledger {
    var ledger = Ledger(epoch: 1, by: "main.source", time: 0, isFinal: isFinal)
    for (stage, count) in [("main.agg", open.0), ("main.agg.2", open.1)] {
      ledger[stage: stage].metrics = count.map { [Metric("openWindows", $0)] } ?? []
    }
    return ledger
  }

  @Test(
    "names the stages that wait, and how many windows are open",
    arguments: [
      (1, 0, "1 window of main.agg is still open"), (2, 0, "2 windows of main.agg are still open"),
      (0, 1, "1 window of main.agg.2 is still open"),
      (1, 1, "1 window of main.agg and 1 window of main.agg.2 are still open"),
    ] as [(Int64, Int64, String)])
  func says(first: Int64, second: Int64, text: String) throws {
    let open = try #require(
      OpenEnd(header(modes: ("append", "append")), lastLedger: ledger(open: (first, second))))
    #expect(open.message == "the input has ended, but \(text)")
    #expect(open.hint == "if nothing more will come, close them: stream-source … --final")
  }

  @Test("calls groups without a window groups")
  func groups() {
    let header = header(modes: ("append", "update"), window: nil)
    let open = OpenEnd(header, lastLedger: ledger(open: (1, nil)))
    #expect(open?.message == "the input has ended, but 1 group of main.agg is still open")
  }

  @Test("goes by the last commit where a run has had no epoch")
  func resumed() {
    var header = header(modes: ("append", "append"))
    #expect(OpenEnd(header, lastLedger: nil) == nil)
    header.resume = ledger(open: (3, 0)).json
    #expect(
      OpenEnd(header, lastLedger: nil)?.message
        == "the input has ended, but 3 windows of main.agg are still open")
    #expect(OpenEnd(header, lastLedger: ledger(open: (0, 0))) == nil)
  }

  @Test("has nothing to say where nothing is held back, or more is expected")
  func silent() {
    let modes = ("append", "append")
    #expect(OpenEnd(header(modes: modes), lastLedger: ledger(open: (0, nil))) == nil)
    #expect(OpenEnd(header(modes: modes), lastLedger: ledger(open: (1, 1), isFinal: true)) == nil)
    #expect(OpenEnd(header(modes: modes, ends: false), lastLedger: ledger(open: (1, 1))) == nil)
    let sent = header(modes: ("update", "complete"))
    #expect(OpenEnd(sent, lastLedger: ledger(open: (1, 1))) == nil)
  }
}
