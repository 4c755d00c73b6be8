import Columnar
import Scalars

/// A part of a date or a time: what `year(d)` and `extract(HOUR FROM ts)` give.
enum DateField: String, Sendable, CaseIterable {
  case year, yearOfWeek, quarter, month, week, day, dayOfWeek, dayOfWeekISO, dayOfYear
  case hour, minute, second

  /// The names that `extract` and `date_part` know.
  init?(name: String) {
    switch name.lowercased() {
    case "year", "y", "years", "yr", "yrs": self = .year
    case "yearofweek": self = .yearOfWeek
    case "quarter", "qtr": self = .quarter
    case "month", "mon", "mons", "months": self = .month
    case "week", "w", "weeks": self = .week
    case "day", "d", "days": self = .day
    case "dayofweek", "dow": self = .dayOfWeek
    case "dayofweek_iso", "dow_iso": self = .dayOfWeekISO
    case "doy", "dayofyear": self = .dayOfYear
    case "hour", "h", "hours", "hr", "hrs": self = .hour
    case "minute", "m", "min", "mins", "minutes": self = .minute
    case "second", "s", "sec", "seconds", "secs": self = .second
    default: return nil
    }
  }

  var isOfDate: Bool {
    switch self {
    case .hour, .minute, .second: false
    default: true
    }
  }

  /// Of a date.
  var ofDate: Kernel {
    Kernel { arguments in
      let days = arguments[0].column.int32s
      return Column(.int, .int32(map(days) { value(ofDay: $0) }), validity: arguments.validity)
    }
  }

  /// Of a timestamp.
  var ofTimestamp: Kernel {
    Kernel { arguments in
      let times = arguments[0].column.int64s
      let values = map(times) { time in
        let (days, clock) = splitTimestamp(time)
        return isOfDate ? value(ofDay: Int32(truncatingIfNeeded: days)) : value(ofClock: clock)
      }
      return Column(.int, .int32(values), validity: arguments.validity)
    }
  }

  @inline(__always)
  private func value(ofDay days: Int32) -> Int32 {
    switch self {
    case .year: Calendar.year(days)
    case .yearOfWeek: Calendar.weekISO(days).year
    case .quarter: Calendar.quarter(days)
    case .month: Calendar.month(days)
    case .week: Calendar.weekISO(days).week
    case .day: Calendar.day(days)
    case .dayOfWeek: Calendar.dayOfWeek(days)
    case .dayOfWeekISO: Calendar.dayOfWeekISO(days)
    default: Calendar.dayOfYear(days)
    }
  }

  @inline(__always)
  private func value(ofClock clock: Int64) -> Int32 {
    let seconds = Int32(truncatingIfNeeded: clock / 1_000_000)
    return switch self {
    case .hour: seconds / 3600
    case .minute: seconds / 60 % 60
    default: seconds % 60
    }
  }

  /// The seconds of a timestamp with their fraction, a decimal(8,6).
  static let exactSeconds = Kernel { arguments in
    let column = arguments[0].column
    let values = map(column.int64s) { Int128(splitTimestamp($0).microseconds % 60_000_000) }
    return Column(.decimal(precision: 8, scale: 6), .decimal(values), validity: column.validity)
  }

  /// Fields of intervals: hours and smaller ones without the larger ones, days as they are.
  var ofDayTimeInterval: (kernel: Kernel, type: DataType)? {
    switch self {
    case .day: (Self.interval(.int, microsecondsPerDay, .max), .int)
    case .hour: (Self.interval(.tinyint, 3_600_000_000, 24), .tinyint)
    case .minute: (Self.interval(.tinyint, 60_000_000, 60), .tinyint)
    case .second: (Self.intervalSeconds, .decimal(precision: 8, scale: 6))
    default: nil
    }
  }

  private static func interval(_ type: DataType, _ length: Int64, _ limit: Int64) -> Kernel {
    Kernel { arguments in
      let column = arguments[0].column
      let counts = map(column.int64s) { $0 / length % limit }
      let storage: Storage =
        type == .int
        ? .int32(map(counts) { Int32(truncatingIfNeeded: $0) })
        : .int8(map(counts) { Int8(truncatingIfNeeded: $0) })
      return Column(type, storage, validity: column.validity)
    }
  }

  private static let intervalSeconds = Kernel { arguments in
    let column = arguments[0].column
    let values = map(column.int64s) { Int128($0 % 60_000_000) }
    return Column(.decimal(precision: 8, scale: 6), .decimal(values), validity: column.validity)
  }

  var ofYearMonthInterval: (kernel: Kernel, type: DataType)? {
    switch self {
    case .year:
      (
        Kernel { arguments in
          let column = arguments[0].column
          return Column(.int, .int32(map(column.int32s) { $0 / 12 }), validity: column.validity)
        }, .int
      )
    case .month:
      (
        Kernel { arguments in
          let column = arguments[0].column
          let months = map(column.int32s) { Int8(truncatingIfNeeded: $0 % 12) }
          return Column(.tinyint, .int8(months), validity: column.validity)
        }, .tinyint
      )
    default: nil
    }
  }
}
