import Columnar
import Operators

/// Operators one behind the other, driven as the epoch loop drives them.
struct StageChain {
  private var stages: [any Operator]

  init(_ stages: [any Operator]) { self.stages = stages }

  var output: Schema { stages[stages.count - 1].output }

  var isExhausted: Bool { stages.contains { $0.isExhausted } }

  /// What comes out of one epoch.
  struct Result {
    var batches: [Batch] = []
    /// Of the last stage.
    var outcome = EpochOutcome()

    var rows: [[Value]] { batches.flatMap { batch in (0..<batch.rowCount).map(batch.row) } }
  }

  /// - Parameters:
  ///   - watermarks: that of the epoch before, and the epoch's own.
  ///   - size: rows at which the input is cut.
  mutating func run(
    _ batch: Batch, epoch number: Int64, isFinal: Bool = false,
    watermarks: (before: Int64?, after: Int64?) = (nil, nil), size: Int = .max
  ) throws -> Result {
    let epoch = Epoch(number: number, time: number * 1_000_000, watermark: watermarks.before)
    var result = Result()
    for start in stride(from: 0, to: batch.rowCount, by: min(size, batch.rowCount + 1)) {
      let part = batch[start..<min(start + min(size, batch.rowCount), batch.rowCount)]
      try process(part, .insert, epoch, from: 0, &result)
    }
    for index in stages.indices {
      var sent: [(Batch, Change)] = []
      let end = EpochEnd(epoch: epoch, isFinal: isFinal, watermark: watermarks.after)
      result.outcome = try stages[index].finish(end) { sent.append(($0, $1)) }
      for (batch, change) in sent { try process(batch, change, epoch, from: index + 1, &result) }
    }
    return result
  }

  private mutating func process(
    _ batch: Batch, _ change: Change, _ epoch: Epoch, from index: Int, _ result: inout Result
  ) throws {
    guard index < stages.count else { return result.batches.append(batch) }
    var sent: [(Batch, Change)] = []
    let input = absentWhereUnused(batch, stages[index].columnsUsed)
    try stages[index].process(input, change, in: epoch) { sent.append(($0, $1)) }
    for (batch, change) in sent { try process(batch, change, epoch, from: index + 1, &result) }
  }
}

/// The loop leaves out what a stage says that it does not look at.
func absentWhereUnused(_ batch: Batch, _ used: Set<Int>?) -> Batch {
  guard let used else { return batch }
  let columns = batch.columns.enumerated().map { index, column in
    used.contains(index) ? column : Column(.void, .void(count: batch.rowCount))
  }
  return Batch(schema: batch.schema, columns: columns, rowCount: batch.rowCount)
}
