import Columnar
import Operators
import Toolkit

/// The first rows as they are; without a number all of them, at no cost.
struct Limit: FrameOperator, LimitedOperator {
  let output: Schema
  var remaining: Int?

  init(_ count: Int?, _ schema: Schema) {
    remaining = count
    output = schema
  }

  var isExhausted: Bool { remaining == 0 }

  mutating func passes(rowCount: Int, column: (Int) throws -> Column) -> Bool {
    guard let left = remaining else { return true }
    guard rowCount <= left else { return false }
    remaining = left - rowCount
    return true
  }

  /// Called for the frame in which the limit lies.
  mutating func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch, emit: (Batch, Change) throws -> Void
  ) throws {
    let count = min(batch.rowCount, remaining ?? .max)
    remaining = remaining.map { $0 - count }
    if count > 0 { try emit(batch[0..<count], change) }
  }

  func finish(_ end: EpochEnd, emit: (Batch, Change) throws -> Void) -> EpochOutcome {
    EpochOutcome()
  }
}
