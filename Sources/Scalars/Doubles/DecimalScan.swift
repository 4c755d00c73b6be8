public import CNumbers

/// A decimal number as it stands in a text, before it is rounded to a machine form.
@usableFromInline
struct DecimalScan {
  /// All digits as one integer; meaningless beyond 19 digits.
  @usableFromInline var mantissa: UInt64 = 0
  @usableFromInline var digitCount = 0
  @usableFromInline var exponent = 0
  @usableFromInline var isNegative = false
  /// How many bytes the number takes, sign and exponent included; 0 if there is no number.
  @usableFromInline var length = 0

  @inlinable init() {}
}

/// Reads `[+-]?` digits with at most one point among them, and an exponent, as far as they go.
@unsafe @inlinable @inline(__always)
func scanDecimal(_ text: UnsafePointer<UInt8>, count: Int) -> DecimalScan {
  var scan = DecimalScan()
  var index = 0
  if count > 0, unsafe text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") {
    scan.isNegative = unsafe text[0] == UInt8(ascii: "-")
    index = 1
  }
  let first = index
  while index < count {
    let digit = unsafe text[index] &- UInt8(ascii: "0")
    guard digit <= 9 else { break }
    scan.mantissa = scan.mantissa &* 10 &+ UInt64(digit)
    index &+= 1
  }
  scan.digitCount = index &- first
  if index < count, unsafe text[index] == UInt8(ascii: ".") {
    index &+= 1
    let point = index
    while count &- index >= 8 {
      let block = unsafe DigitBlock.load(text + index)
      guard DigitBlock.isValid(block) else { break }
      scan.mantissa = scan.mantissa &* 100_000_000 &+ DigitBlock.value(block)
      index &+= 8
    }
    while index < count {
      let digit = unsafe text[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      scan.mantissa = scan.mantissa &* 10 &+ UInt64(digit)
      index &+= 1
    }
    scan.exponent = point &- index
    scan.digitCount &+= index &- point
  }
  guard scan.digitCount > 0 else { return scan }
  if index < count, unsafe text[index] | 0x20 == UInt8(ascii: "e") {
    unsafe scanExponent(text, count: count, from: &index, into: &scan)
  }
  scan.length = index
  return scan
}

/// Reads an exponent, if the 'e' at `index` begins one.
@unsafe @usableFromInline
func scanExponent(
  _ text: UnsafePointer<UInt8>, count: Int, from index: inout Int, into scan: inout DecimalScan
) {
  var next = index + 1
  var isNegative = false
  if next < count, unsafe text[next] == UInt8(ascii: "-") || text[next] == UInt8(ascii: "+") {
    isNegative = unsafe text[next] == UInt8(ascii: "-")
    next += 1
  }
  let first = next
  var value = 0
  while next < count {
    let digit = unsafe text[next] &- UInt8(ascii: "0")
    guard digit <= 9 else { break }
    // Far beyond every double; stops the exponent itself from overflowing.
    if value < 100_000_000 { value = value * 10 + Int(digit) }
    next += 1
  }
  guard next > first else { return }
  scan.exponent += isNegative ? -value : value
  index = next
}

/// The digits of a number of at most 17 bytes without sign and exponent, as most are in data: up to
/// 8 digits on either side of the point, or 8 bytes in all; nil for every other text.
///
/// Without a loop, so that numbers of mixed lengths cost no mispredicted branches.
@unsafe @inlinable @inline(__always)
func parseShortDecimal(
  _ text: UnsafePointer<UInt8>, count: Int
) -> (mantissa: Int64, decimals: Int)? {
  guard count > 1, count <= 17 else { return nil }
  let block =
    unsafe count >= 8
    ? DigitBlock.load(text) : DigitBlock.loadShort(text, count: count)
  // The lowest high bit marks the first point.
  let points = block ^ 0x1E1E_1E1E_1E1E_1E1E
  let marks = (points &- 0x0101_0101_0101_0101) & ~points & 0x8080_8080_8080_8080
  guard marks != 0 else { return nil }
  let pointBit = UInt64(truncatingIfNeeded: marks.trailingZeroBitCount) &- 7
  let place = Int(truncatingIfNeeded: pointBit &>> 3)
  if count <= 8 {
    // What stands before the point moves up to what stands behind it.
    let before = block & ((1 &<< pointBit) &- 1)
    let behind = (block &>> pointBit) & ~0xFF
    let digits = before &<< 8 | behind &<< pointBit
    guard DigitBlock.isValid(digits) else { return nil }
    return (Int64(truncatingIfNeeded: DigitBlock.value(digits)), 7 &- place)
  }
  let decimals = count &- place &- 1
  guard place > 0, decimals > 0, decimals <= 8 else { return nil }
  let whole = block &<< (64 &- pointBit)
  let unused = UInt64(truncatingIfNeeded: (8 &- decimals) &<< 3)
  let fraction = unsafe (DigitBlock.load(text + count - 8) &>> unused) &<< unused
  guard DigitBlock.isValid(whole), DigitBlock.isValid(fraction) else { return nil }
  let power = numbers_power_of_ten(Int32(truncatingIfNeeded: decimals))
  let mantissa = DigitBlock.value(whole) &* power &+ DigitBlock.value(fraction)
  return (Int64(truncatingIfNeeded: mantissa), decimals)
}
