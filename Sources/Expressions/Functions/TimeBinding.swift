import Columnar
import Diagnostics
import Scalars

/// Functions of time that have several forms.
enum TimeBinding {
  // MARK: - extract

  static func extract(_ call: CallBinder) throws -> Node {
    guard let name = call.constantText(0) else {
      throw call.failure("\(call.name)(): the field is a text such as 'DAY'", call[0].range)
    }
    guard let field = DateField(name: name) else {
      let names = DateField.allCases.map(\.rawValue) + ["dow", "doy", "dayofweek_iso"]
      let guess =
        nearest(to: name, among: names).map { " (did you mean \($0.uppercased())?)" } ?? ""
      throw call.failure("no field '\(name)'\(guess)", call[0].range)
    }
    switch call[1].type {
    case .date where field.isOfDate: return call.call(field.ofDate, [call[1]], .int)
    case .dayTimeInterval:
      if let (kernel, type) = field.ofDayTimeInterval { return call.call(kernel, [call[1]], type) }
    case .yearMonthInterval:
      if let (kernel, type) = field.ofYearMonthInterval {
        return call.call(kernel, [call[1]], type)
      }
    default:
      let time = try call.argument(1, .timestamp)
      if field == .second {
        return call.call(DateField.exactSeconds, [time], .decimal(precision: 8, scale: 6))
      }
      return call.call(field.ofTimestamp, [time], .int)
    }
    throw call.failure("an interval has no \(name.uppercased())", call[0].range)
  }

  // MARK: - dateadd and datediff

  private static func unit(_ call: CallBinder) throws -> CalendarUnit {
    guard let name = call.constantText(0) else { throw call.misfit(0, "a unit such as DAY") }
    let names = CalendarUnit.allCases.map { $0.rawValue.uppercased() }
    let singular = name.lowercased() == "dayofyear" ? "day" : name.lowercased()
    guard let unit = CalendarUnit(rawValue: singular) else {
      let guess = nearest(to: name, among: names).map { " (did you mean \($0)?)" } ?? ""
      throw call.failure(
        "no unit '\(name)'\(guess)", call[0].range, hint: "units: \(names.joined(separator: ", "))")
    }
    return unit
  }

  static func add(_ call: CallBinder) throws -> Node {
    if call.count == 2 {
      let date = try call.argument(0, .date)
      if call[1].type == .bigint || call[1].type.isFloatingPoint || call[1].type.isDecimal {
        throw call.misfit(1, "an int")
      }
      return call.call(TimeMath.addDays(isAdding: true), [date, try call.argument(1, .int)], .date)
    }
    let unit = try unit(call)
    let count = try call.argument(1, .bigint)
    return call.call(
      TimeMath.addUnits(unit), [count, try call.argument(2, .timestamp)], .timestamp,
      annotation: call[2].annotation)
  }

  static func difference(_ call: CallBinder) throws -> Node {
    if call.count == 2 {
      let dates = [try call.argument(0, .date), try call.argument(1, .date)]
      return call.call(TimeMath.dayCount, dates, .int)
    }
    let unit = try unit(call)
    let times = [try call.argument(1, .timestamp), try call.argument(2, .timestamp)]
    return call.call(TimeMath.unitsBetween(unit), times, .bigint)
  }
}

enum DateNames {
  static let weekday = Kernel { arguments in
    let column = arguments[0].column
    return Column(
      .int, .int32(map(column.int32s) { Calendar.weekday($0) }), validity: column.validity)
  }

  private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static let day = Kernel { arguments in
    let dates = arguments.int32s(0)
    return try arguments.makeStrings { row, output in
      output.append(days[Int(Calendar.weekday(dates[row]))])
      return true
    }
  }

  static let month = Kernel { arguments in
    let dates = arguments.int32s(0)
    return try arguments.makeStrings { row, output in
      output.append(months[Int(Calendar.month(dates[row])) - 1])
      return true
    }
  }

  static let lastDay = Kernel { arguments in
    let column = arguments[0].column
    return Column(
      .date, .int32(map(column.int32s) { Calendar.lastDay($0) }), validity: column.validity)
  }

  static let nextDay = Kernel(canFail: true) { arguments in
    let (dates, names) = (arguments.int32s(0), arguments.strings(1))
    return try arguments.makeInt32s { row in
      let name = names.string(row)
      guard let weekday = weekday(name) else {
        throw Reason("ILLEGAL_DAY_OF_WEEK", "'\(name)' is not a day of the week")
      }
      return Calendar.nextDay(dates[row], weekday: weekday)
    }
  }

  /// `MO`, `Mon`, `monday`, from 0 for Monday.
  private static func weekday(_ name: String) -> Int32? {
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    let lower = name.lowercased().trimmed
    return names.firstIndex { $0 == lower || $0.prefix(3) == lower || $0.prefix(2) == lower }
      .map { Int32($0) }
  }
}

/// Dates, timestamps and intervals made of their parts.
enum TimeMaking {
  private static func outOfBounds(_ message: String) -> Reason {
    Reason("DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION", message)
  }

