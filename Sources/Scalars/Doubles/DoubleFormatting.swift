internal import CNumbers

/// How a floating-point number is laid out around its shortest digits.
private enum NumberLayout {
  /// `1.5`, `100.0`, `0.0001`, `1e-05`, `1e+16`: for JSON and CSV.
  case plain
  /// `1.5`, `100.0`, `1.0E-4`, `1.0E7`: Java's, which Spark's cast to string gives.
  case java

  /// The decimal exponents that are written without an exponent.
  var plainExponents: Range<Int> {
    switch self {
    case .plain: -4..<16
    case .java: -3..<7
    }
  }

  var digitsMin: Int32 {
    switch self {
    case .plain: 1
    // Java prefers 4.9E-324 to 5E-324: of the decimals with two digits, the nearest.
    case .java: 2
    }
  }
}

extension ByteText {
  /// Appends the shortest decimal that reads back as `value`, always with a point or an exponent:
  /// `1.5`, `100.0`, `1e-05`, `1e+16`, and `NaN`, `Infinity`, `-Infinity`.
  package mutating func appendDouble(_ value: Double) {
    append(value, .plain)
  }

  /// Appends what Java's `Double.toString` gives: `1.5`, `100.0`, `1.0E-5`, `1.0E10`, `NaN`,
  /// `Infinity`.
  package mutating func appendJavaDouble(_ value: Double) {
    append(value, .java)
  }

  /// Appends the shortest decimal that reads back as the same float. See ``appendDouble(_:)``.
  package mutating func appendFloat(_ value: Float) {
    append(value, .plain)
  }

  /// Appends what Java's `Float.toString` gives. See ``appendJavaDouble(_:)``.
  package mutating func appendJavaFloat(_ value: Float) {
    append(value, .java)
  }

  private mutating func append(_ value: Double, _ layout: NumberLayout) {
    guard value.isFinite, value != 0 else {
      return appendSpecial(isNaN: value.isNaN, isZero: value == 0, sign: value.sign)
    }
    let target = unsafe claim(layoutBytes)
    var start = unsafe target
    if value < 0 {
      unsafe start.pointee = UInt8(ascii: "-")
      unsafe start += 1
    }
    // The digits are made behind the place of the text, then laid out.
    let digits = unsafe target + 32
    var exponent: Int32 = 0
    var count = unsafe writeShortDecimal(value.magnitude, digits, &exponent)
    if count == 0 {
      count = unsafe numbers_shortest_double(
        value.magnitude, layout.digitsMin, digits, &exponent)
    }
    let end = unsafe layOut(digits, count, Int(exponent), layout, start)
    unsafe commit(end - target)
  }

  private mutating func append(_ value: Float, _ layout: NumberLayout) {
    guard value.isFinite, value != 0 else {
      return appendSpecial(isNaN: value.isNaN, isZero: value == 0, sign: value.sign)
    }
    let target = unsafe claim(layoutBytes)
    var start = unsafe target
    if value < 0 {
      unsafe start.pointee = UInt8(ascii: "-")
      unsafe start += 1
    }
    let digits = unsafe target + 32
    var exponent: Int32 = 0
    let count = unsafe numbers_shortest_float(
      value.magnitude, layout.digitsMin, digits, &exponent)
    let end = unsafe layOut(digits, count, Int(exponent), layout, start)
    unsafe commit(end - target)
  }

  private mutating func appendSpecial(isNaN: Bool, isZero: Bool, sign: FloatingPointSign) {
    if isNaN { return append("NaN") }
    if sign == .minus { append(UInt8(ascii: "-")) }
    append(isZero ? "0.0" : "Infinity")
  }
}

/// How much room the layout of a number needs: 32 bytes for the text, the digits behind it, and
/// what copies of a fixed size write beyond their ends.
private let layoutBytes = 96

