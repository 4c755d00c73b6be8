package import Columnar

/// A source that needs no input: numbered rows at a steady rate.
///
/// An epoch holds the rows that are due at its time and were not sent before; so they depend on the
/// epochs' times alone, and none is lost however slow the pipeline is.
package struct RateLoop<Output: EpochOutput> {
  private let schedule: RateSchedule
  /// After so many rows the stream ends.
  private let rowCount: Int64?
  private var output: Output
  private var clock: EpochClock
  private let time: any Timekeeper
  private let isStopped: () -> Bool
  /// When row 0 is due: the time of the first epoch.
  private var start: Int64?
  private var sent: Int64
  private let endIsFinal: Bool
  private var lastClose: Int64

  /// - Parameters:
  ///   - history: of earlier runs; nil for none.
  ///   - isStopped: whether the source was told to stop.
  package init(
    _ schedule: RateSchedule, rowCount: Int64?, to output: Output, clock: EpochClock,
    time: any Timekeeper, behind history: RateHistory? = nil, endIsFinal: Bool = true,
    isStopped: @escaping () -> Bool
  ) {
    start = history?.span?.start
    sent = history?.span?.rows.upperBound ?? 0
    self.endIsFinal = endIsFinal
    self.schedule = schedule
    self.rowCount = rowCount
    self.output = output
    self.clock = clock
    self.time = time
    self.isStopped = isStopped
    lastClose = time.now.uptime
  }

  package mutating func run() throws {
    if clock.isComplete { return }
    let begin = time.now.uptime
    while !isStopped() {
      let now = time.now
      let next = try runEpoch(at: now)
      guard let next else { return }
      var opening = max(next, now.uptime + EpochClock.busyEpochInterval)
      if case .every(let interval) = clock.trigger {
        opening = begin + ((now.uptime - begin) / interval + 1) * interval
      }
      time.pause(until: Deadline(uptime: opening))
    }
  }

  /// Sends an epoch, if there is something to send or the last one was long ago.
  ///
  /// - Returns: when the next row is due or an empty epoch is to pass, in µs of uptime; nil after
  ///   the last row.
  private mutating func runEpoch(at now: Moment) throws -> Int64? {
    let epochTime = clock.openingTime(at: now)
    let start = start ?? epochTime
    self.start = start
    let due = min(schedule.count(at: epochTime - start), rowCount ?? .max)
    let isDue = due > sent || now.uptime >= lastClose + EpochClock.emptyEpochInterval
    if sent == rowCount, !endIsFinal { return nil }
    if isDue, try output.hasRoom() {
      let epoch = clock.opening(at: now)
      let end = sent + min(max(0, due - sent), Int64(clamping: clock.rowRoom))
      clock.take(rows: Int(end - sent), bytes: 0)
      try send(upTo: end, in: epoch, start: start)
      let isComplete = sent == rowCount
      try output.close(clock.close(at: now), idle: 0, isFinal: isComplete && endIsFinal)
      lastClose = now.uptime
      if isComplete { return nil }
    }
    let wait = start + schedule.time(of: sent) - epochTime
    return min(now.uptime + wait, lastClose + EpochClock.emptyEpochInterval)
  }

  private mutating func send(upTo end: Int64, in epoch: SourceEpoch, start: Int64) throws {
    while sent < end {
      let rows = sent..<min(end, sent + RateSchedule.batchRowsMax)
      try output.write(schedule.batch(of: rows, start: start), in: epoch)
      sent = rows.upperBound
    }
  }
}

/// What a rate source gives.
package let rateSchema = Schema([Field("timestamp", .timestamp), Field("value", .bigint)])
