/// A unit of an interval literal.
enum IntervalUnit: String, CaseIterable {
  case year, month, week, day, hour, minute, second, millisecond, microsecond

  /// - Parameter word: upper case, singular or plural.
  init?(word: String) {
    let lower = word.lowercased()
    guard let unit = IntervalUnit(rawValue: lower.hasSuffix("s") ? String(lower.dropLast()) : lower)
    else { return nil }
    self = unit
  }

  /// The unit that types name; nil for those that no `TO` may stand beside.
  var field: IntervalFields.Unit? {
    IntervalFields.Unit.allCases.first { $0.name == rawValue }
  }

  /// The unit that types name, with weeks among the days and fractions among the seconds.
  var nearestField: IntervalFields.Unit {
    switch self {
    case .week: .day
    case .millisecond, .microsecond: .second
    default: field ?? .second
    }
  }

  /// Months for the first two, microseconds for the others.
  var length: Int64 {
    switch self {
    case .year: 12
    case .month, .microsecond: 1
    case .week: 7 * 86_400_000_000
    case .day: 86_400_000_000
    case .hour: 3_600_000_000
    case .minute: 60_000_000
    case .second: 1_000_000
    case .millisecond: 1000
    }
  }
}

/// Adds up the parts of `INTERVAL 1 HOUR 30 MINUTES`.
struct IntervalSum {
  private var months: Int64 = 0
  private var microseconds: Int64 = 0
  private var fields: IntervalFields?

  /// - Returns: false when the text is no number or the sum overflows.
  mutating func add(_ text: String, _ unit: IntervalUnit) -> Bool {
    guard let amount = amount(text, unit) else { return false }
    let isYearMonth = unit.nearestField.isYearMonth
    let (sum, overflows) = (isYearMonth ? months : microseconds).addingReportingOverflow(amount)
    guard !overflows else { return false }
    if isYearMonth { months = sum } else { microseconds = sum }
    let part = IntervalFields(unit.nearestField, unit.nearestField)
    fields = fields?.union(part) ?? part
    return Int32(exactly: months) != nil
  }

  private func amount(_ text: String, _ unit: IntervalUnit) -> Int64? {
    if unit == .second { return IntervalText.seconds(text[...]) }
    guard let count = Int64(text), !text.hasPrefix("+") else { return nil }
    let (amount, overflows) = count.multipliedReportingOverflow(by: unit.length)
    return overflows ? nil : amount
  }

  /// nil when months and days are mixed.
  var literal: Literal? {
    guard let fields, fields.start.isYearMonth == fields.end.isYearMonth else { return nil }
    if fields.start.isYearMonth {
      return .yearMonthInterval(months: Int32(truncatingIfNeeded: months), fields)
    }
    return .dayTimeInterval(microseconds: microseconds, fields)
  }
}

/// Intervals as text: `1-2` for years and months, `1 02:03:04.5` for days and times.
package enum IntervalText {
  /// `[-]years-months`.
  package static func months(_ text: String) -> Int32? {
    var rest = text[...]
    let isNegative = removeSign(&rest)
    let parts = rest.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let years = natural(parts[0]), let months = natural(parts[1]),
      months < 12, years < 178_956_971
    else { return nil }
    let total = years * 12 + months
    return Int32(exactly: isNegative ? -total : total)
  }

  /// `[-]days hours:minutes:seconds.fraction`, only the parts that `fields` names.
  package static func microseconds(_ text: String, _ fields: IntervalFields) -> Int64? {
    var rest = text[...]
    let isNegative = removeSign(&rest)
    var total: Int64 = 0
    for raw in fields.start.rawValue...fields.end.rawValue {
      guard let unit = IntervalFields.Unit(rawValue: raw) else { return nil }
      let isLast = unit == fields.end
      let end = isLast ? rest.endIndex : rest.firstIndex(of: unit == .day ? " " : ":")
      guard let end, let part = amount(rest[..<end], unit, isFirst: unit == fields.start)
      else { return nil }
      let (sum, overflows) = total.addingReportingOverflow(isNegative ? -part : part)
      guard !overflows else { return nil }
      total = sum
      rest = isLast ? "" : rest[rest.index(after: end)...]
      if unit == .day { rest = rest.drop { $0 == " " } }
    }
    return total
  }

  private static func amount(
    _ text: Substring, _ unit: IntervalFields.Unit, isFirst: Bool
  ) -> Int64? {
    let limits: [IntervalFields.Unit: Int64] = [.hour: 24, .minute: 60, .second: 60]
    let lengths: [IntervalFields.Unit: Int64] = [
      .day: 86_400_000_000, .hour: 3_600_000_000, .minute: 60_000_000,
    ]
    if unit == .second {
      guard text.first != "-", let amount = seconds(text) else { return nil }
      return isFirst || amount < 60_000_000 ? amount : nil
    }
    guard let count = natural(text), isFirst || count < limits[unit] ?? .max else { return nil }
    let (amount, overflows) = count.multipliedReportingOverflow(by: lengths[unit] ?? 1)
    return overflows ? nil : amount
  }

  /// `[-]seconds[.fraction]` in microseconds; digits behind the ninth are refused, those behind
  /// the sixth cut off.
  static func seconds(_ text: Substring) -> Int64? {
    var rest = text
    let isNegative = removeSign(&rest)
    let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts[0].isEmpty && parts.count > 1 ? 0 : natural(parts[0]) else {
      return nil
    }
    var fraction: Int64 = 0
    if parts.count > 1 {
      let digits = parts[1]
      guard digits.utf8.count <= 9, digits.utf8.allSatisfy(isDigit) else { return nil }
      fraction = Int64((digits + "000000").prefix(6)) ?? 0
    }
    let (product, overflows) = whole.multipliedReportingOverflow(by: 1_000_000)
    guard !overflows else { return nil }
    let (sum, overflowsToo) = product.addingReportingOverflow(fraction)
    return overflowsToo ? nil : isNegative ? -sum : sum
  }

  private static func removeSign(_ text: inout Substring) -> Bool {
    guard let first = text.first, first == "-" || first == "+" else { return false }
    text.removeFirst()
    return first == "-"
  }

  private static func natural(_ text: Substring) -> Int64? {
    guard text.utf8.allSatisfy(isDigit) else { return nil }
    return Int64(text)
  }

  static func example(_ fields: IntervalFields) -> String {
    let name = fields.description.split(separator: " ").dropFirst().joined(separator: " ")
    let body =
      switch (fields.start, fields.end) {
      case (.year, _): "1-2"
      case (.day, .hour): "1 12"
      case (.day, .minute): "1 12:30"
      case (.day, _): "1 12:30:00"
      case (.hour, .minute): "12:30"
      case (.hour, _): "12:30:00"
      default: "30:00"
      }
    return "INTERVAL '\(body)' \(name.uppercased())"
  }
}
