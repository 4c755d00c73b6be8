package import Columnar
import Diagnostics
import Expressions

/// `GROUP BY`: one row for each distinct key. Without keys there is always one row.
package final class Aggregate: StatefulOperator, RejectingOperator {
  private let plan: AggregatePlan
  private var state: GroupedState
  private var numbers = RowNumbers()
  private var rejected = RejectedRows()
  /// Whether something that is to be sent has changed; without keys the first result is a change.
  private var hasChanged: Bool

  /// Where time closes groups.
  private var expiry: GroupExpiry?
  /// Of groups: closed ones keep their numbers for a while.
  private var isDead: [Bool] = []
  private var deadCount = 0
  /// Of them those that a checkpoint knows and that it has not yet been told of.
  private var unsavedDead: [Int32] = []
  /// The groups below this are in the checkpoint.
  private var savedCount = 0

  package init(_ plan: AggregatePlan) {
    self.plan = plan
    output = plan.output
    state = GroupedState(plan, sendsChanges: plan.sendsChanges)
    hasChanged = plan.aggregation.keyCount == 0
    expiry = plan.closesGroups ? GroupExpiry() : nil
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
    let context = EvaluationContext(now: epoch.time)
    do {
      let input = try placed(batch, epoch, context)
      rejected = input.rejected
      if input.batch.rowCount > 0 {
        hasChanged = true
        try state.add(input.batch, keys: input.keys, numbers.of(input.origins), context)
      }
    } catch let failure as RowError {
      throw failure.error
    }
    numbers.advance(batch.rowCount)
    noteNewGroups()
    try plan.checkMemory(state.byteCount, groupCount: state.groupCount)
  }

  /// The rows that are grouped, with their keys.
  private func placed(
    _ batch: Batch, _ epoch: Epoch, _ context: EvaluationContext
  ) throws -> GroupedInput {
    let watermark = plan.mode == .complete ? nil : epoch.watermark
    var input = GroupedInput(batch: batch, keys: [])
    if case .windows(let windows, let time) = plan.grouping {
      let places = WindowRows(windows).rows(time.times(batch, in: epoch), watermark: watermark)
      input.rejected = places.rejected
      input.keys = [places.starts, places.ends].map {
        Column(.timestamp, words: $0, validity: nil)
      }
      // Where each row has its window nothing moves.
      if places.rows.count != batch.rowCount || !windows.areTumbling {
        input.origins = places.rows
        input.batch = batch.gathering(places.rows, columns: plan.columnsUsed)
      }
    }
    let rows = numbers.of(input.origins)
    input.keys += try rows.evaluate(plan.aggregation.keys, over: input.batch, context)
    if case .timeKey(let key) = plan.grouping { input.dropLate(key, watermark) }
    return input
  }

  private func noteNewGroups() {
    guard let known = expiry?.knownCount, let key = plan.endKey, known < state.groupCount
    else { return }
    let new = Buffer(Array(Int32(known)..<Int32(state.groupCount)))
    growDead()
    expiry?.add(state.table.keys(of: new)[key]) { isDead[$0] }
  }

  private func growDead() {
    guard expiry != nil else { return }
    isDead += [Bool](repeating: false, count: state.groupCount - isDead.count)
  }

  package func takeRejected() -> RejectedRows { rejected.take() }
}

// MARK: - Results

