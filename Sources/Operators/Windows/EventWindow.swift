/// How rows are put into windows.
package enum EventWindow: Sendable, Equatable {
  case aligned(AlignedWindows)
  case session(SessionGap)
}

/// How long after a row its session ends.
package enum SessionGap: Sendable, Equatable {
  /// In µs, positive.
  case constant(Int64)
  /// An expression over the input, an interval or text such as `10 seconds`, for each row.
  case expression(String)
}
