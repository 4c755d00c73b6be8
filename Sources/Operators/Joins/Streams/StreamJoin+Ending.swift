package import Columnar
import Expressions

// How an epoch ends: rows go, some of them without a partner, and memory is given back.

extension StreamJoin {
  package func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    for side in JoinSide.allCases {
      let waiting = half(side).waiting
      // At the end nothing comes any more, to those either that time does not end.
      let isOver =
        end.isFinal || end.epoch.completes(side.other) && !plan.sendsUnmatched(side)
      let slots =
        isOver
        ? waiting.live().elements : end.closingTime.map { waiting.expired(at: $0) } ?? []
      if plan.sendsUnmatched(side) {
        let alone = slots.filter { !waiting.marks(of: Int($0)).contains(.matched) }
        for slice in Buffer(alone).slices(byteCount: { waiting.byteCount(of: $0) }) {
          try emit(unmatched(slice, side), .insert)
        }
      }
      remove(slots, side)
    }
    if !isSaving { try compact() }
    var outcome = EpochOutcome()
    outcome.stateRows = rowCount
    outcome.stateBytes = stateByteCount
    outcome.watermark = end.watermark.flatMap { plan.times.watermark(behind: $0) }
    return outcome
  }

  private func unmatched(_ slots: Buffer<Int32>, _ side: JoinSide) -> Batch {
    let waiting = half(side).waiting
    if !plan.type.showsRight { return waiting.rows(at: slots) }
    let columns = plan.columns
    let left = columns.left.fields.enumerated().map { index, field in
      if side == .left { return waiting.column(index, at: slots) }
      return sharedColumn(index).map { waiting.column($0, at: slots) }
        ?? .nulls(field.type, count: slots.count)
    }
    let right = columns.shown.map { index in
      side == .right
        ? waiting.column(index, at: slots)
        : .nulls(columns.right.fields[index].type, count: slots.count)
    }
    return Batch(schema: output, columns: left + right, rowCount: slots.count)
  }

  var rowCount: Int { halves.left.waiting.liveCount + halves.right.waiting.liveCount }

  package var stateByteCount: Int {
    table.byteCount
      + JoinSide.allCases.reduce(0) {
        $0 + half($1).waiting.byteCount + half($1).saving.byteCount
      }
  }

  /// Gives the memory of rows that are gone back when they are in the majority. Nobody may hold slots
  /// or groups, those of changes among them.
  func compact() throws {
    let slotCount = halves.left.waiting.count + halves.right.waiting.count
    guard max(slotCount, table.count) > 2 * rowCount + 8192 else { return }
    var smaller = GroupTable(keyTypes: table.keyTypes)
    for side in JoinSide.allCases {
      half(side).waiting = try half(side).waiting.compacted { slots in
        let groups = half(side).waiting.groups(of: slots)
        return try smaller.groups(of: table.keys(of: groups), rowCount: slots.count)
      }
      half(side).saving.savedCount = half(side).waiting.count
    }
    table = smaller
  }
}
