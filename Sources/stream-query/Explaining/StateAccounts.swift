import JSONText
import Scalars
import Toolkit
import Wire

/// What there is to say of the stages that judge rows by the watermark and keep them until then.
extension Evidence {
  func aggregateAccount(_ stage: String) -> StageAccount {
    let mode = planned(stage)?.options["mode"]?.string
    let runs = isHeld(stage) ? "runs" : "does not run"
    let windows = OpenWindows(last?[stage: stage], window: window(of: stage))
    var account: StageAccount
    if isFinal {
      account = StageAccount(stage, "\(runs); its input is complete, all of its results are out")
    } else if mode == "append", let windows {
      account = StageAccount(stage, "\(runs); \(waiting(for: windows, stage))")
      account.say(closing(of: windows, stage))
    } else {
      let sending = isHeld(stage) ? sending(mode).map { "; it \($0)" } ?? "" : ""
      account = StageAccount(stage, runs + sending + (mode == "update" ? forgetting(windows) : ""))
    }
    sayRejected(stage, &account)
    account.note("running", .bool(isHeld(stage)))
    account.note("mode", JSON(mode))
    noteWindows(windows, &account)
    return account
  }

  func dedupAccount(_ stage: String) -> StageAccount {
    let keys = last?[stage: stage][metric: "stateRows"].map { counted($0, "key") }
    let runs = isHeld(stage)
    var account = StageAccount(
      stage,
      (runs ? "runs; it lets the first row of each key through at once" : "does not run")
        + (keys.map { "\(runs ? ", and" : "; it") remembers \($0)" } ?? ""))
    account.say(flow(stage))
    sayRejected(stage, &account)
    account.note("running", .bool(runs))
    return account
  }

  // MARK: - Windows

  private func noteWindows(_ windows: OpenWindows?, _ account: inout StageAccount) {
    guard let windows else { return }
    account.note("openWindows", JSON(windows.count))
    account.note("nextClose", JSON(time: windows.nextClose))
    let missing = windows.nextClose.flatMap { end in last?.watermark.map { difference(end, $0) } }
    account.note("missingMs", JSON(missing.map { max(0, $0) / 1000 }))
  }

  private func sending(_ mode: String?) -> String? {
    switch mode {
    case "append": "sends its result once, when the input is complete"
    case "update": "sends what has changed with each epoch, and holds nothing back"
    case "complete": "sends the whole result with each epoch that has changed it"
    default: nil
    }
  }

  /// Where nothing waits for it.
  private func forgetting(_ windows: OpenWindows?) -> String {
    guard let windows, !windows.areNone, let end = windows.nextClose else { return "" }
    let which = windows.number.map { "\($0), the next one" } ?? "its next \(windows.noun)"
    return "; \(which) is forgotten when the watermark comes to \(isoMilliseconds(end))"
  }

  private func waiting(for windows: OpenWindows, _ stage: String) -> String {
    if windows.areNone { return "no \(windows.noun) is open, so nothing waits to be sent" }
    guard let end = windows.nextClose else { return windows.number ?? "" }
    let text = "\(windows.ending) \(isoMilliseconds(end))"
    if isByTheClock(stage) {
      let left = difference(end, now)
      return left > 0 && isRunning
        ? "\(text), in \(shownSpan(left))" : "\(text): it closes with the next epoch"
    }
    guard let watermark = last?.watermark else {
      return inputs(before: stage).isEmpty
        ? "\(text), but without a watermark it closes only when the input is complete"
        : "\(text), but there is no watermark yet"
    }
    let missing = difference(end, watermark)
    if missing <= 0 { return "\(text): it closes with the next epoch" }
    return "\(text): the watermark has \(shownSpan(missing)) to go until then"
  }

  /// Windows go by the epoch's time.
  private func isByTheClock(_ stage: String) -> Bool {
    let upstream = Set(plan.upstream(of: stage).map(\.stage))
    return inputs.last { upstream.contains($0.stage) }.map { $0.column == nil } ?? false
  }

