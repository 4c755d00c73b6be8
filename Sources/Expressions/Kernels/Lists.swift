import Columnar

/// The lists of a column whose elements follow each other without gaps: none belongs to a null
/// row, the first to the first list that is not empty.
struct CompactLists {
  let offsets: Buffer<Int32>
  let elements: Column

  init(_ column: Column) {
    let (offsets, elements) = column.list
    let isDense = offsets[0] == 0 && Int(offsets[column.count]) == elements.count
    if isDense, column.validity == nil {
      self.offsets = offsets
      self.elements = elements
      return
    }
    var compact = MutableBuffer<Int32>(capacity: column.count + 1)
    var picked = MutableBuffer<Int32>(capacity: elements.count)
    compact.append(0)
    for row in 0..<column.count {
      if !column.isNull(row) {
        for element in offsets[row]..<offsets[row + 1] { picked.append(element) }
      }
      compact.append(Int32(truncatingIfNeeded: picked.count))
    }
    self.offsets = compact.take()
    self.elements =
      isDense && picked.count == elements.count ? elements : elements.gathering(picked.take())
  }

  /// The row whose list an element belongs to.
  func row(of element: Int) -> Int {
    var (low, high) = (0, offsets.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(offsets[middle]) <= element { low = middle } else { high = middle }
    }
    return low
  }

  /// For each element, its row.
  func rows() -> Buffer<Int32> {
    Buffer(count: elements.count) { output in
      for row in 0..<offsets.count - 1 {
        let length = Int(offsets[row + 1] - offsets[row])
        output.append(repeating: Int32(truncatingIfNeeded: row), count: length)
      }
    }
  }
}
