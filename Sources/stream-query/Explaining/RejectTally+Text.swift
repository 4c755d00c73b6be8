import JSONText
import Toolkit
import Wire

extension RejectTally {
  /// Of a stage, over all runs.
  init(of part: StagePart?) {
    let counts = part?.memo.flatMap { try? RejectTally(memo: $0) }
    self = counts ?? RejectTally()
  }

  /// nil if there are no late rows.
  var lateText: String? {
    if lateCount == 0 { return nil }
    let latest = shownSpan(lateMost)
    if lateCount == 1 { return "1 row came too late and had no effect: by \(latest)" }
    let limits = RejectTally.limits.map(RejectTally.text)
    let between = zip(limits, limits.dropFirst()).map { "\($0) to \($1)" }
    let names = ["less than \(limits[0])"] + between + ["\(limits[limits.count - 1]) or more"]
    let bars = zip(histogram, names).filter { $0.0 > 0 }.map { "\(grouped($0.0)) by \($0.1)" }
    return "\(grouped(lateCount)) rows came too late and had no effect: "
      + "\(bars.joined(separator: ", ")); the latest by \(latest)"
  }

  /// `10 s`, of a whole number of some unit.
  private static func text(_ limit: Int64) -> String {
    let units: [(name: String, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("min", 60)]
    let seconds = limit / 1_000_000
    let unit = units.first { seconds % $0.seconds == 0 } ?? ("s", 1)
    return "\(seconds / unit.seconds) \(unit.name)"
  }

  /// nil if there are no late rows.
  var lateJSON: JSON {
    if lateCount == 0 { return .null }
    let bounds = RejectTally.limits.map { JSON.integer($0 / 1000) } + [.null]
    let bars = zip(bounds, histogram).map { bound, rows -> JSON in
      ["belowMs": bound, "rows": .integer(rows)]
    }
    return [
      "rows": .integer(lateCount), "maxMs": .integer(lateMost / 1000), "histogram": .array(bars),
    ]
  }
}

/// `less than 1 ms`, `300 ms`, `8.3 s`, `3 min 20 s`.
func shownSpan(_ microseconds: Int64) -> String {
  if microseconds < 1000 { return "less than 1 ms" }
  return microseconds < 1_000_000 ? "\(microseconds / 1000) ms" : shownDuration(microseconds)
}
