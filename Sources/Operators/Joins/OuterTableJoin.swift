package import Columnar
import Diagnostics

/// A join that gives out the unmatched rows of its table at the end, and so has to remember which
/// rows were matched.
package final class OuterTableJoin: StatefulOperator {
  private var join: TableJoin
  private let matched: MatchedRows

  /// - Parameters:
  ///   - supply: has one table for the whole query.
  ///   - pairsMax: see ``TableJoin``.
  package init(_ plan: TableJoinPlan, _ supply: any TableSupply, pairsMax: Int = 65_536) {
    let matched = MatchedRows()
    self.matched = matched
    join = TableJoin(plan, supply, matched, pairsMax)
  }

  package var supply: any TableSupply { join.supply }

  package var output: Schema { join.output }

  package func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    try join.process(batch, change, in: epoch, emit: emit)
  }

  package func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    var outcome = try join.finish(end, emit: emit)
    outcome.stateRows = matched.count
    outcome.stateBytes = matched.byteCount
    return outcome
  }

  // MARK: - State

  private static let field = Field("row", .bigint)

  /// The numbers of the rows that were matched, from 0.
  package var stateSchema: Schema { Schema([OuterTableJoin.field]) }

  package var stateKeyCount: Int { 1 }

  package var stateAppends: Set<Int> { [] }

  package var stateByteCount: Int { matched.byteCount }

  package func keepChanges() { matched.savesNew = true }

  package func restore(_ rows: Batch, _ change: Change) throws {
    try StreamError.refuseState(rows.schema, unlike: stateSchema)
    guard change == .insert else { throw StreamError.stateDamage("a match is taken back") }
    guard rows.columns[0].validity == nil, case .int64(let numbers) = rows.columns[0].storage
    else { throw StreamError.stateDamage("a row has no number") }
    matched.restore(numbers.elements)
  }

  package func takeChanges(_ body: (Batch, Change) throws -> Void) throws {
    let rows = matched.takeNew()
    for start in stride(from: 0, to: rows.count, by: 16_384) {
      try body(batch(of: rows[start..<min(start + 16_384, rows.count)]), .insert)
    }
  }

  package func snapshot(_ body: (Batch) throws -> Void) throws {
    try matched.forEachMarked { try body(batch(of: $0)) }
  }

  private func batch(of rows: Buffer<Int32>) -> Batch {
    let numbers = Column(.int, .int32(rows)).words()
    return Batch(schema: stateSchema, columns: [Column(.bigint, .int64(numbers))])
  }
}
