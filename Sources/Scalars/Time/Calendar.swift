/// Calendar arithmetic on days since 1970-01-01. Total over `Int32`, unless it says otherwise.
package enum Calendar {
  /// The same day of the month some months later, or the last day of a shorter month.
  ///
  /// - Returns: nil when the result has no place in 32 bits.
  package static func addMonths(_ days: Int32, _ months: Int32) -> Int32? {
    let date = CivilDate(days: Int(days))
    let month = date.year * 12 + date.month - 1 + Int(months)
    let year = floorDivide(month, 12)
    var result = CivilDate(year: year, month: month - year * 12 + 1, day: date.day)
    result.day = min(result.day, daysInMonth(year: year, month: result.month))
    // Years reach twice as far as days do.
    guard year.magnitude < 6_000_000 else { return nil }
    return Int32(exactly: result.days)
  }

  /// The last day of the month.
  package static func lastDay(_ days: Int32) -> Int32 {
    let date = CivilDate(days: Int(days))
    let last = daysInMonth(year: date.year, month: date.month)
    return Int32(clamping: Int(days) + last - date.day)
  }

  package static func year(_ days: Int32) -> Int32 {
    Int32(CivilDate(days: Int(days)).year)
  }

  /// 1 to 4.
  package static func quarter(_ days: Int32) -> Int32 {
    Int32((CivilDate(days: Int(days)).month + 2) / 3)
  }

  /// 1 to 12.
  package static func month(_ days: Int32) -> Int32 {
    Int32(CivilDate(days: Int(days)).month)
  }

  /// 1 to 31.
  package static func day(_ days: Int32) -> Int32 {
    Int32(CivilDate(days: Int(days)).day)
  }

  /// 1 to 366.
  package static func dayOfYear(_ days: Int32) -> Int32 {
    let year = CivilDate(days: Int(days)).year
    return Int32(Int(days) - CivilDate(year: year, month: 1, day: 1).days + 1)
  }

  /// 0 for Monday to 6 for Sunday (Spark's `weekday`).
  package static func weekday(_ days: Int32) -> Int32 {
    // 1970-01-01 was a Thursday.
    Int32(floorRemainder(Int(days) + 3, 7))
  }

  /// 1 for Sunday to 7 for Saturday (Spark's `dayofweek`).
  package static func dayOfWeek(_ days: Int32) -> Int32 {
    (weekday(days) + 1) % 7 + 1
  }

  /// 1 for Monday to 7 for Sunday.
  package static func dayOfWeekISO(_ days: Int32) -> Int32 {
    weekday(days) + 1
  }

  /// The ISO 8601 week, 1 to 53, and the year that it belongs to.
  package static func weekISO(_ days: Int32) -> (year: Int32, week: Int32) {
    // The week's Thursday decides on the year.
    let thursday = Int(days) - Int(weekday(days)) + 3
    let year = CivilDate(days: thursday).year
    let first = CivilDate(year: year, month: 1, day: 1).days
    return (Int32(year), Int32((thursday - first) / 7 + 1))
  }

  /// The first such weekday after the day.
  ///
  /// - Parameter weekday: 0 for Monday to 6 for Sunday.
  package static func nextDay(_ days: Int32, weekday: Int32) -> Int32 {
    let ahead = floorRemainder(Int(weekday) - Int(Calendar.weekday(days)) - 1, 7) + 1
    return Int32(clamping: Int(days) + ahead)
  }

  /// The first day of the unit that the day is in; the day itself for units of a day or less.
  package static func truncate(_ days: Int32, to unit: CalendarUnit) -> Int32 {
    var date = CivilDate(days: Int(days))
    switch unit {
    case .week: return Int32(clamping: Int(days) - Int(weekday(days)))
    case .month: break
    case .quarter: date.month = (date.month - 1) / 3 * 3 + 1
    case .year: date.month = 1
    case .day, .hour, .minute, .second, .millisecond, .microsecond: return days
    }
    date.day = 1
    return Int32(clamping: date.days)
  }

  /// The first moment of the unit that a timestamp is in.
  ///
  /// - Parameter timestamp: µs since 1970-01-01T00:00:00 in the zone whose calendar counts.
  /// - Returns: nil when that moment has no place in 64 bits.
  package static func truncate(timestamp: Int64, to unit: CalendarUnit) -> Int64? {
    let (days, microseconds) = splitTimestamp(timestamp)
    if let length = unit.microseconds, length < microsecondsPerDay {
      let (start, overflows) = timestamp.subtractingReportingOverflow(microseconds % length)
      return overflows ? nil : start
    }
    let first = Int64(truncate(Int32(days), to: unit))
    let (start, overflows) = first.multipliedReportingOverflow(by: microsecondsPerDay)
    return overflows ? nil : start
  }

  /// A timestamp some months, days and µs later, added in this order (the months as in
  /// ``addMonths(_:_:)``).
  ///
  /// - Returns: nil when the result has no place in 64 bits.
  package static func add(
    to timestamp: Int64, months: Int32, days: Int32, microseconds: Int64
  ) -> Int64? {
    let (start, clock) = splitTimestamp(timestamp)
    guard let moved = addMonths(Int32(start), months) else { return nil }
    let date = Int128(moved) + Int128(days)
    return Int64(
      exactly: date * Int128(microsecondsPerDay) + Int128(clock) + Int128(microseconds))
  }
}

/// A unit that dates and timestamps are cut off at.
package enum CalendarUnit: String, Sendable, CaseIterable {
  case year, quarter, month, week, day, hour, minute, second, millisecond, microsecond

  /// The unit that Spark's `trunc` and `date_trunc` know by a name, in any case.
  package init?(name: String) {
    switch name.lowercased() {
    case "year", "yyyy", "yy": self = .year
    case "quarter": self = .quarter
    case "month", "mon", "mm": self = .month
    case "week": self = .week
    case "day", "dd": self = .day
    case "hour": self = .hour
    case "minute": self = .minute
    case "second": self = .second
    case "millisecond": self = .millisecond
    case "microsecond": self = .microsecond
    default: return nil
    }
  }

  /// How long the unit is, for those that are always as long.
  package var microseconds: Int64? {
    switch self {
    case .microsecond: 1
    case .millisecond: 1_000
    case .second: 1_000_000
    case .minute: 60_000_000
    case .hour: 3_600_000_000
    case .day: microsecondsPerDay
    case .week: 7 * microsecondsPerDay
    case .month, .quarter, .year: nil
    }
  }
}

/// The quotient rounded down, for a divisor above 0.
@inlinable
package func floorDivide(_ dividend: Int, _ divisor: Int) -> Int {
  let quotient = dividend / divisor
  return dividend % divisor < 0 ? quotient &- 1 : quotient
}

/// The remainder of that division, never negative.
@inlinable
package func floorRemainder(_ dividend: Int, _ divisor: Int) -> Int {
  let remainder = dividend % divisor
  return remainder < 0 ? remainder &+ divisor : remainder
}
