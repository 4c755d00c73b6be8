import Columnar

/// Columns of one type, one behind the other, of which the front is taken.
struct ColumnQueue {
  private var parts: [Column] = []
  private(set) var count = 0

  mutating func append(_ column: Column) {
    if column.count == 0 { return }
    parts.append(column)
    count += column.count
  }

  /// - Parameter wanted: at most ``count``.
  mutating func take(_ wanted: Int, type: DataType) -> Column {
    count -= wanted
    if let first = parts.first, first.count == wanted {
      parts.removeFirst()
      return first
    }
    var (taken, left) = ([Column](), wanted)
    while left > 0 {
      let first = parts[0]
      if first.count <= left {
        taken.append(first)
        parts.removeFirst()
        left -= first.count
      } else {
        taken.append(first[0..<left])
        parts[0] = first[left..<first.count]
        left = 0
      }
    }
    return Column.concatenating(taken, type: type)
  }
}
