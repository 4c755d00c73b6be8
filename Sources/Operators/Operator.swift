package import Columnar
import Diagnostics

/// A unit of progress: a run of rows that takes effect wholly or not at all.
package struct Epoch: Sendable, Equatable {
  /// Counted by the source, from 1.
  package let number: Int64
  /// Processing time in µs, UTC, fixed when the source opened the epoch; never falls.
  package let time: Int64
  /// The watermark that rows of the epoch are judged with, that of the epoch before, in µs; nil
  /// before the first: nothing is late.
  package let watermark: Int64?
  /// Of several inputs those that nothing more comes of, in this run or a later one.
  package let completeInputs: Set<Int>

  package init(
    number: Int64, time: Int64, watermark: Int64? = nil, completeInputs: Set<Int> = []
  ) {
    self.number = number
    self.time = time
    self.watermark = watermark
    self.completeInputs = completeInputs
  }
}

/// What a batch does to the result downstream.
package enum Change: Sendable, Equatable {
  /// Rows are added, or replace those of the same key.
  case insert
  /// Rows (their keys at least) are taken back.
  case delete
}

/// What is known when an epoch ends.
package struct EpochEnd: Sendable, Equatable {
  package let epoch: Epoch
  /// The input is complete: nothing follows.
  package let isFinal: Bool
  /// In µs; nil before the first.
  package let watermark: Int64?
  /// How long the input has been empty, in µs: the shortest of several inputs.
  package let idle: Int64
  /// The epoch's rows are the whole of what comes in, be it nothing (complete mode).
  package let replacesInput: Bool

  package init(
    epoch: Epoch, isFinal: Bool, watermark: Int64?, idle: Int64 = 0, replacesInput: Bool = false
  ) {
    self.epoch = epoch
    self.isFinal = isFinal
    self.watermark = watermark
    self.idle = idle
    self.replacesInput = replacesInput
  }

  /// What ends at or before this time changes no more; nil before the first watermark.
  package var closingTime: Int64? { isFinal ? .max : watermark }
}

/// What an operator says of the epoch that it has finished.
package struct EpochOutcome: Sendable, Equatable {
  /// The epoch's rows are the whole result (complete mode).
  package var replacesResult = false
  /// Keys held, and the memory for them in bytes.
  package var stateRows = 0
  package var stateBytes = 0
  /// Windows, or where there are none groups, that time will close; nil where it closes none.
  package var openWindows: Int?
  /// When the next of them closes, in µs.
  package var nextClose: Int64?
  /// For an operator that makes the watermark: what it is from this epoch's end on.
  package var watermark: Int64?

  package init() {}
}

/// Rows that had no effect.
package struct RejectedRows: Sendable {
  /// Behind the watermark: their places in the batch, and how far behind, in µs.
  package var late: [(row: Int32, by: Int64)] = []
  /// Without an event time, or without a session's gap.
  package var unusable: [Int32] = []

  package init() {}

  package var isEmpty: Bool { late.isEmpty && unusable.isEmpty }

  /// All of them; none is left then.
  package mutating func take() -> RejectedRows {
    defer { self = RejectedRows() }
    return self
  }

  /// How far something that ends at a time is behind a watermark that has passed it, in µs.
  static func lateness(of end: Int64, at watermark: Int64) -> Int64 {
    watermark.subtractingSaturating(end)
  }
}

extension StreamError {
  /// - Parameter obstacle: why the operator cannot undo them.
  static func rowsAreTakenBack(_ obstacle: String) -> StreamError {
    StreamError(
      .usage, "rows are taken back here, but \(obstacle)",
      hint: "put the stage that takes rows back into append mode")
  }
}

/// An operator that cannot take in every row.
package protocol RejectingOperator: Operator {
  /// Whether it ever does so.
  var mayReject: Bool { get }

  /// What unusable rows are without, for people.
  var necessity: String { get }

  /// What was rejected of the batch that was processed last; asked for after each, then empty.
  mutating func takeRejected() -> RejectedRows
}

extension RejectingOperator {
  package var mayReject: Bool { true }

  package var necessity: String { "an event time" }
}

/// An operator that has something to end when its input does.
package protocol ConcludingOperator: Operator {
  /// Called once, behind the last epoch, before the end of the stream is sent.
  mutating func conclude() throws
}

/// An operator with several inputs: a batch comes from one of them.
package protocol MergingOperator: Operator {
  /// Whether the rows of an input go on as they are, without a look at them; `process` is not called
  /// then.
  func passes(input: Int) -> Bool

  /// The columns of an input whose values are looked at; nil for all.
  func columnsUsed(ofInput input: Int) -> Set<Int>?

  /// - Parameter input: counted from 0, which is standard input.
  mutating func process(
    _ batch: Batch, _ change: Change, ofInput input: Int, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws
}

extension MergingOperator {
  package func passes(input: Int) -> Bool { false }

  package func columnsUsed(ofInput input: Int) -> Set<Int>? { nil }

  package mutating func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    try process(batch, change, ofInput: 0, in: epoch, emit: emit)
  }
}

/// What a stage does to batches and state. Epochs, endings, signals and errors are the loop's.
package protocol Operator {
  /// The schema of every batch that is emitted.
  var output: Schema { get }

  /// Whether no further row can come out, whatever the input: the loop ends the stream early.
  var isExhausted: Bool { get }

  /// The columns of the input whose values are looked at; nil for all. The others may be left out
  /// of a batch: any column of the right length may stand in their place.
  var columnsUsed: Set<Int>? { get }

  mutating func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws

  mutating func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome
}

extension Operator {
  package var isExhausted: Bool { false }

  package var columnsUsed: Set<Int>? { nil }
}
