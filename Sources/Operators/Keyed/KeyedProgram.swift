package import Columnar

/// What keeps the state of keys: it is given the state of a key and new rows, and says what the state
/// is from then on, and which rows go on.
package protocol KeyedProgram: AnyObject {
  /// Whether nobody reads what it answers any more; then it may throw.
  var isAbandoned: () -> Bool { get set }

  /// Before the first call of an epoch.
  ///
  /// - Parameter rows: all rows of the epoch that calls may name.
  func begin(_ epoch: ProgramEpoch, rows: [Batch]) throws

  /// - Parameter take: is given the answers to the calls in their order, some at a time: in all as
  ///   many as there are calls.
  func answer(_ calls: ProgramCalls, take: (ProgramAnswers) throws -> Void) throws

  /// Behind the last call of an epoch: nothing of it takes effect if this throws.
  func endEpoch() throws

  /// The input has ended.
  func conclude() throws
}

/// What calls tell of their epoch.
package struct ProgramEpoch: Sendable, Equatable {
  package let number: Int64
  /// In µs.
  package let time: Int64
  /// With which the epoch ends, in µs; nil before the first.
  package let watermark: Int64?

  package init(number: Int64, time: Int64, watermark: Int64?) {
    self.number = number
    self.time = time
    self.watermark = watermark
  }
}

/// Where a row of an epoch is.
package struct RowPlace: BitwiseCopyable, Sendable, Equatable {
  package let batch: Int32
  package let row: Int32

  package init(batch: Int32, row: Int32) {
    self.batch = batch
    self.row = row
  }
}

/// Some keys, each with its state and with rows.
package struct ProgramCalls: Sendable {
  /// A row for each call.
  package let keys: Batch
  /// Strings: what the program said of the key last; null where it has no state.
  package let states: Column
  /// The rows of all calls, in their order.
  package let places: [RowPlace]
  /// Where those of each call begin, and the end of the last.
  package let starts: [Int]
  /// The keys have fallen silent; there are no rows.
  package let isTimeout: Bool

  package init(
    keys: Batch, states: Column, places: [RowPlace], starts: [Int], isTimeout: Bool
  ) {
    self.keys = keys
    self.states = states
    self.places = places
    self.starts = starts
    self.isTimeout = isTimeout
  }

  package var count: Int { keys.rowCount }
}

/// Answers to some calls.
package struct ProgramAnswers: Sendable {
  /// Strings, one for each call; null ends the state.
  package let states: Column
  /// The rows of all of them, in their order.
  package let rows: Batch

  package init(states: Column, rows: Batch) {
    self.states = states
    self.rows = rows
  }
}
