import Columnar
import Scalars

/// Intervals times and through numbers, rounded half up.
enum Intervals {
  static func multiply(_ factor: DataType) -> Kernel { scale(factor, isDividing: false) }

  static func divide(_ divisor: DataType) -> Kernel { scale(divisor, isDividing: true) }

  private static func scale(_ type: DataType, isDividing: Bool) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (interval, number) = (arguments[0], arguments[1])
      let isMonths = arguments.type == .yearMonthInterval
      func value(_ row: Int) throws -> Int64 {
        let length = interval.column.integer(interval.slot(row))
        let slot = number.slot(row)
        let result =
          if type == .double {
            try scaled(length, number.column.doubles[slot], isDividing)
          } else if case .decimal(_, let scale) = type {
            try scaled(Int128(length), number.column.decimals[slot], scale, isDividing)
          } else {
            try scaled(Int128(length), Int128(number.column.integer(slot)), 0, isDividing)
          }
        guard let result, !isMonths || Int32(exactly: result) != nil else {
          throw Reason("INTERVAL_ARITHMETIC_OVERFLOW", "interval overflow")
        }
        return result
      }
      return isMonths
        ? try arguments.makeInt32s { Int32(truncatingIfNeeded: try value($0)) }
        : try arguments.makeInt64s { try value($0) }
    }
  }

  private static let byZero = Reason("INTERVAL_DIVIDED_BY_ZERO", "an interval divided by zero")

  private static func scaled(
    _ value: Int64, _ number: Double, _ isDividing: Bool
  ) throws -> Int64? {
    guard !isDividing || number != 0 else { throw byZero }
    let result = isDividing ? Double(value) / number : Double(value) * number
    return Int64(exactly: result.rounded(.toNearestOrAwayFromZero))
  }

  private static func scaled(
    _ value: Int128, _ number: Int128, _ scale: Int, _ isDividing: Bool
  ) throws -> Int64? {
    if isDividing {
      guard number != 0 else { throw byZero }
      let limit = powersOfTen[38]
      let quotient = DecimalMath.quotient(value, number, addingDigits: scale, limit: limit)
      return quotient.flatMap(Int64.init(exactly:))
    }
    let (product, overflows) = value.multipliedReportingOverflow(by: number)
    return overflows
      ? nil : Int64(exactly: DecimalMath.rounded(product, dividingBy: powersOfTen[scale]))
  }

  /// `make_dt_interval(days, hours, minutes, seconds)`.
  static let makeDayTime = Kernel(canFail: true) { arguments in
    let (days, hours, minutes) = (arguments.int32s(0), arguments.int32s(1), arguments.int32s(2))
    let seconds = arguments.decimals(3)
    return try arguments.makeInt64s { row in
      // Four 32-bit numbers of at most a day each: far from the end of 128 bits.
      var total = Int128(days[row]) * Int128(microsecondsPerDay)
      total += Int128(hours[row]) * 3_600_000_000 + Int128(minutes[row]) * 60_000_000
      total += seconds[row]
      guard let value = Int64(exactly: total) else {
        throw Reason("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION", "interval overflow")
      }
      return value
    }
  }

  /// `make_ym_interval(years, months)`.
  static let makeYearMonth = Kernel(canFail: true) { arguments in
    let (years, months) = (arguments.int32s(0), arguments.int32s(1))
    return try arguments.makeInt32s { row in
      guard let value = Int32(exactly: Int64(years[row]) * 12 + Int64(months[row])) else {
        throw Reason("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION", "interval overflow")
      }
      return value
    }
  }
}
