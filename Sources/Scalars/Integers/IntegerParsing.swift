/// Why a text is not an integer. Offsets count bytes from the start of the text.
@usableFromInline
package enum IntegerError: Error, Equatable {
  case empty
  case notADigit(byte: UInt8, offset: Int)
  case overflow
}

/// Parses an optionally negative decimal integer that fills the text exactly: `-?[0-9]+`.
@inlinable
package func parseInt64(_ text: Span<UInt8>) throws(IntegerError) -> Int64 {
  try unsafe text.withUnsafeBufferPointer { bytes throws(IntegerError) in
    guard let start = bytes.baseAddress else { throw .empty }
    return try unsafe parseInt64(start, count: bytes.count)
  }
}

/// Parses an optionally negative decimal integer that fills the text exactly: `-?[0-9]+`.
///
/// - Parameter text: `count` readable bytes.
@unsafe @inlinable
package func parseInt64(
  _ text: UnsafePointer<UInt8>, count: Int
) throws(IntegerError) -> Int64 {
  let isNegative = unsafe count > 0 && text[0] == UInt8(ascii: "-")
  let digits = unsafe isNegative ? text + 1 : text
  let length = isNegative ? count &- 1 : count
  // 19 digits fit 64 bits without a sign.
  guard length > 0, length <= 19, let magnitude = unsafe parseDigits(digits, count: length),
    magnitude <= UInt64(Int64.max)
  else { return try unsafe parseInt64Carefully(text, count: count) }
  let value = Int64(truncatingIfNeeded: magnitude)
  return isNegative ? 0 &- value : value
}

/// The number that 1 to 19 digits stand for; nil if they are none.
@unsafe @inlinable @inline(__always)
func parseDigits(_ text: UnsafePointer<UInt8>, count: Int) -> UInt64? {
  if count <= 8 {
    let block =
      unsafe count == 8
      ? DigitBlock.load(text) : DigitBlock.loadShort(text, count: count)
    return DigitBlock.isValid(block) ? DigitBlock.value(block) : nil
  }
  let last = unsafe DigitBlock.load(text + count - 8)
  guard DigitBlock.isValid(last) else { return nil }
  if count <= 16 {
    // What the last block has is shifted out of the first.
    let shift = UInt64(truncatingIfNeeded: (16 &- count) &<< 3)
    let first = unsafe DigitBlock.load(text) &<< shift
    guard DigitBlock.isValid(first) else { return nil }
    return DigitBlock.value(first) &* 100_000_000 &+ DigitBlock.value(last)
  }
  let shift = UInt64(truncatingIfNeeded: (24 &- count) &<< 3)
  let first = unsafe DigitBlock.load(text) &<< shift
  let middle = unsafe DigitBlock.load(text + count - 16)
  guard DigitBlock.isValid(first), DigitBlock.isValid(middle) else { return nil }
  let high = DigitBlock.value(first) &* 100_000_000 &+ DigitBlock.value(middle)
  return high &* 100_000_000 &+ DigitBlock.value(last)
}

/// The same, digit by digit: for numbers that may overflow, and to find what is wrong.
@unsafe @usableFromInline @inline(never)
func parseInt64Carefully(
  _ text: UnsafePointer<UInt8>, count: Int
) throws(IntegerError) -> Int64 {
  let value = try unsafe parseInt128(text, count: count)
  guard let narrow = Int64(exactly: value) else { throw .overflow }
  return narrow
}

/// Parses an optionally negative decimal integer that fills the text exactly: `-?[0-9]+`.
package func parseInt128(_ text: Span<UInt8>) throws(IntegerError) -> Int128 {
  try unsafe text.withUnsafeBufferPointer { bytes throws(IntegerError) in
    guard let start = bytes.baseAddress else { throw .empty }
    return try unsafe parseInt128(start, count: bytes.count)
  }
}

@unsafe
package func parseInt128(
  _ text: UnsafePointer<UInt8>, count: Int
) throws(IntegerError) -> Int128 {
  let isNegative = unsafe count > 0 && text[0] == UInt8(ascii: "-")
  let first = isNegative ? 1 : 0
  guard first < count else { throw .empty }
  var value: Int128 = 0
  var hasOverflowed = false
  for offset in first..<count {
    let digit = unsafe text[offset] &- UInt8(ascii: "0")
    guard digit <= 9 else { throw unsafe .notADigit(byte: text[offset], offset: offset) }
    // Downwards: the smallest number has no positive counterpart.
    let (product, productOverflows) = value.multipliedReportingOverflow(by: 10)
    let (sum, sumOverflows) = product.subtractingReportingOverflow(Int128(digit))
    hasOverflowed = hasOverflowed || productOverflows || sumOverflows
    value = sum
  }
  if hasOverflowed || (!isNegative && value == .min) { throw .overflow }
  return isNegative ? value : -value
}

/// Parses an integer as SQL's `cast` does: whitespace and control characters around it are
/// skipped, and a '+' is allowed.
@inlinable
package func parseSQLInteger(_ text: Span<UInt8>) throws(IntegerError) -> Int64 {
  try unsafe text.withUnsafeBufferPointer { bytes throws(IntegerError) in
    guard let start = bytes.baseAddress else { throw .empty }
    return try unsafe parseSQLInteger(start, count: bytes.count)
  }
}

/// - Parameter text: `count` readable bytes.
@unsafe @inlinable
package func parseSQLInteger(
  _ text: UnsafePointer<UInt8>, count: Int
) throws(IntegerError) -> Int64 {
  var range = unsafe trimmedRange(text, count: count)
  guard !range.isEmpty else { throw .empty }
  if unsafe text[range.lowerBound] == UInt8(ascii: "+") {
    range = range.lowerBound &+ 1..<range.upperBound
    // The sign may stand once.
    if !range.isEmpty, unsafe text[range.lowerBound] == UInt8(ascii: "-") {
      throw .notADigit(byte: UInt8(ascii: "-"), offset: range.lowerBound)
    }
  }
  do throws(IntegerError) {
    return try unsafe parseInt64(text + range.lowerBound, count: range.count)
  } catch .notADigit(let byte, let offset) {
    throw .notADigit(byte: byte, offset: offset &+ range.lowerBound)
  }
}

/// What is left of a text without the whitespace and control characters around it (the bytes up
/// to the space, and DEL), which SQL casts ignore.
///
/// - Parameter text: `count` readable bytes.
@unsafe @inlinable
package func trimmedRange(_ text: UnsafePointer<UInt8>, count: Int) -> Range<Int> {
  var start = 0
  var end = count
  while start < end, unsafe isTrimmed(text[start]) { start &+= 1 }
  while start < end, unsafe isTrimmed(text[end &- 1]) { end &-= 1 }
  return start..<end
}

@inlinable @inline(__always)
func isTrimmed(_ byte: UInt8) -> Bool {
  byte <= UInt8(ascii: " ") || byte == 0x7F
}
