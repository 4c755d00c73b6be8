import Columnar
import Expressions

/// Rows of one side that have come in, and what may become of each.
struct ArrivingRows {
  /// What stands in place of a group for rows that go with no other.
  enum Fate {
    /// It waits until time says that it has no partner.
    static let waits = WaitingRows.noGroup
    /// It comes out at once, without a partner.
    static let comesOut: Int32 = -2
    /// Nobody asks for it.
    static let isDropped: Int32 = -3
  }

  let side: JoinSide
  let batch: Batch
  /// The group of each row, or its fate.
  let groups: Buffer<Int32>
  /// nil where time bounds nothing.
  let times: Buffer<Int64>?
  /// Rows of the other side come yet.
  let findsPartnersLater: Bool

  /// - Parameters:
  ///   - numbers: of the rows of the input.
  ///   - table: numbers the keys of both sides.
  init(
    _ side: JoinSide, _ batch: Batch, _ plan: StreamJoinPlan, _ numbers: RowNumbers,
    _ context: EvaluationContext, table: inout GroupTable, findsPartnersLater: Bool
  ) throws {
    self.findsPartnersLater = findsPartnersLater
    self.side = side
    self.batch = batch
    let keys = try numbers.evaluate(plan.keys(side), over: batch, context)
    let qualifying = try plan.condition(on: side).map { predicate in
      try numbers.attempt { try predicate.selection(over: batch, context: context) }
    }
    // A key that nobody has asked for will not be asked for then.
    let found =
      findsPartnersLater
      ? try table.groups(of: keys, rowCount: batch.rowCount)
      : try table.find(keys, rowCount: batch.rowCount)
    let time = plan.times.column(side).map { batch.columns[$0] }
    times = time?.words()
    let sendsUnmatched = plan.sendsUnmatched(side)
    let alone = sendsUnmatched ? Fate.comesOut : Fate.isDropped
    let lonely = sendsUnmatched ? Fate.waits : Fate.isDropped
    let isComplete = plan.columns.condition.completeKeys(keys)
    guard qualifying != nil || isComplete != nil || time?.validity != nil else {
      groups = found
      return
    }
    let source = found.span
    groups = Buffer(count: batch.rowCount) { output in
      for row in source.indices {
        if qualifying.map({ !$0[row] }) ?? false || time?.isNull(row) ?? false {
          output.append(alone)
        } else if isComplete.map({ !$0[row] }) ?? false {
          output.append(lonely)
        } else {
          output.append(source[row])
        }
      }
    }
  }

  /// - Parameter rows: their places.
  func gathering(_ rows: Buffer<Int32>?) -> (Batch, Buffer<Int32>, Buffer<Int64>?) {
    guard let rows else { return (batch, groups, times) }
    let times = times.map { times in
      let source = rows.span
      return Buffer<Int64>(count: rows.count) { output in
        for place in source.indices { output.append(times[Int(source[place])]) }
      }
    }
    return (batch.gathering(rows), groups.gathering(rows), times)
  }
}
