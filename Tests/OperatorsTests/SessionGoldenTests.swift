import Columnar
import GoldenSupport
import JSONText
import Operators
import Testing

@Suite("Spark's session windows")
struct SessionGoldenTests {
  private func example(_ name: String) throws -> GoldenCase {
    try #require(try GoldenCase.all().first { $0.name == name })
  }

  /// Whether each epoch gives what the reference gives.
  ///
  /// - Parameter isTaken: whether a row of the input is left in it; is told with what watermark the
  ///   epoch before was judged.
  private func agreements(
    _ example: GoldenCase, size: Int, isTaken: (_ row: JSON, _ watermark: Int64?) -> Bool
  ) throws -> [Bool] {
    var chain = try StageChain(example)
    var clock = WatermarkClock(example)
    let expected = try example.expected()
    var watermark: Int64?
    return try (1...example.epochCount).map { epoch in
      let input = try example.batch(of: "in", epoch: epoch)
      let watermarks = clock.advance(past: input)
      let taken = (0..<input.rowCount).filter { isTaken(input.goldenRow($0), watermark) }
      watermark = watermarks.before
      let result = try chain.run(
        input.gathering(Buffer(taken.map { Int32($0) })), epoch: Int64(epoch),
        watermarks: watermarks, size: size)
      return areSame(
        result.goldenRows, example.wanted(expected[epoch] ?? []), isOrdered: example.isOrdered)
    }
  }

  @Test(
    "come out in append mode as there",
    arguments: ["session-static-append", "session-dynamic-append"], [1, 7, 100_000])
  func appends(name: String, size: Int) throws {
    let agreements = try agreements(try example(name), size: size) { _, _ in true }
    #expect(agreements.count >= 7 && agreements.allSatisfy { $0 })
  }

  // In complete mode nothing is late here, where the reference drops rows of sessions: by the
  // watermark of the epoch before, for it runs no further batch without data in this mode.
  @Test(
    "come out in complete mode as there, but for the rows that are dropped there",
    arguments: ["session-static-complete", "session-dynamic-complete"], [1, 7, 100_000])
  func completes(name: String, size: Int) throws {
    let example = try example(name)
    let staticGap = microseconds(
      example.steps().compactMap { $0["window"]?["gap"] }.first)
    var lateCount = 0
    let whole = try agreements(example, size: size) { _, _ in true }
    let punctual = try agreements(example, size: size) { row, watermark in
      guard let watermark, let time = try? Value(golden: row["ts"] ?? .null, .timestamp),
        case .integer(let start) = time
      else { return true }
      let gap = row["gap"].map { microseconds($0) } ?? staticGap
      let end = gap > 0 ? start + gap : .max
      lateCount += end <= watermark ? 1 : 0
      return end > watermark
    }
    #expect(lateCount > 0)
    #expect(whole.contains(false), "it agrees: it is no exception any more")
    #expect(punctual.allSatisfy { $0 })
  }
}
