public import CNumbers

/// Why a text is not a number. Offsets count bytes from the start of the text.
@usableFromInline
package enum NumberError: Error, Equatable {
  case empty
  /// The byte fits nowhere in a number here.
  case unexpected(byte: UInt8, offset: Int)
  /// The text ends in the middle of a number.
  case incomplete
}

/// Reads the number that a text begins with, correctly rounded; overflow gives infinity.
///
/// The grammar is `[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?`: it holds all numbers of
/// JSON and CSV, and some that JSON refuses.
///
/// - Parameters:
///   - text: `count` readable bytes.
///   - value: set if there is a number.
/// - Returns: how many bytes the number takes; 0 if there is none.
@unsafe @inlinable
package func scanDouble(
  _ text: UnsafePointer<UInt8>, count: Int, into value: inout Double
) -> Int {
  let scan = unsafe scanDecimal(text, count: count)
  // Up to 2^53 and 10^22 both factors are doubles, so that one rounding gives the result (Clinger).
  if scan.digitCount <= 19, scan.mantissa <= 1 &<< 53, scan.exponent >= -22, scan.exponent <= 22 {
    let mantissa = Double(Int64(truncatingIfNeeded: scan.mantissa))
    let power = numbers_double_power_of_ten(Int32(truncatingIfNeeded: abs(scan.exponent)))
    let magnitude = scan.exponent < 0 ? mantissa / power : mantissa * power
    value = scan.isNegative ? -magnitude : magnitude
    return scan.length
  }
  return unsafe scanLongDouble(text, length: scan.length, into: &value)
}

/// - Parameter length: what `scanDecimal` found.
@unsafe @usableFromInline @inline(never)
func scanLongDouble(
  _ text: UnsafePointer<UInt8>, length: Int, into value: inout Double
) -> Int {
  let sign = unsafe length > 0 && text[0] == UInt8(ascii: "+") ? 1 : 0
  let read = unsafe numbers_parse_double(text + sign, length - sign, &value)
  return read == length - sign ? length : 0
}

/// Parses a number that fills the text exactly (see ``scanDouble(_:count:into:)``), or one of
/// `NaN`, `Infinity`, `inf` in any case, the latter two with a sign or without.
@inlinable
package func parseDouble(_ text: Span<UInt8>) throws(NumberError) -> Double {
  try unsafe text.withUnsafeBufferPointer { bytes throws(NumberError) in
    guard let start = bytes.baseAddress else { throw .empty }
    return try unsafe parseDouble(start, count: bytes.count)
  }
}

/// - Parameter text: `count` readable bytes.
@unsafe @inlinable
package func parseDouble(
  _ text: UnsafePointer<UInt8>, count: Int
) throws(NumberError) -> Double {
  let sign = unsafe count > 0 && text[0] == UInt8(ascii: "-") ? 1 : 0
  if let short = unsafe parseShortDecimal(text + sign, count: count &- sign) {
    let power = numbers_double_power_of_ten(Int32(truncatingIfNeeded: short.decimals))
    let magnitude = Double(short.mantissa) / power
    return sign == 0 ? magnitude : -magnitude
  }
  var value = 0.0
  let length = unsafe scanDouble(text, count: count, into: &value)
  guard length == count, count > 0 else { return try unsafe parseDoubleName(text, count: count) }
  return value
}

/// What is no decimal number: a name, or an error.
@unsafe @usableFromInline @inline(never)
func parseDoubleName(_ text: UnsafePointer<UInt8>, count: Int) throws(NumberError) -> Double {
  guard count > 0 else { throw .empty }
  let sign = unsafe text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") ? 1 : 0
  let isNegative = unsafe text[0] == UInt8(ascii: "-")
  let name = unsafe text + sign
  let length = count - sign
  if unsafe equalsIgnoringCase(name, length, "infinity")
    || equalsIgnoringCase(name, length, "inf")
  {
    return isNegative ? -.infinity : .infinity
  }
  if sign == 0, unsafe equalsIgnoringCase(name, length, "nan") { return .nan }
  throw unsafe numberError(text, count: count)
}

