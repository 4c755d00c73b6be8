public import CNumbers

/// Parses a number into a decimal, rounding half away from zero.
///
/// The grammar is that of ``scanDouble(_:count:into:)``, exponents included; the text is used
/// exactly, without a detour over a double.
///
/// - Parameters:
///   - precision: how many digits the result may have, 1 to 38.
///   - scale: how many of them are decimals, 0 to `precision`.
/// - Returns: the unscaled value.
@inlinable
package func parseDecimal(
  _ text: Span<UInt8>, precision: Int, scale: Int
) throws(DecimalError) -> Int128 {
  try unsafe text.withUnsafeBufferPointer { bytes throws(DecimalError) in
    guard let start = bytes.baseAddress else { throw .notANumber(.empty) }
    return try unsafe parseDecimal(start, count: bytes.count, precision: precision, scale: scale)
  }
}

/// - Parameter text: `count` readable bytes.
@unsafe @inlinable
package func parseDecimal(
  _ text: UnsafePointer<UInt8>, count: Int, precision: Int, scale: Int
) throws(DecimalError) -> Int128 {
  let sign = unsafe count > 0 && text[0] == UInt8(ascii: "-") ? 1 : 0
  let length = count &- sign
  if let short = unsafe parseShortDecimal(text + sign, count: length),
    short.decimals <= scale, length &+ scale &- short.decimals <= min(18, precision)
  {
    let power = numbers_power_of_ten(Int32(truncatingIfNeeded: scale &- short.decimals))
    let magnitude = short.mantissa &* Int64(truncatingIfNeeded: power)
    return Int128(sign == 0 ? magnitude : 0 &- magnitude)
  }
  let scan = unsafe scanDecimal(text, count: count)
  let shift = scan.exponent &+ scale
  // At most 18 digits before and after: no step can overflow.
  guard scan.length == count, count > 0, shift >= 0, scan.digitCount &+ shift <= 18 else {
    return try unsafe parseLongDecimal(
      text, count: count, scan, precision: precision, scale: scale)
  }
  let power = numbers_power_of_ten(Int32(truncatingIfNeeded: shift))
  let magnitude = Int64(truncatingIfNeeded: scan.mantissa &* power)
  let value = Int128(scan.isNegative ? 0 &- magnitude : magnitude)
  guard scan.digitCount &+ shift <= precision || decimalFits(value, precision: precision) else {
    throw .overflow
  }
  return value
}

/// The general case, digit by digit.
@unsafe @usableFromInline @inline(never)
func parseLongDecimal(
  _ text: UnsafePointer<UInt8>, count: Int, _ scan: DecimalScan, precision: Int, scale: Int
) throws(DecimalError) -> Int128 {
  guard scan.length == count, count > 0 else {
    throw unsafe .notANumber(numberError(text, count: count))
  }
  var pending = unsafe significantDigits(text, count: count, digitCount: scan.digitCount)
  // How many of the digits are left of the last decimal; the next one decides on rounding.
  let (kept, overflows) = pending.count.addingReportingOverflow(scan.exponent + scale)
  guard pending.count > 0, kept >= 0 else { return 0 }
  guard !overflows, kept <= precision else { throw .overflow }
  var value: Int128 = 0
  for _ in 0..<min(kept, pending.count) {
    value = value * 10 + Int128(unsafe pending.next(text))
  }
  if kept >= pending.count {
    value *= powerOfTen(kept - pending.count)
  } else if unsafe pending.next(text) >= 5 {
    value += 1
    guard decimalFits(value, precision: precision) else { throw .overflow }
  }
  return scan.isNegative ? -value : value
}

/// The digits of a scanned number from the first that is not zero.
private struct SignificantDigits {
  var count: Int
  var offset: Int

  /// The next digit; there must be one.
  @unsafe
  mutating func next(_ text: UnsafePointer<UInt8>) -> UInt8 {
    if unsafe text[offset] == UInt8(ascii: ".") { offset += 1 }
    offset += 1
    return unsafe text[offset - 1] & 0x0F
  }
}

@unsafe
private func significantDigits(
  _ text: UnsafePointer<UInt8>, count: Int, digitCount: Int
) -> SignificantDigits {
  var rest = SignificantDigits(count: digitCount, offset: 0)
  let first = unsafe text[0]
  if first == UInt8(ascii: "-") || first == UInt8(ascii: "+") { rest.offset = 1 }
  while rest.count > 0 {
    let byte = unsafe text[rest.offset]
    if byte == UInt8(ascii: "0") {
      rest.count -= 1
    } else if byte != UInt8(ascii: ".") {
      break
    }
    rest.offset += 1
  }
  return rest
}

/// Parses a decimal as SQL's `cast` does: whitespace around it is skipped.
package func parseSQLDecimal(
  _ text: Span<UInt8>, precision: Int, scale: Int
) throws(DecimalError) -> Int128 {
  try unsafe text.withUnsafeBufferPointer { bytes throws(DecimalError) in
    guard let start = bytes.baseAddress else { throw .notANumber(.empty) }
    let range = unsafe trimmedRange(start, count: bytes.count)
    do throws(DecimalError) {
      return try unsafe parseDecimal(
        start + range.lowerBound, count: range.count, precision: precision, scale: scale)
    } catch .notANumber(.unexpected(let byte, let offset)) {
      throw .notANumber(.unexpected(byte: byte, offset: offset + range.lowerBound))
    }
  }
}
