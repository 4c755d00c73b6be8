import Columnar
import Operators
import TestSupport

/// The watermark of the epoch before, and the epoch's own.
typealias Watermarks = (before: Int64?, after: Int64?)

/// An epoch of a deduplication as the loop drives it.
struct DedupRun {
  var rows: [[Value]] = []
  /// Rows of the epoch, and how far behind they are.
  var late: [LateRow] = []
  var unusable: [Int] = []
  var outcome = EpochOutcome()
  var changes: [StateRows] = []

  struct LateRow: Equatable {
    let row: Int
    let by: Int64
  }

  /// - Parameters:
  ///   - size: rows at which the input is cut.
  ///   - takes: whether what has changed is asked for.
  init(
    _ dedup: Dedup, _ input: Batch, _ number: Int64, _ clock: (Batch) -> Watermarks,
    size: Int, takes: Bool = false, isFinal: Bool = false
  ) throws {
    let watermarks = clock(input)
    let epoch = Epoch(number: number, time: number, watermark: watermarks.before)
    for start in stride(from: 0, to: input.rowCount, by: min(size, input.rowCount + 1)) {
      let part = input[start..<min(start + min(size, input.rowCount), input.rowCount)]
      try dedup.process(part, .insert, in: epoch) { batch, _ in rows += exactRows([batch]) }
      let rejected = dedup.takeRejected()
      late += rejected.late.map { LateRow(row: start + Int($0.row), by: $0.by) }
      unusable += rejected.unusable.map { start + Int($0) }
    }
    let end = EpochEnd(epoch: epoch, isFinal: isFinal, watermark: watermarks.after)
    outcome = try dedup.finish(end) { batch, _ in rows += exactRows([batch]) }
    if takes { changes = try dedup.changes() }
  }
}

/// A batch of state.
struct StateRows {
  let batch: Batch
  let change: Change

  var exact: [[Value]] {
    let kind = Value.boolean(change == .delete)
    return exactRows([batch]).map { [kind] + $0 }
  }
}

extension StatefulOperator where Self: AnyObject {
  func changes() throws -> [StateRows] {
    var (reference, changes): (Self, [StateRows]) = (self, [])
    try reference.takeChanges { changes.append(StateRows(batch: $0, change: $1)) }
    return changes
  }

  func snapshot() throws -> [StateRows] {
    var batches: [StateRows] = []
    try snapshot { batches.append(StateRows(batch: $0, change: .insert)) }
    return batches
  }
}

extension [StateRows] {
  var exact: [[Value]] { flatMap(\.exact) }
}

func exactRows(_ batches: [Batch]) -> [[Value]] {
  batches.flatMap { batch in (0..<batch.rowCount).map { batch.row($0).map(exact) } }
}
