package import Columnar
import Diagnostics
import Expressions

/// The first row of each key; a batch of nothing else goes on as it is.
package final class Dedup: StatefulOperator, RejectingOperator {
  private let plan: DedupPlan
  private let columnsNeeded: Set<Int>
  private var known: KnownKeys
  private var numbers = RowNumbers()
  private var rejected = RejectedRows()

  package init(_ plan: DedupPlan) {
    self.plan = plan
    columnsNeeded = plan.columnsUsed
    known = KnownKeys(plan)
  }

  package var output: Schema { plan.input }

  package func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    rejected = RejectedRows()
    guard change == .insert else {
      throw StreamError.rowsAreTakenBack("their keys would still be known")
    }
    if let watermark = epoch.watermark { known.forget(through: watermark) }
    let kept = usableRows(batch, epoch.watermark)
    let new = try newRows(batch, kept, EvaluationContext(now: epoch.time))
    numbers.advance(batch.rowCount)
    try checkStateMemory(
      byteCount: known.byteCount, of: "\(known.count) keys", limit: plan.stateByteLimit)
    guard let new else { return try emit(batch, .insert) }
    if new.count > 0 { try emit(batch.gathering(new), .insert) }
  }

  /// The rows that are not rejected; nil for all.
  private func usableRows(_ batch: Batch, _ watermark: Int64?) -> Buffer<Int32>? {
    guard let column = plan.eventTime else { return nil }
    let isWithin = if case .within = plan.retention { true } else { false }
    return EventTimes(watermark: watermark, refusesNull: isWithin)
      .usable(batch.columns[column], rejected: &rejected)
  }

  /// The rows whose key was not known; nil for all.
  private func newRows(
    _ batch: Batch, _ kept: Buffer<Int32>?, _ context: EvaluationContext
  ) throws -> Buffer<Int32>? {
    let rows = kept.map { batch.gathering($0, columns: columnsNeeded) } ?? batch
    let keys: [Column]
    do {
      keys = try numbers.of(kept).evaluate(plan.keys, over: rows, context)
    } catch let failure as RowError {
      throw failure.error
    }
    let times = plan.eventTime.flatMap { plan.expiries(of: rows.columns[$0]) }
    let new = try known.add(keys, forgottenAt: times, rowCount: rows.rowCount)
    guard let kept, let new else { return new ?? kept }
    return kept.gathering(new)
  }

  package func takeRejected() -> RejectedRows { rejected.take() }

  package func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    // First as far as the epoch before went: then keys are forgotten in one order, whether they were
    // restored in between or not.
    if let watermark = end.epoch.watermark { known.forget(through: watermark) }
    if let time = end.closingTime { known.forget(through: time) }
    if !known.saving.isOn { try known.shrink() }
    var outcome = EpochOutcome()
    outcome.stateRows = known.count
    outcome.stateBytes = known.byteCount
    return outcome
  }
}

// MARK: - State

extension Dedup {
  package var stateSchema: Schema { known.schema }

  package var stateKeyCount: Int { plan.keys.count }

  package var stateAppends: Set<Int> { [] }

  package var stateByteCount: Int { known.byteCount }

  package func keepChanges() { known.saving.isOn = true }

  package func restore(_ rows: Batch, _ change: Change) throws {
    try known.restore(rows, change)
  }

  package func takeChanges(_ body: (Batch, Change) throws -> Void) throws {
    let (forgotten, new) = known.takeChanges()
    for slice in known.slices(of: forgotten) {
      try body(known.rows(of: slice, isWhole: false), .delete)
    }
    for slice in known.slices(of: new) { try body(known.rows(of: slice, isWhole: true), .insert) }
    try known.shrink()
  }

  package func snapshot(_ body: (Batch) throws -> Void) throws {
    known.settle()
    for slice in known.slices(of: known.all) { try body(known.rows(of: slice, isWhole: true)) }
  }
}
