internal import CKernels
package import Columnar
internal import Scalars

/// The text of each value of a column, as CSV and plain text have it; nothing for nulls.
///
/// Timestamps are RFC 3339 in UTC, doubles as short as can be, decimals plain, binary is base64 and
/// nested values are JSON.
package func columnText(_ column: Column) -> ByteStrings {
  switch column.storage {
  case .void: return texts(column) { _, _ in }
  case .boolean(let bits):
    return texts(column) { row, text in text.append(bits[row] ? "true" : "false") }
  case .int8(let values): return texts(column) { $1.appendInteger(Int64(values[$0])) }
  case .int16(let values): return texts(column) { $1.appendInteger(Int64(values[$0])) }
  case .int32(let values):
    switch column.type {
    case .date: return texts(column) { $1.appendDate(values[$0]) }
    case .yearMonthInterval: return texts(column) { $1.appendYearMonthInterval(values[$0]) }
    default: return texts(column) { $1.appendInteger(Int64(values[$0])) }
    }
  case .int64(let values):
    switch column.type {
    case .timestamp: return texts(column) { $1.appendTimestamp(values[$0]) }
    case .dayTimeInterval: return texts(column) { $1.appendDayTimeInterval(values[$0]) }
    default: return texts(column) { $1.appendInteger(values[$0]) }
    }
  case .float(let values): return texts(column) { $1.appendFloat(values[$0]) }
  case .double(let values): return texts(column) { $1.appendDouble(values[$0]) }
  case .decimal(let values):
    let scale = column.type.decimalScale
    return texts(column) { $1.appendDecimal(values[$0], scale: scale) }
  case .bytes(let strings):
    if column.type == .string, column.validity == nil { return strings }
    if column.type == .string { return texts(column) { $1.append(strings[$0]) } }
    return texts(column) { row, text in
      let start = unsafe strings.bytes.pointer + strings.range(row).lowerBound
      unsafe text.append(base64Of: start, count: strings.length(row))
    }
  case .list, .structure:
    let writer = JSONValueWriter(column)
    return texts(column) { writer.append($0, to: &$1) }
  }
}

extension DataType {
  fileprivate var decimalScale: Int {
    if case .decimal(_, let scale) = self { scale } else { 0 }
  }
}

/// One loop for every type.
@inline(__always)
private func texts(
  _ column: Column, _ append: (Int, inout ByteText) -> Void
) -> ByteStrings {
  var text = ByteText(capacity: column.count * 8)
  let offsets = Buffer<Int32>(count: column.count + 1) { offsets in
    offsets.append(0)
    for row in 0..<column.count {
      if !column.isNull(row) { append(row, &text) }
      offsets.append(Int32(truncatingIfNeeded: text.count))
    }
  }
  let bytes = Buffer<UInt8>(text.span)
  return ByteStrings(offsets: offsets, bytes: bytes)
}

extension Buffer where Element == UInt8 {
  /// A copy.
  init(_ span: Span<UInt8>) {
    var bytes = MutableBuffer<UInt8>(capacity: span.count)
    bytes.append(contentsOf: span)
    self = bytes.take()
  }
}

/// Writes the texts of columns row by row: a delimiter between two, a line feed behind the last.
///
/// - Parameters:
///   - columns: each with as many texts as there are rows.
func writeRows(
  _ columns: [ByteStrings], rowCount: Int, delimiter: UInt8, into bytes: inout MutableBuffer<UInt8>
) {
  let cells = unsafe columns.map {
    unsafe Cell(text: $0.bytes.pointer, offsets: $0.offsets.pointer)
  }
  bytes.reserve(columns.reduce(rowCount * max(1, columns.count)) { $0 + $1.totalLength })
  var target = unsafe bytes.pointer + bytes.count
  // SAFETY: room for all texts and separators is reserved; texts are copied 16 bytes at a time, so
  // that up to 15 behind them are read and written: a buffer has 64 to spare.
  unsafe cells.withUnsafeBufferPointer { cells in
    for row in 0..<rowCount {
      for index in 0..<cells.count {
        let cell = unsafe cells[index]
        let start = unsafe Int(cell.offsets[row])
        let length = unsafe Int(cell.offsets[row &+ 1]) &- start
        unsafe copyVectors(from: cell.text + start, to: target, count: length)
        unsafe target[length] = delimiter
        unsafe target += length &+ 1
      }
      if cells.isEmpty { unsafe target += 1 }
      unsafe target[-1] = lineFeed
    }
  }
  unsafe bytes.setCount(target - bytes.pointer)
  extendLifetime(columns)
}

@unsafe private struct Cell {
  let text: UnsafePointer<UInt8>
  let offsets: UnsafePointer<Int32>
}

/// Copies 16 bytes at a time: up to 15 more than asked for, and 16 where `count` is 0.
@unsafe @inline(__always)
func copyVectors(
  from source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int
) {
  unsafe kernel_copy_16(target, source)
  var done = 16
  while done < count {
    unsafe kernel_copy_16(target + done, source + done)
    done &+= 16
  }
}
