import Columnar
import Scalars

/// Powers of ten that fit a decimal.
let powersOfTen = (0...decimalPrecisionMax).map { powerOfTen($0) }

/// Exact operations on unscaled values, rounded half up to the scale of the result.
///
/// Scales are those of the types; `nil` means that the result has more digits than its type.
enum DecimalMath {
  /// The value at another scale.
  @inline(__always)
  static func rescaled(_ value: Int128, by digits: Int, limit: Int128) -> Int128? {
    if digits == 0 { return value.magnitude < limit.magnitude ? value : nil }
    if digits > 0 {
      let (product, overflows) = value.multipliedReportingOverflow(by: powersOfTen[digits])
      return overflows || product.magnitude >= limit.magnitude ? nil : product
    }
    let rounded = rounded(value, dividingBy: powersOfTen[-digits])
    return rounded.magnitude < limit.magnitude ? rounded : nil
  }

  /// Halves go away from zero.
  static func rounded(_ value: Int128, dividingBy divisor: Int128) -> Int128 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    guard remainder.magnitude >= divisor.magnitude - remainder.magnitude else { return quotient }
    return quotient + (value < 0 ? -1 : 1)
  }

  static func sum(
    _ left: Int128, _ leftScale: Int, _ right: Int128, _ rightScale: Int, scale: Int, limit: Int128
  ) -> Int128? {
    let common = max(leftScale, rightScale)
    let first = left.multipliedReportingOverflow(by: powersOfTen[common - leftScale])
    let second = right.multipliedReportingOverflow(by: powersOfTen[common - rightScale])
    let (sum, overflows) = first.partialValue.addingReportingOverflow(second.partialValue)
    if !first.overflow, !second.overflow, !overflows {
      return rescaled(sum, by: scale - common, limit: limit)
    }
    let a = Wide(left.magnitude, times: powersOfTen[common - leftScale].magnitude)
    let b = Wide(right.magnitude, times: powersOfTen[common - rightScale].magnitude)
    let hasOneSign = (left < 0) == (right < 0)
    let magnitude = hasOneSign ? a + b : a.distance(to: b)
    let isNegative = hasOneSign || b < a ? left < 0 : right < 0
    let divisor = powersOfTen[max(0, common - scale)].magnitude
    return signed(magnitude.rounded(dividingBy: divisor), isNegative, limit)
  }

  static func product(
    _ left: Int128, _ right: Int128, droppingDigits: Int, limit: Int128
  ) -> Int128? {
    let (product, overflows) = left.multipliedReportingOverflow(by: right)
    if !overflows { return rescaled(product, by: -droppingDigits, limit: limit) }
    let wide = Wide(left.magnitude, times: right.magnitude)
    // Two scales may exceed 38 together.
    let first = wide.divided(by: powersOfTen[max(0, droppingDigits - 37)].magnitude).quotient
    let rounded = first.rounded(dividingBy: powersOfTen[min(37, droppingDigits)].magnitude)
    return signed(rounded, (left < 0) != (right < 0), limit)
  }

  /// - Parameter digits: by how many powers of ten the dividend is multiplied first.
  /// - Precondition: the divisor is not 0.
  static func quotient(
    _ left: Int128, _ right: Int128, addingDigits digits: Int, limit: Int128
  ) -> Int128? {
    let isNegative = (left < 0) != (right < 0)
    let divisor = right.magnitude
    let wide = Wide(left.magnitude, times: powersOfTen[min(digits, 38)].magnitude)
    if digits <= 38 { return signed(wide.rounded(dividingBy: divisor), isNegative, limit) }
    let rest = powersOfTen[digits - 38].magnitude
    let (quotient, remainder) = wide.divided(by: divisor)
    guard let whole = quotient.narrow else { return nil }
    let fraction = Wide(remainder, times: rest).rounded(dividingBy: divisor)
    return signed(Wide(whole, times: rest) + fraction, isNegative, limit)
  }

  /// The remainder at the larger of the two scales; it has the sign of the dividend.
  static func remainder(
    _ left: Int128, _ leftScale: Int, _ right: Int128, _ rightScale: Int
  ) -> Int128 {
    let a = Wide(left.magnitude, times: powersOfTen[max(0, rightScale - leftScale)].magnitude)
    let b = Wide(right.magnitude, times: powersOfTen[max(0, leftScale - rightScale)].magnitude)
    guard let divisor = b.narrow else { return left }
    let rest = Int128(truncatingIfNeeded: a.divided(by: divisor).remainder)
    return left < 0 ? -rest : rest
  }

  /// The integer part of the quotient.
  static func wholeQuotient(
    _ left: Int128, _ leftScale: Int, _ right: Int128, _ rightScale: Int
  ) -> Int128? {
    let a = Wide(left.magnitude, times: powersOfTen[max(0, rightScale - leftScale)].magnitude)
    let b = Wide(right.magnitude, times: powersOfTen[max(0, leftScale - rightScale)].magnitude)
    guard let divisor = b.narrow else { return 0 }
    guard let whole = a.divided(by: divisor).quotient.narrow, let value = Int128(exactly: whole)
    else { return nil }
    return (left < 0) != (right < 0) ? -value : value
  }

  private static func signed(_ magnitude: Wide, _ isNegative: Bool, _ limit: Int128) -> Int128? {
    guard let narrow = magnitude.narrow, narrow < limit.magnitude else { return nil }
    let value = Int128(truncatingIfNeeded: narrow)
    return isNegative ? -value : value
  }
}

