import Diagnostics
import Glibc
import Toolkit

/// Looks again and again until something has happened, or the time is up.
struct Patience {
  /// µs; nil for ever.
  private let limit: Int64?
  private let start = monotonicMicroseconds()

  private static let intervalMicroseconds: UInt32 = 50_000

  /// - Parameter text: the value of `--timeout`.
  init(_ text: ArgumentText?) throws(StreamError) {
    guard let text = text?.text else {
      limit = nil
      return
    }
    let limit = try parseDuration(text, option: "--timeout")
    guard limit >= 0 else {
      throw StreamError(.usage, "--timeout: expected 0s or more but found '\(text)'")
    }
    self.limit = limit
  }

  var isLimited: Bool { limit != nil }

  /// - Returns: false when the time was up first.
  func wait(until hasHappened: () throws -> Bool) throws -> Bool {
    while try !hasHappened() {
      if let limit, monotonicMicroseconds() - start >= limit { return false }
      usleep(Patience.intervalMicroseconds)
    }
    return true
  }
}
