/// Turns texts into timestamps, remembering the date that it met last: in most inputs the next one
/// is on the same day.
///
/// Reads RFC 3339 (`2026-03-01T12:34:56.789Z`, `+01:00`) fast, and all that Spark's cast takes:
/// `2026`, `2026-3`, `2026-03-01`, `2026-03-01 12`, `… 12:34`, `… 12:34:56`, any number of
/// fraction digits (beyond µs they are cut off), then a zone as in ``TimeZone/init(named:)``;
/// whitespace around it is skipped.
@usableFromInline package struct TimestampParser: Sendable {
  /// The zone of a text that has none: in µs east of Greenwich, or as the clocks of a region are.
  @usableFromInline let zoneOffset: Int64
  @usableFromInline let isRegional: Bool
  @usableFromInline var clocks: ZoneCursor
  /// Whether a zone in the text is read and not used: for what the clocks of any place show.
  @usableFromInline let ignoresZone: Bool
  /// The day, since 1970-01-01, of a text that is only a time; nil refuses such texts.
  package var today: Int32?
  // The bytes of the date (at first 1970-01-01), and its first moment.
  @usableFromInline var dateStart: UInt64 = 0x2D31_302D_3037_3931
  @usableFromInline var dateEnd: UInt16 = 0x3130
  @usableFromInline var midnight: Int64 = 0

  /// - Parameter zone: of the texts that have none.
  package init(zone: TimeZone = .utc, ignoringZones ignoresZone: Bool = false) {
    self.ignoresZone = ignoresZone
    zoneOffset = Int64(zone.fixedOffset ?? 0) * 1_000_000
    isRegional = zone.fixedOffset == nil
    clocks = ZoneCursor(zone)
  }

  /// - Returns: µs since 1970-01-01T00:00:00Z.
  @inlinable
  package mutating func parse(_ text: Span<UInt8>) throws(TimeError) -> Int64 {
    try unsafe text.withUnsafeBufferPointer { bytes throws(TimeError) in
      guard let start = bytes.baseAddress else { throw .empty }
      return try unsafe parse(start, count: bytes.count)
    }
  }

  /// - Parameter text: `count` readable bytes.
  @unsafe @inlinable
  package mutating func parse(
    _ text: UnsafePointer<UInt8>, count: Int
  ) throws(TimeError) -> Int64 {
    guard count >= 19 else { return try unsafe parseLeniently(text, count: count) }
    let date = unsafe UnsafeRawPointer(text)
    let start = unsafe UInt64(littleEndian: date.loadUnaligned(as: UInt64.self))
    let end = unsafe UInt16(littleEndian: (date + 8).loadUnaligned(as: UInt16.self))
    if start != dateStart || end != dateEnd {
      guard unsafe remember(text, start, end) else {
        return try unsafe parseLeniently(text, count: count)
      }
    }
    guard unsafe text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " "),
      let clock = unsafe parseClock(text + 11),
      let rest = unsafe parseRest(text, count: count)
    else { return try unsafe parseLeniently(text, count: count) }
    let time = midnight &+ clock &+ rest.time
    if rest.hasZone, ignoresZone { return try unsafe parseLeniently(text, count: count) }
    return isRegional && !rest.hasZone ? try timestamp(ofLocal: time) : time
  }

  @usableFromInline @inline(never)
  mutating func timestamp(ofLocal time: Int64) throws(TimeError) -> Int64 {
    guard let timestamp = clocks.timestamp(ofLocal: time) else { throw .overflow }
    return timestamp
  }

  /// Parses RFC 3339 and nothing else: a `T`, seconds and a zone are required.
  package mutating func parseRFC3339(_ text: Span<UInt8>) throws(TimeError) -> Int64 {
    try unsafe text.withUnsafeBufferPointer { bytes throws(TimeError) in
      guard let start = bytes.baseAddress else { throw .empty }
      let count = bytes.count
      guard count >= 20 else { throw .incomplete }
      let zone = unsafe start[count - 1] == UInt8(ascii: "Z") ? count - 1 : count - 6
      for index in 0..<count {
        guard unsafe isRFC3339(start[index], at: index, zone: zone) else {
          throw unsafe .unexpected(byte: start[index], offset: index)
        }
      }
      return try unsafe parse(start, count: count)
    }
  }

  /// Whether a byte may stand at its place, `zone` being where the zone begins.
  private func isRFC3339(_ byte: UInt8, at index: Int, zone: Int) -> Bool {
    switch index {
    case 4, 7: byte == UInt8(ascii: "-")
    case 10: byte == UInt8(ascii: "T")
    case 13, 16: byte == UInt8(ascii: ":")
    case zone: byte == UInt8(ascii: "Z") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    case zone + 3: byte == UInt8(ascii: ":")
    // A point needs a digit behind it.
    case 19: byte == UInt8(ascii: ".") && zone > 20
    default: 0x30...0x39 ~= byte
    }
  }

  /// Takes the date in the first ten bytes, if it is one that exists.
  @unsafe @usableFromInline @inline(never)
  mutating func remember(_ text: UnsafePointer<UInt8>, _ start: UInt64, _ end: UInt16) -> Bool {
    guard let days = unsafe parsePlainDate(text) else { return false }
    dateStart = start
    dateEnd = end
    midnight = Int64(days) * microsecondsPerDay
    return true
  }

  /// The µs of `hh:mm:ss`; nil for anything else.
  ///
  /// - Parameter text: eight readable bytes.
  @unsafe @inlinable @inline(__always)
  func parseClock(_ text: UnsafePointer<UInt8>) -> Int64? {
    let word = unsafe UInt64(
      littleEndian: UnsafeRawPointer(text).loadUnaligned(as: UInt64.self))
    // Digits become 0 to 9, colons 0.
    let fields = word ^ 0x3030_3A30_303A_3030
    guard ((fields &+ 0x7676_7F76_767F_7676) | fields) & 0x8080_8080_8080_8080 == 0 else {
      return nil
    }
    // Tens and ones of each pair, side by side.
    let pairs = fields &* 10 &+ (fields &>> 8)
    let hours = Int64(truncatingIfNeeded: pairs & 0xFF)
    let minutes = Int64(truncatingIfNeeded: (pairs &>> 24) & 0xFF)
    let seconds = Int64(truncatingIfNeeded: (pairs &>> 48) & 0xFF)
    guard hours < 24, minutes < 60, seconds < 60 else { return nil }
    return (hours &* 3600 &+ minutes &* 60 &+ seconds) &* 1_000_000
  }

  /// The µs of what stands behind `yyyy-mm-ddThh:mm:ss`: a fraction, a zone, both or nothing; nil
  /// for a form that is rare.
  @unsafe @inlinable @inline(__always)
  func parseRest(
    _ text: UnsafePointer<UInt8>, count: Int
  ) -> (time: Int64, hasZone: Bool)? {
    var index = 19
    var fraction: Int64 = 0
    if index < count, unsafe text[index] == UInt8(ascii: ".") {
      index = 20
      var unit: Int64 = 100_000
      while index < count {
        let digit = unsafe text[index] &- UInt8(ascii: "0")
        guard digit <= 9 else { break }
        fraction &+= Int64(digit) &* unit
        unit /= 10
        index &+= 1
      }
    }
    if index == count { return (fraction &- zoneOffset, false) }
    if index &+ 1 == count, unsafe text[index] == UInt8(ascii: "Z") { return (fraction, true) }
    guard count &- index == 6, unsafe text[index &+ 3] == UInt8(ascii: ":") else { return nil }
    let sign = unsafe text[index]
    let hours = unsafe twoDigits(text + index + 1)
    let minutes = unsafe twoDigits(text + index + 4)
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), hours < 18, minutes < 60 else {
      return nil
    }
    let offset = Int64(hours &* 60 &+ minutes) &* 60_000_000
    return (sign == UInt8(ascii: "+") ? fraction &- offset : fraction &+ offset, true)
  }

  /// Every form, field by field.
  @unsafe @usableFromInline @inline(never)
  mutating func parseLeniently(
    _ text: UnsafePointer<UInt8>, count: Int
  ) throws(TimeError) -> Int64 {
    var reader = unsafe TimeText(text, trimmedRange(text, count: count))
    guard !reader.isAtEnd else { throw .empty }
    var moment: CivilMoment
    var zone: TimeZone?
    if let today, reader.beginsWithClock {
      moment = CivilMoment(date: CivilDate(days: Int(today)))
      _ = reader.take(UInt8(ascii: "T"))
      zone = try moment.readClock(from: &reader)
    } else {
      moment = CivilMoment(date: CivilDate(year: try reader.year(4...6), month: 1, day: 1))
      zone = try moment.readRest(from: &reader)
    }
    if let zone, !ignoresZone { return try moment.timestamp(in: zone) }
    if isRegional { return try timestamp(ofLocal: moment.timestamp(zoneOffset: 0)) }
    return try moment.timestamp(zoneOffset: zoneOffset)
  }
}

