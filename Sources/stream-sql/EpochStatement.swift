import Columnar
import Diagnostics
import Operators
import SQLiteConnector
import Toolkit
import Wire

/// Runs a statement at the end of each epoch that has rows.
struct EpochStatement: PatientOperator {
  private let query: EpochQuery
  private var hasRows = false
  var isAbandoned: () -> Bool = { false }

  init(_ query: EpochQuery) { self.query = query }

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
    guard hasRows || end.replacesInput else { return EpochOutcome() }
    hasRows = false
    do {
      try query.run(at: end.epoch.time, isAbandoned: isAbandoned) { try emit($0, .insert) }
    } catch is EpochQuery.Abandoned {
      throw WireError.closed
    }
    return EpochOutcome()
  }
}
