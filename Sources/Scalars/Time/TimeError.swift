/// Why a text is not a date or a timestamp. Offsets count bytes from the start of the text.
@usableFromInline
package enum TimeError: Error, Equatable {
  case empty
  /// The text ends where more was expected.
  case incomplete
  case unexpected(byte: UInt8, offset: Int)
  /// A number that its field does not have, such as month 13 or second 60.
  case outOfRange(TimeField)
  /// Neither a distance from Greenwich nor a region that the system knows.
  case unknownZone(offset: Int, count: Int)
  /// Before or after what 64 bits of microseconds (or 32 bits of days) can say.
  case overflow
}

/// A part of a date or a timestamp that an error is about.
@usableFromInline
package enum TimeField: String, Sendable {
  case year, quarter, month, day, hour, minute, second, fraction, zone
  case dayOfYear = "day of the year"
  case dayOfWeek = "day of the week"
  case hourOfHalfDay = "hour of the half day"
}
