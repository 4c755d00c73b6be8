package import Columnar
import Diagnostics
import Expressions

/// `GROUP BY` over sessions: the rows of a key that follow each other closely enough are one group.
///
/// A row that falls between sessions makes them one. In update mode those that were sent before, and
/// are part of another one now or begin earlier, are taken back first.
package final class SessionAggregate: StatefulOperator, RejectingOperator {
  private let plan: AggregatePlan
  private let gap: SessionGapPlan
  private let time: RowTime
  private var state: SessionState
  private var numbers = RowNumbers()
  private var rejected = RejectedRows()
  /// Whether a row was taken since the last result.
  private var hasChanged = false

  /// - Parameter plan: grouped by sessions.
  package init(_ plan: AggregatePlan) {
    guard case .sessions(let gap, let time) = plan.grouping
    else { preconditionFailure("the groups are sessions") }
    self.plan = plan
    self.gap = gap
    self.time = time
    output = plan.output
    state = SessionState(plan)
  }

  package let output: Schema

  package var columnsUsed: Set<Int>? { plan.columnsUsed }

  package func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    guard change == .insert else {
      throw StreamError.rowsAreTakenBack("an aggregation can only add rows")
    }
    do {
      try add(batch, epoch, EvaluationContext(now: epoch.time))
    } catch let failure as RowError {
      throw failure.error
    }
    numbers.advance(batch.rowCount)
    try plan.checkMemory(state.byteCount, groupCount: state.table.openCount)
  }

  private func add(_ batch: Batch, _ epoch: Epoch, _ context: EvaluationContext) throws {
    let gaps = try numbers.attempt { try gap.gaps(of: batch, context) }
    // In complete mode nothing is late.
    let sessions = SessionRows(
      time.times(batch, in: epoch), gaps, watermark: plan.mode == .complete ? nil : epoch.watermark)
    rejected = sessions.rejected
    guard sessions.starts.count > 0 else { return }
    hasChanged = true
    let input =
      sessions.rows.map { batch.gathering($0, columns: plan.aggregation.columnsUsed) } ?? batch
    let keys = try numbers.of(sessions.rows)
      .evaluate(plan.aggregation.keys, over: input, context)
    try state.add(input, sessions, keys: keys, numbers, context)
  }

  package var necessity: String {
    switch (time, gap.form) {
    case (.column, .constant): "an event time"
    case (.epoch, _): "a gap"
    case (.column, _): "an event time or a gap"
    }
  }

  package func takeRejected() -> RejectedRows { rejected.take() }
}

// MARK: - Results

extension SessionAggregate {
  package func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    let context = EvaluationContext(now: end.epoch.time)
    var outcome = EpochOutcome()
    switch plan.mode {
    case .append: try send(close(end), context) { try emit($0, .insert) }
    case .update:
      try sendLosses { try emit($0, .delete) }
      let changed = state.takeUnsent()
      try send(changed, context) { try emit($0, .insert) }
      state.table.markSent(changed)
      _ = close(end)
    case .complete:
      outcome.replacesResult = hasChanged
      if hasChanged { try send(state.table.open, context) { try emit($0, .insert) } }
      state.table.settleRanks()
    }
    hasChanged = false
    outcome.stateRows = state.table.openCount
    outcome.stateBytes = state.byteCount
    outcome.openWindows = plan.mode == .complete ? nil : state.table.openCount
    outcome.nextClose = state.table.nextEnd
    if !state.areChangesKept { try compactIfSparse() }
    return outcome
  }

  /// The sessions that change no more, by window and key; they are dropped.
  private func close(_ end: EpochEnd) -> Buffer<Int32> {
    guard let closing = end.closingTime else { return Buffer() }
    let closed = state.table.close(upTo: closing)
    guard plan.mode == .append || state.areChangesKept else { return Buffer() }
    let sorted = state.sorted(closed)
    state.table.forget(sorted)
    return sorted
  }

  private func send(
    _ numbers: Buffer<Int32>, _ context: EvaluationContext, emit: (Batch) throws -> Void
  ) throws {
    guard numbers.count > 0 else { return }
    var results = ResultRows(plan, context)
    try state.forEachResult(of: numbers) { try results.add($0, emit) }
    try results.finish(emit)
  }

  /// What is not there any more under the name that it was sent by; all but names is null.
  private func sendLosses(emit: (Batch) throws -> Void) throws {
    try state.forEachName(of: state.table.takeUnsentLosses()) { start, keys in
      let fields = output.fields[(2 + keys.count)...]
      let rest = fields.map { Column.nulls($0.type, count: start.count) }
      let end = Column.nulls(.timestamp, count: start.count)
      try emit(
        Batch(schema: output, columns: [start, end] + keys + rest, rowCount: start.count))
    }
  }
}

// MARK: - State

extension SessionAggregate {
  package var stateSchema: Schema { state.form.schema }

  package var stateKeyCount: Int { state.nameCount }

  package var stateAppends: Set<Int> {
    state.states.stateAppends(keyCount: state.form.keyCount)
  }

  package var stateByteCount: Int { state.byteCount }

  package func keepChanges() { state.keepChanges() }

  package func restore(_ rows: Batch, _ change: Change) throws {
    try state.restore(rows, change)
  }

  package func takeChanges(_ body: (Batch, Change) throws -> Void) throws {
    try state.takeChanges(body)
    try compactIfSparse()
  }

  package func snapshot(_ body: (Batch) throws -> Void) throws {
    precondition(state.areChangesKept, "only who keeps changes knows the whole state")
    try state.forEachState(body)
  }

  private static let deadCountMin = 1024

  /// Gives the memory of closed and merged sessions back when they are more than those that are
  /// open.
  private func compactIfSparse() throws {
    let dead = state.table.deadCount
    guard dead > max(state.table.count / 2, SessionAggregate.deadCountMin) else { return }
    let fresh = SessionState(plan)
    if state.areChangesKept { fresh.keepChanges() }
    try state.forEachState { try fresh.restore($0, .insert) }
    state = fresh
  }
}
