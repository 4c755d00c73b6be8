import Columnar
import Scalars

/// Functions of arrays and maps that give single values.
enum ArrayQuestions {
  static let size = Kernel { arguments in
    let lists = arguments.lists(0)
    return try arguments.makeInt32s { row in Int32(truncatingIfNeeded: lists[row].count) }
  }

  /// Null when it is not found and there are nulls.
  static let contains = Kernel { arguments in
    let (lists, wanted) = (arguments.lists(0), arguments[1])
    return try arguments.makeBooleans { row in
      var hasNull = false
      for slot in lists[row] {
        if lists.elements.isNull(slot) {
          hasNull = true
        } else if lists.elements.order(slot, against: wanted.column, wanted.slot(row)) == 0 {
          return true
        }
      }
      return hasNull ? nil : false
    }
  }

  /// `array_position(array, value)`: from 1; 0 when it does not occur.
  static let position = Kernel { arguments in
    let (lists, wanted) = (arguments.lists(0), arguments[1])
    return try arguments.makeInt64s { row in
      let range = lists[row]
      let found = range.first { slot in
        !lists.elements.isNull(slot)
          && lists.elements.order(slot, against: wanted.column, wanted.slot(row)) == 0
      }
      return Int64(found.map { $0 - range.lowerBound + 1 } ?? 0)
    }
  }

  /// The smallest or largest element that is not null.
  static func extreme(isLargest: Bool) -> Kernel {
    Kernel { arguments in
      let lists = arguments.lists(0)
      let elements = lists.elements
      return try Members.gather(elements, arguments) { row in
        let known = lists[row].filter { !elements.isNull($0) }
        return isLargest
          ? known.max { elements.order($0, against: elements, $1) < 0 }
          : known.min { elements.order($0, against: elements, $1) < 0 }
      }
    }
  }

  /// `element_at(array, n)`: from 1, or from the end when negative.
  static let elementAt = Kernel(canFail: true) { arguments in
    let (lists, positions) = (arguments.lists(0), arguments.int32s(1))
    return try Members.gather(lists.elements, arguments) { row in
      let (range, position) = (lists[row], Int(positions[row]))
      guard position != 0 else {
        throw Reason("INVALID_INDEX_OF_ZERO", "elements are counted from 1, or from -1 at the end")
      }
      guard position.magnitude <= range.count else {
        throw Reason(
          "INVALID_ARRAY_INDEX_IN_ELEMENT_AT",
          "element \(position) of an array of \(range.count) elements",
          hint: "try_element_at(items, \(position)) gives null instead")
      }
      return position > 0 ? range.lowerBound + position - 1 : range.upperBound + position
    }
  }

  /// `try_element_at`: as above, but null outside of the array.
  static let tryElementAt = Kernel(canFail: true) { arguments in
    let (lists, positions) = (arguments.lists(0), arguments.int32s(1))
    return try Members.gather(lists.elements, arguments) { row in
      let (range, position) = (lists[row], Int(positions[row]))
      guard position != 0 else {
        throw Reason("INVALID_INDEX_OF_ZERO", "elements are counted from 1, or from -1 at the end")
      }
      guard position.magnitude <= range.count else { return nil }
      return position > 0 ? range.lowerBound + position - 1 : range.upperBound + position
    }
  }

  /// `get(array, n)`: from 0; null outside of the array.
  static let get = Kernel { arguments in
    let (lists, positions) = (arguments.lists(0), arguments.int32s(1))
    return try Members.gather(lists.elements, arguments) { row in
      let (range, position) = (lists[row], Int(positions[row]))
      return 0 <= position && position < range.count ? range.lowerBound + position : nil
    }
  }

