import Checkpoint
import JSONText
import Testing
import Wire
import stream_query

@Suite("What windows and late rows an explanation tells of")
struct WindowExplanationTests {
  @Test(
    "says how far the next window is from closing",
    arguments: [
      (
        1, noon,
        "1 window is open, and ends at 2026-01-01T12:00:00.000Z: the watermark has 90 s to "
          + "go until then"
      ),
      (
        1234, noon - 90 * second + 300_000,
        "1,234 windows are open, and the next one ends at "
          + "2026-01-01T11:58:30.300Z: the watermark has 300 ms to go until then"
      ),
      (
        2, noon - 90 * second,
        "2 windows are open, and the next one ends at "
          + "2026-01-01T11:58:30.000Z: it closes with the next epoch"
      ),
      (2, nil, "2 windows are open"),
    ] as [(Int64, Int64?, String)])
  func distance(count: Int64, end: Int64?, expected: String) throws {
    var query = try TimedQuery()
    query.aggregateMetrics = [Metric("openWindows", count)]
    if let end { query.aggregateMetrics.append(Metric("nextClose", end)) }
    #expect(try query.explain()["main.agg"]?[0] == "runs; \(expected)")
    query.isRunning = false
    #expect(try query.explain()["main.agg"]?[0] == "does not run; \(expected)")
  }

