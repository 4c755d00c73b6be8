extension ByteText {
  /// Appends an integer in plain decimal notation.
  @inlinable
  package mutating func appendInteger(_ value: Int64) {
    var target = unsafe claim(32)
    let start = unsafe target
    var magnitude = value.magnitude
    if value < 0 {
      unsafe target.pointee = UInt8(ascii: "-")
      unsafe target += 1
    }
    if magnitude >= 100_000_000 {
      if magnitude >= 10_000_000_000_000_000 {
        unsafe target = writeLeadingDigits(magnitude / 10_000_000_000_000_000, target)
        magnitude %= 10_000_000_000_000_000
        unsafe target = writeEightDigits(magnitude / 100_000_000, target)
      } else {
        unsafe target = writeLeadingDigits(magnitude / 100_000_000, target)
      }
      unsafe target = writeEightDigits(magnitude % 100_000_000, target)
    } else {
      unsafe target = writeLeadingDigits(magnitude, target)
    }
    unsafe commit(target - start)
  }

  /// Appends an integer in plain decimal notation.
  package mutating func appendInteger(_ value: Int128) {
    if let narrow = Int64(exactly: value) { return appendInteger(narrow) }
    let target = unsafe claim(48)
    let sign = value < 0 ? 1 : 0
    unsafe target.pointee = UInt8(ascii: "-")
    let count = unsafe writeDigits(value.magnitude, target + sign)
    unsafe commit(count + sign)
  }

  /// Appends a number below 100 as two digits.
  @inlinable @inline(__always)
  package mutating func appendTwoDigits(_ value: Int) {
    let target = unsafe claim(2)
    unsafe writeTwoDigits(value, target)
    unsafe commit(2)
  }

  /// Appends a number with zeros in front of it up to `width` digits.
  package mutating func appendPadded(_ value: UInt64, width: Int) {
    let target = unsafe claim(max(width, 20) + 8)
    let count = unsafe writeDigits(UInt128(value), target)
    let padding = max(0, width - count)
    if padding > 0 {
      unsafe (target + padding).update(from: target, count: count)
      unsafe target.update(repeating: UInt8(ascii: "0"), count: padding)
    }
    unsafe commit(count + padding)
  }
}

/// Writes a number below 10^8 without leading zeros, eight bytes in all; returns the end of it.
@unsafe @inlinable @inline(__always)
func writeLeadingDigits(
  _ value: UInt64, _ target: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8> {
  let digits = DigitBlock.digits(value)
  // The last digit stays even if it is zero.
  let zeros = (digits | (1 &<< 56)).trailingZeroBitCount &>> 3
  let word = (digits | 0x3030_3030_3030_3030) &>> UInt64(zeros &<< 3)
  unsafe UnsafeMutableRawPointer(target).storeBytes(of: word.littleEndian, as: UInt64.self)
  return unsafe target + (8 &- zeros)
}

/// Writes a number below 10^8 as exactly eight digits; returns the end of them.
@unsafe @inlinable @inline(__always)
func writeEightDigits(
  _ value: UInt64, _ target: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8> {
  let word = DigitBlock.text(value)
  unsafe UnsafeMutableRawPointer(target).storeBytes(of: word.littleEndian, as: UInt64.self)
  return unsafe target + 8
}

@unsafe @inlinable @inline(__always)
func writeTwoDigits(_ value: Int, _ target: UnsafeMutablePointer<UInt8>) {
  let value = UInt32(truncatingIfNeeded: value)
  let tens = (value &* 103) &>> 10
  unsafe target[0] = UInt8(truncatingIfNeeded: 0x30 &+ tens)
  unsafe target[1] = UInt8(truncatingIfNeeded: 0x30 &+ (value &- tens &* 10))
}

/// Writes a number without leading zeros; returns how many digits it has. Needs 48 bytes.
@unsafe @usableFromInline
func writeDigits(_ value: UInt128, _ target: UnsafeMutablePointer<UInt8>) -> Int {
  let unit: UInt128 = 10_000_000_000_000_000
  guard value >= unit else {
    let value = UInt64(truncatingIfNeeded: value)
    guard value >= 100_000_000 else { return unsafe writeLeadingDigits(value, target) - target }
    let middle = unsafe writeLeadingDigits(value / 100_000_000, target)
    return unsafe writeEightDigits(value % 100_000_000, middle) - target
  }
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
  let count = unsafe writeDigits(quotient, target)
  let low = UInt64(truncatingIfNeeded: remainder)
  let middle = unsafe writeEightDigits(low / 100_000_000, target + count)
  _ = unsafe writeEightDigits(low % 100_000_000, middle)
  return count + 16
}

/// A number with zeros in front, so that names sort as the numbers in them.
package func zeroPadded(_ number: Int64, to digitCount: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, digitCount - digits.utf8.count)) + digits
}
