import Columnar
import Scalars

extension Function {
  private static func field(
    _ names: String..., of field: DateField, _ summary: String, _ example: String
  ) -> Function {
    Function(
      names: names, category: .time, usage: "\(names[0])(time)", summary: summary,
      example: example, arity: 1...1,
      meaning: .scalar { call in
        if field.isOfDate, call[0].type != .timestamp {
          return call.call(field.ofDate, [try call.argument(0, .date)], .int)
        }
        return call.call(field.ofTimestamp, [try call.argument(0, .timestamp)], .int)
      })
  }

  static let timeFunctions: [Function] =
    timeFieldFunctions + timeMathFunctions + timeMakingFunctions + timeTextFunctions + zoneFunctions

  private static let timeFieldFunctions: [Function] = [
    field("year", of: .year, "the year", "year('2026-03-01')"),
    field("quarter", of: .quarter, "1 to 4", "quarter('2026-03-01')"),
    field("month", of: .month, "1 to 12", "month('2026-03-01')"),
    field("day", "dayofmonth", of: .day, "1 to 31", "day('2026-03-01')"),
    field("dayofyear", of: .dayOfYear, "1 to 366", "dayofyear('2026-03-01')"),
    field("dayofweek", of: .dayOfWeek, "1 for Sunday to 7 for Saturday", "dayofweek('2026-03-01')"),
    field("weekofyear", of: .week, "the ISO week, 1 to 53", "weekofyear('2026-03-01')"),
    field("hour", of: .hour, "0 to 23", "hour('2026-03-01 12:34:56')"),
    field("minute", of: .minute, "0 to 59", "minute('2026-03-01 12:34:56')"),
    field("second", of: .second, "0 to 59", "second('2026-03-01 12:34:56')"),
    Function(
      "weekday", in: .time, "weekday(date)", "0 for Monday to 6 for Sunday",
      "weekday('2026-03-01')", takes: [.date], gives: .int, DateNames.weekday),
    Function(
      "dayname", in: .time, "dayname(date)", "Mon to Sun", "dayname('2026-03-01')",
      takes: [.date], gives: .string, DateNames.day),
    Function(
      "monthname", in: .time, "monthname(date)", "Jan to Dec", "monthname('2026-03-01')",
      takes: [.date], gives: .string, DateNames.month),
    Function(
      "date_part", "datepart", "extract", in: .time, "extract(field FROM time)",
      "a field: YEAR, QUARTER, MONTH, WEEK, DAY, DOW, DOY, HOUR, MINUTE, SECOND",
      "extract(DAY FROM DATE '2026-03-01')", count: 2...2, bind: TimeBinding.extract),
  ]

  private static let timeMathFunctions: [Function] = [
    Function(
      "date_add", "dateadd", "timestampadd", in: .time, "date_add(date, days)",
      "days later; dateadd(unit, n, time) for any unit", "date_add('2026-03-01', 3)",
      count: 2...3, bind: TimeBinding.add),
    Function(
      "date_sub", in: .time, "date_sub(date, days)", "days earlier", "date_sub('2026-03-01', 1)",
      takes: [.date, .int], gives: .date, TimeMath.addDays(isAdding: false)),
    Function(
      "datediff", "date_diff", "timestampdiff", "timediff", in: .time, "datediff(end, start)",
      "days from start to end; datediff(unit, start, end) for any unit",
      "datediff('2026-03-01', '2026-02-01')", count: 2...3, bind: TimeBinding.difference),
    Function(
      "add_months", in: .time, "add_months(date, months)", "months later, cut to the month's end",
      "add_months('2024-01-31', 1)", takes: [.date, .int], gives: .date,
      TimeMath.addMonths(isAdding: true)),
    Function(
      "months_between", in: .time, "months_between(end, start[, rounds])", "months and fractions",
      "months_between('2026-03-01', '2026-01-15')", count: 2...3
    ) { call in
      let times = [try call.argument(0, .timestamp), try call.argument(1, .timestamp)]
      let rounds =
        call.count > 2
        ? try call.argument(2, .boolean)
        : Node(.constant(Column([true])), .boolean, range: call.range)
      return call.call(TimeMath.monthsBetween, times + [rounds], .double)
    },
    Function(
      "last_day", in: .time, "last_day(date)", "the last day of the month",
      "last_day('2026-02-01')", takes: [.date], gives: .date, DateNames.lastDay),
    Function(
      "next_day", in: .time, "next_day(date, weekday)", "the first such weekday after the date",
      "next_day('2026-03-01', 'MON')", takes: [.date, .text], gives: .date, DateNames.nextDay),
    Function(
      "trunc", in: .time, "trunc(date, unit)", "the first day of the week, month, quarter or year",
      "trunc('2026-03-15', 'MONTH')", takes: [.date, .text], gives: .date, TimeMath.truncateDate),
    Function(
      "date_trunc", in: .time, "date_trunc(unit, timestamp)", "cut off at a unit",
      "date_trunc('HOUR', '2026-03-01 12:34:56')", takes: [.text, .timestamp], gives: .timestamp,
      TimeMath.truncateTimestamp),
    Function(
      "time_bucket", in: .time, "time_bucket(interval, timestamp)",
      "the start of the interval that it is in",
      "time_bucket(INTERVAL 1 HOUR, TIMESTAMP '2026-03-01 12:34')",
      count: 2...2
    ) { call in
      guard call[0].type == .dayTimeInterval else {
        throw call.misfit(0, "an interval of days or less")
      }
      return call.call(TimeMath.bucket, [call[0], try call.argument(1, .timestamp)], .timestamp)
    },
  ]

