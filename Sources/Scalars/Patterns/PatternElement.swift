/// One piece of a compiled datetime pattern.
enum PatternElement: Sendable, Equatable {
  case literal([UInt8])
  case number(PatternNumber)
  /// Two digits of a year, read as 2000 to 2099.
  case shortYear
  /// Digits of a second's fraction. `isFixed`: other digits touch it, so that none may be missing.
  case fraction(width: Int, isFixed: Bool)
  case name(PatternName)
  case offset(OffsetStyle)
  case zoneName
  /// What stands up to `end`, where there is an ``optionalEnd``, may be missing.
  case optional(end: Int)
  case optionalEnd
}

/// A number in a pattern.
struct PatternNumber: Sendable, Equatable {
  enum Field: Sendable {
    case yearOfEra, quarter, month, day, dayOfYear, alignedDay
    case hour, clockHour, hourOfHalfDay, clockHourOfHalfDay, minute, second
  }

  var field: Field
  var widthMin: Int
  /// How many digits are read at most.
  var widthMax: Int
  /// Whether a number beyond `widthMin` digits has a '+', and must have.
  var isSigned = false
  /// How many digits of the numbers behind this one touch it.
  var reserved = 0
}

/// A word in a pattern, in English.
enum PatternName: Sendable, Equatable {
  case era(isLong: Bool)
  case month(isLong: Bool)
  case weekday(isLong: Bool)
  case quarter(isLong: Bool)
  case halfDay

  /// The words for the values from the smallest on.
  var words: [StaticString] {
    switch self {
    case .era(false): ["BC", "AD"]
    case .era(true): ["Before Christ", "Anno Domini"]
    case .month(false):
      ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    case .month(true):
      [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
      ]
    case .weekday(false): ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    case .weekday(true):
      ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    case .quarter(false): ["Q1", "Q2", "Q3", "Q4"]
    case .quarter(true): ["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"]
    case .halfDay: ["AM", "PM"]
    }
  }
}

/// How the distance from Greenwich is written.
enum OffsetStyle: Sendable, Equatable {
  /// `+01`, and `+0130` where there are minutes.
  case hours(zero: StaticWord)
  /// `+0130`, and with seconds where there are any and they are wanted.
  case compact(zero: StaticWord, hasSeconds: Bool)
  /// `+01:30`, and with seconds where there are any and they are wanted.
  case colons(zero: StaticWord, hasSeconds: Bool)
  /// `GMT+1`, or `GMT+01:00` in full.
  case greenwich(isFull: Bool)

  /// What is written in place of a distance of zero; the digits themselves unless it is a Z.
  enum StaticWord: Sendable { case letterZ, digits }
}
