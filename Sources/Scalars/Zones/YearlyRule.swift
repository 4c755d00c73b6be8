/// What a zone file says of the time behind its last transition: a POSIX TZ string such as
/// `CET-1CEST,M3.5.0,M10.5.0/3`.
struct YearlyRule: Sendable, Equatable {
  /// When a change takes place in a year.
  enum Day: Sendable, Equatable {
    /// 1 to 365; 29 February is never counted.
    case ofYearWithoutLeapDay(Int)
    /// 0 to 365.
    case ofYear(Int)
    /// A weekday (0 for Sunday) of a week (5 is the last) of a month.
    case weekday(Int, week: Int, month: Int)
  }

  struct Change: Sendable, Equatable {
    var day: Day
    /// Seconds behind midnight of the clocks before the change.
    var second: Int
  }

  /// Seconds east of Greenwich.
  var standard: Int
  var daylight: Int?
  var start = Change(day: .ofYear(0), second: 7200)
  var end = Change(day: .ofYear(0), second: 7200)

  /// - Parameter second: since 1970-01-01T00:00:00Z.
  func period(at second: Int64) -> ZonePeriod {
    guard let daylight else { return ZonePeriod(start: .min, end: .max, offset: standard) }
    // Years that a timestamp reaches, and that civil dates can hold.
    let day = Int(max(min(second / 86_400, 110_000_000), -110_000_000))
    let year = CivilDate(days: day).year
    var changes: [(second: Int64, offset: Int)] = []
    for year in year - 2...year + 2 {
      changes.append((start.moment(in: year, offset: standard), daylight))
      changes.append((end.moment(in: year, offset: daylight), standard))
    }
    changes.sort { $0.second < $1.second }
    var period = ZonePeriod(start: .min, end: .max, offset: changes[0].offset)
    for change in changes {
      if change.second > second {
        period.end = change.second
        break
      }
      period.start = change.second
      period.offset = change.offset
    }
    return period
  }
}

extension YearlyRule.Change {
  /// - Parameter offset: of the clocks before the change.
  fileprivate func moment(in year: Int, offset: Int) -> Int64 {
    Int64(day.days(in: year)) * 86_400 + Int64(second - offset)
  }
}

extension YearlyRule.Day {
  /// Since 1970-01-01.
  fileprivate func days(in year: Int) -> Int {
    let first = CivilDate(year: year, month: 1, day: 1).days
    switch self {
    case .ofYear(let day): return first + day
    case .ofYearWithoutLeapDay(let day):
      return first + day - 1 + (isLeapYear(year) && day > 59 ? 1 : 0)
    case .weekday(let weekday, let week, let month):
      let start = CivilDate(year: year, month: month, day: 1).days
      // 1970-01-01 was a Thursday, 4 days behind a Sunday.
      let ahead = floorRemainder(weekday - start - 4, 7)
      var day = ahead + (week - 1) * 7
      while day >= daysInMonth(year: year, month: month) { day -= 7 }
      return start + day
    }
  }
}

// MARK: - Parsing

extension YearlyRule {
  /// - Returns: nil when the text is no such rule.
  init?(_ text: Span<UInt8>) {
    var reader = RuleReader(text: (0..<text.count).map { text[$0] })
    guard reader.skipName(), let west = reader.time(hoursMax: 24) else { return nil }
    self.init(standard: -west, daylight: nil)
    if reader.isAtEnd { return }
    guard reader.skipName() else { return nil }
    var daylight = standard + 3600
    if !reader.isAtEnd, reader.next != UInt8(ascii: ",") {
      guard let west = reader.time(hoursMax: 24) else { return nil }
      daylight = -west
    }
    self.daylight = daylight
    guard reader.take(UInt8(ascii: ",")), let start = reader.change(),
      reader.take(UInt8(ascii: ",")), let end = reader.change(), reader.isAtEnd
    else { return nil }
    self.start = start
    self.end = end
  }
}

private struct RuleReader {
  let text: [UInt8]
  var place = 0

  var isAtEnd: Bool { place == text.count }
  var next: UInt8? { isAtEnd ? nil : text[place] }

  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    place += 1
    return true
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }

  private static func isSignOrDigit(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte &- 0x30 <= 9
  }

  /// Skips an abbreviation: letters, or letters, digits and signs between `<` and `>`.
  mutating func skipName() -> Bool {
    if take(UInt8(ascii: "<")) {
      let first = place
      while let byte = next, RuleReader.isLetter(byte) || RuleReader.isSignOrDigit(byte) {
        place += 1
      }
      return place - first >= 3 && take(UInt8(ascii: ">"))
    }
    let first = place
    while let byte = next, RuleReader.isLetter(byte) { place += 1 }
    return place - first >= 3
  }

  mutating func number(max: Int) -> Int? {
    let first = place
    var value = 0
    while let byte = next, byte &- 0x30 <= 9, place - first < 4 {
      value = value * 10 + Int(byte &- 0x30)
      place += 1
    }
    return place > first && value <= max ? value : nil
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  mutating func time(hoursMax: Int) -> Int? {
    let isNegative = take(UInt8(ascii: "-"))
    if !isNegative { _ = take(UInt8(ascii: "+")) }
    guard var seconds = number(max: hoursMax).map({ $0 * 3600 }) else { return nil }
    if take(UInt8(ascii: ":")) {
      guard let minutes = number(max: 59) else { return nil }
      seconds += minutes * 60
      if take(UInt8(ascii: ":")) {
        guard let rest = number(max: 59) else { return nil }
        seconds += rest
      }
    }
    return isNegative ? -seconds : seconds
  }

  mutating func change() -> YearlyRule.Change? {
    guard let day = day() else { return nil }
    guard take(UInt8(ascii: "/")) else { return YearlyRule.Change(day: day, second: 7200) }
    return time(hoursMax: 167).map { YearlyRule.Change(day: day, second: $0) }
  }

  private mutating func day() -> YearlyRule.Day? {
    if take(UInt8(ascii: "J")) {
      guard let day = number(max: 365), day > 0 else { return nil }
      return .ofYearWithoutLeapDay(day)
    }
    guard take(UInt8(ascii: "M")) else { return number(max: 365).map { .ofYear($0) } }
    guard let month = number(max: 12), month > 0, take(UInt8(ascii: ".")),
      let week = number(max: 5), week > 0, take(UInt8(ascii: ".")), let weekday = number(max: 6)
    else { return nil }
    return .weekday(weekday, week: week, month: month)
  }
}
