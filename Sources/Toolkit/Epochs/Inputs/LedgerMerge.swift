package import Diagnostics
package import JSONText
package import Wire

/// Which of several inputs the watermark follows.
package enum WatermarkPolicy: String, Sendable, CaseIterable {
  /// The slowest: no row of any of them is late that would not be late alone.
  case min
  /// The fastest: the others' rows may be late.
  case max

  /// - Parameter text: of `--watermark-policy`; nil when it was not given.
  package init(option text: String?) throws(StreamError) {
    guard let policy = WatermarkPolicy(rawValue: text ?? "min") else {
      throw StreamError(
        .usage, "--watermark-policy: expected 'min' or 'max' but found '\(text ?? "")'")
    }
    self = policy
  }
}

/// Makes one row of epochs of those of several inputs: numbers them anew, and says at the end of each
/// how far all inputs have come.
package struct LedgerMerge {
  private struct Input {
    /// The stage that numbers its epochs.
    let id: String
    /// That stage and those behind it.
    let ownStages: Set<String>
    /// nil: it has had no epoch yet, in no run.
    var point: ResumePoint?
    /// As the last marker had them, or the commit that the run resumes after.
    var sources: [SourcePart] = []
    var stages: [StagePart] = []
    /// When that was, as this stage counts time.
    var time: Int64 = .min

    var isComplete: Bool { point?.isFinal ?? false }

    /// It has had no row with a time and is idle: nobody needs to wait for it.
    var isSilent: Bool {
      point?.watermark == nil
        && stages.contains { ownStages.contains($0.id) && MergedMemo.isSilent($0.memo) }
    }
  }

  private let stage: String
  private let policy: WatermarkPolicy
  private var inputs: [Input]
  /// As this stage counts them: the last one.
  package private(set) var epoch: Int64 = 0
  private var time: Int64 = .min
  package private(set) var watermark: Int64?

  /// - Parameters:
  ///   - stage: the id of the one with these inputs.
  ///   - inputs: their headers, in order.
  /// - Throws: a usage error when the last commit knows nothing of the stage.
  package init(stage: String, policy: WatermarkPolicy, _ inputs: [InputHeader]) throws {
    self.stage = stage
    self.policy = policy
    let ids = LedgerMerge.ids(of: inputs)
    self.inputs = zip(ids, inputs).map { id, input in
      let stages = input.header.plan.map(\.stage)
      return Input(id: id, ownStages: Set(stages[(stages.firstIndex(of: id) ?? 0)...]))
    }
    guard let resume = inputs.first?.header.resume,
      inputs.contains(where: \.header.isCommitted)
    else { return }
    let ledger = try Ledger(resume)
    let memo = try MergedMemo(of: stage, with: ids, in: ledger)
    (epoch, time, watermark) = (memo.last.epoch, memo.last.time, memo.last.watermark)
    for index in inputs.indices {
      let known = Set(inputs[index].header.plan.allStages.map(\.stage))
      self.inputs[index].point = memo.inputs.first { $0.id == ids[index] }?.point
      self.inputs[index].sources = ledger.sources.filter { known.contains($0.id) }
      self.inputs[index].stages = ledger.stages.filter { known.contains($0.id) }
      self.inputs[index].time = time
    }
  }

  /// Streams of other programs all call their source the same.
  static func ids(of inputs: [InputHeader]) -> [String] {
    inputs.enumerated().map { index, input in
      input.header.numberingStage ?? (index == 0 ? "main.source" : "input\(index + 1).source")
    }
  }

  /// The id of an input: the stage that numbers its epochs.
  package func id(of input: Int) -> String { inputs[input].id }

  package func input(withID id: String) -> Int? { inputs.firstIndex { $0.id == id } }

  /// Whether an input has had its last epoch, in this run or an earlier one: nothing that comes of it
  /// counts any more.
  package func isComplete(_ input: Int) -> Bool { inputs[input].isComplete }

  /// What an epoch of an input is here, if it is the next one.
  package func stamp(for inner: EpochStamp) -> EpochStamp {
    EpochStamp(number: epoch + 1, time: max(time, inner.time))
  }

  /// The marker of the next epoch, which is this one of an input.
  package mutating func merge(_ marker: Ledger, of input: Int, isForeign: Bool) -> Ledger {
    let stamp = stamp(for: marker.stamp)
    (epoch, time) = (stamp.number, stamp.time)
    inputs[input].point = ResumePoint(
      epoch: marker.epoch, time: marker.time, watermark: marker.watermark, isFinal: marker.isFinal)
    inputs[input].sources = marker.sources
    inputs[input].stages = marker.stages
    inputs[input].time = time
    if isForeign {
      for index in inputs[input].sources.indices {
        inputs[input].sources[index].id = inputs[input].id
      }
    }
    watermark = LedgerMerge.larger(watermark, inputsWatermark)
    return Ledger(
      epoch: epoch, by: stage, time: time,
      isFinal: inputs.allSatisfy(\.isComplete), replaces: marker.replaces,
      watermark: watermark, sources: sources(newestOf: input), stages: stages(newestOf: input))
  }

  private var inputsWatermark: Int64? {
    let known = inputs.compactMap(\.point?.watermark)
    switch policy {
    case .max: return known.max()
    case .min:
      // One that is complete has no more rows that could be late.
      let open = inputs.filter { !$0.isComplete && !$0.isSilent }
      if open.isEmpty { return known.max() }
      let watermarks = open.compactMap(\.point?.watermark)
      return watermarks.count == open.count ? watermarks.min() : nil
    }
  }

  private static func larger(_ left: Int64?, _ right: Int64?) -> Int64? {
    guard let left, let right else { return left ?? right }
    return Swift.max(left, right)
  }

  private func sources(newestOf current: Int) -> [SourcePart] {
    var parts = inputs[current].sources
    for input in inputs.indices where input != current {
      for var part in inputs[input].sources where !parts.contains(where: { $0.id == part.id }) {
        // Rows are those of the epoch.
        part.rows = 0
        if inputs[input].isComplete { part.idle = idle(part, of: inputs[input]) }
        parts.append(part)
      }
    }
    return parts.sorted { place(ofSource: $0.id) < place(ofSource: $1.id) }
  }

  /// A source that has ended says no more how long its input has been empty: from then on it is.
  private func idle(_ part: SourcePart, of input: Input) -> Int64 {
    let (span, isTooLong) = time.subtractingReportingOverflow(input.time)
    let (idle, overflows) = part.idle.addingReportingOverflow(span)
    return isTooLong || overflows ? .max : idle
  }

  private func place(ofSource id: String) -> Int {
    inputs.firstIndex { $0.sources.contains { $0.id == id } } ?? inputs.count
  }

  /// What holds on; all other numbers are those of one epoch.
  private static let lasting: Set = [
    "stateRows", "stateBytes", "openWindows", "nextClose", "bytesTotal",
  ]

  private func stages(newestOf current: Int) -> [StagePart] {
    var parts: [StagePart] = []
    for index in inputs.indices {
      for var part in inputs[index].stages {
        let former = parts.firstIndex { $0.id == part.id }
        if index != current { part.metrics.removeAll { !LedgerMerge.lasting.contains($0.name) } }
        if let former, index == current { parts[former] = part }
        if former == nil { parts.append(part) }
      }
    }
    return parts
  }

  /// What the stage signs, so that a later run and the stages before know how far each input was.
  package var memo: JSON {
    let last = ResumePoint(epoch: epoch, time: time, watermark: watermark, isFinal: false)
    let points = inputs.compactMap { input in input.point.map { (id: input.id, point: $0) } }
    let open = inputs.filter { !$0.isComplete }
    let isSilent = watermark == nil && !open.isEmpty && open.allSatisfy(\.isSilent)
    return MergedMemo(last: last, inputs: points, isSilent: isSilent).json
  }
}
