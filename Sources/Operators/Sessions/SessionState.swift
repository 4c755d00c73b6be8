import Columnar
import Diagnostics
import Expressions

/// The sessions of an aggregation and the state of each call for them.
final class SessionState {
  private(set) var states: CallStates
  let form: StateForm
  /// Of them columns that tell sessions apart.
  let nameCount: Int
  private let keepsRanks: Bool

  private(set) var keys: GroupTable
  var table: SessionTable
  /// Sessions that had rows, as they were numbered then.
  private var changed = ChangedGroups()
  private var changes: GroupChanges

  init(_ plan: AggregatePlan) {
    let fields = plan.aggregation.keys.map(\.field)
    // Those that are merged are given out.
    states = CallStates(plan, areGivenOut: true)
    keys = GroupTable(keyTypes: fields.map(\.type))
    keepsRanks = plan.mode == .complete
    table = SessionTable(closesSessions: plan.mode != .complete, keepsRanks: keepsRanks)
    changes = GroupChanges(areSent: plan.sendsChanges)
    nameCount = 1 + fields.count
    let ranks = keepsRanks ? [Field("rank", .bigint)] : []
    let front = [.windowStart] + fields + [.windowEnd] + ranks
    form = StateForm(
      schema: states.stateSchema(front), keyCount: front.count, byteCountMax: plan.stateColumnBytes)
  }

  /// The memory that was allocated for all of it.
  var byteCount: Int {
    states.byteCount + keys.byteCount + table.byteCount + changed.byteCount + changes.byteCount
  }

  /// - Parameters:
  ///   - sessions: of the batch's rows, which are all taken.
  ///   - keys: of the batch's rows.
  ///   - numbers: for errors.
  ///   - origins: the row of the input of each row, where they differ.
  /// - Throws: `RowError`, `StreamError`.
  func add(
    _ batch: Batch, _ sessions: SessionRows, keys columns: [Column], _ numbers: RowNumbers,
    _ context: EvaluationContext
  ) throws {
    let keyNumbers = try keys.groups(of: columns, rowCount: batch.rowCount)
    let run = try table.join(keyNumbers, keyCount: keys.count, sessions.starts, sessions.ends)
    states.resize(to: table.count)
    if changes.areKept { changed.add(run.sessions, groupCount: table.count) }
    for round in run.rounds {
      if let rows = round.rows {
        try states.update(
          run.sessions.gathering(rows), batch.gathering(rows),
          numbers.of(sessions.rows?.gathering(rows) ?? rows), context)
      } else {
        try states.update(run.sessions, batch, numbers.of(sessions.rows), context)
      }
      if !round.merged.isEmpty {
        try states.merge(Buffer(round.merged), of: states, into: Buffer(round.targets))
      }
    }
  }

  /// The open sessions that had rows since the last call, in the order of their first one.
  func takeUnsent() -> Buffer<Int32> {
    changes.add(changed.take(), groupCount: table.count)
    return table.current(changes.takeUnsent())
  }

  func forEachResult(of numbers: Buffer<Int32>, _ body: (Batch) throws -> Void) throws {
    try states.forEachResult(of: numbers, SessionResultNames(state: self), body)
  }

  /// By window and key.
  func sorted(_ numbers: [Int32]) -> Buffer<Int32> {
    let numbers = Buffer(numbers)
    guard numbers.count > 1 else { return numbers }
    let columns = SessionResultNames(state: self).keys(of: numbers)
    return numbers.gathering(
      sortedRows(by: columns.map { SortColumn($0) }, rowCount: numbers.count))
  }

  /// Calls `body` with names in batches of up to 16,384 rows: the starts, then the keys.
  func forEachName(
    of names: [SessionName], _ body: (_ start: Column, _ keys: [Column]) throws -> Void
  ) throws {
    for start in stride(from: 0, to: names.count, by: 16_384) {
      let part = names[start..<min(start + 16_384, names.count)]
      let starts = Buffer<Int64>(count: part.count) { output in
        for name in part { output.append(name.start) }
      }
      let numbers = Buffer<Int32>(count: part.count) { output in
        for name in part { output.append(name.key) }
      }
      try body(
        Column(.timestamp, words: starts, validity: nil), keys.keys(of: numbers))
    }
  }
}

