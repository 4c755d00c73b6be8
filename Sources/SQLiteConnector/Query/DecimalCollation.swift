internal import CSQLite
internal import Columnar

/// The order by which SQLite compares decimals, which are texts to it.
let decimalCollation = "decimal"

/// Gives a database the order in which `9.50` comes before `10.00`, and `1.5` equals `1.50`.
func addDecimalCollation(to database: Database) throws {
  let code = unsafe sqlite3_create_collation_v2(
    database.handle, decimalCollation, SQLITE_UTF8, nil,
    { _, leftCount, left, rightCount, right in
      let left = unsafe UnsafeRawBufferPointer(start: left, count: Int(leftCount))
      let right = unsafe UnsafeRawBufferPointer(start: right, count: Int(rightCount))
      return unsafe compareDecimals(
        left.bindMemory(to: UInt8.self).span, right.bindMemory(to: UInt8.self).span)
    }, nil)
  guard code == SQLITE_OK else { throw database.failure(code) }
}

/// Numbers by their values, before all other texts, which go by their bytes.
///
/// - Returns: negative, zero or positive.
func compareDecimals(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int32 {
  switch (NumberText(left), NumberText(right)) {
  case (let leftNumber?, let rightNumber?): leftNumber.compare(left, with: rightNumber, right)
  case (.some, nil): -1
  case (nil, .some): 1
  case (nil, nil): Int32(compareBytes(left, right))
  }
}

/// Where the digits of a number are: `-12.50`, `1e+20`.
private struct NumberText {
  var isNegative = false
  /// The first digit that is not zero, the end of the digits, and the point among them.
  var first = 0
  var end = 0
  /// The power of ten of the first digit, plus one; meaningless for zero.
  var magnitude = 0
  var isZero = true

  /// - Returns: nil for a text that is no number.
  init?(_ text: Span<UInt8>) {
    var index = 0
    if index < text.count, text[index] == 0x2D || text[index] == 0x2B {
      isNegative = text[index] == 0x2D
      index += 1
    }
    var (digitCount, wholeCount, leadingCount) = (0, 0, 0)
    var hasPoint = false
    while index < text.count, isDigit(text[index]) || (text[index] == 0x2E && !hasPoint) {
      if text[index] == 0x2E {
        hasPoint = true
      } else {
        digitCount += 1
        if !hasPoint { wholeCount += 1 }
        if isZero, text[index] == 0x30 {
          leadingCount += 1
        } else if isZero {
          isZero = false
          first = index
        }
      }
      index += 1
    }
    guard digitCount > 0 else { return nil }
    end = index
    guard let exponent = NumberText.exponent(text, from: index) else { return nil }
    magnitude = wholeCount - leadingCount + exponent
  }

  /// - Returns: 0 where there is none; nil when something else stands there.
  private static func exponent(_ text: Span<UInt8>, from start: Int) -> Int? {
    if start == text.count { return 0 }
    var index = start + 1
    guard text[start] | 0x20 == UInt8(ascii: "e"), index < text.count else { return nil }
    let isNegative = text[index] == 0x2D
    if isNegative || text[index] == 0x2B { index += 1 }
    // More digits than any number of SQLite's has.
    guard index < text.count, text.count - index <= 9 else { return nil }
    var value = 0
    while index < text.count {
      guard isDigit(text[index]) else { return nil }
      value = value * 10 + Int(text[index] & 0xF)
      index += 1
    }
    return isNegative ? -value : value
  }

  func compare(_ text: Span<UInt8>, with other: NumberText, _ otherText: Span<UInt8>) -> Int32 {
    let (sign, otherSign) = (signum, other.signum)
    if sign != otherSign { return sign < otherSign ? -1 : 1 }
    if sign == 0 { return 0 }
    let order =
      magnitude == other.magnitude
      ? compareDigits(text, with: other, otherText) : magnitude < other.magnitude ? -1 : 1
    return sign < 0 ? -order : order
  }

  private var signum: Int { isZero ? 0 : isNegative ? -1 : 1 }

  /// Digit by digit from the first; zeros may be missing at the end.
  private func compareDigits(
    _ text: Span<UInt8>, with other: NumberText, _ otherText: Span<UInt8>
  ) -> Int32 {
    var (index, otherIndex) = (first, other.first)
    while index < end || otherIndex < other.end {
      if index < end, text[index] == 0x2E { index += 1 }
      if otherIndex < other.end, otherText[otherIndex] == 0x2E { otherIndex += 1 }
      let digit = index < end ? text[index] : 0x30
      let otherDigit = otherIndex < other.end ? otherText[otherIndex] : 0x30
      if digit != otherDigit { return digit < otherDigit ? -1 : 1 }
      index += 1
      otherIndex += 1
    }
    return 0
  }
}

private func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
