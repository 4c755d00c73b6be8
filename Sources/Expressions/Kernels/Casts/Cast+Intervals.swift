import Columnar
import Scalars

extension Cast {
  /// Casts from and to intervals, which go by the fields that their types name; nil for others.
  static func interval(of node: Node, to target: TypeSyntax) -> Kernel? {
    let source = fields(node.type, node.annotation)
    let wanted = fields(target.type, target.annotation)
    switch (source, wanted) {
    case (let source?, let wanted?):
      guard node.type == target.type else { return nil }
      return wanted.end < source.end ? truncating(to: wanted.end) : nil
    case (let source?, nil):
      return target.type.isInteger || target.type.isDecimal
        ? count(of: source.end, to: target.type) : nil
    case (nil, let wanted?):
      if node.type == .string { return parsing(wanted) }
      return node.type.isInteger || node.type.isDecimal
        ? make(wanted, of: node.type) : nil
    default: return nil
    }
  }

  private static func fields(_ type: DataType, _ annotation: TypeAnnotation?) -> IntervalFields? {
    guard type.isInterval else { return nil }
    if case .interval(let fields)? = annotation { return fields }
    return type == .yearMonthInterval ? .yearToMonth : .dayToSecond
  }

  /// Months or microseconds.
  private static func length(_ unit: IntervalFields.Unit) -> Int64 {
    switch unit {
    case .year: 12
    case .month: 1
    case .day: microsecondsPerDay
    case .hour: 3_600_000_000
    case .minute: 60_000_000
    case .second: 1_000_000
    }
  }

  private static func truncating(to unit: IntervalFields.Unit) -> Kernel {
    let length = length(unit)
    return Kernel { arguments in
      let column = arguments[0].column
      if unit.isYearMonth {
        let size = Int32(truncatingIfNeeded: length)
        return Column(
          arguments.type, .int32(map(column.int32s) { $0 / size * size }),
          validity: column.validity)
      }
      return Column(
        arguments.type, .int64(map(column.int64s) { $0 / length * length }),
        validity: column.validity)
    }
  }

  /// How many units an interval has.
  private static func count(of unit: IntervalFields.Unit, to target: DataType) -> Kernel {
    let length = Int128(length(unit))
    return Kernel(canFail: true) { arguments in
      let column = arguments[0].column
      if case .decimal(let precision, let scale) = target {
        return try arguments.makeDecimals { row in
          let scaled = Int128(column.integer(row)) * powersOfTen[min(scale, 18)]
          let value = DecimalMath.rounded(scaled, dividingBy: length)
          guard scale <= 18, value.magnitude < powersOfTen[precision].magnitude else {
            throw Reason.doesNotFit(target, "\(column.integer(row) / Int64(length))")
          }
          return value
        }
      }
      let counts = try arguments.with(type: .bigint).makeInt64s { row in
        column.integer(row) / Int64(length)
      }
      return target == .bigint
        ? counts : try number(from: .bigint, to: target).applied(to: counts, target, arguments)
    }
  }

  /// So many of the last field that the type names.
  private static func make(_ fields: IntervalFields, of source: DataType) -> Kernel {
    let length = Int128(length(fields.end))
    let scale = source.decimalForm?.scale ?? 0
    return Kernel(canFail: true) { arguments in
      let column = arguments[0].column
      func amount(_ row: Int) -> Int128? {
        guard source.isDecimal else { return Int128(column.integer(row)) * length }
        let (product, overflows) = column.decimals[row].multipliedReportingOverflow(by: length)
        return overflows ? nil : DecimalMath.rounded(product, dividingBy: powersOfTen[scale])
      }
      func overflow(_ row: Int) -> Reason {
        let text =
          source.isDecimal
          ? decimalText(column.decimals[row], scale: scale) : "\(column.integer(row))"
        return .castOverflow(text, arguments.type)
      }
      if fields.start.isYearMonth {
        return try arguments.makeInt32s { row in
          guard let value = amount(row).flatMap({ Int32(exactly: $0) }) else {
            throw overflow(row)
          }
          return value
        }
      }
      return try arguments.makeInt64s { row in
        guard let value = amount(row).flatMap({ Int64(exactly: $0) }) else { throw overflow(row) }
        return value
      }
    }
  }

  private static func parsing(_ fields: IntervalFields) -> Kernel {
    Kernel(canFail: true) { arguments in
      let texts = arguments.strings(0)
      func amount(_ row: Int) throws -> Int64 {
        guard let amount = IntervalText.amount(of: texts.string(row), fields) else {
          throw Reason(
            "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE",
            "'\(texts.string(row).prefix(60))' is not an \(fields)",
            hint: "try_cast(… AS \(fields)) gives null instead")
        }
        return amount
      }
      return fields.start.isYearMonth
        ? try arguments.makeInt32s { Int32(truncatingIfNeeded: try amount($0)) }
        : try arguments.makeInt64s { try amount($0) }
    }
  }
}
