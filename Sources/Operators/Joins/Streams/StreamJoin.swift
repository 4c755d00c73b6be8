package import Columnar
import Diagnostics
import Expressions

/// Joins the rows of two streams: each with those of the other that came before it and have not gone.
///
/// Pairs come out with the later of their rows, in the order in which the rows came; rows without a
/// partner at the first marker at which it is certain that none will come.
package final class StreamJoin: StatefulOperator, MergingOperator, RejectingOperator {
  /// One of the inputs.
  final class Half {
    var waiting: WaitingRows
    var nextNumber: Int64 = 0
    var numbers = RowNumbers()
    var saving = SavedWaiting()

    init(_ side: JoinSide, _ plan: StreamJoinPlan) {
      waiting = WaitingRows(
        plan.schema(side), kept: plan.kept(side), hold: plan.times.hold(side))
    }

    /// - Parameter slotsMax: how many rows there may be, those among them that are gone.
    func hasRoom(for added: Int, _ slotsMax: Int) -> Bool { waiting.count + added <= slotsMax }

    func takeNumbers(_ count: Int) -> Buffer<Int64> {
      defer { nextNumber += Int64(count) }
      return Buffer(count: count) { output in
        for offset in 0..<count { output.append(nextNumber + Int64(offset)) }
      }
    }
  }

  let plan: StreamJoinPlan
  let halves: (left: Half, right: Half)
  /// Numbers the keys of both sides.
  var table: GroupTable
  var isSaving = false
  private let pairsMax: Int
  let slotsMax: Int
  private var rejected = RejectedRows()

  /// - Parameters:
  ///   - pairsMax: how many pairs are looked at together; for tests.
  ///   - slotsMax: how many rows of a side there may be, those among them that are gone and not yet
  ///     cleared away; for tests.
  package init(
    _ plan: StreamJoinPlan, pairsMax: Int = 65_536, slotsMax: Int = Int(Int32.max)
  ) {
    self.plan = plan
    self.pairsMax = pairsMax
    self.slotsMax = slotsMax
    halves = (Half(.left, plan), Half(.right, plan))
    table = GroupTable(keyTypes: plan.keys(.left).map(\.type))
  }

  package var output: Schema { plan.output }

  package func columnsUsed(ofInput input: Int) -> Set<Int>? {
    plan.columnsUsed(input == 0 ? .left : .right)
  }

  func half(_ side: JoinSide) -> Half { side == .left ? halves.left : halves.right }

  package func takeRejected() -> RejectedRows { rejected.take() }

  package var mayReject: Bool {
    JoinSide.allCases.contains { plan.times.lateColumn($0) != nil }
  }

  // MARK: - Rows

  package func process(
    _ batch: Batch, _ change: Change, ofInput input: Int, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    guard change == .insert else {
      throw StreamError.rowsAreTakenBack("what they were joined with has gone on")
    }
    let side: JoinSide = input == 0 ? .left : .right
    let half = half(side)
    rejected = RejectedRows()
    let usable = plan.times.lateColumn(side).flatMap { column in
      EventTimes(watermark: epoch.watermark, refusesNull: false)
        .usable(batch.columns[column], rejected: &rejected)
    }
    let numbers = half.numbers.of(usable)
    let context = EvaluationContext(now: epoch.time)
    do {
      let arriving = try ArrivingRows(
        side, usable.map { batch.gathering($0) } ?? batch, plan, numbers, context, table: &table,
        findsPartnersLater: !epoch.completes(side.other))
      try join(arriving, numbers, context) { try emit($0, .insert) }
    } catch let failure as RowError {
      throw failure.error
    }
    half.numbers.advance(batch.rowCount)
    try checkStateMemory(
      byteCount: stateByteCount, of: "\(rowCount) waiting rows", limit: plan.stateByteLimit)
  }

  private func join(
    _ arriving: ArrivingRows, _ numbers: RowNumbers, _ context: EvaluationContext,
    _ emit: (Batch) throws -> Void
  ) throws {
    let (side, other) = (arriving.side, half(arriving.side.other))
    var matched = MutableBuffer<UInt8>()
    matched.append(repeating: 0, count: arriving.batch.rowCount)
    var place = WaitingChains.Place()
    while place.row < arriving.groups.count {
      let candidates = other.waiting.chains.pair(arriving, plan.times, from: &place, pairsMax)
      let pairs = try joined(candidates, arriving, numbers, context)
      if pairs.isEmpty { continue }
      if plan.type.showsRight {
        try emit(result(of: pairs, arriving))
        if plan.sendsUnmatched(side) { _ = newlyMatched(pairs, &matched) }
        if plan.sendsUnmatched(side.other) { markMatched(pairs.right, side.other) }
      } else if side == .left {
        let new = newlyMatched(pairs, &matched)
        let chosen = plan.type == .semi ? new : pairs.rowsAlone
        if chosen.count > 0 { try emit(arriving.batch.gathering(chosen)) }
      } else {
        let settled = removeMatched(pairs.right)
        if plan.type == .semi, settled.count > 0 {
          try emit(other.waiting.rows(at: settled))
        }
      }
    }
    try keep(arriving, matched)
  }

  /// The pairs for which the rest of the condition is true, and the rows that stand beside none.
  private func joined(
    _ pairs: RowPairs, _ arriving: ArrivingRows, _ numbers: RowNumbers,
    _ context: EvaluationContext
  ) throws -> RowPairs {
    guard let joint = plan.remainder.joint, !pairs.isEmpty else { return pairs }
    let used = joint.columnsUsed
    let leftCount = plan.columns.left.fields.count
    let rows = Rows(join: self, arriving: arriving, pairs: pairs)
    let fields = plan.columns.left.fields + plan.columns.right.fields
    let columns = fields.indices.map { index -> Column in
      guard used.contains(index) else { return .absent(pairs.right.count) }
      return index < leftCount
        ? rows.column(index, of: .left) : rows.column(index - leftCount, of: .right)
    }
    let batch = Batch(schema: Schema(fields), columns: columns, rowCount: pairs.right.count)
    let selection = try numbers.attempt(from: { pairs.leftRow($0) }) {
      try joint.selection(over: batch, context: context)
    }
    guard pairs.right.hasNegative else { return pairs.selecting(selection) }
    var kept = BitmapBuilder(capacity: pairs.right.count)
    for place in 0..<pairs.right.count { kept.append(selection[place] || pairs.right[place] < 0) }
    return pairs.selecting(kept.take())
  }

  private func result(of pairs: RowPairs, _ arriving: ArrivingRows) -> Batch {
    let rows = Rows(join: self, arriving: arriving, pairs: pairs)
    let left = plan.columns.left.fields.indices.map { index in
      rows.column(index, of: .left, orRight: sharedColumn(index))
    }
    let right = plan.columns.shown.map { rows.column($0, of: .right) }
    return Batch(schema: output, columns: left + right, rowCount: pairs.right.count)
  }

  /// The column of the right side that is one with a column of the left side.
  func sharedColumn(_ index: Int) -> Int? {
    plan.columns.condition.shared.first { $0.left == index }?.right
  }

  /// Arriving rows and waiting ones beside each other.
  private struct Rows {
    let join: StreamJoin
    let arriving: ArrivingRows
    let pairs: RowPairs

    func column(_ index: Int, of side: JoinSide) -> Column {
      guard side == arriving.side else {
        return join.half(side).waiting.column(index, at: pairs.right)
      }
      let column = arriving.batch.columns[index]
      return pairs.left.map { column.gathering($0) } ?? column
    }

    /// A column of the left side; where there is no left row, the value of the right one.
    func column(_ index: Int, of side: JoinSide, orRight shared: Int?) -> Column {
      let left = column(index, of: side)
      guard let shared, arriving.side == .right, pairs.right.hasNegative else { return left }
      let count = Int32(truncatingIfNeeded: left.count)
      let both = Column.concatenating([left, column(shared, of: .right)], type: left.type)
      var place: Int32 = -1
      return both.gathering(
        pairs.right.mapped { slot in
          place += 1
          return slot < 0 ? place + count : place
        })
    }
  }

  // MARK: - Matches

  /// The arriving rows that have their first partner now.
  private func newlyMatched(
    _ pairs: RowPairs, _ matched: inout MutableBuffer<UInt8>
  ) -> Buffer<Int32> {
    var rows = MutableBuffer<Int32>()
    for place in 0..<pairs.right.count where pairs.right[place] >= 0 {
      let row = pairs.leftRow(place)
      guard matched[row] == 0 else { continue }
      matched[row] = 1
      rows.append(Int32(truncatingIfNeeded: row))
    }
    return rows.take()
  }

  private func markMatched(_ slots: Buffer<Int32>, _ side: JoinSide) {
    let half = half(side)
    for place in 0..<slots.count where slots[place] >= 0 {
      let slot = Int(slots[place])
      if half.waiting.marks(of: slot).contains(.matched) { continue }
      half.waiting.add(.matched, to: slot)
      if isSaving { half.saving.matched.append(slots[place]) }
    }
  }

  /// Takes waiting rows out that have their first partner now.
  private func removeMatched(_ slots: Buffer<Int32>) -> Buffer<Int32> {
    var removed = MutableBuffer<Int32>()
    for place in 0..<slots.count where slots[place] >= 0 {
      guard !halves.left.waiting.isGone(Int(slots[place])) else { continue }
      remove([slots[place]], .left)
      removed.append(slots[place])
    }
    return removed.take()
  }

  func remove(_ slots: [Int32], _ side: JoinSide) {
    let half = half(side)
    if isSaving { half.saving.noteRemoval(of: slots, half.waiting) }
    half.waiting.remove(slots)
  }

  /// Keeps the rows that may have a partner yet, or come out later without one.
  private func keep(
    _ arriving: ArrivingRows, _ matched: borrowing MutableBuffer<UInt8>
  ) throws {
    let (side, half) = (arriving.side, half(arriving.side))
    let isSettled = plan.isSettledByMatch(side) || !arriving.findsPartnersLater
    if !arriving.findsPartnersLater, !plan.sendsUnmatched(side) { return }
    var rows = MutableBuffer<Int32>(capacity: arriving.groups.count)
    for row in 0..<arriving.groups.count {
      guard arriving.groups[row] >= WaitingRows.noGroup, !(isSettled && matched[row] != 0)
      else { continue }
      rows.append(Int32(truncatingIfNeeded: row))
    }
    let kept = rows.count == arriving.groups.count ? nil : rows.take()
    let (batch, groups, times) = arriving.gathering(kept)
    let firstSlot = half.waiting.count
    guard half.hasRoom(for: batch.rowCount, slotsMax) else { throw tooManyRows(side) }
    half.waiting.append(
      batch, numbers: half.takeNumbers(batch.rowCount), groups: groups, times: times)
    guard plan.sendsUnmatched(side), !isSettled else { return }
    var slots = MutableBuffer<Int32>()
    for place in 0..<groups.count where matched[kept.map { Int($0[place]) } ?? place] != 0 {
      slots.append(Int32(truncatingIfNeeded: firstSlot + place))
    }
    markMatched(slots.take(), side)
  }

  private func tooManyRows(_ side: JoinSide) -> StreamError {
    StreamError(
      .io, "more than \(slotsMax) rows of the \(side.rawValue) side would have to be kept",
      hint: "say in --on how far apart the times may be, so that rows can go")
  }
}

extension Epoch {
  /// Whether no further row comes of a side.
  func completes(_ side: JoinSide) -> Bool {
    completeInputs.contains(side == .left ? 0 : 1)
  }
}

extension RowPairs {
  /// The rows that stand beside none.
  fileprivate var rowsAlone: Buffer<Int32> {
    var rows = MutableBuffer<Int32>()
    for place in 0..<right.count where right[place] < 0 {
      rows.append(Int32(truncatingIfNeeded: leftRow(place)))
    }
    return rows.take()
  }
}
