import Columnar
import Expressions
import GoldenSupport
import JSONText
import Operators
import Testing

/// The cases that need neither a watermark nor a second input. Windows are made by expressions.
private let names: Set<String> = [
  "before1970-nowatermark-update", "group-complete", "group-expr-complete", "group-expr-update",
  "group-global-complete", "group-global-update", "group-more-complete", "group-more-update",
  "group-update", "nowatermark-update", "order-complete", "sliding-even-complete",
  "sliding-uneven-complete", "stateless", "topn-complete", "tumbling-complete",
]

/// Columns that a column before them was written in place of.
private let windowColumns = ["window_start", "window_end"]

@Suite("Spark's streaming queries")
struct GoldenCaseTests {
  @Test("give the same rows in each epoch, wherever batches are cut", arguments: [1, 10, 100_000])
  func agrees(size: Int) throws {
    let cases = try GoldenCase.all()
    #expect(cases.count == 69)
    #expect(names.isSubset(of: cases.map(\.name)))
    for example in cases where names.contains(example.name) {
      var chain = try stages(example)
      let expected = try example.expected()
      for epoch in 1...example.epochCount {
        let input = try example.batch(of: "in", epoch: epoch)
        let result = try chain.run(input, epoch: Int64(epoch), size: size)
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

  private func stages(_ example: GoldenCase) throws -> StageChain {
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
        stages += try aggregation(step, order, example, schema)
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
    _ step: JSON, _ order: JSON?, _ example: GoldenCase, _ input: Schema
  ) throws -> [any Operator] {
    var stages: [any Operator] = []
    var keys = step["keys"]?.array?.compactMap(\.string) ?? []
    if let window = step["window"] {
      stages = try windowing(window, input)
      keys = windowColumns + keys
    }
    let aggregates = try step["aggregates"]?.array?.map { aggregate in
      try Expression.parse("\(aggregate["expr"]?.string ?? "") AS \(aggregate["as"]?.string ?? "")")
    }
    let sorting = (order?["order"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
      .replacing("window ASC", with: "window_start ASC, window_end ASC")
    let plan = try AggregatePlan(
      Aggregation(
        keys: keys.map { try Expression.parse($0) }, aggregates: aggregates ?? [],
        order: sorting.isEmpty ? [] : Expression.parseOrder(sorting),
        over: stages.last?.output ?? input),
      mode: AggregateMode(rawValue: example.mode) ?? .append,
      limit: order?["limit"]?.int64.map { Int($0) })
    return stages + [Aggregate(plan)]
  }

  /// A row for each window that it is in.
  private func windowing(_ window: JSON, _ input: Schema) throws -> [any Operator] {
    let size = microseconds(window["size"])
    let slide = window["slide"].map(microseconds) ?? size
    let offset = window["offset"].map(microseconds) ?? 0
    let time = window["column"]?.string ?? ""
    var starts = MapPlan()
    starts.explode = try Expression.parse("sequence(0, \((size - 1) / slide)) AS step")
    starts.with = try [
      "unix_micros(\(time)) - pmod(unix_micros(\(time)) - \(offset), \(slide)L) - step * \(slide)L"
        + " AS begin",
      "timestamp_micros(begin) AS window_start", "timestamp_micros(begin + \(size)) AS window_end",
    ].map { try Expression.parse($0) }
    starts.filter = try Expression.parse("\(time) IS NOT NULL AND window_end > \(time)")
    return [try MapStage(starts, input: input)]
  }

  private func microseconds(_ interval: JSON?) -> Int64 {
    let parts = interval?.string?.split(separator: " ") ?? []
    let units: [Substring: Int64] = [
      "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000, "day": 86_400_000_000,
    ]
    let unit = parts.last.map { $0.hasSuffix("s") ? $0.dropLast() : $0 } ?? ""
    return (Int64(parts.first ?? "") ?? 0) * (units[unit] ?? 0)
  }
}