/// A date and a time of day, whose fields may be wrong.
struct CivilMoment {
  var date: CivilDate
  var hour = 0
  var minute = 0
  var second = 0
  /// µs, 0 to 999,999.
  var fraction: Int64 = 0

  /// Reads what may stand behind the year.
  ///
  /// - Returns: the zone, nil if there is none.
  mutating func readRest(from reader: inout TimeText) throws(TimeError) -> TimeZone? {
    if reader.isAtEnd { return nil }
    guard reader.take(UInt8(ascii: "-")) else { throw reader.failure }
    date.month = try reader.number(1...2)
    if reader.isAtEnd { return nil }
    guard reader.take(UInt8(ascii: "-")) else { throw reader.failure }
    date.day = try reader.number(1...2)
    if reader.isAtEnd { return nil }
    guard reader.take(UInt8(ascii: " ")) || reader.take(UInt8(ascii: "T")) else {
      throw reader.failure
    }
    return try readClock(from: &reader)
  }

  /// Reads the time of day and what stands behind it.
  mutating func readClock(from reader: inout TimeText) throws(TimeError) -> TimeZone? {
    hour = try reader.number(1...2)
    if reader.isAtEnd { return nil }
    guard reader.take(UInt8(ascii: ":")) else { throw reader.failure }
    minute = try reader.number(1...2)
    if reader.isAtEnd { return nil }
    guard reader.take(UInt8(ascii: ":")) else { throw reader.failure }
    second = try reader.number(1...2)
    if reader.take(UInt8(ascii: ".")) { fraction = reader.fraction() }
    if reader.isAtEnd { return nil }
    reader.skipSpaces()
    return try reader.zone()
  }

  func timestamp(in zone: TimeZone) throws(TimeError) -> Int64 {
    if let offset = zone.fixedOffset {
      return try timestamp(zoneOffset: Int64(offset) * 1_000_000)
    }
    var clocks = ZoneCursor(zone)
    guard let timestamp = clocks.timestamp(ofLocal: try timestamp(zoneOffset: 0)) else {
      throw .overflow
    }
    return timestamp
  }

  /// - Parameter zoneOffset: µs east of Greenwich.
  func timestamp(zoneOffset: Int64) throws(TimeError) -> Int64 {
    let days = try daysOf(date)
    guard 0...23 ~= hour else { throw .outOfRange(.hour) }
    guard 0...59 ~= minute else { throw .outOfRange(.minute) }
    guard 0...59 ~= second else { throw .outOfRange(.second) }
    let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    let exact = Int128(seconds) * 1_000_000 + Int128(fraction) - Int128(zoneOffset)
    guard let timestamp = Int64(exactly: exact) else { throw .overflow }
    return timestamp
  }
}
