package import Columnar
import Diagnostics
import Expressions

/// Gives out the table that the rows of an epoch are joined with.
package protocol TableSupply: AnyObject {
  /// Asked at the beginning of each epoch: it is the same one for all of its rows, and, if the epoch
  /// has been before, the one that it was then.
  func table(for epoch: Epoch) throws -> JoinTable

  /// The epoch's rows have been joined; its marker has not gone on.
  func close(_ epoch: Epoch) throws
}

/// Joins the rows of a stream with those of a table, in the order of the stream; the matches of a row
/// stand in the order of the table.
package struct TableJoin: Operator {
  private let plan: TableJoinPlan
  package let supply: any TableSupply
  private let pairsMax: Int
  private var current: (epoch: Int64, table: JoinTable)?
  private var numbers = RowNumbers()
  /// For a join that gives out the table's unmatched rows.
  private let matched: MatchedRows?

  /// - Parameters:
  ///   - plan: of a join that forgets the rows; for others there is ``OuterTableJoin``.
  ///   - pairsMax: how many pairs are looked at together; for tests.
  package init(_ plan: TableJoinPlan, _ supply: any TableSupply, pairsMax: Int = 65_536) {
    precondition(!plan.type.keepsUnmatchedRight)
    self.init(plan, supply, nil, pairsMax)
  }

  init(
    _ plan: TableJoinPlan, _ supply: any TableSupply, _ matched: MatchedRows?, _ pairsMax: Int
  ) {
    self.plan = plan
    self.supply = supply
    self.matched = matched
    self.pairsMax = pairsMax
  }

  package var output: Schema { plan.output }

  package mutating func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    let table = try table(for: epoch)
    if change == .delete, plan.type == .left {
      // Who takes a row back names its key, and perhaps nothing of what the condition asks for.
      let none = Buffer<Int32>(repeating: -1, count: batch.rowCount)
      return try send(RowPairs(left: nil, right: none), batch, table) { try emit($0, change) }
    }
    let context = EvaluationContext(now: epoch.time)
    do {
      let keys = try keys(of: batch, in: table, context)
      if plan.type.showsRight {
        try pairs(batch, keys, table, context) { try emit($0, change) }
      } else {
        try select(batch, keys, table, context) { try emit($0, change) }
      }
    } catch let failure as RowError {
      throw failure.error
    }
    numbers.advance(batch.rowCount)
  }

  package mutating func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    let table = try table(for: end.epoch)
    if end.isFinal, let matched {
      let step = table.rows.rowsMax
      try matched.forEachUnmarked { rows in
        for start in stride(from: 0, to: rows.count, by: step) {
          let part = rows[start..<min(start + step, rows.count)]
          try emit(unmatched(part, of: table), .insert)
        }
      }
    }
    try supply.close(end.epoch)
    return EpochOutcome()
  }

  private mutating func table(for epoch: Epoch) throws -> JoinTable {
    if let current, current.epoch == epoch.number { return current.table }
    // The one before is not needed while the next one is read.
    current = nil
    let table = try supply.table(for: epoch)
    try matched?.begin(rowCount: table.rows.rowCount)
    current = (epoch.number, table)
    return table
  }

  private func keys(
    of batch: Batch, in table: JoinTable, _ context: EvaluationContext
  ) throws -> Buffer<Int32> {
    let columns = try numbers.attempt {
      try plan.condition.equalities.map { try $0.left.evaluate(over: batch, context: context) }
    }
    return try table.find(columns, rowCount: batch.rowCount)
  }
}

// MARK: - Pairs

extension TableJoin {
  private func pairs(
    _ batch: Batch, _ keys: Buffer<Int32>, _ table: JoinTable, _ context: EvaluationContext,
    _ emit: (Batch) throws -> Void
  ) throws {
    if case .single = table.chains, plan.condition.residual == nil, plan.type.keepsUnmatchedLeft {
      matched?.mark(keys)
      return try send(RowPairs(left: nil, right: keys), batch, table, emit)
    }
    var runs = CandidateRuns(keys, table.chains, pairsMax: pairsMax(batch, table))
    // Whether the first row of the run has come out in the one before.
    var hasComeOut = false
    while let run = runs.next() {
      let part = batch[run.rows]
      var pairs = try kept(run.pairs, part, from: run.rows.lowerBound, table, context)
      try refuseRepeated(pairs, hasComeOut)
      matched?.mark(pairs.right)
      let comesOut = hasComeOut || !pairs.isEmpty
      if plan.type.keepsUnmatchedLeft, comesOut || !run.isCut {
        pairs = pairs.filled(rowCount: part.rowCount, skipping: hasComeOut ? 0 : nil)
      }
      hasComeOut = run.isCut && comesOut
      if !pairs.isEmpty { try send(pairs, part, table, emit) }
    }
  }

  /// How many pairs are looked at together, so that no column of them has 2 GiB.
  private func pairsMax(_ batch: Batch, _ table: JoinTable) -> Int {
    guard case .lists = table.chains else { return min(pairsMax, table.rows.rowsMax) }
    let largest = batch.columns.reduce(1) { max($0, $1.largestValue) }
    return min(pairsMax, table.rows.rowsMax, max(1, Int(Int32.max) / largest))
  }

