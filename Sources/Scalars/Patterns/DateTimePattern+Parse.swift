extension DateTimePattern {
  /// Parses a text that the pattern matches from its beginning to its end, in any case.
  ///
  /// What the pattern lacks is taken from 1970-01-01T00:00:00.
  ///
  /// - Parameter zone: where the pattern has none.
  /// - Returns: µs since 1970-01-01T00:00:00Z.
  package func parseTimestamp(
    _ text: Span<UInt8>, zone: TimeZone = .utc
  ) throws(TimeError) -> Int64 {
    let fields = try parse(text)
    return try fields.moment().timestamp(in: fields.zone ?? zone)
  }

  /// Parses the date of a text; its time and its zone are read and not used.
  ///
  /// - Returns: days since 1970-01-01.
  package func parseDate(_ text: Span<UInt8>) throws(TimeError) -> Int32 {
    try daysOf(try parse(text).moment().date)
  }

  private func parse(_ text: Span<UInt8>) throws(TimeError) -> PatternFields {
    // An empty span may have no address.
    let source = text.isEmpty ? Self.blank.span : text
    let count = text.count
    return try unsafe source.withUnsafeBufferPointer { bytes throws(TimeError) in
      guard let start = bytes.baseAddress else { throw .empty }
      var fields = PatternFields()
      var reader = unsafe TimeText(start, 0..<count)
      try read(elements.indices, from: &reader, into: &fields)
      guard reader.isAtEnd else { throw reader.failure }
      return fields
    }
  }

  private static let blank: [UInt8] = [UInt8(ascii: " ")]

  private func read(
    _ range: Range<Int>, from reader: inout TimeText, into fields: inout PatternFields
  ) throws(TimeError) {
    let elements = elements.span
    var index = range.lowerBound
    while index < range.upperBound {
      switch elements[index] {
      case .byte(let byte): try reader.takeAnyCase(byte)
      case .twoDigits(let field): fields.set(field, try reader.twoDigits())
      case .literal(let start, let count):
        try reader.takeLiteral(literals.span.extracting(start..<start + count))
      case .number(let number):
        fields.set(number.field, try reader.number(number))
      case .shortYear: fields.prolepticYear = 2000 + (try reader.twoDigits())
      case .fraction(let width, let isFixed):
        fields.fraction = try reader.fraction(isFixed ? width...width : 1...width)
      case .name(let name): fields.set(name, try reader.word(name.words))
      case .offset(let style): fields.zone = .fixed(try reader.offset(style))
      case .zoneName: fields.zone = try reader.leadingZone()
      case .optional(let end):
        let (place, before) = (reader.offset, fields)
        do throws(TimeError) {
          try read(index + 1..<end, from: &reader, into: &fields)
        } catch {
          reader.rewind(to: place)
          fields = before
        }
        index = end
      case .optionalEnd: break
      }
      index += 1
    }
  }
}

/// The fields that a pattern has read.
private struct PatternFields {
  var year: Int?
  var prolepticYear: Int?
  var isBeforeChrist = false
  var month: Int?
  var day: Int?
  var dayOfYear: Int?
  var hour: Int?
  var hourOfHalfDay: Int?
  var isAfternoon: Bool?
  var minute = 0
  var second = 0
  var fraction: Int64 = 0
  var zone: TimeZone?

  mutating func set(_ field: PatternNumber.Field, _ value: Int) {
    switch field {
    case .year: prolepticYear = value
    case .yearOfEra: year = value
    case .month: month = value
    case .day: day = value
    case .dayOfYear: dayOfYear = value
    case .hour: hour = value
    // Values that a clock does not have are moved out of the range of the hours.
    case .clockHour: hour = 1...24 ~= value ? value % 24 : 24
    case .hourOfHalfDay: hourOfHalfDay = value
    case .clockHourOfHalfDay: hourOfHalfDay = 1...12 ~= value ? value % 12 : 12
    case .minute: minute = value
    case .second: second = value
    case .quarter, .alignedDay: break
    }
  }

  mutating func set(_ name: PatternName, _ index: Int) {
    switch name {
    case .era: isBeforeChrist = index == 0
    case .month: month = index + 1
    case .halfDay: isAfternoon = index == 1
    case .weekday, .quarter: break
    }
  }

  func moment() throws(TimeError) -> CivilMoment {
    let year = try resolvedYear()
    var date = CivilDate(year: year, month: month ?? 1, day: day ?? 1)
    if let dayOfYear, month == nil, day == nil {
      guard 1...(isLeapYear(year) ? 366 : 365) ~= dayOfYear else { throw .outOfRange(.dayOfYear) }
      guard year.magnitude < 6_000_000 else { throw .overflow }
      date = CivilDate(days: CivilDate(year: year, month: 1, day: 1).days + dayOfYear - 1)
    }
    var moment = CivilMoment(date: date)
    moment.hour = try resolvedHour()
    moment.minute = minute
    moment.second = second
    moment.fraction = fraction
    return moment
  }

