import Columnar

/// Columns of one type, one behind the other, of which the front is taken.
struct ColumnQueue {
  private var parts: [Column] = []
  private(set) var count = 0
  /// Of the strings that wait.
  private(set) var byteCount = 0

  mutating func append(_ column: Column) {
    if column.count == 0 { return }
    parts.append(column)
    count += column.count
    byteCount += column.stringByteCount
  }

  /// - Parameter wanted: at most ``count``.
  mutating func take(_ wanted: Int, type: DataType) -> Column {
    count -= wanted
    var (taken, left) = ([Column](), wanted)
    var whole = 0
    while left > 0 {
      let first = parts[whole]
      if first.count <= left {
        taken.append(first)
        whole += 1
      } else {
        taken.append(first[0..<left])
        parts[whole] = first[left..<first.count]
      }
      left -= min(left, first.count)
    }
    parts.removeFirst(whole)
    let column = taken.count == 1 ? taken[0] : Column.concatenating(taken, type: type)
    byteCount -= column.stringByteCount
    return column
  }
}

extension Column {
  fileprivate var stringByteCount: Int {
    if case .bytes(let strings) = storage { strings.totalLength } else { 0 }
  }
}
