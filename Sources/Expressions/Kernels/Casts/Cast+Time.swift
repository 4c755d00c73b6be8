import Columnar
import Scalars

extension Cast {
  /// Dates, timestamps (as seconds since 1970 where they meet numbers) and intervals.
  static func time(from source: DataType, to target: DataType) -> Kernel? {
    switch (source, target) {
    case (.date, .timestamp):
      return Kernel(canFail: true) { arguments in
        let days = arguments.int32s(0)
        return try arguments.makeInt64s { row in try midnight(days[row]) }
      }
    case (.timestamp, .date):
      return Kernel { arguments in
        let days = map(arguments[0].column.int64s) {
          Int32(truncatingIfNeeded: splitTimestamp($0).days)
        }
        return Column(.date, .int32(days), validity: arguments[0].column.validity)
      }
    case (.timestamp, _) where target.isNumeric: return seconds(to: target)
    case (_, .timestamp) where source.isNumeric: return timestamp(from: source)
    default: return nil
    }
  }

  /// The first moment of a day.
  static func midnight(_ days: Int32) throws -> Int64 {
    let (start, overflows) = Int64(days).multipliedReportingOverflow(by: microsecondsPerDay)
    guard !overflows else { throw Reason.overflow(of: .timestamp) }
    return start
  }

  private static func timestamp(from source: DataType) -> Kernel {
    let perSecond: Int64 = 1_000_000
    switch source {
    case .float, .double:
      return Kernel(canFail: true) { arguments in
        let column = arguments[0].column
        return try arguments.makeInt64s { row in
          let seconds: Double =
            if case .float(let values) = column.storage { Double(values[row]) } else {
              column.doubles[row]
            }
          guard seconds.isFinite else {
            throw Reason.invalidInput(javaText(seconds), .timestamp)
          }
          guard let time = Int64(exactly: (seconds * 1e6).rounded(.towardZero)) else {
            throw Reason.castOverflow(javaText(seconds), .timestamp)
          }
          return time
        }
      }
    case .decimal(_, let scale):
      return Kernel(canFail: true) { arguments in
        let values = arguments.decimals(0)
        return try arguments.makeInt64s { row in
          let (product, overflows) = values[row].multipliedReportingOverflow(by: Int128(perSecond))
          guard !overflows, let value = Int64(exactly: product / powersOfTen[scale]) else {
            throw Reason.castOverflow(decimalText(values[row], scale: scale), .timestamp)
          }
          return value
        }
      }
    default:
      return Kernel { arguments in
        let column = arguments[0].column
        return try arguments.makeInt64s { row in
          let seconds = column.integer(row)
          let (value, overflows) = seconds.multipliedReportingOverflow(by: perSecond)
          return overflows ? (seconds < 0 ? .min : .max) : value
        }
      }
    }
  }

  private static func seconds(to target: DataType) -> Kernel {
    switch target {
    case .double:
      return Kernel { arguments in
        let column = arguments[0].column
        return Column(
          .double, .double(map(column.int64s) { Double($0) / 1e6 }), validity: column.validity)
      }
    case .float:
      return Kernel { arguments in
        let column = arguments[0].column
        let values = map(column.int64s) { Float(Double($0) / 1e6) }
        return Column(.float, .float(values), validity: column.validity)
      }
    case .decimal(let precision, let scale):
      return Kernel(canFail: true) { arguments in
        let values = arguments.int64s(0)
        return try arguments.makeDecimals { row in
          let limit = powersOfTen[precision]
          guard
            let value = DecimalMath.rescaled(Int128(values[row]), by: scale - 6, limit: limit)
          else {
            throw Reason.doesNotFit(target, decimalText(Int128(values[row]), scale: 6))
          }
          return value
        }
      }
    default:
      let narrowing = number(from: .bigint, to: target)
      return Kernel(canFail: target != .bigint) { arguments in
        let column = arguments[0].column
        let seconds = map(column.int64s) { Int64(floorDivide(Int($0), 1_000_000)) }
        let whole = Column(.bigint, .int64(seconds), validity: column.validity)
        return target == .bigint ? whole : try narrowing.applied(to: whole, target, arguments)
      }
    }
  }
}

extension Column {
  /// The value of any integer type, or of one that is stored as an integer.
  func integer(_ row: Int) -> Int64 {
    switch storage {
    case .int8(let values): Int64(values[row])
    case .int16(let values): Int64(values[row])
    case .int32(let values): Int64(values[row])
    default: int64s[row]
    }
  }
}