/// The first byte at which a text stops to be a decimal number.
@unsafe
func numberError(_ text: UnsafePointer<UInt8>, count: Int) -> NumberError {
  guard count > 0 else { return .empty }
  let scan = unsafe scanDecimal(text, count: count)
  var offset = scan.length
  if scan.digitCount == 0 {
    offset = unsafe text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") ? 1 : 0
    if offset < count, unsafe text[offset] == UInt8(ascii: ".") { offset += 1 }
  } else if offset < count, unsafe text[offset] | 0x20 == UInt8(ascii: "e") {
    // An exponent without digits: what is wrong stands behind the 'e'.
    offset += 1
    if offset < count, unsafe text[offset] == UInt8(ascii: "-") || text[offset] == UInt8(ascii: "+")
    {
      offset += 1
    }
  }
  guard offset < count else { return .incomplete }
  return unsafe .unexpected(byte: text[offset], offset: offset)
}

/// - Parameter name: ASCII, in lower case.
@unsafe
func equalsIgnoringCase(
  _ text: UnsafePointer<UInt8>, _ count: Int, _ name: StaticString
) -> Bool {
  guard count == name.utf8CodeUnitCount else { return false }
  let expected = unsafe name.utf8Start
  for index in 0..<count where unsafe lowercased(text[index]) != expected[index] { return false }
  return true
}

@inline(__always)
func lowercased(_ byte: UInt8) -> UInt8 {
  byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
}

/// Parses a number as SQL's `cast` to double does: whitespace around it is skipped, and a `d` or
/// `f` may stand behind the digits, as Spark has it from Java.
package func parseSQLDouble(_ text: Span<UInt8>) throws(NumberError) -> Double {
  try unsafe text.withUnsafeBufferPointer { bytes throws(NumberError) in
    guard let start = bytes.baseAddress else { throw .empty }
    let range = unsafe numberRange(start, count: bytes.count)
    return try placed(range) { () throws(NumberError) in
      try unsafe parseDouble(start + range.lowerBound, count: range.count)
    }
  }
}

/// Parses a number as SQL's `cast` to float does, rounding once. See ``parseSQLDouble(_:)``.
package func parseSQLFloat(_ text: Span<UInt8>) throws(NumberError) -> Float {
  try unsafe text.withUnsafeBufferPointer { bytes throws(NumberError) in
    guard let start = bytes.baseAddress else { throw .empty }
    let range = unsafe numberRange(start, count: bytes.count)
    return try placed(range) { () throws(NumberError) in
      try unsafe parseFloat(start + range.lowerBound, count: range.count)
    }
  }
}

/// The text without the whitespace around it, without the suffix behind a digit or a point, and
/// without the sign of what is not a number.
@unsafe
private func numberRange(_ text: UnsafePointer<UInt8>, count: Int) -> Range<Int> {
  let range = unsafe trimmedRange(text, count: count)
  guard range.count >= 2 else { return range }
  let sign = unsafe text[range.lowerBound]
  if range.count == 4, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+"),
    unsafe text[range.lowerBound + 1] == UInt8(ascii: "N"),
    unsafe equalsIgnoringCase(text + range.lowerBound + 1, 3, "nan")
  {
    // Java gives it a sign, which means nothing.
    return range.lowerBound + 1..<range.upperBound
  }
  let suffix = unsafe text[range.upperBound - 1] | 0x20
  let before = unsafe text[range.upperBound - 2]
  guard suffix == UInt8(ascii: "d") || suffix == UInt8(ascii: "f"),
    before &- UInt8(ascii: "0") <= 9 || before == UInt8(ascii: ".")
  else { return range }
  return range.lowerBound..<range.upperBound - 1
}

/// Moves the offset of an error in a part of a text to the whole text.
private func placed<Value>(
  _ range: Range<Int>, _ body: () throws(NumberError) -> Value
) throws(NumberError) -> Value {
  do throws(NumberError) {
    return try body()
  } catch .unexpected(let byte, let offset) {
    throw .unexpected(byte: byte, offset: offset + range.lowerBound)
  }
}
