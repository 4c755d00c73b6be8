import Columnar
import Expressions
import GoldenSupport
import JSONText
import Operators
import Testing

// What the tests of the reference's streaming queries share.

extension StageChain {
  /// The operators that the steps of a case ask for.
  ///
  /// - Parameter usesPanes: where windows can be made in more than one way.
  init(_ example: GoldenCase, usesPanes: Bool = false) throws {
    let builder = GoldenStages(example: example, usesPanes: usesPanes)
    self.init(try builder.stages())
  }
}

private struct GoldenStages {
  let example: GoldenCase
  let usesPanes: Bool

  func stages() throws -> [any Operator] {
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
        stages += try aggregation(step, order, schema)
      case "dedup", "dedup_within_watermark":
        stages.append(Dedup(try example.dedupPlan(step, over: schema)))
      default: break  // The input, its watermark, and an order that the aggregate has taken.
      }
      schema = stages.last?.output ?? schema
    }
    return stages
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
    _ step: JSON, _ order: JSON?, _ input: Schema
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
      grouping: try grouping(window, keys, schema),
      mode: AggregateMode(rawValue: example.mode) ?? .append,
      limit: order?["limit"]?.int64.map { Int($0) })
    if case .sessions = plan.grouping { return stages + [SessionAggregate(plan)] }
    let isPaned = usesPanes && window != nil && plan.mode == .append
    return stages + [isPaned ? PaneAggregate(plan) : Aggregate(plan)]
  }

  private func grouping(
    _ window: JSON?, _ keys: [String], _ schema: Schema
  ) throws -> AggregateGrouping {
    guard let window else {
      let time = example.steps().first { $0["op"]?.string == "watermark" }?["column"]?.string
      return keys.firstIndex { $0 == time }.map { .timeKey($0) } ?? .keys
    }
    let name = window["column"]?.string == "window_time(window)" ? "window_time" : "ts"
    let time = RowTime.column(try #require(schema.index(of: name)))
    if window["kind"]?.string == "session" {
      let gap = window["gap_expr"]?.string.map { SessionGap.expression($0) }
      return .sessions(
        try SessionGapPlan(gap ?? .constant(microseconds(window["gap"])), over: schema), time)
    }
    let size = microseconds(window["size"])
    let windows = AlignedWindows(
      .sliding(size: size, slide: window["slide"].map(microseconds) ?? size),
      offset: window["offset"].map(microseconds) ?? 0)
    return .windows(try #require(windows), time)
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

  init(_ example: GoldenCase, node: String = "out") {
    step = example.steps(of: node).first { $0["op"]?.string == "watermark" }
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

extension StageChain.Result {
  /// The rows as the reference writes them.
  var goldenRows: [JSON] {
    batches.flatMap { batch in (0..<batch.rowCount).map(batch.goldenRow) }
  }
}

extension GoldenCase {
  /// Rows of the reference without what it says about them.
  func wanted(_ rows: [JSON]) -> [JSON] {
    rows.map { row in JSON.object(outputColumns.map { .init($0, row[$0] ?? .null) }) }
  }
}

func areSame(_ rows: [JSON], _ expected: [JSON], isOrdered: Bool) -> Bool {
  guard rows.count == expected.count else { return false }
  if isOrdered { return zip(rows, expected).allSatisfy { $0.isNear($1) } }
  var left = expected
  for row in rows {
    guard let index = left.firstIndex(where: { $0.isNear(row) }) else { return false }
    left.remove(at: index)
  }
  return true
}
