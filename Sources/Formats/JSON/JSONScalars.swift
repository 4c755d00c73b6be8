internal import Columnar
internal import Scalars

// MARK: - Strings, and what stands in them

extension JSONBlockReader {
  /// A string's text; of any other value the JSON text, as it stands.
  @unsafe @inline(__always)
  mutating func readText(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    if place.byte == UInt8(ascii: "\"") {
      let start = place + 1
      let stops = start.stops
      if stops != 0 {
        let length = stops.trailingZeroBitCount
        if start[length] == UInt8(ascii: "\"") {
          unsafe node.pointee.append(short: start, count: length)
          return start + (length &+ 1)
        }
      }
    }
    return unsafe readLongText(node, place, depth: depth)
  }

  @unsafe @inline(never)
  private mutating func readLongText(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    if place.byte == UInt8(ascii: "\"") {
      return unsafe node.pointee.append(stringAt: place + 1, &scanner).map { $0 + 1 }
    }
    return unsafe readValueText(node, place, depth: depth)
  }

  /// The text of any value; null for a null.
  @unsafe
  mutating func readValueText(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard let end = scanner.skipValue(place, depth: depth) else { return nil }
    if place.isNull {
      unsafe node.pointee.appendNull()
    } else {
      unsafe node.pointee.append(place, count: end - place)
    }
    return end
  }

  @unsafe
  mutating func readBinary(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard place.byte == UInt8(ascii: "\"") else {
      return unsafe refuse(node, place, depth: depth)
    }
    guard let text = readString(place) else { return nil }
    if unsafe node.pointee.append(base64: text.start, count: text.count) { return text.next }
    return unsafe refuse(node, place, depth: depth)
  }

  /// A string in RFC 3339 or one of the forms of Spark's cast, or in the format asked for; an
  /// integer counts seconds, as in Spark.
  @unsafe
  mutating func readTimestamp(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard place.byte == UInt8(ascii: "\"") else {
      guard let (seconds, end) = integer(at: place) else {
        return unsafe refuse(node, place, depth: depth)
      }
      let (value, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000)
      if overflows { return unsafe refuse(node, place, depth: depth) }
      unsafe node.pointee.append(long: value)
      return end
    }
    guard let text = readString(place) else { return nil }
    do throws(TimeError) {
      let value =
        options.timestampPattern == nil
        ? try unsafe node.pointee.timestamps.parse(text.start.pointer, count: text.count)
        : try patternTimestamp(text)
      unsafe node.pointee.append(long: value)
      return text.next
    } catch {
      return unsafe refuse(node, place, depth: depth)
    }
  }

  @inline(never)
  private func patternTimestamp(_ text: JSONString) throws(TimeError) -> Int64 {
    guard let pattern = options.timestampPattern else { throw .empty }
    let span = unsafe Span(_unsafeStart: text.start.pointer, count: text.count)
    return try pattern.parseTimestamp(span, zone: options.zone)
  }

  @unsafe
  mutating func readDate(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard place.byte == UInt8(ascii: "\"") else {
      return unsafe refuse(node, place, depth: depth)
    }
    guard let text = readString(place) else { return nil }
    do throws(TimeError) {
      let value = try unsafe parseDate(text.start.pointer, count: text.count)
      unsafe node.pointee.append(int: value)
      return text.next
    } catch {
      return unsafe refuse(node, place, depth: depth)
    }
  }
}

// MARK: - Numbers

extension JSONBlockReader {
  /// The integer that stands here; nil when there is none, or none of 64 bits, or a number with a
  /// point or an exponent.
  @inline(__always)
  private func integer(at place: JSONCursor) -> (value: Int64, end: JSONCursor)? {
    let first = place.pastSign
    let end = first.pastDigits
    guard !first.hasNeedlessZero, end.byte != UInt8(ascii: "."),
      end.byte | 0x20 != UInt8(ascii: "e")
    else { return nil }
    do throws(IntegerError) {
      return (try unsafe parseInt64(place.pointer, count: end - place), end)
    } catch {
      return nil
    }
  }

