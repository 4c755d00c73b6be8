internal import Columnar

/// Walks over JSON values and checks that they are well formed.
///
/// A walk ends with nil where the text is malformed; ``fault`` and ``faultPlace`` then say what and
/// where it is.
struct JSONScanner: ~Copyable {
  private(set) var fault = JSONFault.expectedValue
  private(set) var faultPlace: JSONCursor?

  mutating func fail(_ fault: JSONFault, at place: JSONCursor) -> JSONCursor? {
    self.fault = fault
    faultPlace = place
    return nil
  }
}

// MARK: - Values

extension JSONScanner {
  /// - Parameters:
  ///   - start: the first byte of a value.
  ///   - depth: how many objects and arrays the value stands in.
  /// - Returns: the place behind the value.
  @inline(__always)
  mutating func skipValue(_ start: JSONCursor, depth: Int) -> JSONCursor? {
    if start.byte == UInt8(ascii: "\"") { return skipString(start) }
    return skipOther(start, depth: depth)
  }

  @inline(never)
  private mutating func skipOther(_ start: JSONCursor, depth: Int) -> JSONCursor? {
    switch start.byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["): skipNested(start, depth: depth)
    default: skipScalar(start)
    }
  }

  /// Skips a string, a number or a literal.
  @inline(__always)
  private mutating func skipScalar(_ start: JSONCursor) -> JSONCursor? {
    switch start.byte {
    case UInt8(ascii: "\""): skipString(start)
    case UInt8(ascii: "-"), 0x30...0x39: endOfNumber(start)
    default: skipLiteral(start)
    }
  }

  private mutating func skipLiteral(_ start: JSONCursor) -> JSONCursor? {
    if start.isNull || start.isTrue { return start + 4 }
    if start.isFalse { return start + 5 }
    return fail(.expectedValue, at: start)
  }

  /// - Returns: the place behind the number.
  @inline(__always)
  mutating func endOfNumber(_ start: JSONCursor) -> JSONCursor? {
    let first = start.pastSign
    let end = first.pastDigits
    guard end - first > 0 else { return fail(.expectedDigit, at: first) }
    if first.hasNeedlessZero { return fail(.leadingZero, at: first) }
    // A point, and 'e' in either case, are what may follow.
    if end.byte != UInt8(ascii: "."), end.byte | 0x20 != UInt8(ascii: "e") { return end }
    return endOfFraction(end)
  }

  @inline(__always)
  private mutating func endOfFraction(_ start: JSONCursor) -> JSONCursor? {
    var end = start
    if end.byte == UInt8(ascii: ".") {
      let digits = end + 1
      end = digits.pastDigits
      guard end - digits > 0 else { return fail(.expectedDigit, at: digits) }
    }
    if end.byte | 0x20 == UInt8(ascii: "e") {
      var digits = end + 1
      if digits.byte == UInt8(ascii: "-") || digits.byte == UInt8(ascii: "+") {
        digits = digits + 1
      }
      end = digits.pastDigits
      guard end - digits > 0 else { return fail(.expectedDigit, at: digits) }
    }
    return end
  }
}

// MARK: - Objects and arrays

/// Which of the containers around a place are objects: a bit for each level.
private struct JSONNesting {
  private var objects = InlineArray<4, UInt64>(repeating: 0)
  private var level = 0

  var isEmpty: Bool { level == 0 }

  var isObject: Bool {
    objects[(level - 1) >> 6] >> UInt64((level - 1) & 63) & 1 != 0
  }

  /// - Returns: false when there are too many levels, with those that were there before.
  mutating func enter(isObject: Bool, outerDepth: Int) -> Bool {
    guard level + outerDepth < JSONFault.depthMax else { return false }
    let bit: UInt64 = 1 << UInt64(level & 63)
    if isObject { objects[level >> 6] |= bit } else { objects[level >> 6] &= ~bit }
    level += 1
    return true
  }

  mutating func leave() { level -= 1 }
}

