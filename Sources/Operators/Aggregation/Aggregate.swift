package import Columnar
import Diagnostics
import Expressions

/// When an aggregation sends its groups, and which.
package enum AggregateMode: String, Sendable, CaseIterable {
  /// All of them, once, when the input is complete.
  case append
  /// At the end of an epoch those that had rows in it, in the order of their first one.
  case update
  /// At the end of an epoch all of them, in the order of their first row, in place of what was sent
  /// before.
  case complete
}

/// `GROUP BY`: one row for each distinct key. Without keys there is always one row.
package final class Aggregate: Operator {
  private let steps: AggregateSteps
  private let mode: AggregateMode
  private var state: GroupedState
  /// Whether something that is to be sent has changed; without keys the first result is a change.
  private var hasChanged: Bool

  init(_ steps: AggregateSteps, mode: AggregateMode) {
    self.steps = steps
    self.mode = mode
    state = GroupedState(steps, tracksChanges: mode == .update)
    hasChanged = steps.keys.isEmpty
  }

  package var output: Schema { steps.output }

  package var columnsUsed: Set<Int>? { steps.columnsUsed }

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
  }

  package func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    var outcome = EpochOutcome()
    outcome.stateRows = state.groupCount
    outcome.stateBytes = state.byteCount
    let isDue = mode == .append ? end.isFinal : hasChanged
    guard isDue else { return outcome }
    hasChanged = false
    outcome.replacesResult = mode == .complete
    let context = EvaluationContext(now: end.epoch.time)
    try send(groupsToSend(), context) { try emit($0, .insert) }
    return outcome
  }

  private func groupsToSend() -> Buffer<Int32> {
    if mode == .update && !steps.keys.isEmpty { return state.takeChanged() }
    return Buffer(count: state.groupCount) { output in
      for group in 0..<state.groupCount { output.append(Int32(group)) }
    }
  }

  private func send(
    _ groups: Buffer<Int32>, _ context: EvaluationContext, emit: (Batch) throws -> Void
  ) throws {
    var ordered = OrderedRows(steps)
    try state.forEachBatch(of: groups) { inner in
      let inner = try attempt { try steps.having?.filter(inner, context: context) ?? inner }
      guard inner.rowCount > 0 else { return }
      let result = try attempt { try steps.result(inner, context) }
      if steps.isOrdered {
        try ordered.add(result, inner, context)
      } else {
        try emit(result)
      }
    }
    if steps.isOrdered { try ordered.take(emit) }
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

extension AggregateSteps {
  var isOrdered: Bool { !order.isEmpty || limit != nil }

  func result(_ inner: Batch, _ context: EvaluationContext) throws -> Batch {
    let columns = try results.map { try $0.evaluate(over: inner, context: context) }
    return Batch(schema: output, columns: columns, rowCount: inner.rowCount)
  }
}