  /// `array_join(array, delimiter[, forNull])`.
  static let join = Kernel { arguments in
    let (lists, delimiters) = (arguments.lists(0), arguments.strings(1))
    let replacements = arguments.count > 2 ? arguments.strings(2) : nil
    let texts = lists.elements.strings
    return try arguments.makeStrings { row, output in
      var isFirst = true
      for slot in lists[row] {
        let isNull = lists.elements.isNull(slot)
        if isNull, replacements == nil { continue }
        if !isFirst { output.append(contentsOf: delimiters[row]) }
        isFirst = false
        if isNull, let replacements {
          output.append(contentsOf: replacements[row])
        } else {
          output.append(contentsOf: texts[slot])
        }
      }
      return true
    }
  }

  /// Whether they share an element; null when only a null could tell.
  static let overlap = Kernel { arguments in
    let (lefts, rights) = (arguments.lists(0), arguments.lists(1))
    return try arguments.makeBooleans { row in
      var seen = SeenValues()
      var hasNull = false
      for slot in lefts[row] {
        if lefts.elements.isNull(slot) {
          hasNull = true
        } else {
          _ = seen.insert(lefts.elements, slot)
        }
      }
      for slot in rights[row] {
        if rights.elements.isNull(slot) {
          hasNull = true
        } else if seen.contains(rights.elements, slot) {
          return true
        }
      }
      return hasNull && !lefts[row].isEmpty && !rights[row].isEmpty ? nil : false
    }
  }

  /// `split(text, delimiter[, limit])` at a literal text. A limit above 0 bounds the parts; at 0
  /// empty parts at the end go.
  static func split(at delimiter: [UInt8]) -> Kernel {
    Kernel { arguments in
      let texts = arguments.strings(0)
      let limits = arguments.count > 1 ? arguments.int32s(1) : nil
      if delimiter.count == 1, limits == nil, !arguments[0].isConstant {
        let (offsets, parts) = texts.strings.split(
          at: delimiter[0], validity: arguments.validity)
        let elements = Column(.string, .bytes(parts))
        return Column(
          arguments.type, .list(offsets: offsets, elements: elements),
          validity: arguments.validity)
      }
      var parts = ByteStringsBuilder(
        capacity: arguments.rowCount * 4, byteCapacity: texts.strings.totalLength)
      var offsets = MutableBuffer<Int32>(capacity: arguments.rowCount + 1)
      offsets.append(0)
      let valid = arguments.validity
      for row in 0..<arguments.rowCount {
        if valid.map({ $0[row] }) ?? true {
          let limit = limits.map { Int($0[row]) } ?? -1
          append(texts[row], delimiter, limit, to: &parts)
        }
        offsets.append(Int32(truncatingIfNeeded: parts.count))
      }
      let elements = Column(.string, .bytes(parts.take()))
      return Column(
        arguments.type, .list(offsets: offsets.take(), elements: elements), validity: valid)
    }
  }

  @inline(__always)
  private static func append(
    _ text: Span<UInt8>, _ delimiter: [UInt8], _ limit: Int, to parts: inout ByteStringsBuilder
  ) {
    if delimiter.isEmpty { return appendCharacters(text, limit, to: &parts) }
    var start = 0
    var count = 1
    if delimiter.count == 1 {
      let only = delimiter[0]
      for offset in text.indices where text[offset] == only {
        if count == limit { break }
        parts.append(text.extracting(start..<offset))
        start = offset + 1
        count += 1
      }
    } else {
      while count != limit, let next = text.offset(of: delimiter.span, from: start) {
        parts.append(text.extracting(start..<next))
        start = next + delimiter.count
        count += 1
      }
    }
    parts.append(text.extracting(start..<text.count))
  }

  /// An empty delimiter parts all characters.
  private static func appendCharacters(
    _ text: Span<UInt8>, _ limit: Int, to parts: inout ByteStringsBuilder
  ) {
    var start = 0
    var count = 1
    while start < text.count {
      var end = start + 1
      while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
      if count == limit { end = text.count }
      parts.append(text.extracting(start..<end))
      start = end
      count += 1
    }
    if text.count == 0 { parts.append(text) }
  }
}
