import GoldenSupport
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
      var chain = try StageChain(example, usesPanes: usesPanes)
      var clock = WatermarkClock(example)
      let expected = try example.expected()
      for epoch in 1...example.epochCount {
        let input = try example.batch(of: "in", epoch: epoch)
        let result = try chain.run(
          input, epoch: Int64(epoch), watermarks: clock.advance(past: input), size: size)
        let rows = result.goldenRows
        let wanted = example.wanted(expected[epoch] ?? [])
        #expect(
          areSame(rows, wanted, isOrdered: example.isOrdered),
          "\(example.name), epoch \(epoch): \(rows.count) rows, not \(wanted.count)")
        #expect(result.outcome.replacesResult == (example.mode == "complete" && !rows.isEmpty))
      }
    }
  }
}
