import Checkpoint
import Columnar
import Connectors
import Diagnostics
import JSONText
import Toolkit

/// How a kind of source takes a query up: its history before the last commit, the journal of the
/// epochs from now on.
struct Resumption {
  let checkpoint: SourceCheckpoint
  let journal: any InputJournal
  /// Takes files of committed epochs away.
  let cleaner: FileCleaner?
  /// Of the epochs whose intents were dropped.
  private let floor: any InputHistory

  /// - Parameters:
  ///   - journal: of this run's epochs, replayed ones too.
  ///   - cleaner: of files; nil when they stay.
  ///   - history: makes a history that begins with a base; nil for the beginning of the input.
  init(
    _ checkpoint: SourceCheckpoint, journal: any InputJournal, cleaner: FileCleaner? = nil,
    history: (_ base: JSON?) throws -> any InputHistory
  ) throws {
    self.checkpoint = checkpoint
    self.journal = journal
    self.cleaner = cleaner
    floor = try history(checkpoint.base)
  }

  /// Drops what committed epochs alone need.
  func trim() throws {
    // First: names that are cleaned away need not be kept.
    try clean()
    try checkpoint.trim { intents in
      for intent in intents { try floor.advance(past: intent.input) }
      return try floor.makeBase()
    }
  }

  func clean() throws {
    guard let cleaner, let first = cleaner.firstEpoch else { return }
    if let floor = try checkpoint.durableFloor, floor >= first { cleaner.clean(upTo: floor) }
  }

  /// Makes all epochs again that were begun and not committed, and sets the clock behind them.
  ///
  /// - Parameters:
  ///   - history: is moved past them.
  ///   - adopted: more of them, to be made after those that the checkpoint knows.
  ///   - makeInput: exactly the rows of an intent's input.
  func replayAll(
    to output: WireOutput, history: any InputHistory, adopted: [Intent] = [],
    _ clock: inout EpochClock, _ makeInput: (_ input: JSON) throws -> any RowInput
  ) throws {
    clock.resume(behind: checkpoint.lastEpoch, time: checkpoint.lastTime ?? .min)
    for intent in checkpoint.replays + adopted {
      try replay(intent, from: makeInput(intent.input), to: output)
      try history.advance(past: intent.input)
      clock.resume(behind: intent.epoch, time: intent.time, isFinal: intent.isFinal)
    }
  }

  /// Makes an epoch of rows that an earlier run has received and that belong to none: it is to be
  /// made again from now on.
  ///
  /// - Parameter input: what its intent says.
  func adopt(_ input: JSON, rowCount: Int64) throws -> Intent {
    let (number, timeMin) = checkpoint.nextEpoch
    let intent = Intent(
      epoch: number, time: max(timeMin, Moment.now.wall), idle: 0, isFinal: false, rows: rowCount,
      input: input)
    try checkpoint.write(intent)
    return intent
  }

  /// Makes an epoch again: the same rows under the same number and time.
  ///
  /// - Parameter input: exactly the epoch's rows.
  /// - Throws: a data error when they are not what they were.
  private func replay(_ intent: Intent, from input: any RowInput, to output: WireOutput) throws {
    var output = output
    var epoch = SourceEpoch(number: intent.epoch, time: intent.time)
    loop: while true {
      switch try input.next(until: .never) {
      case .rows(let batch, let byteCount, let piece):
        epoch.take(rows: batch.rowCount, bytes: byteCount)
        if let piece { try output.take(piece, in: epoch) }
        if batch.rowCount > 0 { try output.write(batch, in: epoch) }
      case .passedOver(let rowCount, let piece):
        epoch.take(rows: rowCount, bytes: 0)
        if let piece { try output.take(piece, in: epoch) }
      case .fileEnd(let file): if let file { try output.take(endOf: file) }
      case .nothingYet: continue
      case .end: break loop
      }
    }
    try output.close(replayed: epoch, as: intent)
  }
}
