import Columnar
import Scalars

/// Dates and timestamps, moved and measured.
enum TimeMath {
  static func addDays(isAdding: Bool) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (dates, days) = (arguments.int32s(0), arguments.int32s(1))
      return try arguments.makeInt32s { row in
        let (moved, overflows) =
          isAdding
          ? dates[row].addingReportingOverflow(days[row])
          : dates[row].subtractingReportingOverflow(days[row])
        guard !overflows else { throw Reason.overflow(of: .date) }
        return moved
      }
    }
  }

  /// A date and an interval of whole days.
  static func addWholeDays(isAdding: Bool) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (dates, intervals) = (arguments.int32s(0), arguments.int64s(1))
      return try arguments.makeInt32s { row in
        let days = intervals[row] / microsecondsPerDay
        guard let moved = Int32(exactly: Int64(dates[row]) + (isAdding ? days : -days)) else {
          throw Reason.overflow(of: .date)
        }
        return moved
      }
    }
  }

  static func addMonths(isAdding: Bool) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (dates, months) = (arguments.int32s(0), arguments.int32s(1))
      return try arguments.makeInt32s { row in
        let step = isAdding ? months[row] : 0 &- months[row]
        guard let moved = Calendar.addMonths(dates[row], step) else {
          throw Reason.overflow(of: .date)
        }
        return moved
      }
    }
  }

  static func addMonthsToTimestamp(isAdding: Bool) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (times, months) = (arguments.int64s(0), arguments.int32s(1))
      return try arguments.makeInt64s { row in
        let step = isAdding ? months[row] : 0 &- months[row]
        guard let moved = Calendar.add(to: times[row], months: step, days: 0, microseconds: 0)
        else { throw Reason.overflow(of: .timestamp) }
        return moved
      }
    }
  }

  static func addMicroseconds(isAdding: Bool) -> Kernel {
    isAdding ? IntegerArithmetic.add.kernel() : IntegerArithmetic.subtract.kernel()
  }

  /// An interval of whole days between two dates.
  static let daysBetween = Kernel { arguments in
    let (ends, starts) = (arguments.int32s(0), arguments.int32s(1))
    let values = zip(ends, starts, count: arguments.rowCount) { end, start in
      (Int64(end) &- Int64(start)) &* microsecondsPerDay
    }
    return Column(.dayTimeInterval, .int64(values), validity: arguments.validity)
  }

  /// `datediff(end, start)`: days.
  static let dayCount = Kernel { arguments in
    let (ends, starts) = (arguments.int32s(0), arguments.int32s(1))
    let values = zip(ends, starts, count: arguments.rowCount) { $0 &- $1 }
    return Column(.int, .int32(values), validity: arguments.validity)
  }

  /// `months_between(end, start, rounds)`: whole months, and 31sts of one.
  static let monthsBetween = Kernel { arguments in
    let (ends, starts) = (arguments.int64s(0), arguments.int64s(1))
    return try arguments.makeDoubles { row in
      let months = monthsBetween(ends[row], starts[row])
      return arguments.boolean(2, row)
        ? (months * 1e8).rounded(.toNearestOrAwayFromZero) / 1e8 : months
    }
  }

  private static func monthsBetween(_ end: Int64, _ start: Int64) -> Double {
    let (endDay, endClock) = splitTimestamp(end)
    let (startDay, startClock) = splitTimestamp(start)
    let (last, first) = (CivilDate(days: endDay), CivilDate(days: startDay))
    let months = Double((last.year - first.year) * 12 + last.month - first.month)
    let endsBoth =
      last.day == daysInMonth(year: last.year, month: last.month)
      && first.day == daysInMonth(year: first.year, month: first.month)
    if last.day == first.day || endsBoth { return months }
    let seconds = (endClock / 1_000_000) - (startClock / 1_000_000)
    let rest = Double((last.day - first.day) * 86_400 + Int(seconds))
    return months + rest / (31 * 86_400)
  }

  /// `timestampdiff(unit, start, end)`: whole units from one to the other.
  static func unitsBetween(_ unit: CalendarUnit) -> Kernel {
    Kernel { arguments in
      let (starts, ends) = (arguments.int64s(0), arguments.int64s(1))
      return try arguments.makeInt64s { row in wholeUnits(unit, starts[row], ends[row]) }
    }
  }

  private static func wholeUnits(_ unit: CalendarUnit, _ start: Int64, _ end: Int64) -> Int64 {
    if let length = unit.microseconds {
      let (difference, overflows) = end.subtractingReportingOverflow(start)
      return overflows
        ? Int64((Int128(end) - Int128(start)) / Int128(length)) : difference / length
    }
    let months = wholeMonths(start, end)
    switch unit {
    case .quarter: return months / 3
    case .year: return months / 12
    default: return months
    }
  }

  private static func wholeMonths(_ start: Int64, _ end: Int64) -> Int64 {
    let (startDay, startClock) = splitTimestamp(start)
    let (endDay, endClock) = splitTimestamp(end)
    let (first, last) = (CivilDate(days: startDay), CivilDate(days: endDay))
    let months = (last.year - first.year) * 12 + last.month - first.month
    let (from, to) = ((first.day, startClock), (last.day, endClock))
    if months > 0, to < from { return Int64(months - 1) }
    if months < 0, to > from { return Int64(months + 1) }
    return Int64(months)
  }

  /// `timestampadd(unit, n, timestamp)`.
  static func addUnits(_ unit: CalendarUnit) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (counts, times) = (arguments.int64s(0), arguments.int64s(1))
      return try arguments.makeInt64s { row in
        guard let moved = add(unit, counts[row], to: times[row]) else {
          throw Reason.overflow(of: .timestamp)
        }
        return moved
      }
    }
  }

  private static func add(_ unit: CalendarUnit, _ count: Int64, to time: Int64) -> Int64? {
    if let length = unit.microseconds {
      let (product, overflows) = count.multipliedReportingOverflow(by: length)
      let (sum, overflowsToo) = time.addingReportingOverflow(product)
      return overflows || overflowsToo ? nil : sum
    }
    let factor: Int64 = unit == .year ? 12 : unit == .quarter ? 3 : 1
    let (months, overflows) = count.multipliedReportingOverflow(by: factor)
    guard !overflows, let step = Int32(exactly: months) else { return nil }
    return Calendar.add(to: time, months: step, days: 0, microseconds: 0)
  }

  /// `date_trunc(unit, timestamp)`: null for an unknown unit.
  static let truncateTimestamp = Kernel(canFail: true) { arguments in
    let (units, times) = (arguments.strings(0), arguments.int64s(1))
    let constant = arguments[0].isConstant ? CalendarUnit(name: units.string(0)) : nil
    return try arguments.makeInt64s { row in
      guard let unit = constant ?? CalendarUnit(name: units.string(row)) else { return nil }
      guard let start = Calendar.truncate(timestamp: times[row], to: unit) else {
        throw Reason.overflow(of: .timestamp)
      }
      return start
    }
  }

  /// `trunc(date, unit)`: weeks and longer; null for others.
  static let truncateDate = Kernel { arguments in
    let (dates, units) = (arguments.int32s(0), arguments.strings(1))
    let constant = arguments[1].isConstant ? CalendarUnit(name: units.string(0)) : nil
    return try arguments.makeInt32s { row in
      guard let unit = constant ?? CalendarUnit(name: units.string(row)) else { return nil }
      switch unit {
      case .week, .month, .quarter, .year: return Calendar.truncate(dates[row], to: unit)
      default: return nil
      }
    }
  }

  /// `time_bucket(interval, timestamp)`: the start of the interval that it is in, from 1970 on.
  static let bucket = Kernel(canFail: true) { arguments in
    let (sizes, times) = (arguments.int64s(0), arguments.int64s(1))
    return try arguments.makeInt64s { row in
      let size = sizes[row]
      guard size > 0 else {
        throw Reason(
          "INVALID_PARAMETER_VALUE.BUCKET_SIZE", "the interval of a bucket is above zero")
      }
      let rest = times[row] % size
      let (start, overflows) = times[row].subtractingReportingOverflow(
        rest < 0 ? rest + size : rest)
      guard !overflows else { throw Reason.overflow(of: .timestamp) }
      return start
    }
  }
}
