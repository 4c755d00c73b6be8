/// Reads the fields of a date or a timestamp off a text, one after the other.
///
/// Every read is checked against the end of the text.
@safe
struct TimeText: ~Copyable {
  // SAFETY: `end` bytes from `text` on are readable while the value lives; it stays on the stack
  // of a function that was given them.
  private let text: UnsafePointer<UInt8>
  private(set) var offset: Int
  let end: Int

  @unsafe
  init(_ text: UnsafePointer<UInt8>, _ range: Range<Int>) {
    unsafe self.text = unsafe text
    offset = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { offset == end }

  /// The next byte; nil at the end.
  var next: UInt8? { offset < end ? unsafe text[offset] : nil }

  subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < end)
    return unsafe text[index]
  }

  mutating func skip(_ count: Int = 1) {
    offset = min(offset + count, end)
  }

  mutating func rewind(to earlier: Int) {
    offset = min(earlier, offset)
  }

  mutating func skipSpaces() {
    while next == UInt8(ascii: " ") { offset += 1 }
  }

  /// Takes a byte if it comes next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    offset += 1
    return true
  }

  /// Whether a time of day comes next: a `T`, or one or two digits and a colon.
  var beginsWithClock: Bool {
    if next == UInt8(ascii: "T") { return true }
    var place = offset
    while place < end, place - offset < 2, self[place] &- 0x30 <= 9 { place += 1 }
    return place > offset && place < end && self[place] == UInt8(ascii: ":")
  }

  /// What is wrong with the byte that comes next.
  var failure: TimeError {
    next.map { .unexpected(byte: $0, offset: offset) } ?? .incomplete
  }

  /// Takes as many digits as there are, but no more than the upper bound of `widths`.
  mutating func number(_ widths: ClosedRange<Int>) throws(TimeError) -> Int {
    var value = 0
    let first = offset
    while offset < end, offset - first < widths.upperBound {
      let digit = unsafe text[offset] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      value = value * 10 + Int(digit)
      offset += 1
    }
    guard offset - first >= widths.lowerBound else { throw failure }
    return value
  }

  /// Takes digits behind a decimal point, any number of them; what is beyond µs is cut off.
  mutating func fraction() -> Int64 {
    var value: Int64 = 0
    var unit: Int64 = 100_000
    while offset < end {
      let digit = unsafe text[offset] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      value += Int64(digit) * unit
      unit /= 10
      offset += 1
    }
    return value
  }

  /// Takes `[+-]?` and a year.
  mutating func year(_ widths: ClosedRange<Int>) throws(TimeError) -> Int {
    let isNegative = next == UInt8(ascii: "-")
    if isNegative || next == UInt8(ascii: "+") { offset += 1 }
    let year = try number(widths)
    return isNegative ? -year : year
  }

  /// Takes the zone that the rest of the text must be. See ``TimeZone/init(named:)``.
  mutating func zone() throws(TimeError) -> TimeZone {
    if next == UInt8(ascii: "Z"), offset + 1 == end {
      offset += 1
      return .utc
    }
    let zone = try zone(offset..<end)
    offset = end
    return zone
  }

  /// Takes a zone that other text may follow.
  mutating func leadingZone() throws(TimeError) -> TimeZone {
    var last = offset
    while last < end, isZoneByte(self[last]) { last += 1 }
    guard last > offset else { throw failure }
    let zone = try zone(offset..<last)
    offset = last
    return zone
  }

  private func zone(_ range: Range<Int>) throws(TimeError) -> TimeZone {
    let count = range.count
    guard count <= 64 else { throw .unknownZone(offset: range.lowerBound, count: count) }
    let name = unsafe String(
      decoding: UnsafeBufferPointer(start: text + range.lowerBound, count: count), as: UTF8.self)
    do throws(ZoneError) {
      return try TimeZone(named: name)
    } catch {
      throw .unknownZone(offset: range.lowerBound, count: count)
    }
  }

  private func isZoneByte(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || 0x30...0x3A ~= byte
      || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "_") || byte == 0x2B || byte == 0x2D
  }

  /// Takes a sign, hours, and perhaps minutes and seconds.
  ///
  /// - Returns: seconds east of Greenwich.
  mutating func leadingOffset(hasSeconds: Bool) throws(TimeError) -> Int {
    let isNegative = next == UInt8(ascii: "-")
    guard isNegative || next == UInt8(ascii: "+") else { throw failure }
    skip()
    let hours = try number(1...2)
    var minutes = 0
    var seconds = 0
    let hasColons = take(UInt8(ascii: ":"))
    if hasColons || hasDigit {
      minutes = try number(hasColons ? 1...2 : 2...2)
      if hasSeconds, hasColons ? take(UInt8(ascii: ":")) : hasDigit {
        seconds = try number(2...2)
      }
    }
    let total = hours * 3600 + minutes * 60 + seconds
    guard minutes < 60, seconds < 60, total <= 18 * 3600 else { throw .outOfRange(.zone) }
    return isNegative ? -total : total
  }

  private var hasDigit: Bool { next.map { 0x30...0x39 ~= $0 } ?? false }
}
