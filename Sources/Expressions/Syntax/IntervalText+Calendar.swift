extension IntervalText {
  /// `1 years 2 months 25 days 5 hours 6 minutes 7.5 seconds`, only the parts that are not zero.
  package static func calendar(months: Int32, days: Int32, microseconds: Int64) -> String {
    var parts: [String] = []
    func add(_ count: Int64, _ unit: String) {
      if count != 0 { parts.append("\(count) \(unit)") }
    }
    add(Int64(months / 12), "years")
    add(Int64(months % 12), "months")
    add(Int64(days), "days")
    add(microseconds / 3_600_000_000, "hours")
    add(microseconds / 60_000_000 % 60, "minutes")
    let rest = microseconds % 60_000_000
    if rest != 0 {
      var text = "\(rest.magnitude / 1_000_000)"
      let fraction = rest.magnitude % 1_000_000
      if fraction != 0 {
        let digits = "\(1_000_000 + fraction)".dropFirst()
        text += "." + digits.prefix(6 - digits.reversed().prefix { $0 == "0" }.count)
      }
      parts.append((rest < 0 ? "-" : "") + text + " seconds")
    }
    return parts.isEmpty ? "0 seconds" : parts.joined(separator: " ")
  }

  /// Months, days and microseconds of `[interval] 1 year 2 days -3.5 seconds`; nil for other texts.
  static func calendarParts(_ text: String) -> (Int128, Int128, Int128)? {
    var words = text.lowercased().split { $0 == " " || $0 == "\t" || $0 == "\n" }[...]
    if words.first == "interval" { words.removeFirst() }
    guard !words.isEmpty, words.count % 2 == 0 else { return nil }
    var (months, days, microseconds): (Int128, Int128, Int128) = (0, 0, 0)
    while let number = words.popFirst(), let name = words.popFirst() {
      guard let unit = IntervalUnit(word: String(name)) else { return nil }
      if unit == .second {
        let digits = number.first == "+" ? number.dropFirst() : number
        guard let amount = seconds(digits) else { return nil }
        microseconds += Int128(amount)
        continue
      }
      guard let count = Int64(number) else { return nil }
      switch unit {
      case .year, .month: months += Int128(count) * Int128(unit.length)
      case .week: days += Int128(count) * 7
      case .day: days += Int128(count)
      default: microseconds += Int128(count) * Int128(unit.length)
      }
    }
    let fits =
      Int32(exactly: months) != nil && Int32(exactly: days) != nil
      && Int64(exactly: microseconds) != nil
    return fits ? (months, days, microseconds) : nil
  }
}
