extension IntervalText {
  /// `INTERVAL '1-2' YEAR TO MONTH`.
  package static func literal(months: Int32, _ fields: IntervalFields) -> String {
    let magnitude = months.magnitude
    let body =
      switch (fields.start, fields.end) {
      case (.year, .year): "\(magnitude / 12)"
      case (.month, .month): "\(magnitude)"
      default: "\(magnitude / 12)-\(magnitude % 12)"
      }
    return wrap(isNegative: months < 0, body, fields)
  }

  /// `INTERVAL '1 02:03:04.5' DAY TO SECOND`.
  package static func literal(microseconds: Int64, _ fields: IntervalFields) -> String {
    var rest = microseconds.magnitude
    var body = ""
    let lengths: [(IntervalFields.Unit, UInt64)] = [
      (.day, 86_400_000_000), (.hour, 3_600_000_000), (.minute, 60_000_000), (.second, 1_000_000),
    ]
    for (unit, length) in lengths where unit >= fields.start && unit <= fields.end {
      if unit > fields.start { body += unit == .hour ? " " : ":" }
      let count = rest / length
      rest %= length
      body += unit > .day && count < 10 ? "0\(count)" : "\(count)"
    }
    if fields.end == .second, rest > 0 {
      let digits = "\(1_000_000 + rest)".dropFirst()
      body += "." + digits.prefix(6 - digits.reversed().prefix { $0 == "0" }.count)
    }
    return wrap(isNegative: microseconds < 0, body, fields)
  }

  private static func wrap(isNegative: Bool, _ body: String, _ fields: IntervalFields) -> String {
    let units = fields.description.split(separator: " ").dropFirst().joined(separator: " ")
    return "INTERVAL '\(isNegative ? "-" : "")\(body)' \(units.uppercased())"
  }
}
