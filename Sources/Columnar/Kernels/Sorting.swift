/// A column to sort by.
package struct SortColumn: Sendable {
  package let column: Column
  package let isDescending: Bool
  package let nullsFirst: Bool

  package init(_ column: Column, isDescending: Bool = false, nullsFirst: Bool = true) {
    self.column = column
    self.isDescending = isDescending
    self.nullsFirst = nullsFirst
  }
}

/// The rows in the order of the columns, the first column first; equal rows keep their order.
///
/// - Parameters:
///   - columns: each `rowCount` long.
///   - limit: how many of the first rows are wanted; nil for all.
/// - Complexity: O(rows × log(wanted rows)) comparisons, mostly of 8 bytes.
package func sortedRows(
  by columns: [SortColumn], rowCount: Int, limit: Int? = nil
) -> Buffer<Int32> {
  let wanted = min(limit ?? rowCount, rowCount)
  guard wanted > 0 else { return Buffer() }
  let keys = SortKeys(columns, rowCount: rowCount)
  let room = wanted < rowCount / 4 ? 2 * wanted + 64 : rowCount
  var best: [SortItem] = []
  best.reserveCapacity(room)
  var bound: SortItem?
  for row in 0..<rowCount {
    let item = keys.item(row)
    if let bound, !keys.precedes(item, bound) { continue }
    best.append(item)
    if best.count == room, room < rowCount {
      best.sort { keys.precedes($0, $1) }
      best.removeLast(best.count - wanted)
      bound = best.last
    }
  }
  best.sort { keys.precedes($0, $1) }
  return Buffer(count: wanted) { output in
    for item in best[..<wanted] { output.append(item.row) }
  }
}

/// A row and the beginning of its key, by which most comparisons are decided.
private struct SortItem {
  let prefix: UInt64
  let row: Int32
}

/// Each row's values as bytes that compare as the rows do.
private struct SortKeys {
  private let bytes: Buffer<UInt8>
  /// rows + 1 entries.
  private let offsets: Buffer<Int>

  init(_ columns: [SortColumn], rowCount: Int) {
    let encoding = OrderedEncoding(normalizing: true)
    var bytes = MutableBuffer<UInt8>()
    offsets = Buffer(count: rowCount + 1) { output in
      output.append(0)
      for row in 0..<rowCount {
        for column in columns { SortKeys.append(column, row, encoding, &bytes) }
        output.append(bytes.count)
      }
    }
    // The prefix of the last key reads past it.
    bytes.append(repeating: 0, count: 8)
    self.bytes = bytes.take()
  }

  private static func append(
    _ key: SortColumn, _ row: Int, _ encoding: OrderedEncoding, _ bytes: inout MutableBuffer<UInt8>
  ) {
    guard !key.column.isNull(row) else { return bytes.append(key.nullsFirst ? 0 : 2) }
    bytes.append(1)
    let start = bytes.count
    encoding.append(key.column, row, to: &bytes)
    guard key.isDescending else { return }
    for index in start..<bytes.count { bytes[index] = ~bytes[index] }
  }

  func item(_ row: Int) -> SortItem {
    // SAFETY: 8 bytes follow the last key, and memory has slack.
    let start = unsafe UnsafeRawPointer(bytes.pointer + offsets[row])
    let prefix = unsafe UInt64(bigEndian: start.loadUnaligned(as: UInt64.self))
    // What belongs to the next key is cut off, else it would decide.
    let length = offsets[row + 1] - offsets[row]
    let mask: UInt64 = length >= 8 ? ~0 : ~(~0 >> UInt64(8 * length))
    return SortItem(prefix: prefix & mask, row: Int32(row))
  }

  /// A total order: rows with equal keys go by their place.
  @inline(__always)
  func precedes(_ left: SortItem, _ right: SortItem) -> Bool {
    if left.prefix != right.prefix { return left.prefix < right.prefix }
    let order = compareRest(Int(left.row), Int(right.row))
    return order == 0 ? left.row < right.row : order < 0
  }

  private func compareRest(_ left: Int, _ right: Int) -> Int {
    let bytes = bytes.span
    var (leftAt, rightAt) = (offsets[left] + 8, offsets[right] + 8)
    let (leftEnd, rightEnd) = (offsets[left + 1], offsets[right + 1])
    while leftAt < leftEnd, rightAt < rightEnd {
      let (leftByte, rightByte) = (bytes[leftAt], bytes[rightAt])
      if leftByte != rightByte { return leftByte < rightByte ? -1 : 1 }
      leftAt += 1
      rightAt += 1
    }
    return (leftEnd - leftAt).signum() - (rightEnd - rightAt).signum()
  }
}