/// Writes the digits of a number that has at most four decimals, or nine if it is small, without
/// trailing zeros; returns how many there are, 0 if the number is not like that.
@unsafe
private func writeShortDecimal(
  _ value: Double, _ digits: UnsafeMutablePointer<UInt8>, _ exponent: inout Int32
) -> Int {
  guard value < 1e11 else { return 0 }
  // Division rounds correctly, so the decimal reads back as the value; having at most 15 digits,
  // it is the only one of its length to do so, and the shortest without its trailing zeros.
  var decimals: Int32 = 4
  var scaled = (value * 1e4).rounded(.toNearestOrEven)
  if scaled / 1e4 != value {
    guard value < 1e6 else { return 0 }
    decimals = 9
    scaled = (value * 1e9).rounded(.toNearestOrEven)
    guard scaled / 1e9 == value else { return 0 }
  }
  guard scaled > 0 else { return 0 }
  let number = UInt64(scaled)
  let end =
    unsafe number < 100_000_000
    ? writeLeadingDigits(number, digits)
    : writeEightDigits(number % 100_000_000, writeLeadingDigits(number / 100_000_000, digits))
  var count = unsafe end - digits
  exponent = Int32(count) - 1 - decimals
  while unsafe digits[count - 1] == UInt8(ascii: "0") { count -= 1 }
  return count
}

/// Writes digits with their point or exponent; returns the end.
///
/// - Parameter exponent: the power of ten of the first digit.
@unsafe
private func layOut(
  _ digits: UnsafePointer<UInt8>, _ count: Int, _ exponent: Int, _ layout: NumberLayout,
  _ start: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8> {
  let zero = UInt8(ascii: "0")
  var target = unsafe start
  guard layout.plainExponents.contains(exponent) else {
    return unsafe layOutExponent(digits, count, exponent, layout, start)
  }
  guard exponent >= 0 else {
    unsafe target.update(repeating: zero, count: 1 - exponent)
    unsafe target[1] = UInt8(ascii: ".")
    unsafe target += 1 - exponent
    unsafe copyDigits(digits, target)
    return unsafe target + count
  }
  let whole = exponent + 1
  unsafe copyDigits(digits, target)
  if count <= whole {
    unsafe (target + count).update(repeating: zero, count: whole - count)
    unsafe target += whole
    unsafe target[0] = UInt8(ascii: ".")
    unsafe target[1] = zero
    return unsafe target + 2
  }
  unsafe target[whole] = UInt8(ascii: ".")
  unsafe target += whole + 1
  unsafe copyDigits(digits + whole, target)
  return unsafe target + (count - whole)
}

/// Copies 24 bytes, more than any number has digits, at once. They may overlap.
@unsafe @inline(__always)
private func copyDigits(_ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>) {
  let from = unsafe UnsafeRawPointer(source)
  let to = UnsafeMutableRawPointer(target)
  let first = unsafe from.loadUnaligned(as: SIMD16<UInt8>.self)
  let rest = unsafe (from + 16).loadUnaligned(as: UInt64.self)
  unsafe to.storeBytes(of: first, as: SIMD16<UInt8>.self)
  unsafe (to + 16).storeBytes(of: rest, as: UInt64.self)
}

@unsafe
private func layOutExponent(
  _ digits: UnsafePointer<UInt8>, _ count: Int, _ exponent: Int, _ layout: NumberLayout,
  _ start: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8> {
  var target = unsafe start
  unsafe target[0] = digits[0]
  unsafe target[1] = UInt8(ascii: ".")
  unsafe target += 2
  if count > 1 {
    unsafe copyDigits(digits + 1, target)
    unsafe target += count - 1
  } else if layout == .java {
    unsafe target[0] = UInt8(ascii: "0")
    unsafe target += 1
  } else {
    unsafe target -= 1
  }
  unsafe target[0] = layout == .java ? UInt8(ascii: "E") : UInt8(ascii: "e")
  unsafe target += 1
  if exponent < 0 || layout == .plain {
    unsafe target[0] = exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")
    unsafe target += 1
  }
  let magnitude = abs(exponent)
  if magnitude >= 100 {
    unsafe target[0] = UInt8(truncatingIfNeeded: 0x30 + magnitude / 100)
    unsafe target += 1
  }
  if magnitude >= 10 || layout == .plain {
    unsafe target[0] = UInt8(truncatingIfNeeded: 0x30 + magnitude / 10 % 10)
    unsafe target += 1
  }
  unsafe target[0] = UInt8(truncatingIfNeeded: 0x30 + magnitude % 10)
  return unsafe target + 1
}