extension JSONScanner {
  private mutating func skipNested(_ start: JSONCursor, depth: Int) -> JSONCursor? {
    var nesting = JSONNesting()
    var place = start
    while true {
      switch place.byte {
      case UInt8(ascii: "{"):
        guard nesting.enter(isObject: true, outerDepth: depth) else {
          return fail(.tooDeep, at: place)
        }
        place = (place + 1).pastSpaces
        if place.byte != UInt8(ascii: "}") {
          guard let value = skipKey(place, orElse: .expectedKeyOrEnd) else { return nil }
          place = value
          continue
        }
      case UInt8(ascii: "["):
        guard nesting.enter(isObject: false, outerDepth: depth) else {
          return fail(.tooDeep, at: place)
        }
        place = (place + 1).pastSpaces
        if place.byte != UInt8(ascii: "]") { continue }
      default:
        guard let end = skipScalar(place) else { return nil }
        place = end
      }
      guard let next = skipEnds(place, &nesting) else { return nil }
      place = next
      if nesting.isEmpty { return place }
    }
  }

  /// Goes from the end of a value, or from the bracket that closes an empty container, to the next
  /// value or out of all containers.
  private mutating func skipEnds(
    _ start: JSONCursor, _ nesting: inout JSONNesting
  ) -> JSONCursor? {
    var place = start
    while !nesting.isEmpty {
      place = place.pastSpaces
      let isObject = nesting.isObject
      if place.byte == UInt8(ascii: ",") {
        let next = (place + 1).pastSpaces
        return isObject ? skipKey(next, orElse: .expectedKey) : next
      }
      guard place.byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
        return fail(isObject ? .expectedCommaOrBrace : .expectedCommaOrBracket, at: place)
      }
      nesting.leave()
      place = place + 1
    }
    return place
  }

  /// - Returns: the first byte of the value behind the key.
  private mutating func skipKey(_ start: JSONCursor, orElse fault: JSONFault) -> JSONCursor? {
    guard start.byte == UInt8(ascii: "\"") else { return fail(fault, at: start) }
    guard let end = skipString(start) else { return nil }
    return skipColon(end)
  }

  /// - Returns: the first byte of the value behind the colon.
  @inline(__always)
  mutating func skipColon(_ keyEnd: JSONCursor) -> JSONCursor? {
    let colon = keyEnd.byte == UInt8(ascii: ":") ? keyEnd : keyEnd.pastSpaces
    guard colon.byte == UInt8(ascii: ":") else { return fail(.expectedColon, at: colon) }
    return (colon + 1).pastSpaces
  }
}

// MARK: - Strings

extension JSONScanner {
  /// - Parameter quote: the quote that opens a string.
  /// - Returns: the place behind the one that closes it.
  @inline(__always)
  mutating func skipString(_ quote: JSONCursor) -> JSONCursor? {
    let start = quote + 1
    let stops = start.stops
    if stops != 0 {
      let end = start + stops.trailingZeroBitCount
      if end.byte == UInt8(ascii: "\"") { return end + 1 }
    }
    return endOfLongString(start).map { $0 + 1 }
  }

  /// The quote that closes a string, however long, with escapes and text beyond ASCII.
  ///
  /// - Parameter start: behind the opening quote.
  @inline(never)
  private mutating func endOfLongString(_ start: JSONCursor) -> JSONCursor? {
    var place = start
    while true {
      let run = place.stops.trailingZeroBitCount
      place = place + run
      if run == 64 { continue }
      switch place.byte {
      case UInt8(ascii: "\""): return place
      case UInt8(ascii: "\\"):
        guard let escape = readEscape(place) else { return nil }
        place = escape.end
      case 0..<0x20: return failAtControl(place)
      default:
        // Where one byte is beyond ASCII more of them follow.
        while place.byte >= 0x80 {
          let length = place.utf8Length
          guard length > 0 else { return fail(.invalidUTF8, at: place) }
          place = place + length
        }
      }
    }
  }
}
