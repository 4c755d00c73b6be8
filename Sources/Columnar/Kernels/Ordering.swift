extension Column {
  /// Compares a value with one of another column of the same type, as Spark's ORDER BY does.
  ///
  /// Nulls come first; -0.0 equals 0.0; NaN equals itself and is larger than all else; strings by
  /// their bytes; arrays and structs member by member. Maps have no order: they compare as lists.
  ///
  /// - Returns: below 0, 0 or above 0.
  package func order(_ index: Int, against other: Column, _ otherIndex: Int) -> Int {
    switch (isNull(index), other.isNull(otherIndex)) {
    case (true, true): return 0
    case (true, false): return -1
    case (false, true): return 1
    case (false, false): break
    }
    switch (storage, other.storage) {
    case (.void, .void): return 0
    case (.boolean(let left), .boolean(let right)):
      return (left[index] ? 1 : 0) - (right[otherIndex] ? 1 : 0)
    case (.int8(let left), .int8(let right)): return compare(left[index], right[otherIndex])
    case (.int16(let left), .int16(let right)): return compare(left[index], right[otherIndex])
    case (.int32(let left), .int32(let right)): return compare(left[index], right[otherIndex])
    case (.int64(let left), .int64(let right)): return compare(left[index], right[otherIndex])
    case (.float(let left), .float(let right)):
      return compareFloating(Double(left[index]), Double(right[otherIndex]))
    case (.double(let left), .double(let right)):
      return compareFloating(left[index], right[otherIndex])
    case (.decimal(let left), .decimal(let right)): return compare(left[index], right[otherIndex])
    case (.bytes(let left), .bytes(let right)):
      return compareBytes(left[index], right[otherIndex])
    case (.list(let left, let leftElements), .list(let right, let rightElements)):
      let (start, end) = (Int(left[index]), Int(left[index + 1]))
      let (otherStart, otherEnd) = (Int(right[otherIndex]), Int(right[otherIndex + 1]))
      for step in 0..<Swift.min(end - start, otherEnd - otherStart) {
        let order = leftElements.order(start + step, against: rightElements, otherStart + step)
        if order != 0 { return order }
      }
      return compare(end - start, otherEnd - otherStart)
    case (.structure(let left, _), .structure(let right, _)):
      for (leftField, rightField) in zip(left, right) {
        let order = leftField.order(index, against: rightField, otherIndex)
        if order != 0 { return order }
      }
      return 0
    default: preconditionFailure("columns of one type")
    }
  }
}

private func compare<Element: Comparable>(_ left: Element, _ right: Element) -> Int {
  left < right ? -1 : (left == right ? 0 : 1)
}

private func compareFloating(_ left: Double, _ right: Double) -> Int {
  if left < right { return -1 }
  if left > right { return 1 }
  return (left.isNaN ? 1 : 0) - (right.isNaN ? 1 : 0)
}

/// Byte by byte, as unsigned; a prefix comes before what it begins.
package func compareBytes(_ left: borrowing Span<UInt8>, _ right: borrowing Span<UInt8>) -> Int {
  for offset in 0..<min(left.count, right.count) where left[offset] != right[offset] {
    return left[offset] < right[offset] ? -1 : 1
  }
  return compare(left.count, right.count)
}