  @unsafe @inline(__always)
  mutating func readBigint(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard let (value, end) = integer(at: place) else {
      return unsafe refuse(node, place, depth: depth)
    }
    unsafe node.pointee.append(long: value)
    return end
  }

  @unsafe
  mutating func readInteger(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard let (value, end) = integer(at: place), let int = Int32(exactly: value),
      unsafe node.pointee.type.holds(int)
    else { return unsafe refuse(node, place, depth: depth) }
    unsafe node.pointee.append(int: int)
    return end
  }

  @unsafe
  mutating func readDouble(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard place.beginsNumber else {
      guard let text = specialNumber(place) else {
        return unsafe refuse(node, place, depth: depth)
      }
      unsafe node.pointee.append(double: text.value)
      return text.end
    }
    guard let end = scanner.endOfNumber(place) else { return nil }
    var value = 0.0
    _ = unsafe scanDouble(place.pointer, count: end - place, into: &value)
    unsafe node.pointee.append(double: value)
    return end
  }

  @unsafe
  mutating func readFloat(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard place.beginsNumber else {
      guard let text = specialNumber(place) else {
        return unsafe refuse(node, place, depth: depth)
      }
      unsafe node.pointee.append(float: Float(text.value))
      return text.end
    }
    guard let end = scanner.endOfNumber(place) else { return nil }
    // The grammar of JSON's numbers is a part of that of `parseFloat`.
    let value = (try? unsafe parseFloat(place.pointer, count: end - place)) ?? .nan
    unsafe node.pointee.append(float: value)
    return end
  }

  /// A number, or a string that holds one, rounded to the decimal's scale.
  @unsafe
  mutating func readDecimal(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    let text: JSONString
    if place.byte == UInt8(ascii: "\"") {
      guard let string = readString(place) else { return nil }
      text = string
    } else {
      guard place.beginsNumber else { return unsafe refuse(node, place, depth: depth) }
      guard let end = scanner.endOfNumber(place) else { return nil }
      text = JSONString(start: place, count: end - place, next: end)
    }
    guard case .decimal(let precision, let scale) = unsafe node.pointee.type,
      let value = try? unsafe parseDecimal(
        text.start.pointer, count: text.count, precision: precision, scale: scale)
    else { return unsafe refuse(node, place, depth: depth) }
    unsafe node.pointee.append(decimal: value)
    return text.next
  }

  /// What JSON has no numbers for, spelt as a string: `"NaN"`, `"Infinity"`, `"-INF"`.
  private func specialNumber(_ place: JSONCursor) -> (value: Double, end: JSONCursor)? {
    guard place.byte == UInt8(ascii: "\"") else { return nil }
    let length = (place + 1).stops.trailingZeroBitCount
    guard (3...9).contains(length), place[length + 1] == UInt8(ascii: "\"") else { return nil }
    let name = unsafe String(
      decoding: UnsafeBufferPointer(start: place.pointer + 1, count: length), as: UTF8.self)
    let end = place + (length + 2)
    switch name {
    case "NaN": return (.nan, end)
    case "Infinity", "+Infinity", "INF", "+INF": return (.infinity, end)
    case "-Infinity", "-INF": return (-.infinity, end)
    default: return nil
    }
  }

  @unsafe
  mutating func readBoolean(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    if place.isTrue {
      unsafe node.pointee.append(boolean: true)
      return place + 4
    }
    if place.isFalse {
      unsafe node.pointee.append(boolean: false)
      return place + 5
    }
    return unsafe refuse(node, place, depth: depth)
  }
}

extension JSONCursor {
  @inline(__always)
  fileprivate var beginsNumber: Bool { byte == UInt8(ascii: "-") || byte &- 0x30 <= 9 }
}

extension DataType {
  /// Whether a value is in the range of this integer type.
  fileprivate func holds(_ value: Int32) -> Bool {
    switch self {
    case .tinyint: -128...127 ~= value
    case .smallint: -32_768...32_767 ~= value
    default: true
    }
  }
}
