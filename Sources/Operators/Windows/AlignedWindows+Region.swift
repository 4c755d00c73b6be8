internal import Scalars

extension AlignedWindows.Pattern {
  /// Whether windows begin at midnights only, so that they can follow the days of a region.
  var isOfDays: Bool {
    switch self {
    case .sliding(let size, let slide):
      size % microsecondsPerDay == 0 && slide % microsecondsPerDay == 0
    case .cumulating(let size, _): size % microsecondsPerDay == 0
    case .months: true
    }
  }
}

// MARK: - The days of a region

/// What the clocks show is counted in *labels*: µs since 1970-01-01T00:00:00 there. Windows begin
/// at even labels, whose moments may be further apart or nearer than the labels are.
extension AlignedWindows {
  /// The moment at which the clocks show a label, for the first time; of one that they skip, the
  /// moment at which they do.
  private func moment(_ label: Int64, _ region: ZoneRules) -> Int64 {
    let second = Int64(floorDivide(Int(label), 1_000_000))
    let period = region.period(ofLocal: second)
    let moment = label - Int64(period.offset) * 1_000_000
    // A zone file may speak of times that no timestamp reaches.
    let (end, overflows) = period.end.multipliedReportingOverflow(by: 1_000_000)
    return overflows ? moment : min(moment, end)
  }

  private func label(_ moment: Int64, _ region: ZoneRules) -> Int64 {
    let second = Int64(floorDivide(Int(moment), 1_000_000))
    return moment + Int64(region.period(at: second).offset) * 1_000_000
  }

  /// The labels between which whole windows or panes of days lie.
  private func labels(of label: Int64) -> Range<Int64> {
    switch pattern {
    case .sliding(let size, let slide):
      return stretch(of: label, greatestCommonDivisor(size, slide))
    case .cumulating(let size, _): return stretch(of: label, size)
    case .months(let count):
      let month = floorDivide(AlignedWindows.month(of: label - offset), Int(count)) * Int(count)
      return startOfMonth(month) + offset..<startOfMonth(month + Int(count)) + offset
    }
  }

  /// The labels and the moments of the days around a time.
  private func days(
    around time: Int64, _ region: ZoneRules
  ) -> (labels: Range<Int64>, moments: Range<Int64>) {
    var labels = labels(of: label(time, region))
    func moments() -> Range<Int64> {
      let start = moment(labels.lowerBound, region)
      return start..<max(start, moment(labels.upperBound, region))
    }
    // Clocks that are put back across midnight show the day before once more.
    var found = moments()
    while found.upperBound <= time {
      labels = self.labels(of: labels.upperBound)
      found = moments()
    }
    while found.lowerBound > time {
      labels = self.labels(of: labels.lowerBound - 1)
      found = moments()
    }
    return (labels, found)
  }

  func pane(of time: Int64, _ region: ZoneRules) -> Range<Int64> {
    let days = days(around: time, region).moments
    guard case .cumulating(_, let step) = pattern else { return days }
    let start = days.lowerBound + (time - days.lowerBound) / step * step
    return start..<min(start + step, days.upperBound)
  }

  /// By start and end. Days that the clocks skip have no windows.
  func windows(of pane: Range<Int64>, _ region: ZoneRules) -> [Range<Int64>] {
    let days = days(around: pane.lowerBound, region)
    switch pattern {
    case .months: return [pane]
    case .cumulating(_, let step):
      let start = days.moments.lowerBound
      var ends = Array(stride(from: pane.upperBound, to: days.moments.upperBound, by: Int(step)))
      ends.append(days.moments.upperBound)
      return ends.map { start..<$0 }
    case .sliding(let size, let slide):
      let last = floored(days.labels.lowerBound, slide)
      let first = last - (size - (days.labels.upperBound - last)) / slide * slide
      return stride(from: first, through: last, by: Int(slide)).map { start in
        moment(start, region)..<moment(start + size, region)
      }
    }
  }

  /// Ascending, but not without gaps.
  func paneNumber(at start: Int64, _ region: ZoneRules) -> Int64 {
    let days = days(around: start, region)
    let label = days.labels.lowerBound - offset
    switch pattern {
    case .months(let count):
      return Int64(floorDivide(AlignedWindows.month(of: label), Int(count)))
    case .sliding(let size, let slide):
      return Int64(floorDivide(Int(label), Int(greatestCommonDivisor(size, slide))))
    case .cumulating(let size, let step):
      // No day has more than two.
      let most = (size + 2 * microsecondsPerDay) / step + 1
      let day = Int64(floorDivide(Int(label), Int(size)))
      return day * most + (start - days.moments.lowerBound) / step
    }
  }

  func windowCount(
    of panes: [Range<Int64>], endingBehind open: Int64, _ region: ZoneRules
  ) -> Int {
    var (count, last) = (0, (Int64.min, Int64.min))
    for pane in panes {
      for window in windows(of: pane, region) where window.upperBound > open {
        let place = (window.lowerBound, window.upperBound)
        guard place > last else { continue }
        last = place
        count += 1
      }
    }
    return count
  }
}
