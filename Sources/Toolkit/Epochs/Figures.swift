internal import Glibc

/// For measuring; it has nothing to do with the time of day.
package func monotonicMicroseconds() -> Int64 {
  var now = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &now)
  return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
}

/// `1 row`, `1,234,567 rows`.
package func counted(_ count: Int64, _ noun: String) -> String {
  "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// Digits in groups of three: `1,234,567`.
package func grouped(_ count: Int64) -> String {
  let digits = Array(String(count.magnitude))
  var text = count < 0 ? "-" : ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

/// `0.4 s`, `12 s`, `3 min 20 s`.
package func shortSeconds(_ seconds: Double) -> String {
  if seconds < 10 { return "\(oneDecimal(seconds)) s" }
  if seconds < 120 { return "\(Int(seconds.rounded())) s" }
  return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
}

/// `12.3 MB`: decimal, as disks and networks count.
package func shortBytes(_ count: Int64) -> String {
  let units = ["B", "kB", "MB", "GB", "TB"]
  var value = Double(count)
  var unit = 0
  while value >= 999.5, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  return unit == 0
    ? "\(count) B"
    : "\(value < 99.95 ? oneDecimal(value) : String(Int(value.rounded()))) \(units[unit])"
}

private func oneDecimal(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}
