internal import Columnar
internal import Scalars

/// The values of a batch as a person reads them in a table.
final class CellText {
  private var text = ByteText()

  static let null = "NULL"

  func rows(of batch: Batch, _ range: Range<Int>) -> [[String]] {
    var rows: [[String]] = []
    rows.reserveCapacity(range.count)
    for index in range {
      rows.append(batch.columns.map { column in cell(column, index) })
    }
    return rows
  }

  func cell(_ column: Column, _ index: Int) -> String {
    if column.isNull(index) { return CellText.null }
    if column.type == .string, case .bytes(let strings) = column.storage {
      return escaped(strings.string(index))
    }
    text.removeAll()
    append(column, index)
    return text.string
  }

  /// Like JSON within arrays, maps and structs: there, strings stand in quotes.
  private func append(_ column: Column, _ index: Int) {
    switch column.storage {
    case .void: text.append(CellText.null)
    case .boolean(let bits): text.append(bits[index] ? "true" : "false")
    case .int8(let values): text.appendInteger(Int64(values[index]))
    case .int16(let values): text.appendInteger(Int64(values[index]))
    case .int32(let values): appendInteger(Int64(values[index]), column.type)
    case .int64(let values): appendInteger(values[index], column.type)
    case .float(let values): text.appendFloat(values[index])
    case .double(let values): text.appendDouble(values[index])
    case .decimal(let values):
      guard case .decimal(_, let scale) = column.type else { return }
      text.appendDecimal(values[index], scale: scale)
    case .bytes(let strings): appendBytes(strings, index, column.type)
    case .list(let offsets, let elements):
      appendList(elements, Int(offsets[index])..<Int(offsets[index + 1]), column.type)
    case .structure(let columns, _): appendStructure(columns, index, column.type)
    }
  }

  private func appendInteger(_ value: Int64, _ type: DataType) {
    switch type {
    case .date: text.appendDate(Int32(truncatingIfNeeded: value))
    case .timestamp: text.appendTimestamp(value)
    default: text.appendInteger(value)
    }
  }

  private func appendBytes(_ strings: ByteStrings, _ index: Int, _ type: DataType) {
    if type == .string {
      text.append("\"\(escaped(strings.string(index)))\"")
    } else {
      text.append("x'")
      for byte in strings.bytes[strings.range(index)].elements {
        text.append(String(byte >> 4, radix: 16))
        text.append(String(byte & 15, radix: 16))
      }
      text.append("'")
    }
  }

  private func appendElement(_ column: Column, _ index: Int) {
    if column.isNull(index) { text.append(CellText.null) } else { append(column, index) }
  }

  private func appendList(_ elements: Column, _ range: Range<Int>, _ type: DataType) {
    if case .map = type, case .structure(let columns, _) = elements.storage {
      text.append("{")
      for index in range {
        if index > range.lowerBound { text.append(", ") }
        appendElement(columns[0], index)
        text.append(": ")
        appendElement(columns[1], index)
      }
      text.append("}")
      return
    }
    text.append("[")
    for index in range {
      if index > range.lowerBound { text.append(", ") }
      appendElement(elements, index)
    }
    text.append("]")
  }

  private func appendStructure(_ columns: [Column], _ index: Int, _ type: DataType) {
    guard case .structure(let fields) = type else { return }
    text.append("{")
    for (slot, column) in columns.enumerated() {
      if slot > 0 { text.append(", ") }
      text.append("\(escaped(fields[slot].name)): ")
      appendElement(column, index)
    }
    text.append("}")
  }
}
