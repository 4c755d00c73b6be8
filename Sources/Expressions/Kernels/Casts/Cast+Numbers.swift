import Columnar
import Scalars

extension Cast {
  static func fromBoolean(to target: DataType) -> Kernel {
    Kernel { arguments in
      let bits = arguments[0].column.booleans
      let count = bits.count
      let one: Int128 = target.decimalForm.map { powersOfTen[$0.scale] } ?? 1
      let storage: Storage =
        switch target {
        case .tinyint:
          .int8(Buffer(count: count) { for row in 0..<count { $0.append(bits[row] ? 1 : 0) } })
        case .smallint:
          .int16(Buffer(count: count) { for row in 0..<count { $0.append(bits[row] ? 1 : 0) } })
        case .int:
          .int32(Buffer(count: count) { for row in 0..<count { $0.append(bits[row] ? 1 : 0) } })
        case .bigint:
          .int64(Buffer(count: count) { for row in 0..<count { $0.append(bits[row] ? 1 : 0) } })
        case .float:
          .float(Buffer(count: count) { for row in 0..<count { $0.append(bits[row] ? 1 : 0) } })
        case .double:
          .double(Buffer(count: count) { for row in 0..<count { $0.append(bits[row] ? 1 : 0) } })
        default:
          .decimal(Buffer(count: count) { for row in 0..<count { $0.append(bits[row] ? one : 0) } })
        }
      return Column(target, storage, validity: arguments[0].column.validity)
    }
  }

  static func toBoolean(from source: DataType) -> Kernel {
    Kernel { arguments in
      let column = arguments[0].column
      let set: Bitmap =
        switch column.storage {
        case .int8(let values): bits(values.count) { row in values[row] != 0 }
        case .int16(let values): bits(values.count) { row in values[row] != 0 }
        case .int32(let values): bits(values.count) { row in values[row] != 0 }
        case .int64(let values): bits(values.count) { row in values[row] != 0 }
        case .float(let values): bits(values.count) { row in values[row] != 0 }
        case .double(let values): bits(values.count) { row in values[row] != 0 }
        default: bits(column.count) { row in column.decimals[row] != 0 }
        }
      return Column(.boolean, .boolean(set), validity: column.validity)
    }
  }

  static func number(from source: DataType, to target: DataType) -> Kernel {
    if case .decimal(let precision, let scale) = target {
      return toDecimal(from: source, precision: precision, scale: scale)
    }
    if source.isDecimal { return fromDecimal(source, to: target) }
    let canFail = narrows(from: source, to: target)
    return Kernel(canFail: canFail) { arguments in
      let column = arguments[0].column
      switch column.storage {
      case .int8(let values): return try convert(values, arguments)
      case .int16(let values): return try convert(values, arguments)
      case .int32(let values): return try convert(values, arguments)
      case .int64(let values): return try convert(values, arguments)
      case .float(let values): return try convertFloating(values, arguments)
      default: return try convertFloating(column.doubles, arguments)
      }
    }
  }

  private static func narrows(from source: DataType, to target: DataType) -> Bool {
    guard target.isInteger else { return false }
    if source.isFloatingPoint { return true }
    return Coercion.commonNumber(source, target) != target
  }

  @inline(__always)
  private static func convert<Source: FixedWidthInteger & BitwiseCopyable>(
    _ values: Buffer<Source>, _ arguments: Arguments
  ) throws -> Column {
    let validity = arguments[0].column.validity
    switch arguments.type {
    case .tinyint:
      let (narrow, valid) = try narrowed(values, Int8.self, arguments)
      return Column(.tinyint, .int8(narrow), validity: valid)
    case .smallint:
      let (narrow, valid) = try narrowed(values, Int16.self, arguments)
      return Column(.smallint, .int16(narrow), validity: valid)
    case .int:
      let (narrow, valid) = try narrowed(values, Int32.self, arguments)
      return Column(.int, .int32(narrow), validity: valid)
    case .bigint:
      return Column(
        .bigint, .int64(map(values) { Int64(truncatingIfNeeded: $0) }), validity: validity)
    case .float: return Column(.float, .float(map(values) { Float($0) }), validity: validity)
    default: return Column(.double, .double(map(values) { Double($0) }), validity: validity)
    }
  }

