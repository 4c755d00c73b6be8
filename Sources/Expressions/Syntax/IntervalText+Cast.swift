extension IntervalText {
  /// What `cast` reads: `1-2`, `1 02:03:04`, or a whole literal `INTERVAL '1-2' YEAR TO MONTH`, with
  /// the parts that `fields` names.
  ///
  /// - Returns: months or microseconds; nil for anything else.
  static func amount(of text: String, _ fields: IntervalFields) -> Int64? {
    var body = text.trimmed[...]
    var isNegative = false
    if body.lowercased().hasPrefix("interval") {
      let units = fields.description.dropFirst("interval".count)
      guard body.lowercased().hasSuffix(units) else { return nil }
      body = body.dropFirst("interval".count).dropLast(units.count).drop { $0 == " " }
      if let sign = body.first, sign == "-" || sign == "+" {
        isNegative = sign == "-"
        body.removeFirst()
      }
      guard body.count >= 2, body.first == "'", body.last == "'" else { return nil }
      body = body.dropFirst().dropLast()
    }
    let amount: Int64?
    switch (fields.start, fields.end) {
    case (.year, .month): amount = months(String(body)).map { Int64($0) }
    case (.year, _): amount = whole(body).map { $0 &* 12 }
    case (.month, _): amount = whole(body)
    default: amount = microseconds(String(body), fields)
    }
    guard let amount else { return nil }
    if fields.start.isYearMonth, Int32(exactly: amount) == nil { return nil }
    return isNegative ? 0 &- amount : amount
  }

  private static func whole(_ text: Substring) -> Int64? {
    let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text
    guard !digits.isEmpty, digits.utf8.count <= 10, digits.utf8.allSatisfy(isDigit) else {
      return nil
    }
    return Int64(text)
  }
}
