package import Columnar
internal import Diagnostics
package import JSONText

/// Writes the rows of each epoch down before they go out.
package final class WALJournal: InputJournal {
  private let log: WriteAheadLog
  private let input: ReceivedInput
  private let malformed: MalformedRecords?
  private let schema: Schema
  private var segment: SegmentWriter?
  /// Of the open epoch.
  package private(set) var rowCount: Int64 = 0
  /// Of the open epoch, if it has rows: µs, UTC.
  package private(set) var time: Int64?
  /// What the intent says of the epoch that is being made again: its rows are in the log.
  private var replayed: JSON?
  /// The disk has refused: nothing is known any more of what it holds.
  private var hasFailed = false

  /// - Parameters:
  ///   - input: where the rows come from.
  ///   - malformed: records that are kept with the epochs; nil where none are.
  package init(
    _ log: WriteAheadLog, of input: ReceivedInput, malformed: MalformedRecords? = nil
  ) {
    self.malformed = malformed
    self.log = log
    self.input = input
    schema = input.schema
  }

  /// The rows of an epoch once more; until it is closed nothing is written.
  ///
  /// - Parameter input: what its intent says.
  /// - Throws: an I/O error when they are not what they were, or have other columns than those that
  ///   the source gives now.
  package func replay(_ input: JSON) throws -> any RowInput {
    let rows = try WALReplay(log, input, schema: schema)
    replayed = input
    return rows
  }

  package func take(_ batch: Batch, in epoch: SourceEpoch) throws {
    guard replayed == nil, batch.rowCount > 0 else { return }
    try noticingFailure {
      let segment = try segment ?? log.begin(epoch, schema)
      self.segment = segment
      if rowCount == 0 { segment.beginEpoch() }
      try segment.append(batch, in: epoch)
    }
    rowCount += Int64(batch.rowCount)
    time = epoch.time
    input.forget(batch.rowCount)
  }

  package func close(_ epoch: SourceEpoch) throws -> JSON {
    if let replayed {
      self.replayed = nil
      return replayed
    }
    try malformed?.takeAll()
    try malformed?.closeEpoch(epoch.number)
    guard rowCount > 0, let segment else { return WALRange.none }
    var range: WALRange?
    try noticingFailure { range = try segment.endEpoch() }
    (rowCount, time) = (0, nil)
    if log.isFinished(segment) { self.segment = nil }
    return range?.json ?? WALRange.none
  }

  private func noticingFailure(_ body: () throws -> Void) throws {
    do { try body() } catch {
      hasFailed = true
      throw error
    }
  }

  /// Writes down what was received and did not get into an epoch, when the stream cannot go on: what
  /// the source holds, and whole records that its input gives without being waited for.
  ///
  /// The input has been told to stop.
  ///
  /// - Parameter epoch: the open one, or one of its own.
  /// - Returns: whether it has rows; then it is to be closed.
  package func takeRest(in epoch: SourceEpoch) throws -> Bool {
    replayed = nil
    if hasFailed { return false }
    for batch in input.pending { try take(batch, in: epoch) }
    while let batch = input.nextWithoutFailing() { try take(batch, in: epoch) }
    return rowCount > 0
  }
}

/// An input that cannot be read twice: it remembers the rows that it has given out as long as they
/// are not in the log.
package final class ReceivedInput: MeasuredInput {
  private let input: any MeasuredInput
  /// Rows that the log has not taken, in order.
  private(set) var pending: [Batch] = []
  private var isOver = false

  package init(_ input: any MeasuredInput) { self.input = input }

  package var schema: Schema { input.schema }
  package var isBounded: Bool { input.isBounded }
  package var consumedCount: Int64 { input.consumedCount }
  package var byteCount: Int64? { input.byteCount }
  package var malformedCount: Int64 { input.malformedCount }

  package func next(until deadline: Deadline) throws -> InputEvent {
    do {
      while true {
        let event = try input.next(until: deadline)
        switch event {
        case .rows(let batch, _, _) where batch.rowCount > 0: pending.append(batch)
        // The log holds what was received: other rows are in no epoch that is made again.
        case .passedOver: continue
        case .end: isOver = true
        default: break
        }
        return event
      }
    } catch {
      // Behind a gap there is nothing to be kept.
      isOver = true
      throw error
    }
  }

  /// The log has taken the next rows.
  func forget(_ count: Int) {
    var left = count
    while left > 0, let first = pending.first {
      if first.rowCount > left {
        pending[0] = first[left..<first.rowCount]
        return
      }
      left -= first.rowCount
      pending.removeFirst()
    }
  }

  /// The next rows; nil at the end, and where the input fails.
  func nextWithoutFailing() -> Batch? {
    while !isOver {
      guard let event = try? next(until: .never) else { return nil }
      if case .rows(let batch, _, _) = event, batch.rowCount > 0 { return batch }
    }
    return nil
  }
}