// MARK: - Saving

extension SessionState {
  func keepChanges() {
    changes.areSaved = true
    states.keepChanges()
  }

  var areChangesKept: Bool { changes.areSaved }

  /// Gives out what a checkpoint lacks: first what it is to forget.
  func takeChanges(_ body: (Batch, Change) throws -> Void) throws {
    changes.add(changed.take(), groupCount: table.count)
    let touched = changes.takeUnsaved()
    defer { states.forgetChanges(of: touched) }
    let numbers = table.current(touched)
    let losses = table.takeUnsavedLosses()
    let parts = partsToSave(numbers)
    table.markSaved(numbers)
    let schema = Schema(Array(form.schema.fields[..<nameCount]))
    try forEachName(of: losses) { start, keys in
      try body(Batch(schema: schema, columns: [start] + keys, rowCount: start.count), .delete)
    }
    for (numbers, isChange) in parts {
      try states.forEachState(of: numbers, SessionStateNames(state: self), form, isChange: isChange)
      { try body($0, .insert) }
    }
  }

  /// Of a session under a new name lists are needed from their beginning.
  private func partsToSave(_ numbers: Buffer<Int32>) -> [(Buffer<Int32>, isChange: Bool)] {
    guard !states.stateAppends(keyCount: 0).isEmpty else { return [(numbers, true)] }
    var new = MutableBuffer<Int32>()
    var known = MutableBuffer<Int32>()
    for row in 0..<numbers.count {
      if table[numbers[row]].isSaved {
        known.append(numbers[row])
      } else {
        new.append(numbers[row])
      }
    }
    return [(new.take(), false), (known.take(), true)]
  }

  /// The whole state of the open sessions.
  func forEachState(_ body: (Batch) throws -> Void) throws {
    try states.forEachState(
      of: table.open, SessionStateNames(state: self), form, isChange: false, body)
  }

  /// Takes rows that were given out; nothing counts as changed.
  func restore(_ rows: Batch, _ change: Change) throws {
    let names = try names(of: rows, isWhole: change == .insert)
    guard change == .insert else {
      for name in names where !table.remove(name, keyCount: keys.count) {
        throw StreamError.stateDamage("a session is taken back that is not there")
      }
      return
    }
    let (ends, endValidity) = (rows.columns[nameCount].words(), rows.columns[nameCount].validity)
    var ranks = Buffer<Int64>(repeating: 0, count: rows.rowCount)
    if keepsRanks { ranks = try restoredRanks(rows.columns[nameCount + 1]) }
    var numbers = MutableBuffer<Int32>(capacity: rows.rowCount)
    for (row, name) in names.enumerated() {
      let (length, overflows) = ends[row].subtractingReportingOverflow(name.start)
      guard endValidity.isSet(row), !overflows, length > 0, ends[row] <= SessionState.endMax
      else { throw StreamError.stateDamage("a session ends before it begins") }
      let number = table.restore(
        name.key, keyCount: keys.count, start: name.start, end: ends[row], rank: ranks[row])
      guard let number else {
        throw StreamError.stateDamage("sessions of one key reach into each other")
      }
      numbers.append(number)
    }
    let groups = numbers.take()
    changed.add(groups, groupCount: table.count)
    guard changed.take().count == groups.count else {
      throw StreamError.stateDamage("a session comes twice in one batch")
    }
    if changes.areSaved { table.markSaved(groups) }
    if changes.areSent { table.markSent(groups) }
    table.settleRanks()
    states.resize(to: table.count)
    try states.restore(rows, keyCount: form.keyCount, to: groups)
  }

