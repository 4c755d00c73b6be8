internal import CNumbers

/// Parses a number that fills the text exactly, rounded once to a float. The grammar is that of
/// ``parseDouble(_:)``.
package func parseFloat(_ text: Span<UInt8>) throws(NumberError) -> Float {
  try unsafe text.withUnsafeBufferPointer { bytes throws(NumberError) in
    guard let start = bytes.baseAddress else { throw .empty }
    return try unsafe parseFloat(start, count: bytes.count)
  }
}

/// - Parameter text: `count` readable bytes.
@unsafe
package func parseFloat(
  _ text: UnsafePointer<UInt8>, count: Int
) throws(NumberError) -> Float {
  let scan = unsafe scanDecimal(text, count: count)
  guard scan.length == count, count > 0 else {
    return Float(try unsafe parseDoubleName(text, count: count))
  }
  // The same as for doubles, with the floats' 2^24 and 10^10.
  if scan.digitCount <= 19, scan.mantissa <= 1 << 24, abs(scan.exponent) <= 10 {
    let mantissa = Float(scan.mantissa)
    let power = Float(numbers_double_power_of_ten(Int32(abs(scan.exponent))))
    let magnitude = scan.exponent < 0 ? mantissa / power : mantissa * power
    return scan.isNegative ? -magnitude : magnitude
  }
  var value: Float = 0
  let sign = unsafe text[0] == UInt8(ascii: "+") ? 1 : 0
  _ = unsafe numbers_parse_float(text + sign, count - sign, &value)
  return value
}
