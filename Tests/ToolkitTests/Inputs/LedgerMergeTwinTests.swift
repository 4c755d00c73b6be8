import JSONText
import TestSupport
import Testing
import Toolkit
import Wire

/// The same from all markers so far, each time anew.
private struct MergeTwin {
  let policy: WatermarkPolicy
  let inputCount: Int
  private(set) var history: [(input: Int, marker: Ledger)] = []

  init(policy: WatermarkPolicy, inputCount: Int) {
    (self.policy, self.inputCount) = (policy, inputCount)
  }

  mutating func add(_ marker: Ledger, of input: Int) { history.append((input, marker)) }

  private func last(_ input: Int, in count: Int) -> Ledger? {
    history[..<count].last { $0.input == input }?.marker
  }

  private func time(behind count: Int) -> Int64 {
    history[..<count].map(\.marker.time).max() ?? .min
  }

  var stamp: EpochStamp {
    EpochStamp(number: Int64(history.count), time: time(behind: history.count))
  }

  var isFinal: Bool {
    (0..<inputCount).allSatisfy { last($0, in: history.count)?.isFinal == true }
  }

  var watermark: Int64? {
    (0...history.count).compactMap { count -> Int64? in
      let lasts = (0..<inputCount).map { last($0, in: count) }
      let watermarks = lasts.map { $0?.watermark }
      if policy == .max { return watermarks.compactMap(\.self).max() }
      let open = lasts.indices.filter { lasts[$0]?.isFinal != true }
      if open.isEmpty { return watermarks.compactMap(\.self).max() }
      if open.contains(where: { watermarks[$0] == nil }) { return nil }
      return open.compactMap { watermarks[$0] }.min()
    }.max()
  }

  /// By id: epoch, rows, idle.
  var sources: [String: [Int64]] {
    var parts: [String: [Int64]] = [:]
    for input in 0..<inputCount {
      guard let place = history.lastIndex(where: { $0.input == input }) else { continue }
      let marker = history[place].marker
      let since = stamp.time - time(behind: place + 1)
      for part in marker.sources {
        parts[part.id] = [
          part.epoch, place == history.count - 1 ? part.rows : 0,
          part.idle + (marker.isFinal ? since : 0),
        ]
      }
    }
    return parts
  }
}

@Suite("The markers of several inputs, in any order")
struct LedgerMergeTwinTests {
  private static let names = ["a", "b", "c", "d"]

  private func merge(_ count: Int, _ policy: WatermarkPolicy, resume: JSON?) throws -> LedgerMerge {
    try LedgerMerge(
      stage: "a.union", policy: policy,
      LedgerMergeTwinTests.names[..<count].map { sampleInput(sampleHeader($0, resume: resume)) })
  }

  @Test(
    "are what they are from all that came before, however often the stage is started again",
    arguments: 0..<80, WatermarkPolicy.allCases)
  func twin(seed: Int, policy: WatermarkPolicy) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let inputCount = Int.random(in: 2...4, using: &random)
    var twin = MergeTwin(policy: policy, inputCount: inputCount)
    var merge = try merge(inputCount, policy, resume: nil)
    var last = Array(repeating: Ledger(epoch: 0, by: "", time: 0), count: inputCount)
    for _ in 0..<60 {
      let open = last.indices.filter { !last[$0].isFinal }
      guard let input = open.randomElement(using: &random) else { break }
      var marker = sampleMarker(
        LedgerMergeTwinTests.names[input], last[input].epoch + 1,
        time: last[input].time + .random(in: 0...50, using: &random),
        watermark: last[input].watermark, isFinal: Int.random(in: 0..<25, using: &random) == 0,
        rows: .random(in: 0...9, using: &random))
      if Bool.random(using: &random) {
        marker.watermark = (marker.watermark ?? -100) + .random(in: 0...30, using: &random)
      }
      marker.sources[0].idle = .random(in: 0...1000, using: &random)
      last[input] = marker
      twin.add(marker, of: input)
      #expect(merge.stamp(for: marker.stamp) == twin.stamp)
      var ledger = merge.merge(marker, of: input, isForeign: false)
      #expect(ledger.stamp == twin.stamp)
      #expect(ledger.watermark == twin.watermark)
      #expect(ledger.isFinal == twin.isFinal)
      let sources = ledger.sources.map { ($0.id, [$0.epoch, $0.rows, $0.idle]) }
      #expect(Dictionary(sources) { $1 } == twin.sources)
      guard Int.random(in: 0..<5, using: &random) == 0 else { continue }
      ledger[stage: "a.union"].memo = ["inputs": merge.memo]
      merge = try self.merge(inputCount, policy, resume: ledger.json)
      #expect(merge.epoch == twin.stamp.number)
      #expect(merge.watermark == twin.watermark)
    }
  }
}

