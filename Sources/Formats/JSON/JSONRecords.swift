internal import Columnar

/// Goes through a block line by line, and keeps count of rows, lines and malformed records.
@safe
struct JSONRecords: ~Copyable {
  private let text: Buffer<UInt8>
  // SAFETY: both lie in `text`, which ends in a line feed.
  private let start: JSONCursor
  private let end: JSONCursor
  private(set) var rowCount = 0
  private(set) var lineCount = 0
  private(set) var malformed: [MalformedRecord] = []
  var rowOffsets = MutableBuffer<Int64>()
  /// The rows that were kept for the corrupt column, and what it holds there.
  private var corrupt: [(row: Int, text: Range<Int>)] = []

  /// - Parameter text: empty, or ends in a line feed.
  init(text: Buffer<UInt8>) {
    precondition(text.count == 0 || text[text.count - 1] == 0x0A)
    self.text = text
    unsafe start = JSONCursor(text.pointer)
    end = start + text.count
  }

  mutating func read(with reader: inout JSONBlockReader) {
    var place = start
    while end - place > 0 {
      place = readLine(place, &reader)
      lineCount &+= 1
      if rowCount == 8, lineCount == 8 { reserve(place - start, &reader) }
    }
  }

  /// - Returns: the next line.
  @inline(__always)
  private mutating func readLine(
    _ line: JSONCursor, _ reader: inout JSONBlockReader
  ) -> JSONCursor {
    let record = line.byte == UInt8(ascii: "{") ? line : line.pastMargin
    if record.byte == 0x0A { return record + 1 }
    reader.mismatch = nil
    guard let end = reader.readRecord(record) else {
      return refuse(line, fault: reader.scanner.fault, at: reader.scanner.faultPlace, &reader)
    }
    if let mismatch = reader.mismatch {
      return refuse(line, fault: .mismatch(node: mismatch.node), at: mismatch.place, &reader)
    }
    keep(line, &reader)
    return end + 1
  }

  @inline(__always)
  private mutating func keep(_ line: JSONCursor, _ reader: inout JSONBlockReader) {
    rowCount &+= 1
    if reader.options.wantsRowOffsets { rowOffsets.append(Int64(line - start)) }
  }

  /// Notes a malformed record, and takes back what was read of it.
  @inline(never)
  private mutating func refuse(
    _ line: JSONCursor, fault: JSONFault, at place: JSONCursor?, _ reader: inout JSONBlockReader
  ) -> JSONCursor {
    let lineEnd = line.lineEnd
    var fault = fault
    var place = place ?? line
    var isWhole = false
    if let mismatch = reader.mismatch {
      if case .mismatch = fault { isWhole = true }
      // It stands in front of what ended the reading.
      fault = .mismatch(node: mismatch.node)
      place = mismatch.place
    }
    let length = lineEnd - line
    let hasReturn = length > 0 && (line + (length - 1)).byte == 0x0D
    let range = line - start..<line - start + length - (hasReturn ? 1 : 0)
    malformed.append(
      MalformedRecord(
        line: lineCount, column: place - line + 1,
        message: fault.message(at: place, plan: reader.plan), bytes: text[range].elements))
    if reader.options.hasCorruptColumn {
      if !isWhole { reader.replaceRow(rowCount) }
      corrupt.append((rowCount, range))
      keep(line, &reader)
    } else {
      reader.removeRow(rowCount)
    }
    return lineEnd + 1
  }

  /// Makes room for the whole block, on the assumption that it goes on as it began.
  private func reserve(_ done: Int, _ reader: inout JSONBlockReader) {
    reader.reserve(times: Double(text.count) / Double(done) * 1.1)
  }

  mutating func batch(of reader: inout JSONBlockReader, _ schema: Schema) -> Batch {
    var columns = reader.takeColumns()
    if reader.options.hasCorruptColumn {
      columns.append(
        corruptColumn(rowCount: rowCount, corrupt.map { ($0.row, text[$0.text].elements) }))
    }
    return Batch(schema: schema, columns: columns, rowCount: rowCount)
  }
}

extension JSONBlockReader {
  /// Reads a line that is not empty as one row.
  ///
  /// - Returns: the line feed behind it.
  @inline(__always)
  mutating func readRecord(_ place: JSONCursor) -> JSONCursor? {
    guard place.byte == UInt8(ascii: "{") else { return scanner.fail(.expectedObject, at: place) }
    guard let end = unsafe readObject(nodes, place, depth: 0) else { return nil }
    let next = end.byte == 0x0A ? end : end.pastSpaces
    return next.byte == 0x0A ? next : scanner.fail(.trailing, at: next)
  }

  /// Forgets what there is of the row with that number, whole or begun.
  mutating func removeRow(_ row: Int) {
    unsafe nodes.pointee.truncate(to: row)
  }

  /// Makes the row with that number, whole or begun, a row of nulls.
  mutating func replaceRow(_ row: Int) {
    unsafe nodes.pointee.truncate(to: row)
    unsafe nodes.pointee.closeMembers(given: 0)
  }

  mutating func reserve(times factor: Double) {
    for node in 0..<plan.nodes.count { unsafe nodes[node].reserve(times: factor) }
  }

  mutating func takeColumns() -> [Column] { plan.outputs.map { unsafe nodes[$0].take() } }
}
