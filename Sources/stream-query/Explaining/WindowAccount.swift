import JSONText
import Scalars
import Toolkit
import Wire

/// What there is to say of `stream-window`: where the watermark stands, why, and what would move it.
extension Evidence {
  func windowAccount(_ stage: String) -> StageAccount {
    guard let input = inputs.first(where: { $0.stage == stage }) else {
      return StageAccount(stage, "declares event time")
    }
    var account = StageAccount(stage, position(of: input))
    let isComplete = isFinal || input.isComplete
    if input.makesWatermark, !isComplete {
      account.say(comparison(of: input))
      account.say(haste(of: input))
      account.say(movement(of: input))
    }
    if !isComplete { account.say(advice(on: input)) }
    let counts = RejectTally(of: last?[stage: stage])
    if counts.unusableCount > 0 {
      account.say(
        "\(counted(counts.unusableCount, "row")) had no \(input.name) and came into no window; "
          + "\(counts.unusableCount == 1 ? "it is" : "they are") in \(summary.files.path)/rejects/\(stage)"
      )
    }
    account.note("time", JSON(input.column))
    account.note("delayMs", JSON(input.delay.map { $0 / 1000 }))
    account.note("idleMs", JSON(input.idle.map { $0 / 1000 }))
    account.note("latest", JSON(time: input.latest))
    account.note("watermark", JSON(time: input.watermark))
    account.note("holdsBack", .bool(input.makesWatermark && holdsBack(input)))
    account.note("unusableRows", .integer(counts.unusableCount))
    return account
  }

  // MARK: - Where it stands

  private func position(of input: EventTimeInput) -> String {
    if isFinal { return "its input is complete: every window is closed" }
    if input.isComplete { return "its input is complete, and holds no watermark back" }
    guard let delay = input.delay else { return declaration(of: input) }
    guard let mark = input.watermark else {
      if input.isSilent, inputs.contains(where: \.hasSay) {
        return "no row has had a time in \(input.name) yet; its input is idle, and no other one "
          + "waits for it"
      }
      return
        "no row has had a time in \(input.name) yet: there is no watermark, and no window closes"
    }
    let stands = "the watermark stands at \(isoMilliseconds(mark))"
    guard let latest = input.latest, let own = input.watermarkOfLatest else {
      return "\(stands); no row has had a time in \(input.name) yet"
    }
    let row = "the latest \(input.name)"
    if own >= mark {
      return delay == 0
        ? "\(stands), \(row)"
        : "\(stands), \(durationText(delay)) behind \(row), \(isoMilliseconds(latest))"
    }
    let reason =
      input.idle.map { "--idle \(durationText($0)) has moved it on since" }
      ?? "it never falls back to where it would be for that"
    return "\(stands); \(row) is \(isoMilliseconds(latest)), and \(reason)"
  }

  /// Of a stage that makes no watermark.
  private func declaration(of input: EventTimeInput) -> String {
    guard input.column != nil else {
      let clock = last.map { ", the last of which began at \(isoMilliseconds($0.time))" } ?? ""
      return "puts rows into windows by the time of their epoch\(clock)"
    }
    let before = inputs(before: input.stage).map(\.stage)
    if !before.isEmpty {
      return "goes by \(input.name); the watermark is that of \(listed(before, "and"))"
    }
    return "goes by \(input.name), but makes no watermark: no window closes before the input is "
      + "complete"
  }

  // MARK: - Several inputs

  /// An input that has had no row yet is behind all others.
  private func mark(_ input: EventTimeInput) -> Int64 { input.watermark ?? .min }

  /// The largest watermark may count instead of the smallest.
  private var goesByTheSmallest: Bool {
    !plan.flattened.contains { $0.options["watermark-policy"]?.string == "max" }
  }

  private func holdsBack(_ input: EventTimeInput) -> Bool {
    goesByTheSmallest && slowest?.stage == input.stage
  }

  private var slowest: EventTimeInput? {
    inputs.filter(\.hasSay).min { mark($0) < mark($1) }
  }

  /// With the other inputs; nil for a single one.
  private func comparison(of input: EventTimeInput) -> String? {
    guard inputs.count(where: \.hasSay) > 1, goesByTheSmallest, let slowest else { return nil }
    if slowest.stage == input.stage { return "it holds the watermark of the whole query back" }
    guard let own = input.watermark, let other = slowest.watermark else {
      return "it waits for \(slowest.stage), which has no watermark yet"
    }
    let lead = difference(own, other)
    if lead == 0 { return "it is as far as \(slowest.stage)" }
    return "it is \(shownSpan(lead)) ahead of \(slowest.stage), which holds the watermark back"
  }

  // MARK: - What would move it

  /// An event that is so far ahead of its epoch is more likely to have a wrong time: µs.
  private static let leadMax: Int64 = 3_600_000_000

  /// One row with a wrong time makes all others late.
  private func haste(of input: EventTimeInput) -> String? {
    guard let latest = input.latest, let last else { return nil }
    let lead = difference(latest, last.time)
    guard lead > Evidence.leadMax else { return nil }
    return "the latest \(input.name) is \(shownDuration(lead)) ahead of the clock: is it wrong? "
      + "Rows with the right time are late behind it"
  }

  private func movement(of input: EventTimeInput) -> String {
    var ways = ["with a later \(input.name)"]
    if let idle = input.idle {
      let empty = input.sources.compactMap { self.idle($0.stage) }.min()
      let soFar = isRunning ? empty.map { "; so far for \(shownDuration($0))" } ?? "" : ""
      ways.append("when its input has been empty for \(durationText(idle)) (--idle\(soFar))")
    }
    if input.endIsFinal { ways.append("when the input ends (--final)") }
    return "\(isRunning ? "it moves on" : "once the query runs it moves on") \(listed(ways, "or"))"
  }

  /// Which options would help.
  private func advice(on input: EventTimeInput) -> String? {
    var options: [String] = []
    if input.makesWatermark, input.idle == nil {
      options.append("stream-window --idle D would move it on while the input is empty")
    }
    if input.column != nil, !input.makesWatermark, inputs(before: input.stage).isEmpty {
      options.append("stream-window --watermark D would close windows while the input goes on")
    }
    if input.column != nil, !input.endIsFinal, input.mayEnd, !input.sources.isEmpty {
      options.append("stream-source --final would close every window when the input ends")
    }
    return options.isEmpty ? nil : options.joined(separator: "; ")
  }
}
