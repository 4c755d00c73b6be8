import Columnar
import Diagnostics
import SQLiteConnector
import Testing

/// What a statement gives over rows, in one epoch.
struct Result: Equatable {
  var schema: Schema
  var rows: [[Value]]

  init(
    _ statement: String, over batches: [Batch], declared: Schema? = nil, time: Int64 = 0
  ) throws {
    let query = try EpochQuery(statement, over: batches[0].schema, declared: declared)
    self = try query.result(over: batches, time: time)
  }

  fileprivate init(_ schema: Schema, _ rows: [[Value]]) {
    self.schema = schema
    self.rows = rows
  }

  /// The first column.
  var values: [Value] { rows.map { $0[0] } }
}

extension EpochQuery {
  /// Runs an epoch.
  func result(over batches: [Batch], time: Int64 = 0) throws -> Result {
    var rows: [[Value]] = []
    for batch in batches { try insert(batch) }
    try run(at: time) { batch in
      #expect(batch.schema == output)
      rows += (0..<batch.rowCount).map { batch.row($0) }
    }
    return Result(output, rows)
  }
}

/// A column `v` beside row numbers `n`.
func column(_ type: DataType, _ values: [Value]) -> Batch {
  Batch(
    schema: Schema([Field("n", .bigint), Field("v", type)]),
    columns: [
      Column(.bigint, values: values.indices.map { .integer(Int64($0)) }),
      Column(type, values: values),
    ], rowCount: values.count)
}

/// What is wrong with a statement over a column; nil for nothing.
func fault(
  _ statement: String, over batch: Batch, declared: Schema? = nil
) -> StreamError? {
  do {
    _ = try Result(statement, over: [batch], declared: declared)
    return nil
  } catch {
    return error as? StreamError ?? StreamError(.internal, "\(error)")
  }
}
