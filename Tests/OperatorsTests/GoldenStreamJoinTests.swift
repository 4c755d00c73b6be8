import Columnar
import Expressions
import GoldenSupport
import JSONText
import Operators
import Testing

/// Both inputs of an epoch are read before its one marker, as the reference does it.
@Suite("Spark's joins of two streams")
struct GoldenStreamJoinTests {
  private static let names: Set<String> = [
    "join-full-outer", "join-inner", "join-inner-nowatermark", "join-inner-then-window-append",
    "join-left-outer", "join-left-outer-extra", "join-left-outer-then-window-append",
    "join-left-semi", "join-right-outer", "join-window-equal-left-outer",
  ]

  /// A watermark of two inputs: the smaller one.
  private struct Clock {
    private var sides: [WatermarkClock]

    init(_ example: GoldenCase) {
      sides = ["l", "r"].map { WatermarkClock(example, node: $0) }
    }

    mutating func advance(past inputs: [Batch]) -> (before: Int64?, after: Int64?) {
      var watermarks: [(before: Int64?, after: Int64?)] = []
      for index in sides.indices { watermarks.append(sides[index].advance(past: inputs[index])) }
      func least(_ times: [Int64?]) -> Int64? {
        let known = times.compactMap { $0 }
        return known.count == times.count ? known.min() : nil
      }
      return (least(watermarks.map(\.before)), least(watermarks.map(\.after)))
    }
  }

  @Test("give the same rows in each epoch, wherever batches are cut", arguments: [1, 10, 100_000])
  func agrees(size: Int) throws {
    let cases = try GoldenCase.all().filter { $0.name.hasPrefix("join-") }
    #expect(Set(cases.map(\.name)) == GoldenStreamJoinTests.names)
    for example in cases {
      let join = try stream(example)
      var later = StageChain([try aggregate(example, over: join.output)].compactMap { $0 })
      let expected = try example.expected()
      var clock = Clock(example)
      var outer: Int64?
      for number in 1...example.epochCount {
        let inputs = try ["left", "right"].map { try example.batch(of: $0, epoch: number) }
        let watermarks = clock.advance(past: inputs)
        let epoch = Epoch(
          number: Int64(number), time: Int64(number), watermark: watermarks.before)
        var sent: [Batch] = []
        for (place, input) in try inputs.map({ try windowed($0, example) }).enumerated() {
          for start in stride(from: 0, to: input.rowCount, by: size) {
            let part = input[start..<min(start + size, input.rowCount)]
            try join.process(part, .insert, ofInput: place, in: epoch) { sent.append($0, $1) }
          }
        }
        let end = EpochEnd(epoch: epoch, isFinal: false, watermark: watermarks.after)
        let outcome = try join.finish(end) { sent.append($0, $1) }
        if !example.name.hasSuffix("append") {
          expect(sent, expected[number] ?? [], example, number)
          continue
        }
        let rows = Batch.concatenating(sent, schema: join.output)
        let result = try later.run(
          rows, epoch: Int64(number), watermarks: (outer, outcome.watermark), size: size)
        outer = outcome.watermark
        expect(result.batches, expected[number] ?? [], example, number)
      }
    }
  }

  private func expect(
    _ batches: [Batch], _ wanted: [JSON], _ example: GoldenCase, _ epoch: Int
  ) {
    let names = ["lw_end": "window_end", "rw_end": "rw_window_end"]
    let rows = batches.flatMap { batch in (0..<batch.rowCount).map(batch.goldenRow) }.map { row in
      JSON.object(
        example.outputColumns.map { name in
          .init(name, row[name] ?? names[name].flatMap { row[$0] } ?? .null)
        })
    }
    #expect(
      areSame(rows, example.wanted(wanted), isOrdered: false),
      "\(example.name), epoch \(epoch): \(rows.count) rows, not \(wanted.count)")
  }

  private func isWindowed(_ example: GoldenCase) -> Bool { example.name.contains("window-equal") }

  /// The windows of one case, under the names that its condition takes.
  private func windowed(_ batch: Batch, _ example: GoldenCase) throws -> Batch {
    guard isWindowed(example) else { return batch }
    let side = batch.schema.names[0].prefix(1)
    let size: Int64 = 10_000_000
    let times = (0..<batch.rowCount).map { row -> Int64? in
      if case .integer(let time) = batch.row(row)[0] { time } else { nil }
    }
    let starts = times.map { $0.map { $0 - $0 % size } }
    let schema = Schema([
      Field("\(side)w_start", .timestamp), Field("window_end", .timestamp),
      Field("\(side)_k", .string), Field("\(side)_seq", .bigint),
    ])
    return Batch(
      schema: schema,
      columns: [
        Column(starts, as: .timestamp), Column(starts.map { $0.map { $0 + size } }, as: .timestamp),
        batch.columns[1], batch.columns[3],
      ])
  }

  private func stream(_ example: GoldenCase) throws -> StreamJoin {
    let node = example.steps(of: "j").isEmpty ? "out" : "j"
    let step = try #require(example.steps(of: node).first { $0["op"]?.string == "join" })
    let words = (step["type"]?.string ?? "").split(separator: " ").map(String.init)
    let type = try #require(JoinType(rawValue: words.contains("semi") ? "semi" : words[0]))
    let inputs = try zip(["left", "right"], ["l", "r"]).map { name, node in
      let schema = try windowed(Batch(empty: example.schema(of: name)), example).schema
      let time = example.steps(of: node).first { $0["op"]?.string == "watermark" }
      return StreamJoinPlan.Input(
        schema, eventTime: time?["column"]?.string, hasWatermark: time != nil)
    }
    let text =
      isWindowed(example)
      ? "l_k = r_k AND l.window_end = r.window_end" : step["condition"]?.string ?? ""
    let condition = try JoinCondition(
      parsing: text, left: inputs[0].schema, right: inputs[1].schema, rightName: "the right")
    return StreamJoin(
      try StreamJoinPlan(
        type, on: condition, left: inputs[0], right: inputs[1],
        prefix: isWindowed(example) ? "rw_" : nil))
  }

  private func aggregate(_ example: GoldenCase, over schema: Schema) throws -> (any Operator)? {
    guard let step = example.steps().last, step["op"]?.string == "aggregate" else { return nil }
    let aggregates = try (step["aggregates"]?.array ?? []).map { aggregate in
      try Expression.parse("\(aggregate["expr"]?.string ?? "") AS \(aggregate["as"]?.string ?? "")")
    }
    let aggregation = try Aggregation(
      keys: [Expression.parse("l_k")], aggregates: aggregates,
      windowKeys: [.windowStart, .windowEnd], over: schema)
    let windows = try #require(AlignedWindows(.sliding(size: 10_000_000, slide: 10_000_000)))
    return Aggregate(
      try AggregatePlan(aggregation, grouping: .windows(windows, .column(0)), mode: .append))
  }
}

extension [Batch] {
  fileprivate mutating func append(_ batch: Batch, _ change: Change) { append(batch) }
}
