package import Columnar

/// Lines of followed files as they are appended.
///
/// Files take turns: each is read up to its present end. So the order of rows is that in which files
/// were found to have grown; the journal keeps it for a replay.
package final class TailInput: MeasuredInput {
  package var schema: Schema { records.schema }
  package var isBounded: Bool { files.isBounded }
  package let byteCount: Int64? = nil
  package private(set) var consumedCount: Int64 = 0
  package var malformedCount: Int64 { records.malformedCount }

  private let files: TailSet
  private let records: TailRecords
  /// What is still to be read in this round.
  private var round: ArraySlice<TailSlot> = []
  private var idleSince: Int64?
  private var isLastRound = false

  /// - Parameter files: opened.
  package init(_ files: TailSet, _ records: TailRecords) {
    (self.files, self.records) = (files, records)
    isLastRound = files.isBounded
    beginRound()
  }

  package func next(until deadline: Deadline) throws -> InputEvent {
    while true {
      if !isLastRound, files.stop.isRequested {
        isLastRound = true
        try files.drain()
        beginRound()
      }
      if let journal = files.journal, journal.pieceCount >= files.limits.pieceCountMax, !isLastRound
      {
        return waitForEpoch(until: deadline)
      }
      if let event = try nextOfRound() {
        idleSince = nil
        return event
      }
      if isLastRound {
        try records.finish()
        return .end(isComplete: !files.stop.isRequested)
      }
      if idleSince == nil {
        try files.look()
        beginRound()
        if !round.isEmpty, let event = try nextOfRound() { return event }
        idleSince = files.now
        return .nothingYet(idleSince: idleSince)
      }
      guard files.wait(until: deadline) else { return .nothingYet(idleSince: idleSince) }
      try files.look()
      beginRound()
    }
  }

  private func beginRound() {
    round = files.slots.filter(\.isDirty)[...]
    for slot in round { slot.beginRound() }
  }

  private func nextOfRound() throws -> InputEvent? {
    while let slot = round.first {
      if let event = try slot.next(records) {
        if case .rows(_, let count, _) = event { consumedCount += Int64(count) }
        return event
      }
      round.removeFirst()
    }
    return nil
  }

  /// The intent of the open epoch is long enough: nothing is taken in before it is written.
  private func waitForEpoch(until deadline: Deadline) -> InputEvent {
    let now = files.now
    files.stop.pause(until: min(deadline, Deadline(uptime: now + 10_000)))
    return .nothingYet(idleSince: now)
  }
}