  private func resolvedYear() throws(TimeError) -> Int {
    if let prolepticYear { return prolepticYear }
    let yearOfEra = year ?? 1970
    guard yearOfEra >= 1 else { throw .outOfRange(.year) }
    return isBeforeChrist ? 1 - yearOfEra : yearOfEra
  }

  private func resolvedHour() throws(TimeError) -> Int {
    if let hour { return hour }
    let noon = isAfternoon == true ? 12 : 0
    guard 0...11 ~= hourOfHalfDay ?? 0 else { throw .outOfRange(.hourOfHalfDay) }
    return noon + (hourOfHalfDay ?? 0)
  }
}

extension TimeText {
  fileprivate mutating func takeLiteral(_ bytes: Span<UInt8>) throws(TimeError) {
    for index in bytes.indices { try takeAnyCase(bytes[index]) }
  }

  @inline(__always)
  fileprivate mutating func takeAnyCase(_ byte: UInt8) throws(TimeError) {
    guard let found = next, found == byte || lowercased(found) == lowercased(byte) else {
      throw failure
    }
    skip()
  }

  @inline(__always)
  fileprivate mutating func twoDigits() throws(TimeError) -> Int {
    guard end - offset >= 2 else { return try digits(2...2) }
    let tens = self[offset] &- 0x30
    let ones = self[offset + 1] &- 0x30
    guard tens <= 9, ones <= 9 else { return try digits(2...2) }
    skip(2)
    return Int(tens) * 10 + Int(ones)
  }

  /// Takes digits; a number beyond 18 of them becomes the largest there is.
  fileprivate mutating func digits(_ widths: ClosedRange<Int>) throws(TimeError) -> Int {
    let first = offset
    var value = 0
    while offset - first < widths.upperBound, let byte = next, byte &- 0x30 <= 9 {
      value = offset - first < 18 ? value * 10 + Int(byte &- 0x30) : .max
      skip()
    }
    guard offset - first >= widths.lowerBound else { throw failure }
    return value
  }

  fileprivate mutating func number(_ number: PatternNumber) throws(TimeError) -> Int {
    if case .year = number.field, take(UInt8(ascii: "-")) {
      return -(try digits(number.widthMin...max(number.widthMin, 18)))
    }
    let hasSign = number.isSigned && take(UInt8(ascii: "+"))
    let first = offset
    var widthMax = number.widthMax
    if number.reserved > 0 {
      // As many digits as there are, less those of the numbers that touch this one.
      _ = try digits(0...widthMax + number.reserved)
      widthMax = min(widthMax, max(number.widthMin, offset - first - number.reserved))
      rewind(to: first)
    }
    // Without a sign, a year has the digits that the pattern has; with one it has more.
    let widthMin = number.widthMin + (hasSign ? 1 : 0)
    if number.isSigned, !hasSign { widthMax = widthMin }
    return try digits(widthMin...max(widthMin, widthMax))
  }

  /// Takes fraction digits; what is beyond µs is cut off.
  fileprivate mutating func fraction(_ widths: ClosedRange<Int>) throws(TimeError) -> Int64 {
    let first = offset
    let value = try digits(widths)
    let width = offset - first
    return width <= 6
      ? Int64(value) * Int64(powerOfTen(6 - width)) : Int64(value) / Int64(powerOfTen(width - 6))
  }

  /// Takes one of the words, in any case; of two that match, the longer.
  fileprivate mutating func word(_ words: [StaticString]) throws(TimeError) -> Int {
    var best: (index: Int, length: Int)?
    for (index, word) in words.enumerated() where hasPrefix(word) {
      if word.utf8CodeUnitCount > best?.length ?? 0 { best = (index, word.utf8CodeUnitCount) }
    }
    guard let best else { throw failure }
    skip(best.length)
    return best.index
  }

  private func hasPrefix(_ word: StaticString) -> Bool {
    guard end - offset >= word.utf8CodeUnitCount else { return false }
    for index in 0..<word.utf8CodeUnitCount {
      let expected = unsafe word.utf8Start[index]
      if lowercased(self[offset + index]) != lowercased(expected) { return false }
    }
    return true
  }

  /// Takes a distance from Greenwich, or a `Z`.
  fileprivate mutating func offset(_ style: OffsetStyle) throws(TimeError) -> Int {
    if case .greenwich = style {
      guard try word(["GMT"]) == 0, next == 0x2B || next == 0x2D else { return 0 }
      return try leadingOffset(hasSeconds: true)
    }
    if take(UInt8(ascii: "Z")) { return 0 }
    switch style {
    case .compact(_, true), .colons(_, true): return try leadingOffset(hasSeconds: true)
    default: return try leadingOffset(hasSeconds: false)
    }
  }
}