  private static let timeMakingFunctions: [Function] = [
    Function(
      "current_timestamp", "now", "localtimestamp", in: .time, "now()",
      "when the epoch was opened", "now() IS NOT NULL", count: 0...0
    ) { Node(.now, .timestamp, range: $0.range) },
    Function(
      "current_date", "curdate", in: .time, "current_date()",
      "the day on which the epoch was opened",
      "current_date() IS NOT NULL", count: 0...0
    ) { call in
      try call.binder.converted(Node(.now, .timestamp, range: call.range), to: .date)
    },
    Function(
      "current_timezone", in: .time, "current_timezone()", "UTC", "current_timezone()", count: 0...0
    ) { Node(.constant(Column(["UTC"])), .string, range: $0.range) },
    Function(
      "make_date", in: .time, "make_date(year, month, day)", "a date of its parts",
      "make_date(2026, 3, 1)", takes: [.int, .int, .int], gives: .date, TimeMaking.date),
    Function(
      "make_timestamp", "make_timestamp_ltz", in: .time,
      "make_timestamp(year, month, day, hour, minute, second[, zone])",
      "a timestamp of its parts, in UTC or a zone",
      "make_timestamp(2026, 3, 1, 12, 30, 0)", count: 6...7
    ) {
      try TimeMaking.bind($0, isTrying: false)
    },
    Function(
      "make_timestamp_ntz", in: .time,
      "make_timestamp_ntz(year, month, day, hour, minute, second)",
      "a timestamp of its parts, without a zone", "make_timestamp_ntz(2026, 3, 1, 12, 30, 0)",
      count: 6...6
    ) { try TimeMaking.bind($0, isTrying: false, annotation: .zoneless) },
    Function(
      "try_make_timestamp", "try_make_timestamp_ltz", in: .time,
      "try_make_timestamp(year, month, day, hour, minute, second[, zone])",
      "null when there is none",
      "try_make_timestamp(2026, 13, 1, 0, 0, 0)", count: 6...7
    ) {
      try TimeMaking.bind($0, isTrying: true)
    },
    Function(
      "try_make_timestamp_ntz", in: .time,
      "try_make_timestamp_ntz(year, month, day, hour, minute, second)", "null when there is none",
      "try_make_timestamp_ntz(2026, 13, 1, 0, 0, 0)", count: 6...6
    ) { try TimeMaking.bind($0, isTrying: true, annotation: .zoneless) },
    Function(
      "make_dt_interval", in: .time, "make_dt_interval(days, hours, minutes, seconds)",
      "an interval of its parts", "make_dt_interval(1, 2, 3, 4.5)", count: 0...4,
      bind: TimeMaking.dayTimeInterval),
    Function(
      "make_interval", in: .time,
      "make_interval(years, months, weeks, days, hours, minutes, seconds)",
      "an interval of months, days and times", "make_interval(1, 2, 0, 3, 4, 5, 6.7)",
      count: 0...7
    ) { try CalendarIntervals.make($0, isTrying: false) },
    Function(
      "try_make_interval", in: .time,
      "try_make_interval(years, months, weeks, days, hours, minutes, seconds)",
      "null where it is too long", "try_make_interval(2147483647, 1)", count: 1...7
    ) { try CalendarIntervals.make($0, isTrying: true) },
    Function(
      "make_ym_interval", in: .time, "make_ym_interval(years, months)", "an interval of its parts",
      "make_ym_interval(1, 2)", count: 0...2, bind: TimeMaking.yearMonthInterval),
    Function(
      "date_from_unix_date", in: .time, "date_from_unix_date(days)", "days since 1970 as a date",
      "date_from_unix_date(0)", takes: [.int], gives: .date, TimeMaking.dateOfDays),
    Function(
      "unix_date", in: .time, "unix_date(date)", "days since 1970", "unix_date(DATE '1970-01-02')",
      takes: [.date], gives: .int, TimeMaking.daysOfDate),
    Function(
      "timestamp_seconds", in: .time, "timestamp_seconds(n)", "seconds since 1970 as a timestamp",
      "timestamp_seconds(1.5)", count: 1...1
    ) { call in
      guard call[0].type.isNumeric || call[0].type == .void else {
        throw call.misfit(0, "a number")
      }
      return try TimeMaking.timestamp(ofSeconds: call)
    },
    Function(
      "timestamp_millis", in: .time, "timestamp_millis(n)",
      "milliseconds since 1970 as a timestamp",
      "timestamp_millis(1)", takes: [.bigint], gives: .timestamp, TimeMaking.timestamp(times: 1000)),
    Function(
      "timestamp_micros", in: .time, "timestamp_micros(n)",
      "microseconds since 1970 as a timestamp",
      "timestamp_micros(1)", takes: [.bigint], gives: .timestamp, TimeMaking.timestamp(times: 1)),
    Function(
      "unix_seconds", in: .time, "unix_seconds(timestamp)", "seconds since 1970",
      "unix_seconds(TIMESTAMP '1970-01-01 00:00:01')", takes: [.timestamp], gives: .bigint,
      TimeMaking.units(of: 1_000_000)),
    Function(
      "unix_millis", in: .time, "unix_millis(timestamp)", "milliseconds since 1970",
      "unix_millis(TIMESTAMP '1970-01-01 00:00:01')", takes: [.timestamp], gives: .bigint,
      TimeMaking.units(of: 1000)),
    Function(
      "unix_micros", in: .time, "unix_micros(timestamp)", "microseconds since 1970",
      "unix_micros(TIMESTAMP '1970-01-01 00:00:01')", takes: [.timestamp], gives: .bigint,
      TimeMaking.units(of: 1)),
  ]
}
