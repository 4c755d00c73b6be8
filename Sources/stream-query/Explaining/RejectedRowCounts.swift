import JSONText
import Toolkit

/// Rows that a stage could not use, as its memo counts them over all runs.
struct RejectedRowCounts {
  /// Behind the watermark.
  let late: Int64
  /// By how much the latest of them was late: µs.
  let lateMax: Int64
  /// How many were late by how much: a number for each of ``bounds``, and one for the rest.
  let histogram: [Int64]
  /// Without an event time, or without a session's gap.
  let unusable: Int64

  /// In µs, and how people call what lies below each and above the one before.
  private static let bounds: [(below: Int64, text: String)] = [
    (1_000_000, "less than 1 s"), (10_000_000, "1 s to 10 s"), (60_000_000, "10 s to 1 min"),
    (600_000_000, "1 min to 10 min"), (3_600_000_000, "10 min to 1 h"),
    (86_400_000_000, "1 h to 1 d"),
  ]
  private static let rest = "a day or more"

  init(_ memo: JSON?) {
    let tally = memo?["rejected"]
    late = max(0, tally?["late"]?.int64 ?? 0)
    lateMax = max(0, tally?["most"]?.int64 ?? 0)
    let numbers = (tally?["histogram"]?.array ?? []).map { max(0, $0.int64 ?? 0) }
    histogram = (0...RejectedRowCounts.bounds.count).map { $0 < numbers.count ? numbers[$0] : 0 }
    unusable = max(0, tally?["unusable"]?.int64 ?? 0)
  }

  /// nil if there are none.
  var lateText: String? {
    if late == 0 { return nil }
    let latest = shownSpan(lateMax)
    if late == 1 { return "1 row came too late and had no effect: by \(latest)" }
    let names = RejectedRowCounts.bounds.map(\.text) + [RejectedRowCounts.rest]
    let parts = zip(histogram, names).filter { $0.0 > 0 }.map { "\(grouped($0.0)) by \($0.1)" }
    let bars = parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))"
    return "\(grouped(late)) rows came too late and had no effect\(bars); the latest by \(latest)"
  }

  var json: JSON {
    if late == 0 { return .null }
    let bounds = RejectedRowCounts.bounds.map { JSON.integer($0.below / 1000) } + [.null]
    let bars = zip(bounds, histogram).map { bound, rows -> JSON in
      ["belowMs": bound, "rows": .integer(rows)]
    }
    return [
      "rows": .integer(late), "maxMs": .integer(lateMax / 1000), "histogram": .array(bars),
    ]
  }
}

/// `less than 1 ms`, `300 ms`, `8.3 s`, `3 min 20 s`.
func shownSpan(_ microseconds: Int64) -> String {
  if microseconds < 1000 { return "less than 1 ms" }
  return microseconds < 1_000_000 ? "\(microseconds / 1000) ms" : shownDuration(microseconds)
}
