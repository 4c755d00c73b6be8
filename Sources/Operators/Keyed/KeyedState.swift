package import Columnar
import Diagnostics
import Expressions

/// State by key that is a program's: at the end of an epoch it is called for each key that had rows,
/// with the state of the key and its rows, and then for each key that has fallen silent.
///
/// Keys are called in the order of their first row, in rounds of at most ``rowsPerCallMax`` rows a
/// key; those that have fallen silent behind them, the longest silent first. So what the program is
/// told depends on the rows of the epochs alone, not on how they came.
package final class KeyedState: StatefulOperator, RejectingOperator, ConcludingOperator {
  /// A key with more rows in an epoch is called again for the others, with the state it has then.
  package static let rowsPerCallMax = 10_000

  private let plan: KeyedPlan
  package let program: any KeyedProgram
  private var kept: KeptStates
  private var rows = EpochRows()
  private var numbers = RowNumbers()
  private var rejected = RejectedRows()

  package init(_ plan: KeyedPlan, _ program: any KeyedProgram) {
    self.plan = plan
    self.program = program
    kept = KeptStates(plan)
  }

  package var output: Schema { plan.output }

  package var mayReject: Bool { plan.eventTime != nil }

  package func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    rejected = RejectedRows()
    guard change == .insert else {
      throw StreamError(
        .usage, "rows are taken back here, but the program has seen them",
        hint: "put the stage that takes rows back into append mode")
    }
    let usable = usableRows(batch, epoch.watermark)
    let rows = usable.map { batch.gathering($0) } ?? batch
    let context = EvaluationContext(now: epoch.time)
    let keys: [Column]
    do {
      keys = try numbers.of(usable).attempt {
        try plan.keys.map { try $0.evaluate(over: rows, context: context) }
      }
    } catch let failure as RowError {
      throw failure.error
    }
    self.rows.add(rows, keys: try kept.numbers(of: keys, rowCount: rows.rowCount))
    numbers.advance(batch.rowCount)
    try checkMemory()
  }

  private func checkMemory() throws {
    try checkStateMemory(
      byteCount: stateByteCount + rows.byteCount, keyCount: kept.count,
      limit: plan.memoryByteLimit)
  }

  /// The rows that are not rejected; nil for all.
  private func usableRows(_ batch: Batch, _ watermark: Int64?) -> Buffer<Int32>? {
    guard let column = plan.eventTime else { return nil }
    return EventTimes(watermark: watermark, refusesNull: plan.timeout?.clock == .event)
      .usable(batch.columns[column], rejected: &rejected)
  }

  package func takeRejected() -> RejectedRows { rejected.take() }

  package func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    let epoch = ProgramEpoch(
      number: end.epoch.number, time: end.epoch.time, watermark: end.watermark)
    let sorted = rows.take(keyCount: kept.table.count)
    var isCalled = false
    if sorted.keys.count > 0 {
      try program.begin(epoch, rows: sorted.batches)
      isCalled = true
      try callForRows(sorted, end, emit)
    }
    let silent = timeoutTime(end).map { kept.takeSilent(at: $0) } ?? Buffer()
    if silent.count > 0 {
      if !isCalled { try program.begin(epoch, rows: []) }
      isCalled = true
      try callSilent(silent, emit)
    }
    if isCalled { try program.endEpoch() }
    try checkMemory()
    if !kept.isSaving { try shrink() }
    var outcome = EpochOutcome()
    outcome.stateRows = kept.count
    outcome.stateBytes = kept.byteCount
    return outcome
  }

  package func conclude() throws { try program.conclude() }

  // MARK: - Calls

  private func callForRows(
    _ sorted: RowsByKey, _ end: EpochEnd, _ emit: (Batch, Change) throws -> Void
  ) throws {
    let times = heardOf(sorted, end)
    var skipped = 0
    while true {
      let part = sorted.part(skipping: skipped, limit: KeyedState.rowsPerCallMax)
      if part.isEmpty { return }
      let keys = Buffer(part.map { sorted.keys[$0.key] })
      var first = 0
      for slice in keys.slices(byteCount: { kept.byteCount(of: $0) }) {
        let run = part[first..<first + slice.count]
        var (starts, places) = ([0], [RowPlace]())
        for call in run {
          places += sorted.places[call.rows]
          starts.append(places.count)
        }
        let calls = calls(slice, places, starts, isTimeout: false)
        try answer(calls, slice, emit) { kept.latest(slice[$0], times[part[first + $0].key]) }
        first += slice.count
      }
      skipped += KeyedState.rowsPerCallMax
    }
  }

  private func callSilent(
    _ silent: Buffer<Int32>, _ emit: (Batch, Change) throws -> Void
  ) throws {
    for slice in silent.slices(byteCount: { kept.byteCount(of: $0) }) {
      let starts = [Int](repeating: 0, count: slice.count + 1)
      try answer(calls(slice, [], starts, isTimeout: true), slice, emit) { _ in nil }
    }
  }

  private func calls(
    _ keys: Buffer<Int32>, _ places: [RowPlace], _ starts: [Int], isTimeout: Bool
  ) -> ProgramCalls {
    ProgramCalls(
      keys: Batch(
        schema: plan.keySchema, columns: kept.table.keys(of: keys), rowCount: keys.count),
      states: kept.states(of: keys), places: places, starts: starts, isTimeout: isTimeout)
  }

  /// - Parameter time: when the key of a call was last heard of.
  private func answer(
    _ calls: ProgramCalls, _ keys: Buffer<Int32>, _ emit: (Batch, Change) throws -> Void,
    time: (Int) -> Int64?
  ) throws {
    var next = 0
    try program.answer(calls) { answers in
      guard next + answers.states.count <= keys.count,
        case .bytes(let texts) = answers.states.storage
      else { throw KeyedState.wrongCount }
      for row in 0..<answers.states.count {
        let time = time(next)
        if answers.states.isNull(row) {
          kept.set(keys[next], to: [UInt8]().span, heardOf: time)
        } else {
          kept.set(keys[next], to: texts[row], heardOf: time)
        }
        next += 1
      }
      if answers.rows.rowCount > 0 { try emit(answers.rows, .insert) }
    }
    guard next == keys.count else { throw KeyedState.wrongCount }
  }

  private static let wrongCount = StreamError(
    .internal, "a program of calls has given other answers than it was asked for")

  // MARK: - Times

  /// When each key was heard of in this epoch.
  private func heardOf(_ sorted: RowsByKey, _ end: EpochEnd) -> [Int64?] {
    switch plan.timeout?.clock {
    case .event:
      plan.eventTime.map { sorted.latest($0) } ?? []
    case .processing: Array(repeating: end.epoch.time, count: sorted.keys.count)
    case nil: Array(repeating: nil, count: sorted.keys.count)
    }
  }

  /// The time that the silence of keys is measured against; nil: none is too long.
  private func timeoutTime(_ end: EpochEnd) -> Int64? {
    switch plan.timeout?.clock {
    case .event: end.closingTime
    case .processing: end.epoch.time
    case nil: nil
    }
  }

  private func shrink() throws {
    if try kept.shrink() { rows.forgetNumbers() }
  }
}

// MARK: - State

extension KeyedState {
  package var stateSchema: Schema { kept.schema }

  package var stateKeyCount: Int { plan.keys.count }

  package var stateAppends: Set<Int> { [] }

  package var stateByteCount: Int { kept.byteCount }

  package func keepChanges() { kept.isSaving = true }

  package func restore(_ rows: Batch, _ change: Change) throws {
    try kept.restore(rows, change)
  }

  package func takeChanges(_ body: (Batch, Change) throws -> Void) throws {
    let (gone, set) = kept.takeChanges()
    try kept.rows(of: gone, isWhole: false) { try body($0, .delete) }
    try kept.rows(of: set, isWhole: true) { try body($0, .insert) }
    try shrink()
  }

  package func snapshot(_ body: (Batch) throws -> Void) throws {
    try kept.rows(of: kept.living, isWhole: true, body)
  }
}