extension Aggregate {
  package func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    let context = EvaluationContext(now: end.epoch.time)
    var outcome = EpochOutcome()
    // Those that were restored, when the epoch has had no rows.
    noteNewGroups()
    switch plan.mode {
    case .append:
      let closed = takeClosed(end)
      // Without time in the order of their first row.
      try send(expiry == nil ? closed : sorted(closed), context) { try emit($0, .insert) }
    case .update, .complete:
      if hasChanged {
        outcome.replacesResult = plan.mode == .complete
        let groups = plan.sendsChanges ? state.takeUnsent() : state.allGroups
        try send(groups, context) { try emit($0, .insert) }
      }
      _ = takeClosed(end)
    }
    hasChanged = false
    outcome.stateRows = expiry?.livingCount ?? state.groupCount
    outcome.stateBytes = state.byteCount
    outcome.openWindows = expiry?.timeCount
    outcome.nextClose = expiry?.first
    if !state.areChangesKept { try compactIfSparse() }
    return outcome
  }

  /// The groups that change no more. Where there is an end to their time they are dropped.
  private func takeClosed(_ end: EpochEnd) -> Buffer<Int32> {
    guard let closing = end.closingTime else { return Buffer() }
    guard expiry != nil else { return end.isFinal ? state.allGroups : Buffer() }
    let closed = end.isFinal ? living : Buffer(expiry?.take(upTo: closing) ?? [])
    if end.isFinal { expiry?.clear() }
    for row in 0..<closed.count {
      isDead[Int(closed[row])] = true
      if closed[row] < savedCount { unsavedDead.append(closed[row]) }
    }
    deadCount += closed.count
    return closed
  }

  private func send(
    _ groups: Buffer<Int32>, _ context: EvaluationContext, emit: (Batch) throws -> Void
  ) throws {
    guard groups.count > 0 else { return }
    var results = ResultRows(plan, context)
    try state.forEachResult(of: groups) { try results.add($0, emit) }
    try results.finish(emit)
  }

  /// By window and key.
  private func sorted(_ groups: Buffer<Int32>) -> Buffer<Int32> {
    var keys = state.table.keys(of: groups)
    if case .timeKey(let time) = plan.grouping { keys.insert(keys[time], at: 0) }
    return groups.gathering(
      sortedRows(by: keys.map { SortColumn($0) }, rowCount: groups.count))
  }
}

// MARK: - State

extension Aggregate {
  package var stateSchema: Schema { state.form.schema }

  package var stateKeyCount: Int { plan.aggregation.keyCount }

  package var stateAppends: Set<Int> { state.states.stateAppends(keyCount: stateKeyCount) }

  package var stateByteCount: Int { state.byteCount }

  package func keepChanges() { state.keepChanges() }

  package func restore(_ rows: Batch, _ change: Change) throws {
    if change == .insert {
      try state.restore(rows)
      try checkWindows(rows)
    } else {
      guard expiry != nil else {
        throw StreamError.stateDamage("groups are deleted, which this aggregation never does")
      }
      let groups = try state.restoredGroups(rows)
      _ = state.takeUnsaved()
      growDead()
      for row in 0..<groups.count where !isDead[Int(groups[row])] {
        isDead[Int(groups[row])] = true
        deadCount += 1
      }
    }
    growDead()
    savedCount = state.groupCount
    // What was restored has been sent before.
    if rows.rowCount > 0 { hasChanged = false }
  }

  private func checkWindows(_ rows: Batch) throws {
    guard case .windows = plan.grouping else { return }
    for (column, part) in zip(rows.columns, ["start", "end"]) where column.nullCount > 0 {
      throw StreamError.stateDamage("a window has no \(part)")
    }
  }

  package func takeChanges(_ body: (Batch, Change) throws -> Void) throws {
    try giveOutChanges(body)
    try compactIfSparse()
  }

  private func giveOutChanges(_ body: (Batch, Change) throws -> Void) throws {
    let changed = state.takeUnsaved()
    defer { state.states.forgetChanges(of: changed) }
    savedCount = state.groupCount
    let deletions = Buffer(unsavedDead)
    unsavedDead = []
    try state.forEachState(of: living(among: changed), isChange: true) { try body($0, .insert) }
    try state.forEachKey(of: deletions) { try body($0, .delete) }
  }

  package func snapshot(_ body: (Batch) throws -> Void) throws {
    precondition(state.areChangesKept, "only who keeps changes knows the whole state")
    try state.forEachState(of: living, isChange: false, body)
  }

  private var living: Buffer<Int32> { living(among: state.allGroups) }

  private func living(among groups: Buffer<Int32>) -> Buffer<Int32> {
    if deadCount == 0 { return groups }
    let span = groups.span
    return Buffer(span.indices.map { span[$0] }.filter { !isDead[Int($0)] })
  }

  private static let deadCountMin = 1024

  /// Gives the memory of closed groups back when they are more than those that live.
  private func compactIfSparse() throws {
    guard deadCount > max(state.groupCount / 2, Aggregate.deadCountMin) else { return }
    var fresh = GroupedState(plan, sendsChanges: plan.sendsChanges)
    if state.areChangesKept { fresh.keepChanges() }
    try state.forEachState(of: living, isChange: false) { try fresh.restore($0) }
    state = fresh
    savedCount = state.groupCount
    (isDead, deadCount) = ([], 0)
    expiry = GroupExpiry()
    noteNewGroups()
  }
}
