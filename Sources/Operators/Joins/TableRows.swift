package import Columnar

/// The rows of a table in memory: records of what can stand in one, beside columns of all else.
package struct TableRows: Sendable {
  package let schema: Schema
  package var rowCount: Int { packed.rowCount }
  private let packed: PackedRows
  private let loose: LooseColumns
  /// Of each column of the schema where it stands in the records.
  private let places: [Int?]

  fileprivate init(_ packed: PackedRows, _ loose: LooseColumns, places: [Int?]) {
    schema = loose.schema
    self.packed = packed
    self.loose = loose
    self.places = places
  }

  /// How many rows may be looked up together, so that no column of them is larger than it
  /// may be.
  var rowsMax: Int { min(packed.rowsMax, loose.rowsMax) }

  /// The values of some columns at some places, no more than ``rowsMax``.
  func columns(_ wanted: [Int], at places: RowPlaces) -> [Column] {
    guard rowCount > 0 else {
      return wanted.map { .nulls(schema.fields[$0].type, count: places.rows.count) }
    }
    var packed = packed.columns(wanted.compactMap { self.places[$0] }, at: places)[...]
    return wanted.map { index in
      let column =
        self.places[index] == nil ? loose.column(index, at: places.anyRows) : packed.removeFirst()
      return column.masked(by: places.mask)
    }
  }

  /// Calls `body` with all rows, some at a time.
  ///
  /// - Parameter columns: those that are wanted, in the order in which they come.
  package func forEachBatch(columns: [Int], _ body: (Batch) throws -> Void) rethrows {
    let schema = Schema(columns.map { self.schema.fields[$0] })
    let step = min(16_384, rowsMax)
    for start in stride(from: 0, to: rowCount, by: step) {
      let count = min(step, rowCount - start)
      let rows = Buffer<Int32>(count: count) { output in
        for row in start..<start + count { output.append(Int32(truncatingIfNeeded: row)) }
      }
      try body(
        Batch(
          schema: schema, columns: self.columns(columns, at: RowPlaces(rows)), rowCount: count))
    }
  }
}

/// Rows of a table that stand beside rows of a stream, some of which have none.
struct RowPlaces {
  /// -1 for none.
  let rows: Buffer<Int32>
  /// 0 where there is none; nil when there is one everywhere.
  let mask: Bitmap?

  /// - Parameter rows: -1 for none.
  init(_ rows: Buffer<Int32>) {
    self.rows = rows
    guard rows.hasNegative else {
      mask = nil
      return
    }
    let source = rows.span
    var bits = BitmapBuilder(capacity: rows.count)
    for slot in source.indices { bits.append(source[slot] >= 0) }
    mask = bits.take()
  }

  /// Any row where there is none.
  var anyRows: Buffer<Int32> {
    if mask == nil { return rows }
    let source = rows.span
    return Buffer(count: rows.count) { output in
      for slot in source.indices { output.append(max(source[slot], 0)) }
    }
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

/// Collects the rows of a table.
struct TableRowsBuilder: ~Copyable {
  private let places: [Int?]
  private let packedColumns: [Int]
  private var packed: PackedRowsBuilder
  private var loose: LooseColumnsBuilder

  /// - Parameters:
  ///   - shown: the columns that are looked up.
  ///   - kept: those that are only asked for when all rows are.
  ///   - byteCountMax: no column of rows that are looked up together has more.
  init(_ schema: Schema, shown: Set<Int>, kept: Set<Int>, byteCountMax: Int) {
    let packedColumns = shown.sorted().filter { RowLayout.Width(schema.fields[$0].type) != nil }
    let places = schema.fields.indices.map { packedColumns.firstIndex(of: $0) }
    self.packedColumns = packedColumns
    self.places = places
    packed = PackedRowsBuilder(
      RowLayout(packedColumns.map { schema.fields[$0].type }), byteCountMax: byteCountMax)
    let loose = shown.union(kept).filter { places[$0] == nil }
    self.loose = LooseColumnsBuilder(schema, used: loose, byteCountMax: byteCountMax)
  }

  mutating func append(_ batch: Batch) {
    packed.append(packedColumns.map { batch.columns[$0] }, rowCount: batch.rowCount)
    loose.append(batch)
  }

  consuming func finish() -> TableRows {
    TableRows(packed.finish(), loose.finish(), places: places)
  }
}