  /// Which row would close the next window.
  private func closing(of windows: OpenWindows, _ stage: String) -> String? {
    let inputs = inputs(before: stage).filter(\.hasSay)
    guard !windows.areNone, let end = windows.nextClose, !isByTheClock(stage), !inputs.isEmpty,
      difference(end, last?.watermark ?? .min) > 0
    else { return nil }
    // A join lets the watermark through with a lag of its own.
    let marks = inputs.map { $0.watermark ?? .min }
    let lag = last?.watermark.map { max(0, difference(marks.min() ?? .min, $0)) } ?? 0
    let target = sum([end, lag])
    let rows = inputs.filter { $0.watermark ?? .min < target }.map { input in
      let time = isoMilliseconds(sum([input.time(toReach: target), 999]))
      let place = inputs.count > 1 ? " at \(input.stage)" : ""
      return "a row whose \(input.name) is \(time) or later\(place)"
    }
    if rows.isEmpty { return nil }
    return "\(listed(rows, "and")) close\(rows.count == 1 ? "s" : "") it"
  }

  // MARK: - Rows that had no effect

  private func sayRejected(_ stage: String, _ account: inout StageAccount) {
    let counts = RejectTally(of: last?[stage: stage])
    account.note("lateRows", counts.lateJSON)
    account.note("unusableRows", .integer(counts.unusableCount))
    if counts.unusableCount > 0 {
      account.say(
        "\(counted(counts.unusableCount, "row")) had no usable time or gap and had no effect; "
          + "\(counts.unusableCount == 1 ? "it is" : "they are") in \(summary.files.path)/rejects/\(stage)"
      )
    }
    guard let text = counts.lateText else { return }
    account.say(text)
    account.say(remedy(for: counts, stage))
  }

  /// What would have let them count, and where they are.
  private func remedy(for counts: RejectTally, _ stage: String) -> String {
    let upstream = Set(plan.upstream(of: stage).map(\.stage))
    let declaring = inputs.filter { upstream.contains($0.stage) }
    let (they, are) = counts.lateCount == 1 ? ("it", "it is") : ("they", "they are")
    var parts: [String] = []
    let makers = declaring.filter(\.makesWatermark)
    // Where time has moved the watermark on, a longer delay is not all that is missing.
    if makers.count == 1, makers[0].idle == nil, let delay = makers[0].delay {
      let enough = sum([delay, counts.lateMost]) / 1_000_000 + 1
      let (delay, overflows) = enough.multipliedReportingOverflow(by: 1_000_000)
      parts.append(
        "with --watermark \(durationText(overflows ? .max : delay)) at \(makers[0].stage) "
          + "\(they) would have counted")
    }
    switch declaring.last(where: { $0.late != nil })?.late {
    case "keep"?: parts.append("\(are) kept in \(summary.files.path)/rejects/\(stage)")
    case "drop"?, nil: parts.append("--late keep would keep such rows")
    case let path?: parts.append("\(are) kept in \(path)")
    }
    return parts.joined(separator: "; ")
  }
}

/// What a stage holds until time has come so far.
private struct OpenWindows {
  /// nil where it is not known.
  let count: Int64?
  /// The end of the earliest, in µs.
  let nextClose: Int64?
  /// A group that has a time among its keys ends as a window does.
  let noun: String
  let areNone: Bool

  /// - Parameter window: where it was declared; nil if none was.
  /// - Returns: nil for a stage whose groups have no end.
  init?(_ part: StagePart?, window: PlanStage?) {
    let signed = part?[metric: "openWindows"]
    nextClose = part?[metric: "nextClose"]
    noun = window == nil ? "group" : "window"
    if window == nil, signed == nil, nextClose == nil { return nil }
    areNone = signed.map { $0 <= 0 } ?? (nextClose == nil)
    count = signed
  }

  /// `3 windows are open`; nil where it is not known how many.
  var number: String? {
    count.map { "\(counted($0, noun)) \($0 == 1 ? "is" : "are") open" }
  }

  /// In front of a time; with what is known of their number.
  var ending: String {
    guard let number else { return "its next \(noun) ends at" }
    return "\(number), \(count == 1 ? "and ends" : "and the next one ends") at"
  }
}
