internal import Scalars

extension ByteText {
  /// Appends an interval as Spark writes it: `INTERVAL '1 02:03:04.5' DAY TO SECOND`.
  ///
  /// - Parameter microseconds: its length.
  mutating func appendDayTimeInterval(_ microseconds: Int64) {
    append(microseconds < 0 ? "INTERVAL '-" : "INTERVAL '")
    let (seconds, fraction) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    appendPadded(seconds / 86_400, width: 1)
    append(UInt8(ascii: " "))
    appendTwoDigits(Int(seconds / 3600 % 24))
    append(UInt8(ascii: ":"))
    appendTwoDigits(Int(seconds / 60 % 60))
    append(UInt8(ascii: ":"))
    appendTwoDigits(Int(seconds % 60))
    if fraction > 0 {
      append(UInt8(ascii: "."))
      var (digits, width) = (fraction, 6)
      while digits % 10 == 0 { (digits, width) = (digits / 10, width - 1) }
      appendPadded(digits, width: width)
    }
    append("' DAY TO SECOND")
  }

  /// Appends an interval as Spark writes it: `INTERVAL '1-2' YEAR TO MONTH`.
  mutating func appendYearMonthInterval(_ months: Int32) {
    append(months < 0 ? "INTERVAL '-" : "INTERVAL '")
    appendPadded(UInt64(months.magnitude / 12), width: 1)
    append(UInt8(ascii: "-"))
    appendPadded(UInt64(months.magnitude % 12), width: 1)
    append("' YEAR TO MONTH")
  }
}