  @Test(
    "says what other modes send, which wait for nothing",
    arguments: [
      ("update", "runs; it sends what has changed with each epoch, and holds nothing back"),
      ("complete", "runs; it sends the whole result with each epoch that has changed it"),
    ])
  func modes(mode: String, expected: String) throws {
    var query = try TimedQuery()
    query.aggregate["mode"] = .string(mode)
    query.aggregateMetrics = []
    #expect(try query.explain()["main.agg"] == [expected])
    query.aggregateMetrics = [Metric("openWindows", 3), Metric("nextClose", noon)]
    var told = try query.explain()
    let forgotten = "is forgotten when the watermark comes to 2026-01-01T12:00:00.000Z"
    #expect(
      told["main.agg"]
        == [expected + (mode == "update" ? "; 3 windows are open, the next one \(forgotten)" : "")])
    query.aggregateMetrics.removeFirst()
    told = try query.explain()
    #expect(
      told["main.agg"]
        == [expected + (mode == "update" ? "; its next window \(forgotten)" : "")])
    #expect(told["query"] == ["runs"])
    query.isRunning = false
    query.aggregateMetrics = []
    #expect(try query.explain()["main.agg"] == ["does not run"])
  }

  @Test("says how many windows are open that overlap", arguments: ["slide", "emit-every"])
  func overlapping(option: String) throws {
    var query = try TimedQuery()
    query.window[option] = "10s"
    let told = try query.explain()
    #expect(
      told["main.agg"]?[0] == "runs; 3 windows are open, and the next one ends at "
        + "2026-01-01T12:00:00.000Z: the watermark has 90 s to go until then")
    #expect(told["query"]?.last == "what has come in waits in main.agg until its windows close")
    query.aggregateMetrics = [Metric("openWindows", 0)]
    #expect(
      try query.explain()["main.agg"] == ["runs; no window is open, so nothing waits to be sent"])
  }

  @Test("says what groups without windows wait for")
  func groups() throws {
    var query = try TimedQuery()
    query.window["size"] = nil
    query.aggregateMetrics = [Metric("nextClose", noon)]
    #expect(
      try query.explain()["main.agg"] == [
        "runs; its next group ends at 2026-01-01T12:00:00.000Z: the watermark has 90 s to go until "
          + "then", "a row whose 'ts' is 2026-01-01T12:01:00.000Z or later closes it",
      ])
    query.aggregateMetrics = []
    #expect(
      try query.explain()["main.agg"] == [
        "runs; it sends its result once, when the input is complete"
      ])
    query.window["session"] = "5m"
    #expect(
      try query.explain()["main.agg"] == ["runs; no window is open, so nothing waits to be sent"])
  }

  @Test("says when windows of the clock close")
  func processingTime() throws {
    var query = try TimedQuery()
    query.window = ["processing-time": true, "size": "1m"]
    (query.latest, query.watermark) = (nil, noon + 10 * minute)
    query.aggregateMetrics = [Metric("openWindows", 1), Metric("nextClose", noon + 619 * second)]
    var told = try query.explain()
    #expect(
      told["main.window"] == [
        "puts rows into windows by the time of their epoch, the last of which began at "
          + "2026-01-01T12:10:00.000Z"
      ])
    #expect(
      told["main.agg"] == ["runs; 1 window is open, and ends at 2026-01-01T12:10:19.000Z, in 14 s"])
    query.isRunning = false
    told = try query.explain()
    #expect(
      told["main.agg"] == [
        "does not run; 1 window is open, and ends at 2026-01-01T12:10:19.000Z: it closes with the "
          + "next epoch"
      ])
  }

  @Test("says that a complete query waits for nothing")
  func complete() throws {
    var query = try TimedQuery()
    (query.isFinal, query.isRunning) = (true, false)
    query.aggregateMetrics = [Metric("openWindows", 0)]
    query.aggregateMemo = lateRows(1, max: 0, [1])
    #expect(
      try query.explanation(now: noon + 609 * second).lines == [
        "query: complete: all of its input is committed, nothing is left to do",
        "main.source: does not run", "main.window: its input is complete: every window is closed",
        "main.agg: does not run; its input is complete, all of its results are out",
        "  1 row came too late and had no effect: by less than 1 ms",
        "  with --watermark 1m1s at main.window it would have counted; "
          + "--late keep would keep such rows",
        "main.sink: does not run; its last commit is epoch 1, begun 9.0 s ago",
      ])
  }

  // MARK: - Rows without effect

  @Test(
    "tells how late rows were",
    arguments: [
      (
        12, 8_300_000, [5, 7],
        "12 rows came too late and had no effect: 5 by less than 1 s, "
          + "7 by 1 s to 10 s; the latest by 8.3 s"
      ),
      (
        6, 90_000_000_000, [0, 0, 1, 1, 1, 2, 1],
        "6 rows came too late and had no effect: "
          + "1 by 10 s to 1 min, 1 by 1 min to 10 min, 1 by 10 min to 1 h, 2 by 1 h to 1 d, "
          + "1 by 1 d or more; the latest by 25 h 0 min"
      ),
      (1, 400_000, [1], "1 row came too late and had no effect: by 400 ms"),
      (
        2, 400_000, [2],
        "2 rows came too late and had no effect: 2 by less than 1 s; the latest by 400 ms"
      ),
    ] as [(Int64, Int64, [Int64], String)])
  func late(count: Int64, max: Int64, histogram: [Int64], expected: String) throws {
    var query = try TimedQuery()
    query.aggregateMemo = lateRows(count, max: max, histogram)
    let told = try #require(try query.explain()["main.agg"])
    #expect(told.count == 4)
    #expect(told[2] == expected)
  }

  @Test(
    "tells what would have let late rows count, and where they are",
    arguments: [
      (
        nil, nil,
        "with --watermark 1m9s at main.window they would have counted; "
          + "--late keep would keep such rows"
      ),
      ("drop", "2m", "--late keep would keep such rows"),
      ("keep", "2m", "they are kept in CK/rejects/main.agg"),
      (
        "late.arrows", nil,
        "with --watermark 1m9s at main.window they would have counted; "
          + "they are kept in late.arrows"
      ),
    ] as [(String?, String?, String)])
  func remedy(late: String?, idle: String?, expected: String) throws {
    var query = try TimedQuery()
    if let late { query.window["late"] = .string(late) }
    if let idle { query.window["idle"] = .string(idle) }
    query.aggregateMemo = lateRows(12, max: 8_300_000, [5, 7])
    let told = try query.explain()["main.agg"]?.last
    #expect(told?.replacing(query.sample.path, with: "CK") == expected)
  }

  @Test("counts rows without a time")
  func unusable() throws {
    var query = try TimedQuery()
    query.windowMemo = lateRows(0, max: 0, [], unusable: 1)
    query.aggregateMemo = lateRows(0, max: 0, [], unusable: 2)
    let told = try query.explain().mapValues { lines in
      lines.map { $0.replacing(query.sample.path, with: "CK") }
    }
    #expect(
      told["main.window"]?.last
        == "1 row had no 'ts' and came into no window; it is in CK/rejects/main.window")
    #expect(
      told["main.agg"]?.last
        == "2 rows had no usable time or gap and had no effect; they are in CK/rejects/main.agg")
  }

  @Test("survives any numbers", arguments: [Int64.min, -1, 0, 1, .max])
  func extremes(number: Int64) throws {
    for isRunning in [true, false] {
      var query = try TimedQuery()
      query.isRunning = isRunning
      query.idle = number
      (query.latest, query.watermark) = (number, number == 0 ? .min : number)
      query.windowMemo = lateRows(0, max: 0, [], unusable: number)
      query.aggregateMemo = lateRows(number, max: number, [number, .max, .max])
      query.aggregateMetrics = [Metric("openWindows", number), Metric("nextClose", .max)]
      query.window["watermark"] = .string("106751991d")
      #expect(try query.explanation(now: number).lines.count >= 5)
      query.aggregateMetrics = [Metric("openWindows", 1), Metric("nextClose", number)]
      #expect(!(try query.explanation(now: .max).json.text.isEmpty))
    }
  }
}
