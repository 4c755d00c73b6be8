import Scalars
import TestSupport
import Testing

@Suite("Civil dates")
struct CivilDateTests {
  @Test("counts the days as a walk from day to day does")
  func walk() {
    var date = CivilDate(year: -801, month: 1, day: 1)
    for days in date.days...CivilDate(year: 2801, month: 1, day: 1).days {
      #expect(CivilDate(days: days) == date && date.days == days && date.isValid)
      date.day += 1
      if date.day > length(of: date) { (date.day, date.month) = (1, date.month + 1) }
      if date.month > 12 { (date.month, date.year) = (1, date.year + 1) }
    }
  }

  /// The rhyme.
  private func length(of date: CivilDate) -> Int {
    switch date.month {
    case 4, 6, 9, 11: 30
    case 2: date.year % 400 == 0 || date.year % 4 == 0 && date.year % 100 != 0 ? 29 : 28
    default: 31
    }
  }

  @Test(
    "knows some days",
    arguments: [
      (0, 1970, 1, 1), (-1, 1969, 12, 31), (20513, 2026, 3, 1), (2_932_896, 9999, 12, 31),
      (-719_528, 0, 1, 1), (-719_529, -1, 12, 31), (-141_427, 1582, 10, 15),
      (Int(Int32.max), 5_881_580, 7, 11), (Int(Int32.min), -5_877_641, 6, 23),
    ])
  func known(days: Int, year: Int, month: Int, day: Int) {
    #expect(CivilDate(days: days) == CivilDate(year: year, month: month, day: day))
    #expect(CivilDate(year: year, month: month, day: day).days == days)
  }

  @Test("goes there and back over the whole range")
  func random() {
    var random = SplitMix64(seed: 12)
    for _ in 0..<100_000 {
      let days = Int(Int32(truncatingIfNeeded: random.next()))
      #expect(CivilDate(days: days).days == days)
      #expect(CivilDate(days: days).isValid)
    }
  }

  @Test(
    "refuses days that no month has",
    arguments: [
      (2026, 2, 29), (2024, 2, 30), (1900, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1),
      (2026, 1, 0), (2026, 12, 32),
    ])
  func invalid(year: Int, month: Int, day: Int) {
    #expect(!CivilDate(year: year, month: month, day: day).isValid)
  }

  @Test(
    "splits every timestamp into a day and a part of it",
    arguments: [
      0, -1, 1, 86_399_999_999, 86_400_000_000, -86_400_000_000, -86_400_000_001, .max, .min,
      .min + 1, .min + 86_400_000_000, .min + 14_454_775_807, .min + 14_454_775_808,
    ] as [Int64])
  func splits(timestamp: Int64) {
    let (days, microseconds) = splitTimestamp(timestamp)
    #expect(Int128(days) * 86_400_000_000 + Int128(microseconds) == Int128(timestamp))
    #expect(0..<86_400_000_000 ~= microseconds)
  }
}

@Suite("Calendar")
struct CalendarTests {
  private func days(_ year: Int, _ month: Int, _ day: Int) -> Int32 {
    Int32(CivilDate(year: year, month: month, day: day).days)
  }

  @Test(
    "adds months and stays in the month",
    arguments: [
      ((2024, 1, 31), 1, (2024, 2, 29)), ((2026, 3, 31), -1, (2026, 2, 28)),
      ((9999, 12, 31), 1, (10000, 1, 31)), ((0, 1, 1), -1, (-1, 12, 1)),
      ((2026, 2, 28), -12, (2025, 2, 28)), ((2024, 2, 29), 12, (2025, 2, 28)),
    ])
  func months(from: (Int, Int, Int), months: Int, to: (Int, Int, Int)) {
    let moved = Calendar.addMonths(days(from.0, from.1, from.2), Int32(months))
    #expect(moved == days(to.0, to.1, to.2))
  }

