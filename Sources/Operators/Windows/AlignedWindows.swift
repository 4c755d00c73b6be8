package import Scalars

/// Windows whose places on the time line do not depend on the rows. Times are µs since 1970, UTC;
/// windows are half open.
///
/// Each window consists of *panes*: the longest stretches of time that no window begins or ends in.
package struct AlignedWindows: Sendable, Equatable {
  package enum Pattern: Sendable, Equatable {
    /// Of `size`, one beginning every `slide`; tumbling when both are the same.
    case sliding(size: Int64, slide: Int64)
    /// Those that begin every `size`, and end after each `step` of it: the day so far, every hour.
    case cumulating(size: Int64, step: Int64)
    /// Calendar months, counted from January 1970.
    case months(Int64)
  }

  package let pattern: Pattern
  /// Where a window begins, apart from 1970-01-01T00:00:00Z; of a region, apart from that time on
  /// its clocks.
  package let offset: Int64
  /// The region whose days and months count: those on which its clocks are changed are shorter or
  /// longer. nil: all days are equal.
  package let region: ZoneRules?

  /// Times beyond this have no window: 146,000 years. Half of what there is, so that sums do not
  /// overflow.
  package static let timeMax: Int64 = 1 << 62
  /// Sizes and offsets are smaller.
  package static let sizeMax: Int64 = 1 << 60

  /// A window has no more panes: an hour can slide by seconds, but not by microseconds.
  package static let panesMax: Int64 = 100_000

  /// - Returns: nil when it makes no sense: sizes that are not positive or too large, a slide above
  ///   the size, steps that the size is no multiple of, too many panes, a region for windows that
  ///   are no whole days.
  package init?(_ pattern: Pattern, offset: Int64 = 0, region: ZoneRules? = nil) {
    let sizes = 1...AlignedWindows.sizeMax
    let isSound =
      switch pattern {
      case .sliding(let size, let slide):
        sizes.contains(size) && slide > 0 && slide <= size
          && size / greatestCommonDivisor(size, slide) <= AlignedWindows.panesMax
      case .cumulating(let size, let step):
        sizes.contains(size) && step > 0 && size % step == 0
          && size / step <= AlignedWindows.panesMax
      case .months(let count): (1...120_000).contains(count)
      }
    guard isSound, region == nil || pattern.isOfDays,
      offset.magnitude <= AlignedWindows.sizeMax.magnitude
    else { return nil }
    self.pattern = pattern
    self.offset = offset
    self.region = region
  }

  /// Whether each time is in one window.
  package var areTumbling: Bool {
    switch pattern {
    case .sliding(let size, let slide): size == slide
    case .cumulating(let size, let step): size == step
    case .months: true
    }
  }
}

// MARK: - Panes

extension AlignedWindows {
  /// The pane that a time is in.
  ///
  /// - Parameter time: at most ``timeMax`` away from 1970.
  package func pane(of time: Int64) -> Range<Int64> {
    if let region { return pane(of: time, region) }
    switch pattern {
    case .sliding(let size, let slide):
      return stretch(of: time, greatestCommonDivisor(size, slide))
    case .cumulating(_, let step): return stretch(of: time, step)
    case .months(let count):
      let month = floorDivide(AlignedWindows.month(of: time - offset), Int(count)) * Int(count)
      let (start, end) = (startOfMonth(month), startOfMonth(month + Int(count)))
      return start + offset..<end + offset
    }
  }

  func stretch(of time: Int64, _ length: Int64) -> Range<Int64> {
    let start = floored(time, length)
    return start..<start + length
  }

  /// The last multiple of `length`, from the offset on, that is not behind `time`.
  func floored(_ time: Int64, _ length: Int64) -> Int64 {
    let past = (time - offset) % length
    return time - (past < 0 ? past + length : past)
  }

  /// Counted from January 1970.
  static func month(of time: Int64) -> Int {
    let date = CivilDate(days: floorDivide(Int(time), Int(microsecondsPerDay)))
    return (date.year - 1970) * 12 + date.month - 1
  }

  func startOfMonth(_ month: Int) -> Int64 {
    let year = floorDivide(month, 12)
    let date = CivilDate(year: 1970 + year, month: month - year * 12 + 1, day: 1)
    return Int64(date.days) * microsecondsPerDay
  }

  /// The windows that a pane is part of, by start and end.
  package func windows(of pane: Range<Int64>) -> [Range<Int64>] {
    if let region { return windows(of: pane, region) }
    switch pattern {
    case .sliding(let size, let slide):
      let last = floored(pane.lowerBound, slide)
      let first = last - (size - (pane.upperBound - last)) / slide * slide
      return stride(from: first, through: last, by: Int(slide)).map { $0..<$0 + size }
    case .cumulating(let size, let step):
      let start = floored(pane.lowerBound, size)
      return stride(from: pane.upperBound, through: start + size, by: Int(step)).map { start..<$0 }
    case .months: return [pane]
    }
  }

