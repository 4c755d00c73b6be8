// Times and spans in µs; what lies behind an end of the range is that end.

extension Int64 {
  func addingSaturating(_ other: Int64) -> Int64 {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? (other < 0 ? .min : .max) : sum
  }

  func subtractingSaturating(_ other: Int64) -> Int64 {
    let (difference, overflows) = subtractingReportingOverflow(other)
    return overflows ? (other < 0 ? .max : .min) : difference
  }

  /// The last whole millisecond that is not behind it.
  var flooredToMilliseconds: Int64 {
    let past = self % 1000
    return subtractingSaturating(past < 0 ? past + 1000 : past)
  }
}
