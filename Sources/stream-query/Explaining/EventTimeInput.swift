import JSONText
import Scalars
import Wire

/// A `stream-window`: what it makes of the event time of the rows that come to it.
struct EventTimeInput {
  let stage: String
  /// The stages that its rows come from.
  let sources: [PlanStage]
  /// The column, or the name of a computed one; nil for the epoch's time.
  let column: String?
  /// How far the watermark stays behind the latest time, in µs; nil where this stage makes none.
  let delay: Int64?
  /// How long the input has to be empty for the watermark to move on: µs; nil for ever.
  let idle: Int64?
  /// What becomes of late rows, as it was written.
  let late: String?
  /// The latest event time so far, in µs.
  let latest: Int64?
  /// What it makes the watermark, in µs; nil before the first row with a time.
  let watermark: Int64?
  /// No row follows, though other inputs may go on.
  let isComplete: Bool
  /// It has had no row with a time, and others do not wait for it any more (`--idle`).
  let isSilent: Bool

  private init(
    _ stage: PlanStage, _ ledger: Ledger?, sources: [PlanStage], isComplete: Bool
  ) {
    func text(_ option: String) -> String? { stage.options[option]?.string }
    self.stage = stage.stage
    self.sources = sources
    self.isComplete = isComplete
    let isByTheClock = stage.options["processing-time"]?.bool == true
    column = isByTheClock ? nil : EventTimeInput.name(text("time") ?? "time")
    delay = text("watermark").flatMap { try? parseDuration($0) }
    idle = text("idle").flatMap { try? parseDuration($0) }
    late = text("late")
    let memo = ledger?[stage: stage.stage].memo
    latest = memo?["max"]?.int64
    watermark = memo?["watermark"]?.int64
    isSilent = memo?["silent"]?.bool ?? false
  }

  /// `ts` of `to_timestamp(x) AS ts`.
  private static func name(_ time: String) -> String {
    let words = time.split { $0.isWhitespace }
    guard words.count > 2, words[words.count - 2].lowercased() == "as" else { return time }
    return words[words.count - 1].filter { $0 != "`" }
  }

  /// - Parameters:
  ///   - sources: the ids of the stages without an input.
  ///   - complete: of those that have had their last epoch.
  static func all(
    in plan: [PlanStage], _ ledger: Ledger?, _ sources: Set<String>, complete: Set<String>
  ) -> [EventTimeInput] {
    plan.flattened.filter { $0.tool == "stream-window" }.map { stage in
      let feeding = plan.upstream(of: stage.stage).filter { sources.contains($0.stage) }
      let isComplete = !feeding.isEmpty && feeding.allSatisfy { complete.contains($0.stage) }
      return EventTimeInput(stage, ledger, sources: feeding, isComplete: isComplete)
    }
  }

  var makesWatermark: Bool { delay != nil }

  /// Whether the watermark behind several inputs depends on this one.
  var hasSay: Bool { makesWatermark && !isComplete && !isSilent }

  var name: String { column.map { "'\($0)'" } ?? "time" }

  /// What the latest time alone makes the watermark: whole milliseconds, the rest is cut off.
  var watermarkOfLatest: Int64? {
    guard let latest, let delay else { return nil }
    let time = difference(latest, delay)
    let rest = time % 1000
    return difference(time, rest < 0 ? rest + 1000 : rest)
  }

  /// The earliest time of a row that moves the watermark to `target`.
  func time(toReach target: Int64) -> Int64 {
    let rest = target % 1000
    let whole = rest == 0 ? target : sum([target, rest < 0 ? -rest : 1000 - rest])
    return sum([whole, delay ?? 0])
  }

  /// Whether the input may come to an end that completes it, once `--final` says so.
  var mayEnd: Bool {
    sources.allSatisfy { source in
      let kind = source.options["arguments"]?.array?.first?.string
      return kind != "tail" && source.options["follow"]?.bool != true
    }
  }

  /// Whether the end of the input completes it.
  var endIsFinal: Bool {
    !sources.isEmpty && sources.allSatisfy { $0.options["final"]?.bool == true }
  }
}

extension [PlanStage] {
  /// All stages whose rows come to a stage, those of other inputs too; none for an unknown one.
  func upstream(of stage: String) -> [PlanStage] {
    for (index, candidate) in enumerated() {
      if candidate.stage == stage {
        return Array(self[..<index]).flattened + candidate.otherInput.flattened
      }
      if candidate.otherInput.flattened.contains(where: { $0.stage == stage }) {
        return candidate.otherInput.upstream(of: stage)
      }
    }
    return []
  }
}
