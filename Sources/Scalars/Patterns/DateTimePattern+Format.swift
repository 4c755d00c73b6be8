extension DateTimePattern {
  /// Appends a timestamp in the zone given.
  ///
  /// - Parameter timestamp: µs since 1970-01-01T00:00:00Z.
  package func format(
    _ timestamp: Int64, zone: PatternZone = .utc, to text: inout ByteText
  ) {
    let clock = PatternClock(timestamp, zone)
    let elements = elements.span
    for index in elements.indices {
      switch elements[index] {
      case .byte(let byte): text.append(byte)
      case .twoDigits(let field): text.appendTwoDigits(clock.value(field))
      case .literal(let start, let count):
        text.append(literals.span.extracting(start..<start + count))
      case .number(let number): clock.append(number, to: &text)
      case .shortYear: text.appendTwoDigits(clock.shortYear)
      case .fraction(let width, _): clock.appendFraction(width, to: &text)
      case .name(let name): clock.append(name, to: &text)
      case .offset(let style): text.appendOffset(zone.offset, style)
      case .zoneName(let isLong):
        text.append(isLong && zone.name == "UTC" ? "Coordinated Universal Time" : zone.name)
      case .optional, .optionalEnd: break
      }
    }
  }
}

/// The fields of a timestamp in its zone.
private struct PatternClock {
  private let days: Int32
  private let date: CivilDate
  private let seconds: Int
  private let fraction: UInt64

  init(_ timestamp: Int64, _ zone: PatternZone) {
    var (days, microseconds) = splitTimestamp(timestamp)
    // On the parts, which have room for it.
    microseconds += Int64(zone.offset) * 1_000_000
    while microseconds < 0 { (days, microseconds) = (days - 1, microseconds + microsecondsPerDay) }
    while microseconds >= microsecondsPerDay {
      (days, microseconds) = (days + 1, microseconds - microsecondsPerDay)
    }
    self.days = Int32(days)
    date = CivilDate(days: days)
    seconds = Int(microseconds / 1_000_000)
    fraction = UInt64(microseconds % 1_000_000)
  }

  var shortYear: Int { abs(date.year) % 100 }

  var yearOfEra: Int { date.year > 0 ? date.year : 1 - date.year }

  func value(_ field: PatternNumber.Field) -> Int {
    let hour = seconds / 3600
    return switch field {
    case .year: date.year
    case .yearOfEra: yearOfEra
    case .quarter: (date.month + 2) / 3
    case .month: date.month
    case .day: date.day
    case .dayOfYear: Int(Calendar.dayOfYear(days))
    case .alignedDay: (date.day - 1) % 7 + 1
    case .hour: hour
    case .clockHour: hour == 0 ? 24 : hour
    case .hourOfHalfDay: hour % 12
    case .clockHourOfHalfDay: hour % 12 == 0 ? 12 : hour % 12
    case .minute: seconds / 60 % 60
    case .second: seconds % 60
    }
  }

  func append(_ number: PatternNumber, to text: inout ByteText) {
    let signed = value(number.field)
    if signed < 0 { text.append(UInt8(ascii: "-")) }
    let value = UInt64(signed.magnitude)
    if number.widthMin == 4, value < 10_000 {
      text.appendTwoDigits(Int(value) / 100)
      return text.appendTwoDigits(Int(value) % 100)
    }
    if number.isSigned, signed > 0, value >= UInt64(powerOfTen(number.widthMin)) {
      text.append(UInt8(ascii: "+"))
    }
    text.appendPadded(value, width: number.widthMin)
  }

  func append(_ name: PatternName, to text: inout ByteText) {
    let index =
      switch name {
      case .era: date.year > 0 ? 1 : 0
      case .month: date.month - 1
      case .weekday: Int(Calendar.weekday(days))
      case .quarter: (date.month - 1) / 3
      case .halfDay: seconds / 43_200
      }
    let word = name.words[index]
    unsafe text.append(word.utf8Start, count: word.utf8CodeUnitCount)
  }

  /// Cuts off, as Java does; beyond µs there are zeros.
  func appendFraction(_ width: Int, to text: inout ByteText) {
    let divisor = UInt64(powerOfTen(max(0, 6 - width)))
    text.appendPadded(fraction / divisor, width: min(width, 6))
    for _ in 0..<max(0, width - 6) { text.append(UInt8(ascii: "0")) }
  }
}

extension ByteText {
  /// - Parameter offset: seconds east of Greenwich.
  fileprivate mutating func appendOffset(_ offset: Int, _ style: OffsetStyle) {
    let seconds = abs(offset)
    if case .greenwich(let isFull) = style {
      append("GMT")
      guard offset != 0 else { return }
      append(UInt8(ascii: offset < 0 ? "-" : "+"))
      appendPadded(UInt64(seconds / 3600), width: isFull ? 2 : 1)
      guard isFull || seconds % 3600 != 0 else { return }
      return appendMinutes(seconds, hasColons: true, hasSeconds: true)
    }
    switch style {
    case .hours(.letterZ), .compact(.letterZ, _), .colons(.letterZ, _):
      if offset == 0 { return append(UInt8(ascii: "Z")) }
    default: break
    }
    append(UInt8(ascii: offset < 0 ? "-" : "+"))
    appendTwoDigits(seconds / 3600)
    switch style {
    case .hours:
      if seconds / 60 % 60 != 0 {
        appendMinutes(seconds, hasColons: false, hasSeconds: false)
      }
    case .compact(_, let hasSeconds):
      appendMinutes(seconds, hasColons: false, hasSeconds: hasSeconds)
    case .colons(_, let hasSeconds):
      appendMinutes(seconds, hasColons: true, hasSeconds: hasSeconds)
    case .greenwich: break
    }
  }

  private mutating func appendMinutes(_ seconds: Int, hasColons: Bool, hasSeconds: Bool) {
    if hasColons { append(UInt8(ascii: ":")) }
    appendTwoDigits(seconds / 60 % 60)
    guard hasSeconds, seconds % 60 != 0 else { return }
    if hasColons { append(UInt8(ascii: ":")) }
    appendTwoDigits(seconds % 60)
  }
}
