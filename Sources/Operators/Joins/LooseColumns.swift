import Columnar

/// Columns of which records hold no values, in chunks of less than 2 GiB each: of which there is one
/// but for very large tables.
struct LooseColumns: Sendable {
  let schema: Schema
  /// Columns that stand elsewhere are left out of them: any column stands in their place.
  private let chunks: [Batch]
  /// The number of the first row of each chunk.
  private let starts: [Int]
  /// How many rows may be looked up together, so that no column of them is larger than it
  /// may be.
  let rowsMax: Int

  fileprivate init(_ chunks: [Batch], schema: Schema, rowsMax: Int) {
    self.schema = schema
    self.rowsMax = rowsMax
    self.chunks = chunks
    var starts: [Int] = []
    var count = 0
    for chunk in chunks {
      starts.append(count)
      count += chunk.rowCount
    }
    self.starts = starts
  }

  func column(_ index: Int, at rows: Buffer<Int32>) -> Column {
    chunks.count == 1
      ? chunks[0].columns[index].gathering(rows)
      : gathered(index, rows, schema.fields[index].type)
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

/// Collects batches into chunks.
struct LooseColumnsBuilder {
  private let schema: Schema
  private let used: Set<Int>
  private var parts: [Batch] = []
  private var partRowCount = 0
  /// Of each column.
  private var partByteCounts: [Int]
  private var chunks: [Batch] = []
  private let byteCountMax: Int
  private var largestValue = 0

  /// - Parameters:
  ///   - used: the columns that are kept.
  ///   - byteCountMax: no column of a chunk has half as much, unless one batch has; nor a column of rows
  ///     that are looked up together more.
  init(_ schema: Schema, used: Set<Int>, byteCountMax: Int) {
    self.schema = schema
    self.used = used
    self.byteCountMax = byteCountMax
    partByteCounts = schema.fields.map { _ in 0 }
  }

  mutating func append(_ batch: Batch) {
    guard batch.rowCount > 0, !used.isEmpty else { return }
    let columns = batch.columns.enumerated().map { index, column in
      used.contains(index) ? column : .absent(batch.rowCount)
    }
    largestValue = columns.reduce(largestValue) { max($0, $1.largestValue) }
    let byteCounts = columns.map(\.byteCount)
    let isFull = zip(partByteCounts, byteCounts).contains { $0 + $1 > byteCountMax / 2 }
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

  mutating func finish() -> LooseColumns {
    closeChunk()
    return LooseColumns(
      chunks, schema: schema, rowsMax: max(1, byteCountMax / max(1, largestValue)))
  }
}

extension Column {
  /// What the largest of the values takes, in bytes; a bound of that where they are lists.
  var largestValue: Int {
    switch storage {
    case .void: 0
    case .boolean, .int8: 1
    case .int16: 2
    case .int32, .float: 4
    case .int64, .double: 8
    case .decimal: 16
    case .bytes(let strings): strings.offsets.largestStep
    case .list(let offsets, let elements):
      offsets.largestStep.multiplied(by: max(1, elements.largestValue))
    case .structure(let fields, _):
      fields.reduce(0) { min(Int(Int32.max), $0 + $1.largestValue) }
    }
  }
}

extension Buffer<Int32> {
  fileprivate var largestStep: Int {
    let source = span
    var largest: Int32 = 0
    for slot in source.indices.dropFirst() {
      largest = Swift.max(largest, source[slot] &- source[slot &- 1])
    }
    return Int(largest)
  }
}

extension Int {
  /// More than an array can hold is as good as any.
  fileprivate func multiplied(by other: Int) -> Int {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? Int(Int32.max) : Swift.min(product, Int(Int32.max))
  }
}