  @inline(__always)
  private static func narrowed<
    Source: FixedWidthInteger & BitwiseCopyable, Target: FixedWidthInteger & BitwiseCopyable
  >(
    _ values: Buffer<Source>, _: Target.Type, _ arguments: Arguments
  ) throws -> (Buffer<Target>, Bitmap?) {
    var lost: Source = 0
    let narrow = map(values) { value in
      let target = Target(truncatingIfNeeded: value)
      lost |= Source(truncatingIfNeeded: target) ^ value
      return target
    }
    let validity = arguments[0].column.validity
    guard lost != 0 else { return (narrow, validity) }
    let valid = try arguments.checked(validity) { row in
      Target(exactly: values[row]) == nil
        ? .castOverflow("\(values[row])", arguments.type) : nil
    }
    return (narrow, valid)
  }

  @inline(__always)
  private static func convertFloating<Source: BinaryFloatingPoint & BitwiseCopyable>(
    _ values: Buffer<Source>, _ arguments: Arguments
  ) throws -> Column {
    let validity = arguments[0].column.validity
    switch arguments.type {
    case .float: return Column(.float, .float(map(values) { Float($0) }), validity: validity)
    case .double: return Column(.double, .double(map(values) { Double($0) }), validity: validity)
    case .tinyint:
      let (whole, valid) = try truncated(values, Int8.self, arguments)
      return Column(.tinyint, .int8(whole), validity: valid)
    case .smallint:
      let (whole, valid) = try truncated(values, Int16.self, arguments)
      return Column(.smallint, .int16(whole), validity: valid)
    case .int:
      let (whole, valid) = try truncated(values, Int32.self, arguments)
      return Column(.int, .int32(whole), validity: valid)
    default:
      let (whole, valid) = try truncated(values, Int64.self, arguments)
      return Column(.bigint, .int64(whole), validity: valid)
    }
  }

  /// Cuts off the fraction. Spark lets 2^63 pass as the largest bigint.
  @inline(__always)
  private static func truncated<
    Source: BinaryFloatingPoint & BitwiseCopyable, Target: FixedWidthInteger & BitwiseCopyable
  >(
    _ values: Buffer<Source>, _: Target.Type, _ arguments: Arguments
  ) throws -> (Buffer<Target>, Bitmap?) {
    // Exact powers of two; between them the conversion cuts, and cannot trap.
    let (below, above) = (Source(Target.min), -Source(Target.min))
    let (least, most) = (below, Source(Target.max))
    var hasStranger = false
    let whole = map(values) { value -> Target in
      // Not so for NaN either.
      let fits = value >= below && value < above
      hasStranger = hasStranger || !fits
      return fits ? Target(value) : .max
    }
    let validity = arguments[0].column.validity
    guard hasStranger else { return (whole, validity) }
    let narrow = map(values) { value -> Target in
      let cut = value.rounded(.towardZero)
      return cut >= least && cut <= most ? Target(exactly: cut) ?? .max : 0
    }
    let valid = try arguments.checked(validity) { row in
      let cut = values[row].rounded(.towardZero)
      return cut >= least && cut <= most
        ? nil : .castOverflow(javaText(Double(values[row])), arguments.type)
    }
    return (narrow, valid)
  }

  // MARK: - Decimals

