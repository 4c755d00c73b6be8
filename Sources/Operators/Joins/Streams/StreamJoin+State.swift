package import Columnar
import Diagnostics
import Expressions

// A row of the state is a waiting row: its side, its number, and its columns among those of both
// sides. That it was matched is a row of its own, so that it need not be written again.

/// What has changed on a side since it was saved.
struct SavedWaiting: ~Copyable {
  /// Slots from here on are new.
  var savedCount = 0
  /// The numbers of rows that were saved and have gone.
  var removed = MutableBuffer<Int64>()
  /// Those of them that were saved as matched.
  var removedMatches = MutableBuffer<Int64>()
  /// Slots that were matched.
  var matched = MutableBuffer<Int32>()

  var byteCount: Int {
    (removed.capacity + removedMatches.capacity) * 8 + matched.capacity * 4
  }

  mutating func noteRemoval(of slots: [Int32], _ waiting: WaitingRows) {
    for slot in slots where Int(slot) < savedCount {
      let number = waiting.numbers[Int(slot)]
      removed.append(number)
      if waiting.marks(of: Int(slot)).contains(.savedAsMatched) { removedMatches.append(number) }
    }
  }
}

/// What a row of the state is.
private struct StateKind: Equatable {
  let side: JoinedSide
  let isMatch: Bool

  static let all = JoinedSide.allCases.flatMap { side in
    [false, true].map { StateKind(side: side, isMatch: $0) }
  }

  var name: String { isMatch ? "\(side.rawValue) matched" : side.rawValue }

  func isNamed(_ bytes: borrowing Span<UInt8>) -> Bool {
    let name = Array(name.utf8)
    return compareBytes(name.span, bytes) == 0
  }
}

extension StreamJoin {
  package var stateSchema: Schema {
    Schema(
      stateKeys
        + JoinedSide.allCases.flatMap { side in
          half(side).waiting.kept.map { index in
            let field = plan.schema(side).fields[index]
            return Field("\(side.qualifier).\(field.name)", field.type)
          }
        })
  }

  private var stateKeys: [Field] { [Field("side", .string), Field("row", .bigint)] }

  package var stateKeyCount: Int { stateKeys.count }

  package var stateAppends: Set<Int> { [] }

  package func keepChanges() { isSaving = true }

  package func takeChanges(_ body: (Batch, Change) throws -> Void) throws {
    for side in JoinedSide.allCases {
      let half = half(side)
      let (removed, matches) = (half.saving.removed.take(), half.saving.removedMatches.take())
      try half.forEachSlice(of: removed) {
        try body(keys($0, StateKind(side: side, isMatch: false)), .delete)
      }
      try half.forEachSlice(of: matches) {
        try body(keys($0, StateKind(side: side, isMatch: true)), .delete)
      }
    }
    for side in JoinedSide.allCases {
      let half = half(side)
      let new = half.waiting.live(from: half.saving.savedCount)
      half.saving.savedCount = half.waiting.count
      try writeRows(new, side) { try body($0, .insert) }
      let matched = half.saving.matched.take().filtered { !half.waiting.isGone(Int($0)) }
      try writeMatches(matched, side) { try body($0, .insert) }
    }
    try compact()
  }

  package func snapshot(_ body: (Batch) throws -> Void) throws {
    for side in JoinedSide.allCases {
      let waiting = half(side).waiting
      let live = waiting.live()
      try writeRows(live, side, body)
      try writeMatches(
        live.filtered { waiting.marks(of: Int($0)).contains(.matched) }, side, body)
    }
  }

  // MARK: - Writing

  private func writeRows(
    _ slots: Buffer<Int32>, _ side: JoinedSide, _ body: (Batch) throws -> Void
  ) throws {
    let waiting = half(side).waiting
    for slice in slots.slices(byteCount: { waiting.byteCount(of: $0) }) {
      try body(
        rows(waiting.numbers(of: slice), StateKind(side: side, isMatch: false)) { owner, index in
          owner == side ? waiting.column(index, at: slice) : nil
        })
    }
  }

  private func writeMatches(
    _ slots: Buffer<Int32>, _ side: JoinedSide, _ body: (Batch) throws -> Void
  ) throws {
    let half = half(side)
    for place in 0..<slots.count { half.waiting.add(.savedAsMatched, to: Int(slots[place])) }
    try half.forEachSlice(of: half.waiting.numbers(of: slots)) { numbers in
      try body(rows(numbers, StateKind(side: side, isMatch: true)) { _, _ in nil })
    }
  }

  private func keyColumns(_ numbers: Buffer<Int64>, _ kind: StateKind) -> [Column] {
    let names = Column([kind.name]).gathering(Buffer(repeating: 0, count: numbers.count))
    return [names, Column(.bigint, .int64(numbers))]
  }

