import Diagnostics
import JSONText
import Testing
import Toolkit
import Wire

@Suite("The header of several inputs")
struct HeaderMergingTests {
  @Test("unites the runs, and is bounded when all are")
  func unites() throws {
    let merged = try Header.merging([
      ("1", sampleHeader("a", isBounded: true)), ("2", sampleHeader("b", isBounded: true)),
    ])
    #expect(merged.query.runs == ["a.source": "run of a", "b.source": "run of b"])
    #expect(merged.shape.isBounded)
    let other = try Header.merging([
      ("1", sampleHeader("a", isBounded: true)), ("2", sampleHeader("b")),
    ])
    #expect(!other.shape.isBounded)
  }

  @Test("lets the first input's branch go on, and nests the others")
  func nests() throws {
    let inputs = [
      sampleHeader("a", stages: ["stream-map"]), sampleHeader("b"),
      sampleHeader("c", stages: ["stream-window", "stream-agg"]),
    ]
    var merged = try Header.merging(inputs.map { ("", $0) })
    let id = merged.append(
      tool: "stream-union", options: .object([]),
      otherInput: inputs.dropFirst().flatMap(\.plan))
    #expect(id == "a.union")
    #expect(
      PlanTree.lines(merged.plan) == [
        "a.union: stream-union", "├─ a.map: stream-map", "│  └─ a.source: stream-source",
        "├─ b.source: stream-source", "└─ c.agg: stream-agg", "   └─ c.window: stream-window",
        "      └─ c.source: stream-source",
      ])
  }

  @Test("lets a source come twice without a checkpoint")
  func diamond() throws {
    let merged = try Header.merging([
      ("1", sampleHeader("a", stages: ["stream-map"])), ("2", sampleHeader("a")),
    ])
    #expect(merged.query.runs.count == 1)
  }

  struct Refusal: Sendable {
    let what: String
    let headers: [Header]
    let kind: StreamError.Kind
    let words: String
  }

  private static let refusals = [
    Refusal(
      what: "other queries",
      headers: [
        sampleHeader("a", id: "1", checkpoint: "/c"), sampleHeader("b", id: "2", checkpoint: "/d"),
      ], kind: .unavailable, words: "different queries"),
    Refusal(
      what: "one checkpoint for two",
      headers: [sampleHeader("a", id: "1", checkpoint: "/c"), sampleHeader("b")], kind: .usage,
      words: "input 2 has no checkpoint"),
    Refusal(
      what: "other resume epochs",
      headers: [
        sampleHeader("a", id: "1", checkpoint: "/c", resume: ["epoch": 4]),
        sampleHeader("b", id: "1", checkpoint: "/c", resume: ["epoch": 5]),
      ], kind: .unavailable, words: "behind epoch 4, but input 2 behind 5"),
    Refusal(
      what: "no commit in one of them",
      headers: [
        sampleHeader("a", id: "1", checkpoint: "/c"),
        sampleHeader("b", id: "1", checkpoint: "/c", resume: ["epoch": 5]),
      ], kind: .unavailable, words: "behind epoch 0, but input 2 behind 5"),
    Refusal(
      what: "two sources of one name",
      headers: [sampleHeader("a"), sampleHeader("a", run: "another")], kind: .usage,
      words: "input 2 begins with a.source"),
    Refusal(
      what: "a source in common, with a checkpoint",
      headers: [
        sampleHeader("a", id: "1", checkpoint: "/c"), sampleHeader("a", id: "1", checkpoint: "/c"),
      ], kind: .usage, words: "come in two ways"),
  ]

  @Test("refuses what does not go together", arguments: refusals)
  func refuses(_ sample: Refusal) {
    let inputs = sample.headers.enumerated().map { ("input \($0.offset + 1)", $0.element) }
    let error = #expect(throws: StreamError.self) { try Header.merging(inputs) }
    #expect(error?.kind == sample.kind)
    #expect(error?.message.contains(sample.words) == true)
  }
}