  @Test("adds no months beyond the range")
  func monthsOverflow() {
    #expect(Calendar.addMonths(0, .max) == nil)
    #expect(Calendar.addMonths(.min, -1) == nil)
    #expect(Calendar.addMonths(.max, 1) == nil)
    #expect(Calendar.addMonths(.min, .max) == nil)
    #expect(Calendar.add(to: .max, months: 0, days: 0, microseconds: 1) == nil)
    #expect(Calendar.add(to: 0, months: 1, days: -31, microseconds: 5) == 5)
  }

  @Test(
    "knows weeks, weekdays and quarters",
    arguments: [
      ((2026, 3, 1), 1, 6, 2026, 9, 1, 60), ((2021, 1, 3), 1, 6, 2020, 53, 1, 3),
      ((2024, 12, 30), 2, 0, 2025, 1, 4, 365), ((1970, 1, 1), 5, 3, 1970, 1, 1, 1),
      ((1969, 12, 31), 4, 2, 1970, 1, 4, 365), ((1582, 10, 15), 6, 4, 1582, 41, 4, 288),
    ])
  func parts(
    date: (Int, Int, Int), dayOfWeek: Int, weekday: Int, weekYear: Int, week: Int, quarter: Int,
    dayOfYear: Int
  ) {
    let day = days(date.0, date.1, date.2)
    #expect(Calendar.dayOfWeek(day) == Int32(dayOfWeek))
    #expect(Calendar.weekday(day) == Int32(weekday))
    #expect(Calendar.dayOfWeekISO(day) == Int32(weekday + 1))
    #expect(Calendar.weekISO(day) == (Int32(weekYear), Int32(week)))
    #expect(Calendar.quarter(day) == Int32(quarter))
    #expect(Calendar.dayOfYear(day) == Int32(dayOfYear))
    #expect(Calendar.year(day) == Int32(date.0))
    #expect(Calendar.month(day) == Int32(date.1))
    #expect(Calendar.day(day) == Int32(date.2))
  }

  @Test("finds the last day of the month and the next weekday")
  func neighbours() {
    #expect(Calendar.lastDay(days(2024, 2, 1)) == days(2024, 2, 29))
    #expect(Calendar.lastDay(days(2026, 12, 31)) == days(2026, 12, 31))
    #expect(Calendar.nextDay(days(2026, 3, 1), weekday: 6) == days(2026, 3, 8))
    #expect(Calendar.nextDay(days(2026, 3, 1), weekday: 0) == days(2026, 3, 2))
    #expect(Calendar.lastDay(.max) == .max)
    #expect(Calendar.nextDay(.max, weekday: 0) == .max)
  }

  @Test(
    "cuts dates off",
    arguments: [
      ("week", (2026, 2, 23)), ("MON", (2026, 3, 1)), ("quarter", (2026, 1, 1)),
      ("YYYY", (2026, 1, 1)), ("day", (2026, 3, 1)),
    ])
  func truncatesDates(unit: String, expected: (Int, Int, Int)) throws {
    let unit = try #require(CalendarUnit(name: unit))
    #expect(
      Calendar.truncate(days(2026, 3, 1), to: unit) == days(expected.0, expected.1, expected.2))
  }

  @Test(
    "cuts timestamps off, before 1970 too",
    arguments: [
      ("microsecond", -500_001), ("millisecond", -501_000), ("second", -1_000_000),
      ("minute", -60_000_000), ("hour", -3_600_000_000), ("day", -86_400_000_000),
      ("week", -3 * 86_400_000_000), ("month", -31 * 86_400_000_000),
      ("quarter", -92 * 86_400_000_000), ("year", -365 * 86_400_000_000),
    ] as [(String, Int64)])
  func truncatesTimestamps(unit: String, expected: Int64) throws {
    let unit = try #require(CalendarUnit(name: unit))
    #expect(Calendar.truncate(timestamp: -500_001, to: unit) == expected)
  }

  @Test("cuts nothing off beyond the range", arguments: CalendarUnit.allCases)
  func truncatesExtremes(unit: CalendarUnit) {
    let start = Calendar.truncate(timestamp: .min, to: unit)
    #expect(start == (unit == .microsecond ? .min : nil))
    #expect(Calendar.truncate(timestamp: .max, to: unit) != nil)
  }
}