  private func keys(_ numbers: Buffer<Int64>, _ kind: StateKind) -> Batch {
    Batch(
      schema: Schema(stateKeys), columns: keyColumns(numbers, kind), rowCount: numbers.count)
  }

  /// - Parameter column: nil for nulls.
  private func rows(
    _ numbers: Buffer<Int64>, _ kind: StateKind, column: (JoinedSide, Int) -> Column?
  ) -> Batch {
    let values = JoinedSide.allCases.flatMap { side in
      half(side).waiting.kept.map { index in
        column(side, index)
          ?? .nulls(plan.schema(side).fields[index].type, count: numbers.count)
      }
    }
    return Batch(
      schema: stateSchema, columns: keyColumns(numbers, kind) + values, rowCount: numbers.count)
  }

  // MARK: - Reading

  package func restore(_ rows: Batch, _ change: Change) throws {
    let isKeysOnly = change == .delete && rows.schema == Schema(stateKeys)
    if !isKeysOnly { try StreamError.refuseState(rows.schema, unlike: stateSchema) }
    let (names, numbers) = (rows.columns[0], rows.columns[1])
    guard names.nullCount == 0, numbers.nullCount == 0, case .bytes(let sides) = names.storage,
      case .int64(let numbers) = numbers.storage
    else { throw StreamError.stateDamage("a row has no side or no number") }
    var start = 0
    while start < rows.rowCount {
      var end = start + 1
      while end < rows.rowCount, compareBytes(sides[end], sides[start]) == 0 { end += 1 }
      guard let kind = StateKind.all.first(where: { $0.isNamed(sides[start]) })
      else { throw StreamError.stateDamage("a row is of no side") }
      try restore(rows[start..<end], numbers[start..<end], kind, change)
      start = end
    }
  }

  private func restore(
    _ rows: Batch, _ numbers: Buffer<Int64>, _ kind: StateKind, _ change: Change
  ) throws {
    let half = half(kind.side)
    switch (change, kind.isMatch) {
    case (.insert, false): try restoreRows(rows, numbers, kind.side)
    case (.insert, true):
      for place in 0..<numbers.count {
        half.waiting.add([.matched, .savedAsMatched], to: try half.slot(of: numbers[place]))
      }
    case (.delete, false):
      for place in 0..<numbers.count {
        half.waiting.remove([Int32(try half.slot(of: numbers[place]))])
      }
    case (.delete, true): break  // The row itself is deleted along with it.
    }
  }

  private func restoreRows(_ rows: Batch, _ numbers: Buffer<Int64>, _ side: JoinedSide) throws {
    let half = half(side)
    let batch = kept(rows, side)
    let keys: [Column]
    do {
      keys = try plan.keys(side).map {
        try $0.evaluate(over: batch, context: EvaluationContext(now: 0))
      }
    } catch let error as EvaluationError {
      throw StreamError.stateDamage(error.message)
    }
    let found = try table.groups(of: keys, rowCount: batch.rowCount)
    let complete = plan.columns.condition.completeKeys(keys)
    var row = -1
    let groups = found.mapped { group in
      row += 1
      return complete.map { $0[row] } ?? true ? group : WaitingRows.noGroup
    }
    let time = plan.times.column(side).map { batch.columns[$0] }
    guard time?.validity == nil else { throw StreamError.stateDamage("a row has no time") }
    for place in 0..<numbers.count {
      guard numbers[place] >= half.nextNumber, numbers[place] < .max - 1 else {
        throw StreamError.stateDamage("row \(numbers[place]) comes out of order")
      }
      half.nextNumber = numbers[place] + 1
    }
    half.waiting.append(batch, numbers: numbers, groups: groups, times: time?.words())
    half.saving.savedCount = half.waiting.count
  }

  /// The columns of a side among those of the state.
  private func kept(_ rows: Batch, _ side: JoinedSide) -> Batch {
    var place = stateKeyCount + (side == .right ? halves.left.waiting.kept.count : 0)
    var columns = plan.schema(side).fields.map { _ in Column.absent(rows.rowCount) }
    for index in half(side).waiting.kept {
      columns[index] = rows.columns[place]
      place += 1
    }
    return Batch(schema: plan.schema(side), columns: columns, rowCount: rows.rowCount)
  }
}

extension StreamJoin.Half {
  fileprivate func forEachSlice(
    of numbers: Buffer<Int64>, _ body: (Buffer<Int64>) throws -> Void
  ) throws {
    for start in stride(from: 0, to: numbers.count, by: 16_384) {
      try body(numbers[start..<min(start + 16_384, numbers.count)])
    }
  }

  /// - Throws: when no such row is there.
  fileprivate func slot(of number: Int64) throws -> Int {
    guard let slot = waiting.slot(of: number) else {
      throw StreamError.stateDamage("row \(number) is not there")
    }
    return slot
  }
}
