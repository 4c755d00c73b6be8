import Columnar
import Diagnostics
import Scalars

/// Intervals of months, days and microseconds, which differ in length from place to place: what
/// `make_interval` gives. They are added to times and shown; they have no order.
enum CalendarIntervals {
  static let type = DataType.structure([
    Field("months", .int), Field("days", .int), Field("microseconds", .bigint),
  ])

  private static let overflow = Reason("ARITHMETIC_OVERFLOW", "interval overflow")

  // MARK: - Making

  /// `make_interval(years, months, weeks, days, hours, minutes, seconds)`.
  static func make(_ call: CallBinder, isTrying: Bool) throws -> Node {
    let zero = Node(.constant(Column([Int32(0)])), .int, range: call.range)
    var parts = try (0..<6).map { $0 < call.count ? try call.argument($0, .int) : zero }
    let seconds = DataType.decimal(precision: 18, scale: 6)
    parts.append(
      call.count > 6
        ? try call.argument(6, to: seconds) : try call.binder.converted(zero, to: seconds))
    return call.call(
      made, parts, type, annotation: .calendarInterval, isTrying: isTrying)
  }

  private static let made = Kernel(canFail: true) { arguments in
    let parts = (0..<6).map { arguments.int32s($0) }
    let seconds = arguments.decimals(6)
    return try assemble(arguments) { row in
      let part = parts.map { Int128($0[row]) }
      return (
        part[0] * 12 + part[1], part[2] * 7 + part[3],
        part[4] * 3_600_000_000 + part[5] * 60_000_000 + seconds[row]
      )
    }
  }

  /// - Parameter body: months, days and microseconds; nil is null.
  private static func assemble(
    _ arguments: Arguments, _ body: (Int) throws -> (Int128, Int128, Int128)?
  ) throws -> Column {
    let months = RowTarget<Int32>(count: arguments.rowCount)
    let days = RowTarget<Int32>(count: arguments.rowCount)
    let times = RowTarget<Int64>(count: arguments.rowCount)
    let validity = try arguments.eachRow { row in
      guard let parts = try body(row) else { return false }
      guard let month = Int32(exactly: parts.0), let day = Int32(exactly: parts.1),
        let time = Int64(exactly: parts.2)
      else { throw overflow }
      months[row] = month
      days[row] = day
      times[row] = time
      return true
    } null: { row in
      months[row] = 0
      days[row] = 0
      times[row] = 0
    }
    let members = [
      Column(.int, .int32(months.buffer)), Column(.int, .int32(days.buffer)),
      Column(.bigint, .int64(times.buffer)),
    ]
    return Column(
      type, .structure(members, count: arguments.rowCount), validity: validity)
  }

  // MARK: - Text

  static func cast(_ node: Node, to target: TypeSyntax) -> Kernel? {
    if node.annotation == .calendarInterval {
      return target.type == .string ? text : nil
    }
    switch node.type {
    case .void: return Kernel { Column.nulls($0.type, count: $0.rowCount) }
    case .string: return parsed
    default: return nil
    }
  }

  private static let text = Kernel { arguments in
    let vector = arguments[0]
    let members = vector.column.members
    return try arguments.makeStrings { row, output in
      let slot = vector.slot(row)
      output.append(
        IntervalText.calendar(
          months: members[0].int32s[slot], days: members[1].int32s[slot],
          microseconds: members[2].int64s[slot]))
      return true
    }
  }

  private static let parsed = Kernel { arguments in
    let texts = arguments.strings(0)
    return try assemble(arguments) { row in IntervalText.calendarParts(texts.string(row)) }
  }

  // MARK: - Arithmetic

  static func bind(
    _ sign: BinaryOperator, _ left: Node, _ right: Node, _ binder: Binder, _ range: Range<Int>
  ) throws -> Node? {
    let isLeft = left.annotation == .calendarInterval
    let isRight = right.annotation == .calendarInterval
    guard isLeft || isRight, sign == .add || sign == .subtract else { return nil }
    if isLeft, isRight {
      return binder.call(
        sum(isAdding: sign == .add), [left, right], type, annotation: .calendarInterval, range)
    }
    guard sign == .add || isRight else { return nil }
    let (point, step) = isRight ? (left, right) : (right, left)
    switch point.type {
    case .date:
      return binder.call(addToDate(isAdding: sign == .add), [point, step], .date, range)
    case .timestamp:
      return binder.call(
        addToTimestamp(isAdding: sign == .add), [point, step], .timestamp,
        annotation: point.annotation, range)
    default: return nil
    }
  }

  private static func sum(isAdding: Bool) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (left, right) = (arguments[0], arguments[1])
      func part(_ index: Int, _ row: Int) -> Int128 {
        let first = Int128(left.column.members[index].integer(left.slot(row)))
        let second = Int128(right.column.members[index].integer(right.slot(row)))
        return isAdding ? first + second : first - second
      }
      return try assemble(arguments) { row in (part(0, row), part(1, row), part(2, row)) }
    }
  }

  private static func addToTimestamp(isAdding: Bool) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (times, step) = (arguments.int64s(0), arguments[1])
      let members = step.column.members
      let sign: Int64 = isAdding ? 1 : -1
      return try arguments.makeInt64s { row in
        let slot = step.slot(row)
        guard let months = Int32(exactly: sign * members[0].integer(slot)),
          let days = Int32(exactly: sign * members[1].integer(slot)),
          let moved = Calendar.add(
            to: times[row], months: months, days: days,
            microseconds: sign &* members[2].integer(slot))
        else { throw Reason.overflow(of: .timestamp) }
        return moved
      }
    }
  }

  private static func addToDate(isAdding: Bool) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (dates, step) = (arguments.int32s(0), arguments[1])
      let members = step.column.members
      let sign: Int64 = isAdding ? 1 : -1
      return try arguments.makeInt32s { row in
        let slot = step.slot(row)
        guard members[2].integer(slot) == 0 else {
          throw Reason(
            "INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION",
            "a date and an interval of less than a day", hint: "cast(… AS timestamp) + interval")
        }
        guard let months = Int32(exactly: sign * members[0].integer(slot)),
          let moved = Calendar.addMonths(dates[row], months),
          let date = Int32(exactly: Int64(moved) + sign * members[1].integer(slot))
        else { throw Reason.overflow(of: .date) }
        return date
      }
    }
  }
}
