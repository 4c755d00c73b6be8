/// Why a text is not a duration or a size. ``message`` is for people.
package enum QuantityError: Error, Equatable {
  case empty
  /// What stands where a number was expected.
  case notANumber(String)
  case missingUnit(String)
  case unknownUnit(String)
  /// Months and years: no fixed length.
  case calendarUnit(String)
  /// More digits behind the point than the smallest unit (a microsecond, a byte) can say.
  case tooFine(String)
  case negative(String)
  case overflow(String)
}

extension QuantityError {
  /// What is wrong, to be put behind "'TEXT' is not a duration: ".
  package var message: String {
    switch self {
    case .empty: "it is empty"
    case .notANumber(let text): "expected a number, but found '\(text)'"
    case .missingUnit(let text): "expected a unit behind '\(text)'"
    case .unknownUnit(let unit): "no unit '\(unit)'"
    case .calendarUnit(let unit): "'\(unit)' has no fixed length; say it in days"
    case .tooFine(let text): "'\(text)' is too fine"
    case .negative(let text): "'\(text)' is negative"
    case .overflow(let text): "'\(text)' is too large"
    }
  }
}

/// Parses a duration: `250ms`, `10s`, `5m`, `1h`, `1d`, `1.5h`, `10 minutes`, `1h30m`, and `-5m`.
///
/// - Returns: µs.
package func parseDuration(_ text: String) throws(QuantityError) -> Int64 {
  var reader = QuantityReader(text)
  guard !reader.isAtEnd else { throw .empty }
  let isNegative = reader.takeSign()
  guard !reader.isAtEnd else { throw .notANumber(text) }
  var total: Int64 = 0
  repeat {
    let part = try reader.part { unit throws(QuantityError) in try durationUnit(unit) }
    let (sum, overflows) = total.addingReportingOverflow(part)
    guard !overflows else { throw .overflow(text) }
    total = sum
  } while !reader.isAtEnd
  return isNegative ? -total : total
}

/// Parses a size in bytes: `64k`, `16M`, `1G`, `2T` (powers of 1024; `kB`, `KiB` and so on as
/// well), or a plain number of bytes.
package func parseByteSize(_ text: String) throws(QuantityError) -> Int64 {
  var reader = QuantityReader(text)
  guard !reader.isAtEnd else { throw .empty }
  let isNegative = reader.takeSign()
  guard !reader.isAtEnd else { throw .notANumber(text) }
  guard !isNegative else { throw .negative(text) }
  let size = try reader.part { unit throws(QuantityError) in try sizeUnit(unit) }
  guard reader.isAtEnd else { throw .unknownUnit(reader.rest) }
  return size
}

/// The µs of a unit of a duration.
private func durationUnit(_ unit: String) throws(QuantityError) -> Int64 {
  switch unit {
  case "us", "µs", "microsecond", "microseconds": 1
  case "ms", "millisecond", "milliseconds": 1_000
  case "s", "sec", "secs", "second", "seconds": 1_000_000
  case "m", "min", "mins", "minute", "minutes": 60_000_000
  case "h", "hr", "hrs", "hour", "hours": 3_600_000_000
  case "d", "day", "days": microsecondsPerDay
  case "w", "week", "weeks": 7 * microsecondsPerDay
  case "mon", "month", "months", "quarter", "quarters", "y", "year", "years":
    throw .calendarUnit(unit)
  case "": throw .missingUnit("")
  default: throw .unknownUnit(unit)
  }
}

/// The bytes of a unit of a size.
private func sizeUnit(_ unit: String) throws(QuantityError) -> Int64 {
  switch unit {
  case "", "b": 1
  case "k", "kb", "kib": 1 << 10
  case "m", "mb", "mib": 1 << 20
  case "g", "gb", "gib": 1 << 30
  case "t", "tb", "tib": 1 << 40
  default: throw .unknownUnit(unit)
  }
}

/// Reads numbers with units off a text.
private struct QuantityReader {
  private var left: Substring.UnicodeScalarView

  init(_ text: String) {
    left = text[...].unicodeScalars
    while left.last == " " { left.removeLast() }
    skipSpaces()
  }

  var isAtEnd: Bool { left.isEmpty }
  var rest: String { String(left) }

  private mutating func skipSpaces() {
    while left.first == " " { left.removeFirst() }
  }

  /// Takes a sign; true for '-'.
  mutating func takeSign() -> Bool {
    guard left.first == "-" || left.first == "+" else { return false }
    defer { skipSpaces() }
    return left.removeFirst() == "-"
  }

  /// Takes one number with its unit.
  mutating func part(
    _ size: (String) throws(QuantityError) -> Int64
  ) throws(QuantityError) -> Int64 {
    let number = take { "0"..."9" ~= $0 || $0 == "." }
    let halves = number.split(separator: ".", omittingEmptySubsequences: false)
    guard !number.isEmpty, halves.count <= 2, !halves[0].isEmpty, halves.last?.isEmpty == false
    else { throw .notANumber(number.isEmpty ? rest : number) }
    skipSpaces()
    let unit = take { !("0"..."9" ~= $0) && $0 != " " && $0 != "." }
    skipSpaces()
    let factor: Int64
    do throws(QuantityError) {
      factor = try size(unit.lowercased())
    } catch .missingUnit {
      throw .missingUnit(number)
    }
    let digits = halves.joined()
    let decimals = halves.count == 2 ? halves[1].count : 0
    guard digits.count <= 19, let exact = Int128(digits) else { throw .overflow(number + unit) }
    let (units, rest) = (exact * Int128(factor)).quotientAndRemainder(
      dividingBy: powerOfTen(decimals))
    guard rest == 0 else { throw .tooFine(number + unit) }
    guard let result = Int64(exactly: units) else { throw .overflow(number + unit) }
    return result
  }

  private mutating func take(while belongs: (Unicode.Scalar) -> Bool) -> String {
    let taken = left.prefix(while: belongs)
    left = left[taken.endIndex...]
    return String(taken)
  }
}

/// A duration as a person would write it and ``parseDuration(_:)`` reads it: `10s`, `1h30m`,
/// `-250ms`.
///
/// - Parameter microseconds: any number.
package func durationText(_ microseconds: Int64) -> String {
  let units: [(String, UInt64)] = [
    ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000),
    ("ms", 1_000), ("us", 1),
  ]
  guard microseconds != 0 else { return "0s" }
  var text = microseconds < 0 ? "-" : ""
  var left = microseconds.magnitude
  for (name, length) in units where left >= length {
    text += "\(left / length)\(name)"
    left %= length
  }
  return text
}