extension DataType {
  /// Precision and scale; those of the decimal that holds every value of an integer type.
  var decimalForm: (precision: Int, scale: Int)? {
    switch self {
    case .decimal(let precision, let scale): (precision, scale)
    case .tinyint: (3, 0)
    case .smallint: (5, 0)
    case .int: (10, 0)
    case .bigint: (20, 0)
    default: nil
    }
  }
}

/// Operators on decimals; the types of the arguments and of the result hold the scales.
enum DecimalArithmetic: Sendable {
  case add
  case subtract
  case multiply
  case divide
  case remainder
  case positiveRemainder
  /// `div`: a bigint.
  case wholeQuotient

  var kernel: Kernel {
    Kernel(canFail: true) { arguments in
      let scales = (
        arguments[0].type.decimalForm?.scale ?? 0, arguments[1].type.decimalForm?.scale ?? 0
      )
      let (lefts, rights) = (arguments.decimals(0), arguments.decimals(1))
      if self == .wholeQuotient {
        return try arguments.makeInt64s { row in
          guard rights[row] != 0 else { throw Reason.divisionByZero }
          let whole = DecimalMath.wholeQuotient(lefts[row], scales.0, rights[row], scales.1)
          guard let value = whole.flatMap(Int64.init(exactly:)) else {
            throw Reason.overflow(of: .bigint)
          }
          return value
        }
      }
      let (precision, scale) = arguments.type.decimalForm ?? (38, 0)
      let limit = powersOfTen[precision]
      if let quick = quickly(arguments, scales, scale, limit) { return quick }
      return try arguments.makeDecimals { row in
        let value = try compute(lefts[row], scales.0, rights[row], scales.1, scale, limit)
        guard let value else { throw Reason.doesNotFit(arguments.type) }
        return value
      }
    }
  }

  /// Sums and products that need no rounding, in 128 bits.
  ///
  /// - Returns: nil when some row might not fit: then they are computed one by one.
  private func quickly(
    _ arguments: Arguments, _ scales: (Int, Int), _ scale: Int, _ limit: Int128
  ) -> Column? {
    let (lefts, rights) = (arguments.decimals(0), arguments.decimals(1))
    let count = arguments.rowCount
    // What 64 bits hold and 10^18 does not make larger than 128 bits.
    let bound: UInt128 = 1 << 62
    var extent: UInt128 = 0
    var largest: UInt128 = 0
    let values: Buffer<Int128>
    switch self {
    case .add, .subtract:
      let common = max(scales.0, scales.1)
      guard common == scale, common - min(scales.0, scales.1) <= 18 else { return nil }
      let sign: Int128 = self == .add ? 1 : -1
      let (first, second) = (powersOfTen[common - scales.0], powersOfTen[common - scales.1] * sign)
      values = zip(lefts, rights, count: count) { left, right in
        extent |= left.magnitude | right.magnitude
        let sum = left &* first &+ right &* second
        largest = max(largest, sum.magnitude)
        return sum
      }
    case .multiply:
      guard scales.0 + scales.1 == scale else { return nil }
      values = zip(lefts, rights, count: count) { left, right in
        extent |= left.magnitude | right.magnitude
        let product = left &* right
        largest = max(largest, product.magnitude)
        return product
      }
    default: return nil
    }
    guard extent < bound, largest < limit.magnitude else { return nil }
    return Column(arguments.type, .decimal(values), validity: arguments.validity)
  }

  @inline(__always)
  private func compute(
    _ left: Int128, _ leftScale: Int, _ right: Int128, _ rightScale: Int, _ scale: Int,
    _ limit: Int128
  ) throws -> Int128? {
    switch self {
    case .add:
      return DecimalMath.sum(left, leftScale, right, rightScale, scale: scale, limit: limit)
    case .subtract:
      return DecimalMath.sum(left, leftScale, -right, rightScale, scale: scale, limit: limit)
    case .multiply:
      let dropped = leftScale + rightScale - scale
      return DecimalMath.product(left, right, droppingDigits: dropped, limit: limit)
    case .divide:
      guard right != 0 else { throw Reason.divisionByZero }
      let added = scale - leftScale + rightScale
      return DecimalMath.quotient(left, right, addingDigits: added, limit: limit)
    default:
      guard right != 0 else { throw Reason.remainderByZero }
      var rest = DecimalMath.remainder(left, leftScale, right, rightScale)
      let common = max(leftScale, rightScale)
      if self == .positiveRemainder, rest < 0 {
        let shifted = right.multipliedReportingOverflow(by: powersOfTen[common - rightScale])
        guard !shifted.overflow else { return nil }
        rest = (rest + shifted.partialValue) % shifted.partialValue
      }
      return DecimalMath.rescaled(rest, by: scale - common, limit: limit)
    }
  }
}

extension Reason {
  static func doesNotFit(_ type: DataType, _ value: String? = nil) -> Reason {
    Reason(
      "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
      "\(value ?? "the result") does not fit \(type)",
      hint: "cast to a decimal with more digits, or use try_cast")
  }
}
