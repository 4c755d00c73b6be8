import Diagnostics
import JSONText
import Testing
import Toolkit
import Wire

@Suite("The markers of several inputs")
struct LedgerMergeTests {
  private func merge(
    _ policy: WatermarkPolicy = .min, _ names: [String] = ["a", "b"]
  ) throws -> LedgerMerge {
    try LedgerMerge(stage: "a.union", policy: policy, names.map { sampleInput(sampleHeader($0)) })
  }

  @Test("are numbered anew, under times that never fall")
  func numbers() throws {
    var merge = try merge()
    let steps: [(input: Int, epoch: Int64, time: Int64)] = [(0, 1, 50), (1, 7, 30), (0, 2, 60)]
    let stamps = steps.map { step in
      merge.merge(
        sampleMarker(step.input == 0 ? "a" : "b", step.epoch, time: step.time), of: step.input,
        isForeign: false
      ).stamp
    }
    #expect(
      stamps == [
        EpochStamp(number: 1, time: 50), EpochStamp(number: 2, time: 50),
        EpochStamp(number: 3, time: 60),
      ])
  }

  @Test("tell of the other inputs what was last, without the rows of its epoch")
  func keepsParts() throws {
    var merge = try merge()
    let first = merge.merge(sampleMarker("a", 1, rows: 5), of: 0, isForeign: false)
    #expect(first.sources.map(\.id) == ["a.source"])
    let second = merge.merge(sampleMarker("b", 4, rows: 3), of: 1, isForeign: false)
    #expect(
      second.sources == [
        SourcePart(id: "a.source", epoch: 1, rows: 0),
        SourcePart(id: "b.source", epoch: 4, rows: 3),
      ])
    #expect(second[stage: "a.source"].metrics == [Metric("stateRows", 7)])
    #expect(second[stage: "b.source"][metric: "rowsOut"] == 3)
    #expect(second.by == "a.union")
  }

  struct Step: Sendable {
    let input: Int
    let watermark: Int64?
    var isFinal = false
    let min: Int64?
    let max: Int64?
  }

  private static let steps = [
    Step(input: 0, watermark: 100, min: nil, max: 100),
    Step(input: 1, watermark: nil, min: nil, max: 100),
    Step(input: 1, watermark: 40, min: 40, max: 100),
    Step(input: 1, watermark: 70, min: 70, max: 100),
    Step(input: 0, watermark: 120, min: 70, max: 120),
    // Complete: it holds the other one back no more.
    Step(input: 1, watermark: 80, isFinal: true, min: 120, max: 120),
    Step(input: 0, watermark: 130, min: 130, max: 130),
  ]

  @Test("have the smallest watermark, or the largest", arguments: WatermarkPolicy.allCases)
  func watermarks(policy: WatermarkPolicy) throws {
    var merge = try merge(policy)
    for (index, step) in LedgerMergeTests.steps.enumerated() {
      let marker = sampleMarker(
        step.input == 0 ? "a" : "b", Int64(index + 1), watermark: step.watermark,
        isFinal: step.isFinal)
      let ledger = merge.merge(marker, of: step.input, isForeign: false)
      #expect(ledger.watermark == (policy == .min ? step.min : step.max), "step \(index)")
      #expect(!ledger.isFinal)
    }
  }

  /// Of a branch that has been idle from its beginning.
  private func silentMarker(_ name: String, _ epoch: Int64) -> Ledger {
    var marker = sampleMarker(name, epoch, rows: 0)
    marker[stage: "\(name).window"].memo = ["silent": true]
    return marker
  }

  @Test("do not wait for one that is idle and has had no row")
  func silent() throws {
    func inputs(_ resume: JSON? = nil) -> [InputHeader] {
      ["a", "b"].map { sampleInput(sampleHeader($0, stages: ["stream-window"], resume: resume)) }
    }
    var merge = try LedgerMerge(stage: "a.union", policy: .min, inputs())
    #expect(merge.merge(silentMarker("b", 1), of: 1, isForeign: false).watermark == nil)
    var ledger = merge.merge(sampleMarker("a", 1, watermark: 50), of: 0, isForeign: false)
    #expect(ledger.watermark == 50)
    // So it is in a later run, as long as nothing else is known.
    ledger[stage: "a.union"].memo = ["inputs": merge.memo]
    merge = try LedgerMerge(stage: "a.union", policy: .min, inputs(ledger.json))
    ledger = merge.merge(sampleMarker("a", 2, watermark: 60), of: 0, isForeign: false)
    #expect(ledger.watermark == 60)
    // It has had a row: it counts again, but the watermark does not fall.
    ledger = merge.merge(sampleMarker("b", 2, watermark: 20), of: 1, isForeign: false)
    #expect(ledger.watermark == 60)
    ledger = merge.merge(sampleMarker("a", 3, watermark: 90), of: 0, isForeign: false)
    #expect(ledger.watermark == 60)
    ledger = merge.merge(sampleMarker("b", 3, watermark: 70), of: 1, isForeign: false)
    #expect(ledger.watermark == 70)
  }

  @Test("are silent together when each of them is")
  func silentTogether() throws {
    let headers = ["a", "b", "c"].map { sampleHeader($0, stages: ["stream-window"]) }
    var inner = try LedgerMerge(
      stage: "a.union", policy: .min, headers[..<2].map { sampleInput($0) })
    var header = try Header.merging([("1", headers[0]), ("2", headers[1])])
    _ = header.append(tool: "stream-union", options: .object([]), otherInput: headers[1].plan)
    var outer = try LedgerMerge(
      stage: "a.union.2", policy: .min, [sampleInput(header), sampleInput(headers[2])])
    func send(_ marker: Ledger, of input: Int) -> Int64? {
      var ledger = inner.merge(marker, of: input, isForeign: false)
      ledger[stage: "a.union"].memo = ["inputs": inner.memo]
      return outer.merge(ledger, of: 0, isForeign: false).watermark
    }
    #expect(
      outer.merge(sampleMarker("c", 1, watermark: 9), of: 1, isForeign: false).watermark == nil)
    // One of the two is awaited still.
    #expect(send(silentMarker("a", 1), of: 0) == nil)
    #expect(send(silentMarker("b", 1), of: 1) == 9)
  }

  @Test("are final when all are")
  func final() throws {
    var merge = try merge()
    let first = merge.merge(sampleMarker("a", 1, isFinal: true), of: 0, isForeign: false)
    let second = merge.merge(sampleMarker("b", 1, isFinal: true), of: 1, isForeign: false)
    #expect(!first.isFinal)
    #expect(second.isFinal)
  }

  @Test("count an input without one in this run as the last commit does")
  func resumes() throws {
    var former = try merge()
    _ = former.merge(sampleMarker("a", 3, time: 10, watermark: 5), of: 0, isForeign: false)
    var last = former.merge(
      sampleMarker("b", 9, time: 20, watermark: 8, isFinal: true), of: 1, isForeign: false)
    last[stage: "a.union"].memo = ["inputs": former.memo]
    let inputs = ["a", "b"].map { sampleInput(sampleHeader($0, resume: last.json)) }
    var merge = try LedgerMerge(stage: "a.union", policy: .min, inputs)
    #expect(merge.epoch == 2)
    #expect(merge.watermark == 5)
    let next = merge.merge(
      sampleMarker("a", 4, time: 15, watermark: 30, isFinal: true), of: 0, isForeign: false)
    #expect(next.stamp == EpochStamp(number: 3, time: 20))
    #expect(next.watermark == 30)
    #expect(next.isFinal)
    #expect(next.sources.map { "\($0.id) \($0.epoch)" } == ["a.source 4", "b.source 9"])
  }

  @Test("go on only behind commits that know of the stage")
  func unknown() {
    let resume = sampleMarker("a", 4).json
    let inputs = ["a", "b"].map { sampleInput(sampleHeader($0, resume: resume)) }
    let error = #expect(throws: StreamError.self) {
      try LedgerMerge(stage: "a.union", policy: .min, inputs)
    }
    #expect(error?.kind == .usage)
  }

  @Test("begin at the beginning behind commits that have none of their epochs in them")
  func others() throws {
    let resume = sampleMarker("c", 4, time: 9, watermark: 5).json
    let inputs = ["a", "b"].map { sampleInput(sampleHeader($0, resume: resume)) }
    var merge = try LedgerMerge(stage: "a.union", policy: .min, inputs)
    #expect(merge.epoch == 0)
    let ledger = merge.merge(sampleMarker("b", 1, time: 3), of: 1, isForeign: false)
    #expect(ledger.stamp == EpochStamp(number: 1, time: 3))
    #expect(ledger.watermark == nil)
    #expect(ledger.sources.map(\.id) == ["b.source"])
  }

  @Test("are told from each other when they come from other programs")
  func foreign() throws {
    let inputs = [sampleHeader("main"), Header()].enumerated().map { index, header in
      InputHeader(header: header, schema: inputSchema, isForeign: index == 1)
    }
    var merge = try LedgerMerge(stage: "main.union", policy: .min, inputs)
    _ = merge.merge(sampleMarker("main", 1), of: 0, isForeign: false)
    let ledger = merge.merge(sampleMarker("main", 1, isFinal: true), of: 1, isForeign: true)
    #expect(ledger.sources.map(\.id) == ["main.source", "input2.source"])
  }
}