  /// The pairs for which the rest of the condition is true.
  ///
  /// - Parameter first: the number of the part's first row in the batch.
  private func kept(
    _ pairs: RowPairs, _ part: Batch, from first: Int, _ table: JoinTable,
    _ context: EvaluationContext
  ) throws -> RowPairs {
    guard let residual = plan.condition.residual, !pairs.isEmpty else { return pairs }
    let (used, leftCount) = (residual.columnsUsed, plan.left.fields.count)
    let wanted = used.filter { $0 >= leftCount }.sorted()
    var right = table.rows.columns(wanted.map { $0 - leftCount }, at: RowPlaces(pairs.right))[...]
    let columns = (0..<leftCount + plan.right.fields.count).map { index -> Column in
      guard used.contains(index) else { return .absent(pairs.right.count) }
      if index >= leftCount { return right.removeFirst() }
      return pairs.left.map { part.columns[index].gathering($0) } ?? part.columns[index]
    }
    let joint = Batch(
      schema: Schema(plan.left.fields + plan.right.fields), columns: columns,
      rowCount: pairs.right.count)
    let selection = try numbers.attempt(from: { first + pairs.leftRow($0) }) {
      try residual.selection(over: joint, context: context)
    }
    return pairs.selecting(selection)
  }

  private func refuseRepeated(_ pairs: RowPairs, _ hasComeOut: Bool) throws {
    guard plan.isOneToOne else { return }
    let isRepeated = hasComeOut && !pairs.isEmpty && pairs.leftRow(0) == 0
    guard isRepeated || pairs.hasRepeatedLeft else { return }
    throw StreamError(
      .data,
      "a row matches several rows of the table, but rows that replace earlier ones by their key can "
        + "come out once at most",
      hint: "let each key be in the table once, or let the stage before use append or complete mode"
    )
  }

  /// Sends the rows that come out for some pairs; rows that were filled in may be more than can be
  /// looked up together.
  private func send(
    _ pairs: RowPairs, _ batch: Batch, _ table: JoinTable, _ emit: (Batch) throws -> Void
  ) throws {
    let (count, step) = (pairs.right.count, table.rows.rowsMax)
    if count <= step { return try emit(result(of: pairs, batch, table)) }
    for start in stride(from: 0, to: count, by: step) {
      let range = start..<min(start + step, count)
      try emit(result(of: pairs[range], pairs.left == nil ? batch[range] : batch, table))
    }
  }

  /// The rows that come out for some pairs.
  private func result(of pairs: RowPairs, _ batch: Batch, _ table: JoinTable) -> Batch {
    let left = pairs.left.map { rows in batch.columns.map { $0.gathering(rows) } }
    let right = table.rows.columns(plan.shown, at: RowPlaces(pairs.right))
    return Batch(
      schema: output, columns: (left ?? batch.columns) + right, rowCount: pairs.right.count)
  }

  /// Rows of the table beside nulls. A column that both sides have is the table's.
  private func unmatched(_ rows: Buffer<Int32>, of table: JoinTable) -> Batch {
    let shared = plan.condition.shared
    var columns = table.rows.columns(shared.map(\.right) + plan.shown, at: RowPlaces(rows))[...]
    var left = plan.left.fields.map { Column.nulls($0.type, count: rows.count) }
    for column in shared { left[column.left] = columns.removeFirst() }
    return Batch(schema: output, columns: left + columns, rowCount: rows.count)
  }
}

// MARK: - Rows with or without a match

extension TableJoin {
  private func select(
    _ batch: Batch, _ keys: Buffer<Int32>, _ table: JoinTable, _ context: EvaluationContext,
    _ emit: (Batch) throws -> Void
  ) throws {
    var wanted = try hasMatch(batch, keys, table, context)
    if plan.type == .anti { wanted = ~wanted }
    if wanted.isAllSet { return try emit(batch) }
    if wanted.setCount > 0 { try emit(batch.gathering(wanted.setIndices())) }
  }

  private func hasMatch(
    _ batch: Batch, _ keys: Buffer<Int32>, _ table: JoinTable, _ context: EvaluationContext
  ) throws -> Bitmap {
    guard plan.condition.residual != nil else { return table.chains.hasCandidates(keys) }
    var marks = MutableBuffer<UInt8>()
    marks.append(repeating: 0, count: batch.rowCount)
    var runs = CandidateRuns(keys, table.chains, pairsMax: pairsMax(batch, table))
    while let run = runs.next() {
      let first = run.rows.lowerBound
      let pairs = try kept(run.pairs, batch[run.rows], from: first, table, context)
      for index in 0..<pairs.right.count { marks[first + pairs.leftRow(index)] = 1 }
    }
    var bits = BitmapBuilder(capacity: marks.count)
    for row in 0..<marks.count { bits.append(marks[row] == 1) }
    return bits.take()
  }
}
