import Diagnostics
import Operators
import Scalars
import Toolkit

/// What `--timezone` means for windows of a pattern.
struct WindowZone {
  /// µs east of Greenwich, where the clocks need not be followed.
  var offset: Int64 = 0
  /// Whose days the windows follow.
  var region: ZoneRules?

  /// - Throws: a usage error when windows of less than a day would not fit the days on which the
  ///   clocks are changed.
  init(_ text: String, _ pattern: AlignedWindows.Pattern) throws(StreamError) {
    switch try parseTimezone(text) {
    case .fixed(let seconds): offset = Int64(seconds) * 1_000_000
    case .region(let rules):
      if AlignedWindows(pattern, region: rules) != nil {
        region = rules
      } else {
        offset = try WindowZone.commonOffset(of: rules, text, pattern)
      }
    }
  }

  /// Where windows begin at the same minutes whatever the clocks show, they need no region.
  private static func commonOffset(
    of rules: ZoneRules, _ text: String, _ pattern: AlignedWindows.Pattern
  ) throws(StreamError) -> Int64 {
    let step = shortest(pattern)
    let offsets = rules.offsets.map { Int64($0) * 1_000_000 }
    guard let first = offsets.last, offsets.allSatisfy({ ($0 - first) % step == 0 }) else {
      let length = durationText(step)
      throw StreamError(
        .usage,
        "--timezone \(text): parts of \(length) do not fit its days, of which some are shorter or "
          + "longer",
        hint: "--size 1d --emit-every \(length), or an offset such as --timezone +01:00")
    }
    return first
  }

  /// The distance between the beginnings and ends of windows.
  private static func shortest(_ pattern: AlignedWindows.Pattern) -> Int64 {
    switch pattern {
    case .sliding(var size, var slide):
      while slide != 0 { (size, slide) = (slide, size % slide) }
      return size
    case .cumulating(_, let step): return step
    case .months: return 1
    }
  }
}