  private static func days(_ year: Int32, _ month: Int32, _ day: Int32) throws -> Int {
    let date = CivilDate(year: Int(year), month: Int(month), day: Int(day))
    // Java's years end there.
    guard year.magnitude < 1_000_000_000, date.isValid else {
      throw outOfBounds("there is no day \(year)-\(month)-\(day)")
    }
    return date.days
  }

  static let date = Kernel(canFail: true) { arguments in
    let (years, months, days) = (arguments.int32s(0), arguments.int32s(1), arguments.int32s(2))
    return try arguments.makeInt32s { row in
      let day = try TimeMaking.days(years[row], months[row], days[row])
      guard let date = Int32(exactly: day) else { throw Reason.overflow(of: .date) }
      return date
    }
  }

  static func bind(
    _ call: CallBinder, isTrying: Bool, annotation: TypeAnnotation? = nil
  ) throws -> Node {
    var parts = try (0..<5).map { try call.argument($0, .int) }
    parts.append(try call.argument(5, to: .decimal(precision: 16, scale: 6)))
    let local = call.call(
      timestamp, parts, .timestamp, annotation: annotation, isTrying: isTrying)
    guard call.count > 6 else { return local }
    let zone = try call.argument(6, .text)
    return call.call(Zones.move(.toUTC), [local, zone], .timestamp)
  }

  private static let timestamp = Kernel(canFail: true) { arguments in
    let fields = (0..<5).map { arguments.int32s($0) }
    let seconds = arguments.decimals(5)
    return try arguments.makeInt64s { row in
      let day = try TimeMaking.days(fields[0][row], fields[1][row], fields[2][row])
      let (hour, minute) = (Int64(fields[3][row]), Int64(fields[4][row]))
      let micros = Int64(truncatingIfNeeded: seconds[row])
      // A second of exactly 60 is the next minute, as in PostgreSQL.
      guard seconds[row] <= 60_000_000 || seconds[row] >= 61_000_000 else {
        throw Reason("INVALID_FRACTION_OF_SECOND", "a second of 60 has no fraction")
      }
      guard 0..<24 ~= hour, 0..<60 ~= minute, 0...60_000_000 ~= seconds[row] else {
        throw outOfBounds(
          "there is no time \(hour):\(minute):\(decimalText(seconds[row], scale: 6))")
      }
      let clock = (hour * 60 + minute) * 60_000_000 + micros
      let (start, overflows) = Int64(day).multipliedReportingOverflow(by: microsecondsPerDay)
      guard !overflows else { throw Reason.overflow(of: .timestamp) }
      return start + clock
    }
  }

  // MARK: - Intervals

  static func dayTimeInterval(_ call: CallBinder) throws -> Node {
    let zero = Node(.constant(Column([Int32(0)])), .int, range: call.range)
    var parts = try (0..<3).map { $0 < call.count ? try call.argument($0, .int) : zero }
    let type = DataType.decimal(precision: 18, scale: 6)
    parts.append(
      call.count > 3 ? try call.argument(3, to: type) : try call.binder.converted(zero, to: type))
    return call.call(
      Intervals.makeDayTime, parts, .dayTimeInterval, annotation: .interval(.dayToSecond))
  }

  static func yearMonthInterval(_ call: CallBinder) throws -> Node {
    let zero = Node(.constant(Column([Int32(0)])), .int, range: call.range)
    let parts = try (0..<2).map { $0 < call.count ? try call.argument($0, .int) : zero }
    return call.call(
      Intervals.makeYearMonth, parts, .yearMonthInterval, annotation: .interval(.yearToMonth))
  }

  // MARK: - Numbers

  static let dateOfDays = Kernel { arguments in
    Column(.date, .int32(arguments[0].column.int32s), validity: arguments[0].column.validity)
  }

  static let daysOfDate = Kernel { arguments in
    Column(.int, .int32(arguments[0].column.int32s), validity: arguments[0].column.validity)
  }

  static func timestamp(times factor: Int64) -> Kernel {
    Kernel(canFail: true) { arguments in
      let values = arguments.int64s(0)
      return try arguments.makeInt64s { row in
        let (time, overflows) = values[row].multipliedReportingOverflow(by: factor)
        guard !overflows else {
          throw Reason("DATETIME_OVERFLOW", "\(values[row]) is beyond what a timestamp holds")
        }
        return time
      }
    }
  }

  /// `timestamp_seconds(number)`: doubles stay within the range; what is not a number is null.
  static func timestamp(ofSeconds call: CallBinder) throws -> Node {
    if call[0].type.isInteger {
      return call.call(
        timestamp(times: 1_000_000), [try call.argument(0, .bigint)], .timestamp)
    }
    guard call[0].type.isFloatingPoint else {
      return try call.binder.converted(call[0], to: .timestamp)
    }
    let kernel = Kernel { arguments in
      let seconds = arguments.doubles(0)
      return try arguments.makeInt64s { row in
        let value = seconds[row] * 1e6
        guard seconds[row].isFinite else { return nil }
        return Int64(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
      }
    }
    return call.call(kernel, [try call.argument(0, .double)], .timestamp)
  }

  static func units(of length: Int) -> Kernel {
    Kernel { arguments in
      let column = arguments[0].column
      let units = map(column.int64s) { Int64(floorDivide(Int($0), length)) }
      return Column(.bigint, .int64(units), validity: column.validity)
    }
  }
}
