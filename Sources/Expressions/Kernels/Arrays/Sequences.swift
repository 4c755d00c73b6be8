import Columnar
import Scalars

/// `sequence(start, stop[, step])`.
enum Sequences {
  /// A batch's sequences may have this many elements together.
  private static let countMax = 1 << 28

  static func integers(hasStep: Bool) -> Kernel {
    Kernel(canFail: true) { arguments in
      try lists(arguments) { row, values in
        let start = arguments[0].column.integer(arguments[0].slot(row))
        let stop = arguments[1].column.integer(arguments[1].slot(row))
        let given = hasStep ? arguments[2].column.integer(arguments[2].slot(row)) : nil
        try append(start, stop, given ?? (start <= stop ? 1 : -1), to: &values)
      }
    }
  }

  private static func append(
    _ start: Int64, _ stop: Int64, _ step: Int64, to values: inout MutableBuffer<Int64>
  ) throws {
    guard step != 0 || start == stop, (stop >= start || step < 0), (stop <= start || step > 0)
    else {
      throw boundaries(start, stop, step)
    }
    guard start != stop else { return values.append(start) }
    let count = (Int128(stop) - Int128(start)) / Int128(step) + 1
    guard count < countMax, values.count + Int(count) < countMax else { throw Reason.tooLarge }
    for index in 0..<Int64(count) { values.append(start &+ index &* step) }
  }

  private static func boundaries(_ start: Int64, _ stop: Int64, _ step: Int64) -> Reason {
    Reason(
      "INVALID_PARAMETER_VALUE.BOUNDARIES", "no sequence goes from \(start) to \(stop) by \(step)")
  }

  /// Dates or timestamps by days and times, or by months.
  static func times(of type: DataType, step: DataType) -> Kernel {
    Kernel(canFail: true) { arguments in
      let isDate = type == .date
      return try lists(arguments) { row, values in
        let unit: Int64 = isDate ? microsecondsPerDay : 1
        let start = arguments[0].column.integer(arguments[0].slot(row)) &* unit
        let stop = arguments[1].column.integer(arguments[1].slot(row)) &* unit
        let step = arguments[2].column.integer(arguments[2].slot(row))
        if arguments[2].type == .yearMonthInterval {
          try appendMonths(start, stop, Int32(truncatingIfNeeded: step), divisor: unit, to: &values)
        } else {
          let first = values.count
          try append(start, stop, step, to: &values)
          for index in first..<values.count { values[index] = values[index] / unit }
        }
      }
    }
  }

  private static func appendMonths(
    _ start: Int64, _ stop: Int64, _ step: Int32, divisor: Int64,
    to values: inout MutableBuffer<Int64>
  ) throws {
    guard step != 0 || start == stop, (stop >= start || step < 0), (stop <= start || step > 0)
    else {
      throw boundaries(start, stop, Int64(step))
    }
    var index: Int32 = 0
    while values.count < countMax {
      let (months, overflows) = step.multipliedReportingOverflow(by: index)
      guard !overflows,
        let time = Calendar.add(to: start, months: months, days: 0, microseconds: 0),
        step >= 0 ? time <= stop : time >= stop
      else { return }
      values.append(time / divisor)
      guard step != 0 else { return }
      index += 1
    }
    throw Reason.tooLarge
  }

  private static func lists(
    _ arguments: Arguments, _ body: (Int, inout MutableBuffer<Int64>) throws -> Void
  ) throws -> Column {
    guard case .array(let element) = arguments.type else { return .empty(arguments.type) }
    var values = MutableBuffer<Int64>()
    var offsets = MutableBuffer<Int32>(capacity: arguments.rowCount + 1)
    offsets.append(0)
    let valid = try arguments.checkedLists { row in
      try body(row, &values)
    } close: {
      offsets.append(Int32(truncatingIfNeeded: values.count))
    }
    let wide = values.take()
    let storage: Storage =
      switch element {
      case .tinyint: .int8(map(wide) { Int8(truncatingIfNeeded: $0) })
      case .smallint: .int16(map(wide) { Int16(truncatingIfNeeded: $0) })
      case .int, .date: .int32(map(wide) { Int32(truncatingIfNeeded: $0) })
      default: .int64(wide)
      }
    return Column(
      arguments.type, .list(offsets: offsets.take(), elements: Column(element, storage)),
      validity: valid)
  }
}

extension Arguments {
  /// Runs `body` for rows without nulls, `close` behind every row.
  func checkedLists(
    _ body: (Int) throws -> Void, close: () -> Void
  ) throws -> Bitmap? {
    let valid = validity
    for row in 0..<rowCount {
      if valid.map({ $0[row] }) ?? true {
        do {
          try body(row)
        } catch let reason as Reason {
          throw RowFailure(row: row, reason)
        }
      }
      close()
    }
    return valid
  }
}
