/// A day of the proleptic Gregorian calendar.
@usableFromInline package struct CivilDate: Equatable, Sendable {
  /// Astronomical: 0 is 1 BC.
  @usableFromInline package var year: Int
  /// 1 to 12.
  @usableFromInline package var month: Int
  /// 1 to 31.
  @usableFromInline package var day: Int

  @inlinable
  package init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The date of a number of days since 1970-01-01; total over the days of a timestamp and of an
  /// `Int32`.
  ///
  /// Neri and Schneider, "Euclidean affine functions and their application to calendar
  /// algorithms": three multiplications in place of divisions by 365.25, 30.6 and their like.
  @inlinable
  package init(days: Int) {
    // Counted from a 1 March so long ago that no number below is negative.
    let cycles = 15_000
    let shifted = UInt64(bitPattern: Int64(days &+ 719_468 &+ 146_097 &* cycles))
    let fourfold = 4 &* shifted &+ 3
    let century = fourfold / 146_097
    let dayOfCentury = (fourfold % 146_097) / 4
    let product = 2_939_745 &* (4 &* dayOfCentury &+ 3)
    let yearOfCentury = product &>> 32
    let dayOfYear = (product & 0xFFFF_FFFF) / 2_939_745 / 4
    let monthAndDay = 2_141 &* dayOfYear &+ 197_913
    // The year of this arithmetic begins in March.
    let isNextYear = dayOfYear >= 306
    let marchYear = Int(truncatingIfNeeded: 100 &* century &+ yearOfCentury)
    year = marchYear &- 400 &* cycles &+ (isNextYear ? 1 : 0)
    month = Int(truncatingIfNeeded: monthAndDay &>> 16) &- (isNextYear ? 12 : 0)
    day = Int(truncatingIfNeeded: (monthAndDay & 0xFFFF) / 2_141) &+ 1
  }

  /// Days since 1970-01-01, for a year within ±5 million.
  @inlinable
  package var days: Int {
    let marchYear = month <= 2 ? year &- 1 : year
    let era = (marchYear >= 0 ? marchYear : marchYear &- 399) / 400
    let yearOfEra = marchYear &- era &* 400
    let dayOfYear = (153 &* (month > 2 ? month &- 3 : month &+ 9) &+ 2) / 5 &+ day &- 1
    let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
    return era &* 146_097 &+ dayOfEra &- 719_468
  }

  /// Whether the month and the day exist, for a year within ±5 million.
  @inlinable
  package var isValid: Bool {
    month >= 1 && month <= 12 && day >= 1
      && (day <= 28 || day <= daysInMonth(year: year, month: month))
  }
}

@inlinable
package func isLeapYear(_ year: Int) -> Bool {
  year & 3 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// - Parameter month: 1 to 12.
@inlinable
package func daysInMonth(year: Int, month: Int) -> Int {
  if month == 2 { return isLeapYear(year) ? 29 : 28 }
  // 31 in the odd months up to July, then in the even ones.
  return 30 &+ ((month &+ (month &>> 3)) & 1)
}

/// Microseconds in a day.
package let microsecondsPerDay: Int64 = 86_400_000_000

/// The day that a timestamp falls on, and how far into it.
///
/// - Parameter timestamp: µs since 1970-01-01T00:00:00Z.
@inlinable
package func splitTimestamp(_ timestamp: Int64) -> (days: Int, microseconds: Int64) {
  let perDay: Int64 = 86_400_000_000
  let days = (timestamp >= 0 ? timestamp : timestamp &- (perDay &- 1)) / perDay
  // For the first moments of the range, the line above wraps: they are on its first day.
  if timestamp < .min &+ perDay { return splitFirstDay(timestamp) }
  return (Int(days), timestamp &- days &* perDay)
}

@usableFromInline @inline(never)
func splitFirstDay(_ timestamp: Int64) -> (days: Int, microseconds: Int64) {
  let (days, rest) = Int128(timestamp).quotientAndRemainder(dividingBy: Int128(microsecondsPerDay))
  return rest < 0
    ? (Int(days) - 1, Int64(rest) + microsecondsPerDay) : (Int(days), Int64(rest))
}
