extension ByteText {
  /// Appends a date: `2026-03-01`; years beyond 9999 with a '+', those before 0 with a '-'.
  ///
  /// - Parameter days: since 1970-01-01.
  package mutating func appendDate(_ days: Int32) {
    appendDate(CivilDate(days: Int(days)))
  }

  /// Appends a timestamp in RFC 3339, UTC: `2026-03-01T12:34:56.789Z`, with as many fraction
  /// digits as needed.
  ///
  /// - Parameter timestamp: µs since 1970-01-01T00:00:00Z.
  package mutating func appendTimestamp(_ timestamp: Int64) {
    append(timestamp, separator: UInt8(ascii: "T"))
    append(UInt8(ascii: "Z"))
  }

  /// Appends a timestamp as Spark's cast to string gives it: `2026-03-01 12:34:56.789`, with as
  /// many fraction digits as needed and without a zone.
  ///
  /// - Parameter timestamp: µs since 1970-01-01T00:00:00 in the zone that is to be shown.
  package mutating func appendSparkTimestamp(_ timestamp: Int64) {
    append(timestamp, separator: UInt8(ascii: " "))
  }

  private mutating func append(_ timestamp: Int64, separator: UInt8) {
    let (days, microseconds) = splitTimestamp(timestamp)
    appendDate(CivilDate(days: days))
    let text = unsafe claim(24)
    let seconds = Int(microseconds / 1_000_000)
    unsafe text[0] = separator
    unsafe writeTwoDigits(seconds / 3600, text + 1)
    unsafe text[3] = UInt8(ascii: ":")
    unsafe writeTwoDigits(seconds / 60 % 60, text + 4)
    unsafe text[6] = UInt8(ascii: ":")
    unsafe writeTwoDigits(seconds % 60, text + 7)
    let fraction = UInt64(microseconds % 1_000_000)
    guard fraction > 0 else { return unsafe commit(9) }
    // As eight digits, so that the unneeded ones are the last.
    let digits = DigitBlock.digits(fraction * 100)
    let zeros = digits.leadingZeroBitCount >> 3
    unsafe text[9] = UInt8(ascii: ".")
    unsafe UnsafeMutableRawPointer(text + 10).storeBytes(
      of: (digits | 0x3030_3030_3030_3030).littleEndian, as: UInt64.self)
    unsafe commit(18 - zeros)
  }

  private mutating func appendDate(_ date: CivilDate) {
    if 0...9999 ~= date.year {
      let text = unsafe claim(10)
      unsafe writeTwoDigits(date.year / 100, text)
      unsafe writeTwoDigits(date.year % 100, text + 2)
      unsafe text[4] = UInt8(ascii: "-")
      unsafe writeTwoDigits(date.month, text + 5)
      unsafe text[7] = UInt8(ascii: "-")
      unsafe writeTwoDigits(date.day, text + 8)
      return unsafe commit(10)
    }
    append(UInt8(ascii: date.year < 0 ? "-" : "+"))
    appendPadded(UInt64(date.year.magnitude), width: 4)
    append(UInt8(ascii: "-"))
    appendTwoDigits(date.month)
    append(UInt8(ascii: "-"))
    appendTwoDigits(date.day)
  }
}
