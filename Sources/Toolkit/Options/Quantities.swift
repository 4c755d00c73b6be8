package import Diagnostics

/// A length of time in the words of a command line: `250ms`, `10s`, `5m`, `1h`, `1d`, `1.5h`,
/// `'10 minutes'`.
///
/// - Parameter option: whose value it is, for the error.
/// - Returns: microseconds; negative for a text with a `-` in front.
/// - Throws: a usage error that quotes the text.
package func parseDuration(_ text: String, option: String) throws(StreamError) -> Int64 {
  let quantity = try Quantity(text, option: option, expected: "a duration", example: "10s")
  let unit: Int64? =
    switch quantity.unit {
    case "us", "microsecond", "microseconds": 1
    case "ms", "millisecond", "milliseconds": 1_000
    case "s", "sec", "second", "seconds": 1_000_000
    case "m", "min", "minute", "minutes": 60_000_000
    case "h", "hour", "hours": 3_600_000_000
    case "d", "day", "days": 86_400_000_000
    case "w", "week", "weeks": 604_800_000_000
    default: nil
    }
  return try quantity.scaled(by: unit)
}

/// A number of bytes: `4096`, `64k`, `16M`, `1G`, by powers of 1024; a `B` or `iB` may follow.
package func parseByteCount(_ text: String, option: String) throws(StreamError) -> Int64 {
  let quantity = try Quantity(text, option: option, expected: "a size", example: "64M")
  let unit: Int64? =
    switch quantity.unit {
    case "", "b": 1
    case "k", "kb", "kib": 1 << 10
    case "m", "mb", "mib": 1 << 20
    case "g", "gb", "gib": 1 << 30
    case "t", "tb", "tib": 1 << 40
    default: nil
    }
  let count = try quantity.scaled(by: unit)
  guard count >= 0 else { throw quantity.error }
  return count
}

/// A whole number of things, at least `minimum`.
package func parseCount(
  _ text: String, option: String, atLeast minimum: Int64 = 0
) throws(StreamError) -> Int64 {
  guard let count = Int64(text), count >= minimum else {
    let expected = minimum == 0 ? "a whole number" : "a whole number of at least \(minimum)"
    throw StreamError(.usage, "\(option): expected \(expected) but found '\(text)'")
  }
  return count
}

/// A decimal number and the unit behind it.
private struct Quantity {
  let number: Substring
  let unit: String
  let error: StreamError

  init(_ text: String, option: String, expected: String, example: String) throws(StreamError) {
    error = StreamError(
      .usage, "\(option): expected \(expected) such as '\(example)' but found '\(text)'")
    number = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
    unit = text[number.endIndex...].filter { $0 != " " }.lowercased()
    guard !number.isEmpty else { throw error }
  }

  /// Exact: the digits behind the point are scaled as an integer too.
  func scaled(by unit: Int64?) throws(StreamError) -> Int64 {
    guard let unit else { throw error }
    let isNegative = number.hasPrefix("-")
    let parts = (isNegative ? number.dropFirst() : number).split(
      separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Int64(parts[0]), whole >= 0, parts[0].first != "-" else {
      throw error
    }
    var (total, overflows) = whole.multipliedReportingOverflow(by: unit)
    if parts.count == 2 {
      guard let fraction = Int64(parts[1]), fraction >= 0, parts[1].count <= 6 else { throw error }
      let scale = repeatElement(Int64(10), count: parts[1].count).reduce(1, *)
      let (product, productOverflows) = fraction.multipliedReportingOverflow(by: unit)
      total &+= product / scale
      overflows = overflows || productOverflows || total < 0
    }
    if overflows { throw error }
    return isNegative ? -total : total
  }
}