@Suite("Inputs that have several inputs themselves")
struct NestedInputsTests {
  /// `a.union` of `a` and `b`, and behind it `a.union.2` of that and `c`.
  private struct Tree {
    var inner: LedgerMerge
    var outer: LedgerMerge
    let innerHeader: Header
    let outerHeader: Header

    init(resume: JSON?) throws {
      let (a, b, c) = (
        sampleHeader("a", stages: ["stream-window"], resume: resume),
        sampleHeader("b", resume: resume), sampleHeader("c", resume: resume)
      )
      (inner, innerHeader) = try Tree.join(a, b)
      (outer, outerHeader) = try Tree.join(innerHeader, c)
    }

    private static func join(_ left: Header, _ right: Header) throws -> (LedgerMerge, Header) {
      var header = try Header.merging([("1", left), ("2", right)])
      let stage = header.append(
        tool: "stream-union", options: .object([]), otherInput: right.plan)
      let inputs = [sampleInput(left), sampleInput(right)]
      return (try LedgerMerge(stage: stage, policy: .min, inputs), header)
    }

    /// A marker of `a` (0), `b` (1) or `c` (2), as it comes out behind both.
    mutating func send(_ marker: Ledger, of source: Int) -> Ledger {
      var ledger = marker
      if source < 2 {
        ledger = inner.merge(marker, of: source, isForeign: false)
        ledger[stage: "a.union"].memo = ["inputs": inner.memo]
      }
      ledger = outer.merge(ledger, of: source < 2 ? 0 : 1, isForeign: false)
      ledger[stage: "a.union.2"].memo = ["inputs": outer.memo]
      return ledger
    }
  }

  @Test("are numbered at each of the places, and each goes on where it was")
  func numbers() throws {
    var tree = try Tree(resume: nil)
    _ = tree.send(sampleMarker("a", 1, time: 10, watermark: 50), of: 0)
    _ = tree.send(sampleMarker("c", 1, time: 11, watermark: 5), of: 2)
    _ = tree.send(sampleMarker("b", 1, time: 12, watermark: 30), of: 1)
    let commit = tree.send(sampleMarker("a", 2, time: 9, watermark: 60), of: 0)
    #expect(commit.stamp == EpochStamp(number: 4, time: 12))
    #expect(commit.watermark == 5)
    #expect(
      commit.sources.map { "\($0.id) \($0.epoch)" } == ["a.source 2", "b.source 1", "c.source 1"])
    // What these make is not committed.
    _ = tree.send(sampleMarker("b", 2, time: 13, watermark: 70), of: 1)
    _ = tree.send(sampleMarker("c", 2, time: 14, watermark: 80), of: 2)

    var again = try Tree(resume: commit.json)
    #expect(again.inner.epoch == 3)
    #expect(again.inner.watermark == 30)
    #expect(again.outer.epoch == 4)
    #expect(again.outer.watermark == 5)
    let next = again.send(sampleMarker("c", 2, time: 14, watermark: 80), of: 2)
    #expect(next.stamp == EpochStamp(number: 5, time: 14))
    #expect(next.watermark == 30)
  }

  @Test("tell each stage the watermark that held where it stands")
  func watermarks() throws {
    var tree = try Tree(resume: nil)
    _ = tree.send(sampleMarker("a", 1, watermark: 50), of: 0)
    _ = tree.send(sampleMarker("b", 1, watermark: 30), of: 1)
    let commit = tree.send(sampleMarker("c", 1, watermark: 5), of: 2)
    let again = try Tree(resume: commit.json)
    func watermark(_ header: Header) throws -> Int64? {
      let stream = try SampleStream(header)
      return try WireReader(descriptor: stream.pipe.reading).resumeWatermark
    }
    #expect(try watermark(sampleHeader("a", resume: commit.json)) == 50)
    #expect(try watermark(sampleHeader("a", stages: ["stream-window"], resume: commit.json)) == 50)
    #expect(try watermark(sampleHeader("b", resume: commit.json)) == 30)
    #expect(try watermark(again.innerHeader) == 30)
    #expect(try watermark(sampleHeader("c", resume: commit.json)) == 5)
    #expect(try watermark(again.outerHeader) == 5)
  }
}
