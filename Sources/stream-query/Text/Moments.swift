import Diagnostics
import Glibc
import Scalars
import Toolkit

/// The time of day: µs since 1970, UTC.
func wallClock() -> Int64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
}

/// `2026-03-01T12:34:56.789Z`: always with milliseconds, as Spark writes it.
package func isoMilliseconds(_ time: Int64) -> String {
  let fraction = splitTimestamp(time).microseconds % 1_000_000
  // Near the end of the range of times the cut would leave it.
  let (second, overflows) = time.subtractingReportingOverflow(fraction)
  let digits = String(1000 + fraction / 1000).dropFirst()
  return "\(rfc3339(overflows ? time : second).dropLast()).\(digits)Z"
}

/// `2026-03-01 12:34:56 UTC`.
func shownTime(_ time: Int64) -> String {
  let text = isoMilliseconds(time).dropLast(5)
  return text.split(separator: "T").joined(separator: " ") + " UTC"
}

private func rfc3339(_ time: Int64) -> String {
  var text = ByteText()
  text.appendTimestamp(time)
  return text.string
}

/// Reads what people write for a time: RFC 3339 or a part of it, UTC where there is no zone.
func parseTime(_ text: String, option: String) throws(StreamError) -> Int64 {
  var parser = TimestampParser()
  let bytes = Array(text.utf8)
  do {
    return try parser.parse(bytes.span)
  } catch {
    throw StreamError(
      .usage, "\(option): '\(text)' is not a time", hint: "\(option) 2026-03-01T12:00:00Z")
  }
}

/// `0.4 s`, `12 s`, `3 min 20 s`, `5 h 10 min`, `3 d 4 h`.
package func shownDuration(_ microseconds: Int64) -> String {
  let seconds = max(0, microseconds) / 1_000_000
  if seconds < 7200 { return shortSeconds(Double(max(0, microseconds)) / 1e6) }
  if seconds < 172_800 { return "\(seconds / 3600) h \(seconds / 60 % 60) min" }
  return "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
}

/// `just now`, `12 s ago`.
func shownAge(_ microseconds: Int64) -> String {
  microseconds < 1_000_000 ? "just now" : "\(shownDuration(microseconds)) ago"
}

/// Numbers of a file may be anything: the difference stays within bounds.
func difference(_ left: Int64, _ right: Int64) -> Int64 {
  let (value, overflows) = left.subtractingReportingOverflow(right)
  return overflows ? (left < right ? .min : .max) : value
}

func sum(_ values: some Sequence<Int64>) -> Int64 {
  values.reduce(0) { total, value in
    let (value, overflows) = total.addingReportingOverflow(value)
    return overflows ? .max : value
  }
}
