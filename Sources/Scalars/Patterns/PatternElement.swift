/// One piece of a compiled datetime pattern: plain bits, so that walking them counts no references.
enum PatternElement: BitwiseCopyable, Sendable {
  /// A range of the pattern's literals.
  case literal(start: Int, count: Int)
  /// A literal of one byte, as most are.
  case byte(UInt8)
  case number(PatternNumber)
  /// A number of exactly two digits, as most are.
  case twoDigits(PatternNumber.Field)
  /// Two digits of a year, read as 2000 to 2099.
  case shortYear
  /// Digits of a second's fraction. `isFixed`: other digits touch it, so that none may be missing.
  case fraction(width: Int, isFixed: Bool)
  case name(PatternName)
  case offset(OffsetStyle)
  case zoneName(isLong: Bool)
  /// What stands up to `end`, where there is an ``optionalEnd``, may be missing.
  case optional(end: Int)
  case optionalEnd
}

/// A number in a pattern.
struct PatternNumber: BitwiseCopyable, Sendable {
  enum Field: BitwiseCopyable, Sendable {
    /// With a sign before year 0.
    case year
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
enum PatternName: BitwiseCopyable, Sendable {
  case era(isLong: Bool)
  case month(isLong: Bool)
  case weekday(isLong: Bool)
  case quarter(isLong: Bool)
  case halfDay

  /// The words for the values from the smallest on.
  var words: [StaticString] {
    switch self {
    case .era(let isLong): isLong ? Self.longEras : Self.eras
    case .month(let isLong): isLong ? Self.longMonths : Self.months
    case .weekday(let isLong): isLong ? Self.longWeekdays : Self.weekdays
    case .quarter(let isLong): isLong ? Self.longQuarters : Self.quarters
    case .halfDay: Self.halfDays
    }
  }

  private static let eras: [StaticString] = ["BC", "AD"]
  private static let longEras: [StaticString] = ["Before Christ", "Anno Domini"]
  private static let months: [StaticString] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  private static let longMonths: [StaticString] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  private static let weekdays: [StaticString] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let longWeekdays: [StaticString] = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  private static let quarters: [StaticString] = ["Q1", "Q2", "Q3", "Q4"]
  private static let longQuarters: [StaticString] = [
    "1st quarter", "2nd quarter", "3rd quarter", "4th quarter",
  ]
  private static let halfDays: [StaticString] = ["AM", "PM"]
}

/// How the distance from Greenwich is written.
enum OffsetStyle: BitwiseCopyable, Sendable {
  /// `+01`, and `+0130` where there are minutes.
  case hours(zero: Zero)
  /// `+0130`, and with seconds where there are any and they are wanted.
  case compact(zero: Zero, hasSeconds: Bool)
  /// `+01:30`, and with seconds where there are any and they are wanted.
  case colons(zero: Zero, hasSeconds: Bool)
  /// `GMT+1`, or `GMT+01:00` in full.
  case greenwich(isFull: Bool)

  /// What is written in place of a distance of zero; the digits themselves unless it is a Z.
  enum Zero: BitwiseCopyable, Sendable { case letterZ, digits }
}
