/// Parses a date as SQL's `cast` does: `[+-]yyyy`, `[+-]yyyy-[m]m`, `[+-]yyyy-[m]m-[d]d`, the last
/// also with anything behind a space or a `T`; whitespace around it is skipped.
///
/// - Returns: days since 1970-01-01.
@inlinable
package func parseDate(_ text: Span<UInt8>) throws(TimeError) -> Int32 {
  try unsafe text.withUnsafeBufferPointer { bytes throws(TimeError) in
    guard let start = bytes.baseAddress else { throw .empty }
    return try unsafe parseDate(start, count: bytes.count)
  }
}

/// - Parameter text: `count` readable bytes.
@unsafe @inlinable
package func parseDate(_ text: UnsafePointer<UInt8>, count: Int) throws(TimeError) -> Int32 {
  if count == 10, let days = unsafe parsePlainDate(text) { return Int32(truncatingIfNeeded: days) }
  return try unsafe parseLenientDate(text, count: count)
}

/// The days of a date that is exactly `yyyy-mm-dd` and exists; nil for anything else.
///
/// - Parameter text: ten readable bytes.
@unsafe @usableFromInline
func parsePlainDate(_ text: UnsafePointer<UInt8>) -> Int? {
  var digits: (UInt8, Int) = (0, 0)
  var year = 0
  for index in 0..<4 {
    digits.0 = unsafe text[index] &- UInt8(ascii: "0")
    digits.1 |= digits.0 > 9 ? 1 : 0
    year = year &* 10 &+ Int(digits.0)
  }
  let month = unsafe twoDigits(text + 5)
  let day = unsafe twoDigits(text + 8)
  guard digits.1 == 0, unsafe text[4] == UInt8(ascii: "-"), unsafe text[7] == UInt8(ascii: "-"),
    month < 100, day < 100
  else { return nil }
  let date = CivilDate(year: year, month: month, day: day)
  return date.isValid ? date.days : nil
}

/// The value of two digits; 100 or more if they are none.
@unsafe @inlinable @inline(__always)
func twoDigits(_ text: UnsafePointer<UInt8>) -> Int {
  let tens = unsafe Int(text[0] &- UInt8(ascii: "0"))
  let ones = unsafe Int(text[1] &- UInt8(ascii: "0"))
  return tens <= 9 && ones <= 9 ? tens &* 10 &+ ones : 100
}

@unsafe @usableFromInline @inline(never)
func parseLenientDate(_ text: UnsafePointer<UInt8>, count: Int) throws(TimeError) -> Int32 {
  var reader = unsafe TimeText(text, trimmedRange(text, count: count))
  guard !reader.isAtEnd else { throw .empty }
  var date = CivilDate(year: try reader.year(4...7), month: 1, day: 1)
  if !reader.isAtEnd {
    guard reader.take(UInt8(ascii: "-")) else { throw reader.failure }
    date.month = try reader.number(1...2)
    if !reader.isAtEnd {
      guard reader.take(UInt8(ascii: "-")) else { throw reader.failure }
      date.day = try reader.number(1...2)
      guard reader.isAtEnd || reader.next == 0x20 || reader.next == UInt8(ascii: "T") else {
        throw reader.failure
      }
    }
  }
  return try daysOf(date)
}

/// The days of a date whose fields may be wrong.
func daysOf(_ date: CivilDate) throws(TimeError) -> Int32 {
  guard 1...12 ~= date.month else { throw .outOfRange(.month) }
  guard date.year.magnitude < 6_000_000 else { throw .overflow }
  guard date.isValid else { throw .outOfRange(.day) }
  guard let days = Int32(exactly: date.days) else { throw .overflow }
  return days
}
