public import CNumbers

/// Why a text or a value does not fit a decimal type.
@usableFromInline
package enum DecimalError: Error, Equatable {
  case notANumber(NumberError)
  /// The rounded value has more digits than the precision allows.
  case overflow
}

/// The largest number of digits of a decimal: what an `Int128` holds.
package let decimalPrecisionMax = 38

/// 10^exponent for an exponent of 0 to 38.
@inlinable
package func powerOfTen(_ exponent: Int) -> Int128 {
  precondition(exponent >= 0 && exponent <= 38)
  let low = Int128(numbers_power_of_ten(Int32(truncatingIfNeeded: min(exponent, 19))))
  if exponent <= 19 { return low }
  return low * Int128(numbers_power_of_ten(Int32(truncatingIfNeeded: exponent &- 19)))
}

/// Whether an unscaled value has at most `precision` digits (1 to 38).
@inlinable
package func decimalFits(_ unscaled: Int128, precision: Int) -> Bool {
  unscaled.magnitude < powerOfTen(precision).magnitude
}

/// Divides by a power of ten of 0 or more and rounds half away from zero (HALF_UP).
@inlinable
package func divideRounding(_ unscaled: Int128, byPowerOfTen exponent: Int) -> Int128 {
  // Half of 10^39 is more than any Int128.
  guard exponent <= 38 else { return 0 }
  if let narrow = Int64(exactly: unscaled), exponent <= 18 {
    let divisor = Int64(truncatingIfNeeded: numbers_power_of_ten(Int32(exponent)))
    let (quotient, remainder) = narrow.quotientAndRemainder(dividingBy: divisor)
    let roundsUp = remainder.magnitude >= divisor.magnitude &- remainder.magnitude
    return Int128(quotient) + (roundsUp ? (unscaled < 0 ? -1 : 1) : 0)
  }
  let divisor = powerOfTen(exponent)
  let (quotient, remainder) = unscaled.quotientAndRemainder(dividingBy: divisor)
  let roundsUp = remainder.magnitude >= divisor.magnitude - remainder.magnitude
  return quotient + (roundsUp ? (unscaled < 0 ? -1 : 1) : 0)
}

/// Moves an unscaled value from one scale to another, rounding half away from zero.
///
/// - Parameters:
///   - source: the scale it has, 0 to 38.
///   - target: the scale it gets, 0 to 38.
///   - precision: how many digits the result may have, 1 to 38.
/// - Throws: ``DecimalError/overflow``.
@inlinable
package func rescaleDecimal(
  _ unscaled: Int128, from source: Int, to target: Int, precision: Int
) throws(DecimalError) -> Int128 {
  let result: Int128
  if target >= source {
    let (product, overflows) = unscaled.multipliedReportingOverflow(
      by: powerOfTen(target &- source))
    guard !overflows else { throw .overflow }
    result = product
  } else {
    result = divideRounding(unscaled, byPowerOfTen: source &- target)
  }
  guard decimalFits(result, precision: precision) else { throw .overflow }
  return result
}

/// The double nearest to a decimal.
package func doubleFromDecimal(_ unscaled: Int128, scale: Int) -> Double {
  if unscaled.magnitude <= 1 << 53, scale <= 22 {
    // Both are exact, so that the division rounds once.
    return Double(Int64(unscaled)) / numbers_double_power_of_ten(Int32(scale))
  }
  var text = ByteText()
  text.appendDecimal(unscaled, scale: scale)
  var value = 0.0
  return unsafe text.span.withUnsafeBufferPointer { bytes in
    guard let start = bytes.baseAddress else { return 0 }
    _ = unsafe scanDouble(start, count: bytes.count, into: &value)
    return value
  }
}

/// The decimal nearest to a double, taken by its shortest text, as Spark does: 0.1 becomes exactly
/// 0.1.
///
/// - Throws: ``DecimalError/overflow``, also for NaN and the infinities.
package func decimalFromDouble(
  _ value: Double, precision: Int, scale: Int
) throws(DecimalError) -> Int128 {
  guard value.isFinite else { throw .overflow }
  var text = ByteText()
  text.appendDouble(value)
  return try parseDecimal(text.span, precision: precision, scale: scale)
}
