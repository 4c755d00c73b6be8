internal import Columnar
internal import Connectors
internal import Diagnostics

/// Changes the rows of a table, within a transaction of its caller's.
final class TableWriter {
  private let shape: TableShape
  private let insertion: Statement
  private let upsert: Statement?
  private let deletion: Statement?

  init(_ shape: TableShape, in database: Database) throws(StreamError) {
    self.shape = shape
    insertion = try database.statement(shape.insertion)
    let isUpdate = shape.mode == .update
    upsert = isUpdate && !shape.keys.isEmpty ? try database.statement(shape.upsert) : nil
    deletion = isUpdate ? try database.statement(shape.deletion) : nil
  }

  /// - Parameter isDeletion: the rows with these keys go.
  func apply(_ batch: Batch, isDeletion: Bool) throws(StreamError) {
    let columns = batch.columns.enumerated().map { index, column in
      BoundColumn(column, for: shape.keys.contains(index) ? .key : .table)
    }
    if isDeletion {
      guard deletion != nil else {
        throw StreamError(
          .usage, "rows are taken back, but table '\(shape.name)' has no keys",
          hint: "use an aggregation in append or complete mode before the sink")
      }
      for row in 0..<batch.rowCount { try delete(row, columns) }
    } else if let upsert {
      for row in 0..<batch.rowCount {
        if shape.keys.contains(where: { columns[$0].isNull(row) }) {
          try delete(row, columns)
          try run(insertion, row, columns)
        } else {
          try run(upsert, row, columns)
        }
      }
    } else {
      for row in 0..<batch.rowCount {
        // Without keys the result is a single row.
        if deletion != nil { try delete(row, columns) }
        try run(insertion, row, columns)
      }
    }
  }

  @inline(__always)
  private func run(
    _ statement: Statement, _ row: Int, _ columns: [BoundColumn]
  ) throws(StreamError) {
    for index in columns.indices {
      try columns[index].bind(row, to: statement, at: Int32(truncatingIfNeeded: index &+ 1))
    }
    try statement.run()
  }

  private func delete(_ row: Int, _ columns: [BoundColumn]) throws(StreamError) {
    guard let deletion else { return }
    for (position, key) in shape.keys.enumerated() {
      try columns[key].bind(row, to: deletion, at: Int32(position + 1))
    }
    try deletion.run()
  }
}
