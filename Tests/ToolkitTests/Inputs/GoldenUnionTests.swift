import Columnar
import Expressions
import GoldenSupport
import JSONText
import Operators
import Testing
import Toolkit
import Wire

/// Two inputs with watermarks of their own, put together and counted in windows: as the reference
/// does it, both are read in one epoch.
private struct GoldenUnion {
  let example: GoldenCase
  let size: Int
  private var times: [EventTime] = []
  private var ledgers: LedgerMerge
  private let union: Union
  private var aggregate: Aggregate
  private var watermark: Int64?

  /// - Parameters:
  ///   - size: rows at which the inputs are cut.
  ///   - isReversed: the columns of the second input come the other way round.
  init(_ example: GoldenCase, size: Int, isReversed: Bool) throws {
    (self.example, self.size) = (example, size)
    let left = try example.schema(of: "left")
    let right = try example.schema(of: "right")
    let others = isReversed ? Schema(right.fields.reversed()) : right
    for (schema, node) in [(left, "l"), (others, "r")] {
      var plan = EventTimePlan(.column(try #require(schema.index(of: "ts"))))
      let step = try #require(example.steps(of: node).first { $0["op"]?.string == "watermark" })
      plan.delay = GoldenUnion.microseconds(step["delay"])
      times.append(try EventTime(plan, input: schema))
    }
    let policy = example.definition["watermark_policy"]?.string ?? ""
    ledgers = try LedgerMerge(
      stage: "left.union", policy: try #require(WatermarkPolicy(rawValue: policy)),
      ["left", "right"].map { sampleInput(sampleHeader($0)) })
    union = try Union([("left", left), ("right", others)])
    aggregate = try GoldenUnion.aggregate(example, over: union.output)
  }

  private static func microseconds(_ interval: JSON?) -> Int64 {
    let words = interval?.string?.split(separator: " ") ?? []
    precondition(words.last == "seconds")
    return (words.first.flatMap { Int64($0) } ?? 0) * 1_000_000
  }

  private static func aggregate(_ example: GoldenCase, over schema: Schema) throws -> Aggregate {
    let step = try #require(example.steps().last)
    let aggregates = try (step["aggregates"]?.array ?? []).map { aggregate in
      try Expression.parse("\(aggregate["expr"]?.string ?? "") AS \(aggregate["as"]?.string ?? "")")
    }
    let size = microseconds(step["window"]?["size"])
    return Aggregate(
      try AggregatePlan(
        Aggregation(
          keys: (step["keys"]?.array ?? []).map { try Expression.parse($0.string ?? "") },
          aggregates: aggregates, windowKeys: [.windowStart, .windowEnd], over: schema),
        grouping: .windows(
          try #require(AlignedWindows(.sliding(size: size, slide: size))),
          .column(try #require(schema.index(of: "ts")))),
        mode: .append))
  }

  /// - Returns: the rows of an epoch, and the groups that are left behind it.
  mutating func run(_ number: Int) throws -> (rows: [JSON], stateRows: Int) {
    let epoch = Epoch(number: Int64(number), time: 0, watermark: watermark)
    var sent: [Batch] = []
    for (input, name) in ["left", "right"].enumerated() {
      let rows = try example.batch(of: name, epoch: number)
        .selecting(times[input].output.names)
      for start in stride(from: 0, to: rows.rowCount, by: size) {
        let part = rows[start..<min(start + size, rows.rowCount)]
        try times[input].process(part, .insert, in: epoch) { batch, change in
          if union.passes(input: input) {
            return try aggregate.process(batch, change, in: epoch) { batch, _ in sent.append(batch)
            }
          }
          try union.process(batch, change, ofInput: input, in: epoch) { batch, change in
            try aggregate.process(batch, change, in: epoch) { batch, _ in sent.append(batch) }
          }
        }
      }
      let end = EpochEnd(epoch: epoch, isFinal: false, watermark: nil)
      let own = try times[input].finish(end) { _, _ in }.watermark
      watermark =
        ledgers.merge(
          sampleMarker(name, Int64(number), watermark: own), of: input, isForeign: false
        ).watermark
    }
    let end = EpochEnd(epoch: epoch, isFinal: false, watermark: watermark)
    let outcome = try aggregate.finish(end) { batch, _ in sent.append(batch) }
    let rows = sent.flatMap { batch in (0..<batch.rowCount).map(batch.goldenRow) }
    return (rows, outcome.stateRows)
  }
}

extension Batch {
  fileprivate func selecting(_ names: [String]) -> Batch {
    let places = names.compactMap { schema.index(of: $0) }
    return Batch(
      schema: Schema(places.map { schema.fields[$0] }), columns: places.map { columns[$0] },
      rowCount: rowCount)
  }
}

@Suite("Spark's unions")
struct GoldenUnionTests {
  @Test(
    "give the same rows in each epoch, wherever batches are cut",
    arguments: ["union-min-append", "union-max-append"], [1, 7, 100_000])
  func agrees(name: String, size: Int) throws {
    let example = try #require(try GoldenCase.all().first { $0.name == name })
    let expected = try example.expected()
    let progress = try JSON(parsing: example.text("progress.json"))["paced"]?.array ?? []
    #expect(progress.count == example.epochCount)
    for isReversed in [false, true] {
      var run = try GoldenUnion(example, size: size, isReversed: isReversed)
      for epoch in 1...example.epochCount {
        let result = try run.run(epoch)
        let wanted = (expected[epoch] ?? []).map { row in
          JSON.object(example.outputColumns.map { .init($0, row[$0] ?? .null) })
        }
        #expect(areSame(result.rows, wanted), "epoch \(epoch)")
        let left = progress[epoch - 1]["state_rows_total"]?.int64
        #expect(left.map { Int($0) } == result.stateRows, "epoch \(epoch)")
      }
    }
  }

  @Test("are all looked at")
  func complete() throws {
    let names = try GoldenCase.all().map(\.name).filter { $0.hasPrefix("union-") }
    #expect(Set(names) == ["union-min-append", "union-max-append"])
  }

  private func areSame(_ rows: [JSON], _ expected: [JSON]) -> Bool {
    var left = expected
    for row in rows {
      guard let index = left.firstIndex(where: { $0.isNear(row) }) else { return false }
      left.remove(at: index)
    }
    return left.isEmpty
  }
}
