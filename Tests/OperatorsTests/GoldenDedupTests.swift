import Columnar
import Expressions
import GoldenSupport
import JSONText
import Operators
import Testing

@Suite("Spark's deduplications")
struct GoldenDedupTests {
  @Test(
    "drop as many late rows, and keep as many keys",
    arguments: [
      "dedup-append", "dedup-time-append", "dedup-update", "dedup-watermarked-append",
      "dedup-within-append",
    ], [1, 7, 100_000])
  func counts(name: String, size: Int) throws {
    let example = try #require(try GoldenCase.all().first { $0.name == name })
    let step = try #require(example.steps().last)
    let dedup = Dedup(try example.dedupPlan(step, over: example.schema(of: "in")))
    let progress = try JSON(parsing: example.text("progress.json"))["paced"]?.array ?? []
    #expect(progress.count == example.epochCount)
    var clock = WatermarkClock(example)
    for (index, wanted) in progress.enumerated() {
      let run = try DedupRun(
        dedup, example.batch(of: "in", epoch: index + 1), Int64(index + 1),
        { clock.advance(past: $0) }, size: size)
      #expect(run.late.count == Int(wanted["rows_dropped_by_watermark"]?.int64 ?? -1))
      #expect(run.rows.count == Int(wanted["output_rows"]?.int64 ?? -1))
      #expect(run.outcome.stateRows == Int(wanted["state_rows_total"]?.int64 ?? -1))
    }
  }
}

extension GoldenCase {
  /// - Parameter step: of the kinds `dedup` and `dedup_within_watermark`.
  func dedupPlan(_ step: JSON, over schema: Schema) throws -> DedupPlan {
    let watermark = steps().first { $0["op"]?.string == "watermark" }
    let isWithin = step["op"]?.string == "dedup_within_watermark"
    return try DedupPlan(
      keys: (step["columns"]?.array ?? []).map { try Expression.parse($0.string ?? "") },
      eventTime: watermark?["column"]?.string,
      within: isWithin ? microseconds(watermark?["delay"]) : nil, over: schema)
  }
}