  /// The end of the last window that a pane is part of.
  package func lastEnd(of pane: Range<Int64>) -> Int64 {
    if let region { return windows(of: pane, region).last?.upperBound ?? pane.upperBound }
    return switch pattern {
    case .sliding(let size, let slide): floored(pane.lowerBound, slide) + size
    case .cumulating(let size, _): floored(pane.lowerBound, size) + size
    case .months: pane.upperBound
    }
  }
}

// MARK: - Closing

extension AlignedWindows {
  /// Panes are counted along the time line: the number of the one that begins at a time.
  ///
  /// - Parameter start: of a pane; what a window ends with is the start of one, too.
  func paneNumber(at start: Int64) -> Int64 {
    if let region { return paneNumber(at: start, region) }
    return switch pattern {
    case .sliding(let size, let slide):
      Int64(floorDivide(Int(start - offset), Int(greatestCommonDivisor(size, slide))))
    case .cumulating(_, let step): Int64(floorDivide(Int(start - offset), Int(step)))
    case .months(let count):
      Int64(floorDivide(AlignedWindows.month(of: start - offset), Int(count)))
    }
  }

  /// The windows that a pane is part of and that end behind `open` and not behind `closing`, by
  /// start and end.
  func windows(of pane: Range<Int64>, endingBehind open: Int64, upTo closing: Int64)
    -> [Range<Int64>]
  {
    if let region {
      return windows(of: pane, region).filter { $0.upperBound > open && $0.upperBound <= closing }
    }
    let places = places(of: pane, open, closing)
    let numbers = stride(from: places.first, through: places.last, by: Int(places.step))
    switch pattern {
    case .sliding(let size, _): return numbers.map { $0..<$0 + size }
    case .cumulating(let size, _):
      let start = floored(pane.lowerBound, size)
      return numbers.map { start..<$0 }
    case .months: return numbers.map { _ in pane }
    }
  }

  /// When the first of the windows ends that a pane is part of and that end behind `open`.
  func firstEnd(of pane: Range<Int64>, behind open: Int64) -> Int64? {
    if let region {
      return windows(of: pane, region).first { $0.upperBound > open }?.upperBound
    }
    let places = places(of: pane, open, .max)
    guard places.first <= places.last else { return nil }
    return switch pattern {
    case .sliding(let size, _): places.first + size
    case .cumulating: places.first
    case .months: pane.upperBound
    }
  }

  /// How many windows have one of these panes, and end behind `open`.
  ///
  /// - Parameter panes: by time.
  func windowCount(of panes: [Range<Int64>], endingBehind open: Int64) -> Int {
    if let region { return windowCount(of: panes, endingBehind: open, region) }
    var (count, counted) = (0, Int64.min)
    for pane in panes {
      let places = places(of: pane, open, .max)
      var first = places.first
      // Those of the panes before.
      if counted >= first { first += ((counted - first) / places.step + 1) * places.step }
      if first <= places.last { count += Int((places.last - first) / places.step) + 1 }
      counted = max(counted, places.last)
    }
    return count
  }

  /// What tells the windows of a pane apart, as far as they end between two times: where they
  /// begin; of those that begin together, where they end. The same along all of the time line.
  private func places(
    of pane: Range<Int64>, _ open: Int64, _ closing: Int64
  ) -> (first: Int64, last: Int64, step: Int64) {
    let limit = AlignedWindows.timeMax + AlignedWindows.sizeMax
    let (open, closing) = (min(max(open, -limit), limit), min(max(closing, -limit), limit))
    switch pattern {
    case .sliding(let size, let slide):
      // The first one that reaches into the pane, or ends behind what is closed.
      let first = floored(max(pane.upperBound - size, open - size + 1) + slide - 1, slide)
      return (first, min(floored(pane.lowerBound, slide), closing - size), slide)
    case .cumulating(let size, let step):
      let start = floored(pane.lowerBound, size)
      let first = max(pane.upperBound, floored(open, step) + step)
      return (first, min(start + size, closing), step)
    case .months:
      let isThere = open < pane.upperBound && pane.upperBound <= closing
      return (pane.lowerBound, isThere ? pane.lowerBound : pane.lowerBound - 1, 1)
    }
  }
}

func greatestCommonDivisor(_ left: Int64, _ right: Int64) -> Int64 {
  right == 0 ? left : greatestCommonDivisor(right, left % right)
}
