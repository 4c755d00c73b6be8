import Checkpoint
import JSONText
import Testing
import Wire
import stream_query

@Suite("Progress reports")
struct ProgressTests {
  private func report(_ change: (inout Ledger) -> Void) throws -> EpochReport {
    let sample = try SampleCheckpoint()
    try sample.plan(
      ["source", "window", "agg", "sink"].map {
        PlanStage(stage: "main.\($0)", tool: "stream-\($0)", options: [:])
      })
    try sample.run(1...1)
    var ledger = sample.ledger(2)
    change(&ledger)
    try sample.commit(ledger)
    let files = try QueryFiles(sample.path)
    let contents = try #require(try LogContents.read(sample.sink.commitsPath))
    let records = try CommitRecord.list(contents, of: "")
    return try EpochReport(records[1], behind: Ledger(records[0].ledger), ReportContext(files))
  }

  @Test("have the names and the numbers of Spark's")
  func json() throws {
    let report = try report { ledger in
      ledger.watermark = 1_001_500_000
      ledger.sources[0].latest = ["to": 25]
      ledger[stage: "main.agg"] = StagePart(
        id: "main.agg", version: 2,
        metrics: [
          Metric("rowsIn", 10), Metric("stateRows", 4), Metric("stateBytes", 400),
          Metric("lateRows", 3), Metric("ms", 5), Metric("openWindows", 2),
          Metric("stateRowsUpdated", 6), Metric("stateRowsRemoved", 1),
        ])
      ledger[stage: "main.window"].memo = ["max": 1_002_500_000]
    }
    let expected = #"""
      {"runId":"0123456789abcdef","name":"sample",\#
      "timestamp":"1970-01-01T00:16:42.000Z","batchId":2,"batchDuration":20,"numInputRows":10,\#
      "inputRowsPerSecond":10.0,"processedRowsPerSecond":500.0,\#
      "durationMs":{"main.sink":20,"main.agg":5,"triggerExecution":20},\#
      "eventTime":{"max":"1970-01-01T00:16:42.500Z","watermark":"1970-01-01T00:16:41.500Z"},\#
      "stateOperators":[{"operatorName":"main.agg","numRowsTotal":4,"numRowsUpdated":6,\#
      "numRowsRemoved":1,"memoryUsedBytes":400,"numRowsDroppedByWatermark":3,\#
      "customMetrics":{"rowsIn":10,"ms":5,"openWindows":2}}],\#
      "sources":[{"description":"stream-source","startOffset":{"to":10},\#
      "endOffset":{"to":20},"latestOffset":{"to":25},"numInputRows":10,\#
      "inputRowsPerSecond":10.0,"processedRowsPerSecond":500.0,"metrics":{}}],\#
      "sink":{"description":"stream-sink","numOutputRows":7},"final":false}
      """#
    var json = report.json
    #expect(json["id"]?.string?.count == 16)
    json["id"] = nil
    #expect(json.text == (try JSON(parsing: expected)).text)
  }

  @Test("are lines for people, with a dash for what is not known")
  func cells() throws {
    #expect(
      try report { _ in }.cells == [
        "2", "1970-01-01T00:16:42.000Z", "10", "10", "7", "20", "-", "-",
      ])
    #expect(try report { $0.isFinal = true }.cells.last == "final")
  }

  @Test(
    "survive any numbers",
    arguments: [Int64.min, -1, 0, .max])
  func extremes(number: Int64) throws {
    let report = try report { ledger in
      ledger.time = number
      ledger.watermark = number
      ledger.sources[0].rows = number
      ledger.sources[0].latest = ["to": .integer(number)]
      ledger.sources.append(SourcePart(id: "other.source", epoch: number >> 11, rows: number))
      ledger[stage: "main.sink"].metrics = [Metric("rowsIn", number), Metric("ms", number)]
      ledger[stage: "main.agg"].metrics = [
        Metric("stateRows", number), Metric("stateBytes", number),
      ]
    }
    #expect(report.cells.count == 8)
    #expect(!report.json.text.isEmpty)
  }

  @Test(
    "know how far a source is behind where its offsets can be compared",
    arguments: [
      (#"{"to":20}"#, #"{"to":25}"#, 5),
      (#"{"a":{"0":5,"1":7},"b":{"0":1}}"#, #"{"a":{"0":6,"1":7},"b":{"0":3}}"#, 3),
      (#"{"a":1}"#, #"{"a":3,"new":4}"#, 6),
      (#"{"a":9}"#, #"{"a":3}"#, 0),
      (#"{"file":"x","at":3}"#, #"{"file":"y","at":5}"#, 2),
      (#"{"a":-9223372036854775808}"#, #"{"a":"9223372036854775807"}"#, .max),
      (#"7"#, #"9"#, 2), (#"{"a":1}"#, "null", nil), (#"{"a":1}"#, #"["x"]"#, nil),
      (#"{}"#, #"{}"#, nil),
    ] as [(String, String, Int64?)])
  func backlog(end: String, latest: String, expected: Int64?) throws {
    let backlog = try Backlog(end: JSON(parsing: end), latest: JSON(parsing: latest))
    #expect(backlog?.amount == expected)
  }

  @Test(
    "write times with milliseconds",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.000Z"),
      (-1, "1969-12-31T23:59:59.999Z"), (1_123_456, "1970-01-01T00:00:01.123Z"),
      (1_763_806_320_050_000, "2025-11-22T10:12:00.050Z"),
    ] as [(Int64, String)])
  func times(time: Int64, expected: String) {
    #expect(isoMilliseconds(time) == expected)
  }

  @Test(
    "write durations so that one can read them",
    arguments: [
      (-5, "0.0 s"), (400_000, "0.4 s"), (12_000_000, "12 s"), (200_000_000, "3 min 20 s"),
      (18_600_000_000, "5 h 10 min"), (273_600_000_000, "3 d 4 h"),
    ] as [(Int64, String)])
  func durations(microseconds: Int64, expected: String) {
    #expect(shownDuration(microseconds) == expected)
  }
}
