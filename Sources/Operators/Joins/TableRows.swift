package import Columnar

/// The rows of a table in memory. Columns stand in chunks of less than 2 GiB each: of which there is
/// one but for very large tables.
package struct TableRows: Sendable {
  package let schema: Schema
  /// Columns that nobody needs are left out of them: any column stands in their place.
  package let chunks: [Batch]
  package let rowCount: Int
  /// The number of the first row of each chunk.
  private let starts: [Int]

  package init(_ chunks: [Batch], schema: Schema) {
    self.schema = schema
    self.chunks = chunks
    var starts: [Int] = []
    var count = 0
    for chunk in chunks {
      starts.append(count)
      count += chunk.rowCount
    }
    self.starts = starts
    rowCount = count
  }

  /// The values of a column at some places.
  func column(_ index: Int, at places: RowPlaces) -> Column {
    let type = schema.fields[index].type
    guard rowCount > 0 else { return .nulls(type, count: places.rows.count) }
    let found =
      chunks.count == 1
      ? chunks[0].columns[index].gathering(places.rows) : gathered(index, places.rows, type)
    return found.masked(by: places.mask)
  }

  /// First from each chunk what is wanted of it, then all of that in the order of the rows.
  private func gathered(_ index: Int, _ rows: Buffer<Int32>, _ type: DataType) -> Column {
    let source = rows.span
    var order = MutableBuffer<Int32>()
    order.append(repeating: 0, count: rows.count)
    var parts: [Column] = []
    var partCount: Int32 = 0
    for (start, chunk) in zip(starts, chunks) {
      var wanted = MutableBuffer<Int32>()
      for slot in source.indices {
        let row = Int(source[slot]) - start
        guard row >= 0, row < chunk.rowCount else { continue }
        wanted.append(Int32(truncatingIfNeeded: row))
        order[slot] = partCount
        partCount += 1
      }
      if wanted.count > 0 { parts.append(chunk.columns[index].gathering(wanted.take())) }
    }
    return Column.concatenating(parts, type: type).gathering(order.take())
  }
}

/// Rows of a table that stand beside rows of a stream, some of which have none.
struct RowPlaces {
  /// Where there is none, any row.
  let rows: Buffer<Int32>
  /// 0 where there is none; nil when there is one everywhere.
  let mask: Bitmap?

  /// - Parameter rows: -1 for none.
  init(_ rows: Buffer<Int32>) {
    guard rows.hasNegative else {
      (self.rows, mask) = (rows, nil)
      return
    }
    let source = rows.span
    var bits = BitmapBuilder(capacity: rows.count)
    self.rows = Buffer(count: rows.count) { output in
      for slot in source.indices {
        output.append(max(source[slot], 0))
        bits.append(source[slot] >= 0)
      }
    }
    mask = bits.take()
  }
}

extension Buffer<Int32> {
  var hasNegative: Bool {
    let source = span
    var bits: Int32 = 0
    for slot in source.indices { bits |= source[slot] }
    return bits < 0
  }
}

/// Collects batches into chunks.
struct TableRowsBuilder {
  private let schema: Schema
  private let used: Set<Int>
  private var parts: [Batch] = []
  private var partRowCount = 0
  /// Of each column.
  private var partByteCounts: [Int]
  private var chunks: [Batch] = []
  private let columnByteCountMax: Int

  /// - Parameters:
  ///   - used: the columns that are kept.
  ///   - columnByteCountMax: no column of a chunk has more, unless one batch has.
  init(_ schema: Schema, used: Set<Int>, columnByteCountMax: Int) {
    self.schema = schema
    self.used = used
    self.columnByteCountMax = columnByteCountMax
    partByteCounts = schema.fields.map { _ in 0 }
  }

  mutating func append(_ batch: Batch) {
    guard batch.rowCount > 0 else { return }
    let columns = batch.columns.enumerated().map { index, column in
      used.contains(index) ? column : .absent(batch.rowCount)
    }
    let byteCounts = columns.map(\.byteCount)
    let isFull = zip(partByteCounts, byteCounts).contains { $0 + $1 > columnByteCountMax }
    if partRowCount > 0, isFull { closeChunk() }
    parts.append(Batch(schema: schema, columns: columns, rowCount: batch.rowCount))
    partRowCount += batch.rowCount
    for (index, count) in byteCounts.enumerated() { partByteCounts[index] += count }
  }

  /// Column by column, so that no more than one of them is in memory twice.
  private mutating func closeChunk() {
    guard partRowCount > 0 else { return }
    var pieces = schema.fields.indices.map { index in parts.map { $0.columns[index] } }
    parts = []
    var columns: [Column] = []
    for (index, field) in schema.fields.enumerated() {
      columns.append(
        used.contains(index)
          ? Column.concatenating(pieces[index], type: field.type) : .absent(partRowCount))
      pieces[index] = []
    }
    chunks.append(Batch(schema: schema, columns: columns, rowCount: partRowCount))
    partRowCount = 0
    partByteCounts = schema.fields.map { _ in 0 }
  }

  mutating func take() -> TableRows {
    closeChunk()
    defer { chunks = [] }
    return TableRows(chunks, schema: schema)
  }
}
