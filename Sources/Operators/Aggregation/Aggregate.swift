package import Columnar
import Diagnostics
import Expressions

/// `GROUP BY`: one row for each distinct key. Without keys there is always one row.
package final class Aggregate: StatefulOperator {
  private let plan: AggregatePlan
  private var state: GroupedState
  /// Whether something that is to be sent has changed; without keys the first result is a change.
  private var hasChanged: Bool

  package init(_ plan: AggregatePlan) {
    self.plan = plan
    output = plan.output
    state = GroupedState(plan, sendsChanges: plan.sendsChanges)
    hasChanged = plan.aggregation.keys.isEmpty
    stateSchema = state.stateSchema
  }

  package let output: Schema

  package let stateSchema: Schema

  package var columnsUsed: Set<Int>? { plan.aggregation.columnsUsed }

  package func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    guard change == .insert else {
      throw StreamError(
        .usage, "rows are taken back here, but an aggregation can only add rows",
        hint: "put the stage that takes rows back into append mode")
    }
    guard batch.rowCount > 0 else { return }
    hasChanged = true
    try state.add(batch, EvaluationContext(now: epoch.time))
    try checkStateMemory(
      byteCount: state.byteCount, keyCount: state.groupCount, limit: plan.stateByteLimit)
  }

  package func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    var outcome = EpochOutcome()
    outcome.stateRows = state.groupCount
    outcome.stateBytes = state.byteCount
    let isDue = plan.mode == .append ? end.isFinal : hasChanged
    guard isDue else { return outcome }
    hasChanged = false
    outcome.replacesResult = plan.mode == .complete
    let context = EvaluationContext(now: end.epoch.time)
    try send(groupsToSend(), context) { try emit($0, .insert) }
    return outcome
  }

  private func groupsToSend() -> Buffer<Int32> {
    plan.sendsChanges ? state.takeUnsent() : state.allGroups
  }

  private func send(
    _ groups: Buffer<Int32>, _ context: EvaluationContext, emit: (Batch) throws -> Void
  ) throws {
    var ordered = OrderedRows(plan)
    try state.forEachBatch(of: groups) { inner in
      let inner = try attempt {
        try plan.aggregation.having?.filter(inner, context: context) ?? inner
      }
      guard inner.rowCount > 0 else { return }
      let result = try attempt { try plan.result(inner, context) }
      if plan.isOrdered {
        try ordered.add(result, inner, context)
      } else {
        try emit(result)
      }
    }
    if plan.isOrdered { try ordered.take(emit) }
  }

  /// Errors about a result have no row of the input to name.
  private func attempt<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as EvaluationError {
      throw error.streamError()
    }
  }
}

// MARK: - State

extension Aggregate {
  package var stateKeyCount: Int { plan.aggregation.keys.count }

  package var stateAppends: Set<Int> { state.stateAppends }

  package var stateByteCount: Int { state.byteCount }

  package func keepChanges() { state.keepChanges() }

  package func restore(_ rows: Batch, _ change: Change) throws {
    guard change == .insert else {
      throw StreamError(
        .io, "the state cannot be restored: groups are deleted, which an aggregation never does")
    }
    try state.restore(rows, stateSchema)
    // What was restored has been sent before.
    if rows.rowCount > 0 { hasChanged = false }
  }

  package func takeChanges(_ body: (Batch, Change) throws -> Void) throws {
    let groups = state.takeUnsaved()
    defer { state.forgetChanges(of: groups) }
    try state.forEachStateBatch(of: groups, extent(isChange: true), stateSchema) {
      try body($0, .insert)
    }
  }

  package func snapshot(_ body: (Batch) throws -> Void) throws {
    precondition(state.changes.areSaved, "only who keeps changes knows the whole state")
    try state.forEachStateBatch(of: state.allGroups, extent(isChange: false), stateSchema, body)
  }

  private func extent(isChange: Bool) -> StateExtent {
    StateExtent(isChange: isChange, byteCountMax: plan.stateColumnBytes)
  }
}
