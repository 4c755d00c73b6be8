/// Rows of one schema, column by column.
package struct Batch: Sendable {
  package let schema: Schema
  /// One for each field of the schema, each `rowCount` long.
  package let columns: [Column]
  package let rowCount: Int

  package init(schema: Schema, columns: [Column], rowCount: Int) {
    precondition(columns.count == schema.fields.count)
    precondition(columns.allSatisfy { $0.count == rowCount })
    self.schema = schema
    self.columns = columns
    self.rowCount = rowCount
  }

  /// - Precondition: there is a column.
  package init(schema: Schema, columns: [Column]) {
    self.init(schema: schema, columns: columns, rowCount: columns[0].count)
  }

  /// No rows.
  package init(empty schema: Schema) {
    self.init(schema: schema, columns: schema.fields.map { Column.empty($0.type) }, rowCount: 0)
  }

  package func column(named name: String) -> Column? {
    schema.index(of: name).map { columns[$0] }
  }

  /// Rows of a range; strings and numbers are not copied.
  package subscript(range: Range<Int>) -> Batch {
    if range == 0..<rowCount { return self }
    return Batch(schema: schema, columns: columns.map { $0[range] }, rowCount: range.count)
  }

  /// The rows at these positions, in their order.
  ///
  /// - Parameter rows: each in `0..<rowCount`.
  package func gathering(_ rows: Buffer<Int32>) -> Batch {
    Batch(schema: schema, columns: columns.map { $0.gathering(rows) }, rowCount: rows.count)
  }

  /// The rows of all batches, which have one schema.
  package static func concatenating(_ batches: [Batch], schema: Schema) -> Batch {
    if batches.count == 1 { return batches[0] }
    let columns = schema.fields.indices.map { index in
      Column.concatenating(batches.map { $0.columns[index] }, type: schema.fields[index].type)
    }
    return Batch(schema: schema, columns: columns, rowCount: batches.reduce(0) { $0 + $1.rowCount })
  }

  /// Row-wise access for tests, tables on a terminal and other slow paths.
  package func row(_ index: Int) -> [Value] { columns.map { $0.value(index) } }

  /// An estimate of the memory that the rows take, in bytes.
  package var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }
}