  private static func toDecimal(from source: DataType, precision: Int, scale: Int) -> Kernel {
    let limit = powersOfTen[precision]
    if let form = source.decimalForm {
      // Every value fits when there are as many digits before the point.
      let canFail = precision - scale < form.precision - form.scale || scale < form.scale
      let added = scale - form.scale
      return Kernel(canFail: canFail) { arguments in
        let column = arguments[0].column
        let values = integers(column)
        if !canFail {
          let factor = powersOfTen[added]
          let scaled = added == 0 ? values : map(values) { $0 &* factor }
          return Column(arguments.type, .decimal(scaled), validity: column.validity)
        }
        return try arguments.makeDecimals { row in
          guard
            let value = DecimalMath.rescaled(values[row], by: scale - form.scale, limit: limit)
          else {
            throw Reason.doesNotFit(arguments.type, decimalText(values[row], scale: form.scale))
          }
          return value
        }
      }
    }
    return Kernel(canFail: true) { arguments in
      let column = arguments[0].column
      return try arguments.makeDecimals { row in
        let value = column.floating(row)
        // Spark has null for what is no number, even in ANSI mode.
        guard value.isFinite else { return nil }
        do {
          return try decimalFromDouble(value, precision: precision, scale: scale)
        } catch {
          throw Reason.doesNotFit(arguments.type, javaText(value))
        }
      }
    }
  }

  /// Integers and decimals as they are stored.
  private static func integers(_ column: Column) -> Buffer<Int128> {
    switch column.storage {
    case .int8(let values): map(values) { Int128($0) }
    case .int16(let values): map(values) { Int128($0) }
    case .int32(let values): map(values) { Int128($0) }
    case .int64(let values): map(values) { Int128($0) }
    default: column.decimals
    }
  }

  private static func fromDecimal(_ source: DataType, to target: DataType) -> Kernel {
    let scale = source.decimalForm?.scale ?? 0
    let divisor = powersOfTen[scale]
    if target == .double {
      return Kernel { arguments in
        let values = arguments.decimals(0)
        return try arguments.makeDoubles { row in doubleFromDecimal(values[row], scale: scale) }
      }
    }
    if target == .float {
      return Kernel { arguments in
        let column = arguments[0].column
        let floats = map(column.decimals) { Float(doubleFromDecimal($0, scale: scale)) }
        return Column(.float, .float(floats), validity: column.validity)
      }
    }
    return Kernel(canFail: true) { arguments in
      let column = arguments[0].column
      let whole = map(column.decimals) { $0 / divisor }
      let wide = map(whole) { Int64(truncatingIfNeeded: $0) }
      func reason(_ row: Int) -> Reason {
        .castOverflow(decimalText(column.decimals[row], scale: scale), arguments.type)
      }
      let bounds: ClosedRange<Int128> =
        switch target {
        case .tinyint: Int128(Int8.min)...Int128(Int8.max)
        case .smallint: Int128(Int16.min)...Int128(Int16.max)
        case .int: Int128(Int32.min)...Int128(Int32.max)
        default: Int128(Int64.min)...Int128(Int64.max)
        }
      let valid = try arguments.checked(column.validity) { row in
        bounds.contains(whole[row]) ? nil : reason(row)
      }
      let storage: Storage =
        switch target {
        case .tinyint: .int8(map(wide) { Int8(truncatingIfNeeded: $0) })
        case .smallint: .int16(map(wide) { Int16(truncatingIfNeeded: $0) })
        case .int: .int32(map(wide) { Int32(truncatingIfNeeded: $0) })
        default: .int64(wide)
        }
      return Column(target, storage, validity: valid)
    }
  }
}

extension Column {
  /// The value of a float or a double.
  func floating(_ row: Int) -> Double {
    if case .float(let values) = storage {
      // By its own digits, not by those of the double that it is.
      var text = ByteText()
      text.appendFloat(values[row])
      return (try? parseDouble(text.span)) ?? Double(values[row])
    }
    return doubles[row]
  }
}

/// As Java, and so Spark, writes it.
func javaText(_ value: Double) -> String {
  var text = ByteText()
  text.appendJavaDouble(value)
  return text.string
}
