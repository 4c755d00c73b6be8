import Columnar

/// Tells the rows that take part from those that are late and those that have no usable time.
struct EventTimes {
  /// Rows at or before it are late; nil: none is.
  let watermark: Int64?
  /// Whether a row without an event time is of no use.
  let refusesNull: Bool

  /// - Parameters:
  ///   - times: a column of timestamps.
  ///   - rejected: gets the rows that do not take part.
  /// - Returns: those that do; nil when all do.
  func usable(_ times: Column, rejected: inout RejectedRows) -> Buffer<Int32>? {
    let words = times.words()
    if areAllFine(words), !(refusesNull && times.validity != nil) { return nil }
    let source = words.span
    var kept = MutableBuffer<Int32>(capacity: times.count)
    for row in source.indices {
      let number = Int32(truncatingIfNeeded: row)
      if times.isNull(row) {
        if refusesNull { rejected.unusable.append(number) } else { kept.append(number) }
      } else if source[row].magnitude > AlignedWindows.timeMax.magnitude {
        rejected.unusable.append(number)
      } else if let watermark, source[row] <= watermark {
        rejected.late.append((number, RejectedRows.lateness(of: source[row], at: watermark)))
      } else {
        kept.append(number)
      }
    }
    return kept.count == times.count ? nil : kept.take()
  }

  /// What stands under nulls is looked at as well.
  private func areAllFine(_ words: Buffer<Int64>) -> Bool {
    let low = max(watermark ?? .min, -AlignedWindows.timeMax - 1)
    let source = words.span
    var isFine = true
    for row in source.indices {
      isFine = isFine && source[row] > low && source[row] <= AlignedWindows.timeMax
    }
    return isFine
  }
}
