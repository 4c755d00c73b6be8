import Checkpoint
import JSONText
import Testing
import Wire
import stream_query

@Suite("Why nothing comes out of a query that goes by event time")
struct EventTimeExplanationTests {
  @Test("names the watermark, the next window, and the row that would close it")
  func waiting() throws {
    var query = try TimedQuery()
    query.idle = 7 * second
    #expect(
      try query.explanation().lines == [
        "query: runs", "  what has come in waits in main.agg until its windows close",
        "main.source: runs; its input has been empty for 12 s",
        "main.window: the watermark stands at 2026-01-01T11:58:30.000Z, 1m behind the latest 'ts', "
          + "2026-01-01T11:59:30.000Z",
        "  it moves on with a later 'ts'",
        "  stream-window --idle D would move it on while the input is empty",
        "main.agg: runs; 3 windows are open, and the next one ends at 2026-01-01T12:00:00.000Z: "
          + "the watermark has 90 s to go until then",
        "  a row whose 'ts' is 2026-01-01T12:01:00.000Z or later closes it",
        "main.sink: runs; its last commit is epoch 1, begun 5.0 s ago and took 20 ms",
      ])
  }

  @Test("says the same to programs")
  func json() throws {
    var query = try TimedQuery()
    query.idle = 7 * second
    query.window["idle"] = "2m"
    query.aggregateMemo = lateRows(3, max: 61 * second, [1, 0, 0, 2])
    let json = try query.explanation().json
    #expect(json["state"] == "running")
    #expect(json["watermark"] == "2026-01-01T11:58:30.000Z")
    let stages = try #require(json["stages"]?.array)
    var facts = stages
    for index in facts.indices { facts[index]["says"] = nil }
    let expected = #"""
      [{"id":"main.source","running":true,"openEpochs":0,"emptyMs":12000},\#
      {"id":"main.window","time":"ts","delayMs":60000,"idleMs":120000,\#
      "latest":"2026-01-01T11:59:30.000Z","watermark":"2026-01-01T11:58:30.000Z",\#
      "holdsBack":true,"unusableRows":0},\#
      {"id":"main.agg","lateRows":{"rows":3,"maxMs":61000,"histogram":[\#
      {"belowMs":1000,"rows":1},{"belowMs":10000,"rows":0},{"belowMs":60000,"rows":0},\#
      {"belowMs":600000,"rows":2},{"belowMs":3600000,"rows":0},{"belowMs":86400000,"rows":0},\#
      {"belowMs":null,"rows":0}]},"unusableRows":0,"running":true,"mode":"append",\#
      "openWindows":3,"nextClose":"2026-01-01T12:00:00.000Z","missingMs":90000},\#
      {"id":"main.sink","running":true,"epoch":1}]
      """#
    #expect(JSON.array(facts).text == (try JSON(parsing: expected)).text)
    #expect(stages[0]["says"] == ["runs; its input has been empty for 12 s"])
  }

  // MARK: - The watermark

  @Test("of which there is none before the first row with a time")
  func firstRow() throws {
    var query = try TimedQuery()
    (query.latest, query.watermark) = (nil, nil)
    query.aggregateMetrics = [Metric("openWindows", 0)]
    var told = try query.explain()
    #expect(told["query"] == ["runs"])
    #expect(
      told["main.window"]?[0]
        == "no row has had a time in 'ts' yet: there is no watermark, and no window closes")
    #expect(told["main.agg"] == ["runs; no window is open, so nothing waits to be sent"])
    query = try TimedQuery()
    (query.latest, query.watermark) = (nil, nil)
    query.aggregateMetrics = [Metric("openWindows", 1), Metric("nextClose", noon)]
    told = try query.explain()
    #expect(
      told["main.agg"] == [
        "runs; 1 window is open, and ends at 2026-01-01T12:00:00.000Z, but there is no watermark "
          + "yet", "a row whose 'ts' is 2026-01-01T12:01:00.000Z or later closes it",
      ])
  }

  @Test(
    "says how it came where it stands",
    arguments: [
      (
        "0s", nil, noon - 90 * second, noon - 90 * second,
        "the watermark stands at 2026-01-01T11:58:30.000Z, the latest 'ts'"
      ),
      (
        "1500ms", nil, noon, noon - 1500_000,
        "the watermark stands at 2026-01-01T11:59:58.500Z, 1s500ms behind the latest 'ts', "
          + "2026-01-01T12:00:00.000Z"
      ),
      // Microseconds are cut off.
      (
        "1s", nil, noon - 1, noon - second - 1000,
        "the watermark stands at 2026-01-01T11:59:58.999Z, 1s behind the latest 'ts', "
          + "2026-01-01T11:59:59.999Z"
      ),
      (
        "1m", "2m", noon, noon + minute,
        "the watermark stands at 2026-01-01T12:01:00.000Z; the latest 'ts' is "
          + "2026-01-01T12:00:00.000Z, and --idle 2m has moved it on since"
      ),
      (
        "1h", nil, noon, noon - minute,
        "the watermark stands at 2026-01-01T11:59:00.000Z; the latest 'ts' is "
          + "2026-01-01T12:00:00.000Z, and it never falls back to where it would be for that"
      ),
      (
        "1h", nil, nil, noon - minute,
        "the watermark stands at 2026-01-01T11:59:00.000Z; no row has had a time in 'ts' yet"
      ),
    ] as [(String, String?, Int64?, Int64, String)])
  func positions(
    delay: String, idle: String?, latest: Int64?, watermark: Int64, expected: String
  ) throws {
    var query = try TimedQuery()
    query.window["watermark"] = .string(delay)
    if let idle { query.window["idle"] = .string(idle) }
    (query.latest, query.watermark) = (latest, watermark)
    #expect(try query.explain()["main.window"]?[0] == expected)
  }

  @Test(
    "calls a computed time by its name",
    arguments: [
      ("to_timestamp(x) AS ts", "ts"), ("f(y) as `at`", "at"), ("ts", "ts"), ("a + b", "a + b"),
    ])
  func computedTime(time: String, name: String) throws {
    var query = try TimedQuery()
    query.window["time"] = .string(time)
    #expect(try query.explain()["main.window"]?[1] == "it moves on with a later '\(name)'")
  }

  @Test(
    "says what would move it",
    arguments: [
      (
        ["arguments": ["tail", "a"]], nil,
        ["with a later 'ts'", "stream-window --idle D would move it on while the input is empty"]
      ),
      (
        ["arguments": ["file", "a"], "follow": true], "2m",
        ["with a later 'ts' or when its input has been empty for 2m (--idle; so far for 12 s)"]
      ),
      (
        ["arguments": ["file", "a"]], nil,
        [
          "with a later 'ts'",
          "stream-window --idle D would move it on while the input is empty; "
            + "stream-source --final would close every window when the input ends",
        ]
      ),
      (
        ["arguments": ["file", "a"], "final": true], nil,
        [
          "with a later 'ts' or when the input ends (--final)",
          "stream-window --idle D would move it on while the input is empty",
        ]
      ),
      (
        ["final": true], "90s",
        [
          "with a later 'ts', when its input has been empty for 1m30s (--idle; so far for 12 s) or "
            + "when the input ends (--final)"
        ]
      ),
    ] as [(JSON, String?, [String])])
  func movement(source: JSON, idle: String?, expected: [String]) throws {
    var query = try TimedQuery()
    query.source = source
    query.idle = 7 * second
    if let idle { query.window["idle"] = .string(idle) }
    let told = try #require(try query.explain()["main.window"]).dropFirst()
    #expect(Array(told) == ["it moves on \(expected[0])"] + expected.dropFirst())
    query.isRunning = false
    let stopped = try #require(try query.explain()["main.window"]).dropFirst()
    #expect(stopped.first?.hasPrefix("once the query runs it moves on with a later 'ts'") == true)
    #expect(stopped.first?.contains("so far") == false)
  }

  @Test("says that there is none where stream-window makes none")
  func noWatermark() throws {
    var query = try TimedQuery()
    query.window = ["time": "ts", "size": "1m"]
    query.source = ["arguments": ["file", "a"], "final": true]
    (query.latest, query.watermark) = (nil, nil)
    var told = try query.explain()
    #expect(
      told["main.window"] == [
        "goes by 'ts', but makes no watermark: no window closes before the input is complete",
        "stream-window --watermark D would close windows while the input goes on",
      ])
    #expect(
      told["main.agg"] == [
        "runs; 3 windows are open, and the next one ends at 2026-01-01T12:00:00.000Z, but without "
          + "a watermark it closes only when the input is complete"
      ])
    query.source = ["arguments": ["file", "a"]]
    told = try query.explain()
    #expect(
      told["main.window"]?.last
        == "stream-window --watermark D would close windows while the input goes on; "
        + "stream-source --final would close every window when the input ends")
  }

  // MARK: - Several inputs and stages

  private func right(_ memo: JSON) -> (stage: PlanStage, part: StagePart) {
    let input = [
      PlanStage(stage: "right.source", tool: "stream-source", options: [:]),
      PlanStage(
        stage: "right.window", tool: "stream-window", options: ["time": "at", "watermark": "10s"]),
    ]
    let join = PlanStage(
      stage: "main.join", tool: "stream-join", options: [:], otherInput: input)
    return (join, StagePart(id: "right.window", memo: memo))
  }

  @Test("names the input that holds the watermark back")
  func severalInputs() throws {
    var query = try TimedQuery()
    query.others = [
      right(["max": .integer(noon + 5 * minute), "watermark": .integer(noon + 290 * second)])
    ]
    var told = try query.explain()
    #expect(told["main.window"]?[1] == "it holds the watermark of the whole query back")
    #expect(
      told["right.window"]?[1]
        == "it is 6 min 20 s ahead of main.window, which holds the watermark back")
    #expect(
      told["main.agg"]?.last
        == "a row whose 'ts' is 2026-01-01T12:01:00.000Z or later at main.window closes it")

    query = try TimedQuery()
    query.others = [right([:])]
    told = try query.explain()
    #expect(
      Array(told["right.window"]?.prefix(2) ?? []) == [
        "no row has had a time in 'at' yet: there is no watermark, and no window closes",
        "it holds the watermark of the whole query back",
      ])
    #expect(told["main.window"]?[1] == "it waits for right.window, which has no watermark yet")
    #expect(
      told["main.agg"]?.last
        == "a row whose 'ts' is 2026-01-01T12:01:00.000Z or later at main.window and "
        + "a row whose 'at' is 2026-01-01T12:00:10.000Z or later at right.window close it")

    query = try TimedQuery()
    query.others = [
      right(["max": .integer(noon - 80 * second), "watermark": .integer(noon - 90 * second)])
    ]
    told = try query.explain()
    #expect(told["right.window"]?[1] == "it is as far as main.window")
  }

  @Test("makes no claim where the larger watermark counts")
  func largerWatermark() throws {
    var query = try TimedQuery()
    var other = right(["max": .integer(noon), "watermark": .integer(noon - 10 * second)])
    other.stage.options["watermark-policy"] = "max"
    query.others = [other]
    query.merged = noon - 10 * second
    let told = try query.explain()
    #expect(told["main.window"]?[1] == "it moves on with a later 'ts'")
    #expect(told["right.window"]?[1] == "it moves on with a later 'at'")
  }

  @Test("counts in by how much a join stays behind its inputs")
  func lag() throws {
    var query = try TimedQuery()
    query.merged = noon - 90 * second - 30 * minute
    #expect(
      try query.explain()["main.agg"] == [
        "runs; 3 windows are open, and the next one ends at 2026-01-01T12:00:00.000Z: "
          + "the watermark has 31 min 30 s to go until then",
        "a row whose 'ts' is 2026-01-01T12:31:00.000Z or later closes it",
      ])
  }

  @Test("tells of windows over the results of windows")
  func chain() throws {
    var query = try TimedQuery()
    query.others = [
      (
        PlanStage(stage: "main.agg.2", tool: "stream-agg", options: ["mode": "append"]),
        StagePart(
          id: "main.agg.2", metrics: [Metric("openWindows", 2), Metric("nextClose", noon - minute)])
      ),
      (
        PlanStage(
          stage: "main.window.2", tool: "stream-window",
          options: ["time": "window_time", "size": "1h"]), StagePart(id: "main.window.2")
      ),
    ]
    let told = try query.explain()
    #expect(
      told["query"]?.last
        == "what has come in waits in main.agg.2 and main.agg until their windows close")
    #expect(
      told["main.window.2"] == ["goes by 'window_time'; the watermark is that of main.window"])
    #expect(
      told["main.agg"]?.last
        == "a row whose 'ts' is 2026-01-01T12:01:00.000Z or later closes it")
  }
}
