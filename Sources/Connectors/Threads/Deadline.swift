internal import Glibc

/// The moment until which one is ready to wait, by the monotonic clock.
package struct Deadline: Sendable, Hashable, Comparable {
  /// In µs since an arbitrary start.
  package let uptime: Int64

  package init(uptime: Int64) { self.uptime = uptime }

  /// Does not wait at all.
  package static let now = Deadline(uptime: .min)
  package static let never = Deadline(uptime: .max)

  package static func < (left: Deadline, right: Deadline) -> Bool { left.uptime < right.uptime }
}

/// A point in time by both clocks, in µs.
package struct Moment: Sendable, Hashable {
  /// UTC, since 1970. People may set this clock back.
  package var wall: Int64
  /// Since an arbitrary start; never goes back.
  package var uptime: Int64

  package init(wall: Int64, uptime: Int64) {
    self.wall = wall
    self.uptime = uptime
  }

  package static var now: Moment {
    Moment(wall: microseconds(CLOCK_REALTIME), uptime: microseconds(CLOCK_MONOTONIC))
  }

  private static func microseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000
  }
}

extension Deadline {
  /// In the form that the system waits by; nil for `never`.
  var absolute: timespec? {
    if self == .never { return nil }
    let clamped = max(0, uptime)
    return timespec(tv_sec: Int(clamped / 1_000_000), tv_nsec: Int(clamped % 1_000_000) * 1000)
  }

  /// How long from `uptime` on, in the form of `poll`: ms, rounded up; -1 for ever.
  func milliseconds(from uptime: Int64) -> Int32 {
    if self == .never { return -1 }
    if self.uptime <= uptime { return 0 }
    let (difference, overflows) = self.uptime.subtractingReportingOverflow(uptime)
    if overflows { return .max }
    return Int32(clamping: (difference &- 1) / 1000 &+ 1)
  }
}
