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
        if !isFirst { output.append(short: delimiters[row]) }
        isFirst = false
        if isNull, let replacements {
          output.append(short: replacements[row])
        } else {
          output.append(short: texts[slot])
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
}
