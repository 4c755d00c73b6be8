import Columnar
import Expressions
import GoldenSupport
import JSONText
import Operators
import Testing

/// The cases that need no second input.
private let names: Set<String> = [
  "before1970-append", "before1970-complete", "before1970-nowatermark-update",
  "before1970-update", "chain-append", "chain-sliding-append", "chain-three-append",
  "day-window-update", "dedup-append", "dedup-then-window-append", "dedup-time-append",
  "dedup-update", "dedup-watermarked-append", "dedup-within-append",
  "dedup-within-then-window-append", "delay0-append", "delay0-eventtime-key-append",
  "delay0-update",
  "eventtime-key-append", "eventtime-key-update", "group-complete", "group-expr-complete",
  "group-expr-update", "group-global-complete", "group-global-update", "group-more-complete",
  "group-more-update", "group-update", "nowatermark-update", "null-time-append",
  "order-complete", "sliding-even-append", "sliding-even-complete", "sliding-even-update",
  "sliding-offset-update", "sliding-uneven-append", "sliding-uneven-complete",
  "sliding-uneven-update", "stateless", "topn-complete", "tumbling-append",
  "tumbling-complete", "tumbling-nokey-append", "tumbling-offset-append", "tumbling-update",
]

@Suite("Spark's streaming queries")
struct GoldenCaseTests {
  @Test(
    "give the same rows in each epoch, wherever batches are cut", arguments: [1, 10, 100_000],
    [true, false])
  func agrees(size: Int, usesPanes: Bool) throws {
    let cases = try GoldenCase.all()
    #expect(cases.count == 69)
    #expect(names.isSubset(of: cases.map(\.name)))
    for example in cases where names.contains(example.name) {
      var chain = try stages(example, usesPanes)
      var clock = WatermarkClock(example)
      let expected = try example.expected()
      for epoch in 1...example.epochCount {
        let input = try example.batch(of: "in", epoch: epoch)
        let result = try chain.run(
          input, epoch: Int64(epoch), watermarks: clock.advance(past: input), size: size)
        let rows = result.batches.flatMap { batch in (0..<batch.rowCount).map(batch.goldenRow) }
        let wanted = (expected[epoch] ?? []).map { row in
          JSON.object(example.outputColumns.map { .init($0, row[$0] ?? .null) })
        }
        #expect(
          areSame(rows, wanted, isOrdered: example.isOrdered),
          "\(example.name), epoch \(epoch): \(rows.count) rows, not \(wanted.count)")
        #expect(result.outcome.replacesResult == (example.mode == "complete" && !rows.isEmpty))
      }
    }
  }

  private func areSame(_ rows: [JSON], _ expected: [JSON], isOrdered: Bool) -> Bool {
    guard rows.count == expected.count else { return false }
    if isOrdered { return zip(rows, expected).allSatisfy { $0.isNear($1) } }
    var left = expected
    for row in rows {
      guard let index = left.firstIndex(where: { $0.isNear(row) }) else { return false }
      left.remove(at: index)
    }
    return true
  }

  // MARK: - From the steps of a case to operators

  private func stages(_ example: GoldenCase, _ usesPanes: Bool) throws -> StageChain {
    var stages: [any Operator] = []
    var schema = try example.schema(of: "in")
    let steps = example.steps()
    for (index, step) in steps.enumerated() {
      switch step["op"]?.string {
      case "filter":
        var plan = MapPlan()
        plan.filter = try Expression.parse(step["expr"]?.string ?? "")
        stages.append(try MapStage(plan, input: schema))
      case "select": stages.append(try MapStage(selection(step), input: schema))
      case "aggregate":
        let order = index + 1 < steps.count ? steps[index + 1] : nil
        stages += try aggregation(step, order, example, schema, usesPanes)
      case "dedup", "dedup_within_watermark":
        stages.append(Dedup(try example.dedupPlan(step, over: schema)))
      default: break  // The input, its watermark, and an order that the aggregate has taken.
      }
      schema = stages.last?.output ?? schema
    }
    return StageChain(stages)
  }

  private func selection(_ step: JSON) throws -> MapPlan {
    var plan = MapPlan()
    plan.select = []
    for column in step["columns"]?.array ?? [] {
      let (text, name) = (column["expr"]?.string ?? "", column["as"]?.string ?? "")
      if text.hasPrefix("explode(") {
        plan.explode = try Expression.parse("\(text) AS \(name)")
        plan.select?.append(try Expression.parse(name))
      } else {
        plan.select?.append(try Expression.parse("\(text) AS \(name)"))
      }
    }
    return plan
  }

  private func aggregation(
    _ step: JSON, _ order: JSON?, _ example: GoldenCase, _ input: Schema, _ usesPanes: Bool
  ) throws -> [any Operator] {
    var (stages, schema): ([any Operator], Schema) = ([], input)
    let window = step["window"]
    if window?["column"]?.string == "window_time(window)" {
      var plan = MapPlan()
      plan.with = [
        try Expression.parse("timestamp_micros(unix_micros(window_end) - 1) AS window_time")
      ]
      stages.append(try MapStage(plan, input: input))
      schema = stages[0].output
    }
    let keys = step["keys"]?.array?.compactMap(\.string) ?? []
    let aggregates = try step["aggregates"]?.array?.map { aggregate in
      try Expression.parse("\(aggregate["expr"]?.string ?? "") AS \(aggregate["as"]?.string ?? "")")
    }
    let sorting = (order?["order"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
      .replacing("window ASC", with: "window_start ASC, window_end ASC")
    let plan = try AggregatePlan(
      Aggregation(
        keys: keys.map { try Expression.parse($0) }, aggregates: aggregates ?? [],
        order: sorting.isEmpty ? [] : Expression.parseOrder(sorting),
        windowKeys: window == nil ? [] : [.windowStart, .windowEnd], over: schema),
      grouping: try grouping(window, keys, example, schema),
      mode: AggregateMode(rawValue: example.mode) ?? .append,
      limit: order?["limit"]?.int64.map { Int($0) })
    let isPaned = usesPanes && window != nil && plan.mode == .append
    return stages + [isPaned ? PaneAggregate(plan) : Aggregate(plan)]
  }

  private func grouping(
    _ window: JSON?, _ keys: [String], _ example: GoldenCase, _ schema: Schema
  ) throws -> AggregateGrouping {
    guard let window else {
      let time = example.steps().first { $0["op"]?.string == "watermark" }?["column"]?.string
      return keys.firstIndex { $0 == time }.map { .timeKey($0) } ?? .keys
    }
    let size = microseconds(window["size"])
    let windows = AlignedWindows(
      .sliding(size: size, slide: window["slide"].map(microseconds) ?? size),
      offset: window["offset"].map(microseconds) ?? 0)
    let name = window["column"]?.string == "window_time(window)" ? "window_time" : "ts"
    return .windows(try #require(windows), .column(try #require(schema.index(of: name))))
  }
}

func microseconds(_ interval: JSON?) -> Int64 {
  let parts = interval?.string?.split(separator: " ") ?? []
  let units: [Substring: Int64] = [
    "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000, "day": 86_400_000_000,
  ]
  let unit = parts.last.map { $0.hasSuffix("s") ? $0.dropLast() : $0 } ?? ""
  return (Int64(parts.first ?? "") ?? 0) * (units[unit] ?? 0)
}

/// The watermark of a case's input, worked out apart from the operators.
struct WatermarkClock {
  private let step: JSON?
  private var watermark: Int64?

  init(_ example: GoldenCase) {
    step = example.steps().first { $0["op"]?.string == "watermark" }
    // Spark's begins in 1970, where ours begins with the first row.
    if example.name.hasPrefix("before1970") { watermark = step.map { _ in 0 } }
  }

  mutating func advance(past input: Batch) -> (before: Int64?, after: Int64?) {
    guard let name = step?["column"]?.string, let column = input.schema.index(of: name)
    else { return (nil, nil) }
    let before = watermark
    let times = (0..<input.rowCount).compactMap { row -> Int64? in
      guard case .integer(let time) = input.row(row)[column] else { return nil }
      return time
    }
    if let latest = times.max() {
      let cut = latest - microseconds(step?["delay"])
      let milliseconds = cut >= 0 ? cut / 1000 : (cut - 999) / 1000
      watermark = max(before ?? .min, milliseconds * 1000)
    }
    return (before, watermark)
  }
}
