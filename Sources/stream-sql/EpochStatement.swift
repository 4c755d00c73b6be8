import Columnar
import Diagnostics
import JSONText
import Operators
import SQLiteConnector
import Tables
import Toolkit
import Wire

/// Runs a statement at the end of each epoch that has rows.
struct EpochStatement: PatientOperator, MemoOperator {
  private let query: EpochQuery
  /// nil for a statement over the input alone.
  private let tables: TableVersions?
  private var hasRows = false
  var isAbandoned: () -> Bool = { false }

  init(_ query: EpochQuery, _ tables: TableVersions?) {
    self.query = query
    self.tables = tables
  }

  var memo: JSON? { tables?.memo }

  mutating func restore(_ memo: JSON) {}

  var output: Schema { query.output }

  var columnsUsed: Set<Int>? { query.columnsUsed }

  mutating func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch, emit: (Batch, Change) throws -> Void
  ) throws {
    guard change == .insert else {
      throw StreamError(.data, "rows are taken back, but the stream does not say that they change")
    }
    try query.insert(batch)
    if batch.rowCount > 0 { hasRows = true }
  }

  mutating func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    defer { hasRows = false }
    if hasRows || end.replacesInput { try run(end, emit: emit) }
    try tables?.close(end.epoch.number)
    return EpochOutcome()
  }

  private func run(_ end: EpochEnd, emit: (Batch, Change) throws -> Void) throws {
    try tables?.prepare(end.epoch.number)
    do {
      try query.run(at: end.epoch.time, isAbandoned: isAbandoned) { try emit($0, .insert) }
    } catch is EpochQuery.Abandoned {
      throw WireError.closed
    }
  }
}
