import Columnar

/// The earliest and the latest of the times that windows reach.
struct TimeBounds {
  /// nil when there is none.
  private(set) var earliest: Int64?
  private(set) var latest: Int64?
  /// A row has no time, or one that no window reaches.
  private(set) var hasUnusable = false

  /// - Parameter times: timestamps.
  init(_ times: Column) {
    guard times.count > 0, case .int64(let values) = times.storage else { return }
    if times.validity == nil {
      let span = values.span
      var (least, largest) = (span[0], span[0])
      for slot in span.indices {
        least = min(least, span[slot])
        largest = max(largest, span[slot])
      }
      if AlignedWindows.isUsable(least), AlignedWindows.isUsable(largest) {
        (earliest, latest) = (least, largest)
        return
      }
    }
    visitEach(times, values)
  }

  private mutating func visitEach(_ times: Column, _ values: Buffer<Int64>) {
    let span = values.span
    var (least, largest, count) = (Int64.max, Int64.min, 0)
    for slot in span.indices where AlignedWindows.isUsable(span[slot]) && !times.isNull(slot) {
      least = min(least, span[slot])
      largest = max(largest, span[slot])
      count += 1
    }
    hasUnusable = count < span.count
    if count > 0 { (earliest, latest) = (least, largest) }
  }
}