  private static let endMax = AlignedWindows.timeMax + AlignedWindows.sizeMax

  private func names(of rows: Batch, isWhole: Bool) throws -> [SessionName] {
    let wanted = isWhole ? form.schema : Schema(Array(form.schema.fields[..<nameCount]))
    let found =
      isWhole ? rows.schema : Schema(Array(rows.schema.fields.prefix(nameCount)))
    try StreamError.refuseState(found, unlike: wanted)
    let (starts, validity) = (rows.columns[0].words(), rows.columns[0].validity)
    guard table.count + rows.rowCount <= Int32.max else {
      throw StreamError.stateDamage("there are more than \(Int32.max) sessions")
    }
    let numbers: Buffer<Int32>
    do {
      numbers = try keys.groups(of: Array(rows.columns[1..<nameCount]), rowCount: rows.rowCount)
    } catch let error as StreamError {
      throw StreamError.stateDamage(error.message)
    }
    return try (0..<rows.rowCount).map { row in
      guard validity.isSet(row), AlignedWindows.isUsable(starts[row]) else {
        throw StreamError.stateDamage("a session has no start")
      }
      return SessionName(start: starts[row], key: numbers[row])
    }
  }

  private func restoredRanks(_ column: Column) throws -> Buffer<Int64> {
    let ranks = column.words()
    guard column.nullCount == 0,
      (0..<ranks.count).allSatisfy({ (0...AlignedWindows.timeMax).contains(ranks[$0]) })
    else { throw StreamError.stateDamage("a session has no rank") }
    return ranks
  }
}

// MARK: - Names

/// Sessions under the keys of results: the window, then the keys.
private struct SessionResultNames: GroupNames {
  let state: SessionState

  func keys(of groups: Buffer<Int32>) -> [Column] {
    [state.times(of: groups) { $0.start }, state.times(of: groups) { $0.end }]
      + state.keyColumns(of: groups)
  }

  func keyByteCount(of group: Int) -> Int { 16 + state.keyByteCount(of: group) }
}

/// Sessions as rows of state have them in front.
private struct SessionStateNames: GroupNames {
  let state: SessionState

  func keys(of groups: Buffer<Int32>) -> [Column] {
    [state.times(of: groups) { $0.start }] + state.keyColumns(of: groups)
      + [state.times(of: groups) { $0.end }] + state.rankColumns(of: groups)
  }

  func keyByteCount(of group: Int) -> Int { 24 + state.keyByteCount(of: group) }
}

extension SessionState {
  fileprivate func times(of numbers: Buffer<Int32>, _ time: (Session) -> Int64) -> Column {
    Column(.timestamp, words: words(of: numbers) { time(table[$0]) }, validity: nil)
  }

  fileprivate func rankColumns(of numbers: Buffer<Int32>) -> [Column] {
    keepsRanks ? [Column(.bigint, .int64(words(of: numbers) { table.rank(of: $0) }))] : []
  }

  private func words(of numbers: Buffer<Int32>, _ word: (Int32) -> Int64) -> Buffer<Int64> {
    let source = numbers.span
    return Buffer(count: source.count) { output in
      for slot in source.indices { output.append(word(source[slot])) }
    }
  }

  fileprivate func keyColumns(of numbers: Buffer<Int32>) -> [Column] {
    let source = numbers.span
    return keys.keys(
      of: Buffer(count: source.count) { output in
        for slot in source.indices { output.append(table[source[slot]].key) }
      })
  }

  fileprivate func keyByteCount(of group: Int) -> Int {
    keys.keyByteCount(of: Int(table[Int32(truncatingIfNeeded: group)].key))
  }
}

extension Buffer<Int32> {
  /// The elements at some places.
  fileprivate func gathering(_ places: Buffer<Int32>) -> Buffer<Int32> {
    let (source, places) = (span, places.span)
    return Buffer(count: places.count) { output in
      for slot in places.indices { output.append(source[Int(places[slot])]) }
    }
  }
}
