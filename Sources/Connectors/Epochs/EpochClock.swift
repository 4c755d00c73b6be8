/// An epoch as the source sees it.
package struct SourceEpoch: Sendable, Equatable {
  /// From 1.
  package let number: Int64
  /// Processing time in µs, UTC.
  package let time: Int64
  package fileprivate(set) var rows = 0
  package fileprivate(set) var bytes = 0
  package fileprivate(set) var files = 0
  fileprivate let openedAt: Int64

  fileprivate init(number: Int64, time: Int64, openedAt: Int64) {
    self.number = number
    self.time = time
    self.openedAt = openedAt
  }

  /// One that is made again.
  package init(number: Int64, time: Int64) {
    self.init(number: number, time: time, openedAt: 0)
  }

  /// Counts what it took in.
  package mutating func take(rows: Int, bytes: Int) {
    self.rows += rows
    self.bytes += bytes
  }
}

/// Decides when epochs open and close. It reads no clock itself.
///
/// - An epoch opens with the first that it takes in. Its number follows its predecessor's, its time
///   is that of the wall clock, but never before its predecessor's.
/// - It closes when the trigger or a bound says so. Without a checkpoint epochs that took something
///   in close at least 10 ms apart, so that a full pipe does not fill with markers.
/// - While nothing comes, an empty epoch passes every second, so that processing time moves on.
package struct EpochClock: Sendable {
  /// The open epoch.
  package private(set) var open: SourceEpoch?
  package let trigger: Trigger
  package let bounds: EpochBounds

  /// An epoch of an earlier run was the last one: there is none behind it.
  package private(set) var isComplete = false

  private var lastNumber: Int64 = 0
  private var lastTime = Int64.min
  /// When the last epoch closed, and when the last that was not empty did: µs of uptime.
  private var lastClose: Int64
  private var lastBusyClose: Int64
  private let start: Int64
  /// Where the interval ends that is now: `every` only.
  private var tick: Int64
  /// A bound was reached: the next epoch opens with the next interval.
  private var opensAt: Int64?

  private let busyInterval: Int64

  static let emptyEpochInterval: Int64 = 1_000_000
  static let epochDurationMax: Int64 = 1_000_000
  static let busyEpochInterval: Int64 = 10_000

  /// - Parameter isPaced: the sink's commits keep epochs apart, so that no clock has to.
  package init(
    trigger: Trigger, bounds: EpochBounds = EpochBounds(), at start: Moment, isPaced: Bool = false
  ) {
    self.trigger = trigger
    self.bounds = bounds
    self.start = start.uptime
    busyInterval = isPaced ? 0 : Self.busyEpochInterval
    lastClose = start.uptime
    lastBusyClose = start.uptime &- Self.busyEpochInterval
    tick = .max
    if case .every(let interval) = trigger { tick = start.uptime + interval }
  }
}

extension EpochClock {
  /// Goes on behind an epoch of an earlier run.
  ///
  /// - Parameter isFinal: it completed the input.
  package mutating func resume(behind number: Int64, time: Int64, isFinal: Bool = false) {
    lastNumber = max(lastNumber, number)
    lastTime = max(lastTime, time)
    isComplete = isComplete || isFinal
  }
}

// MARK: - Taking in

extension EpochClock {
  /// The open epoch; opens one if need be.
  package mutating func opening(at now: Moment) -> SourceEpoch {
    if let open { return open }
    lastNumber += 1
    lastTime = openingTime(at: now)
    let epoch = SourceEpoch(number: lastNumber, time: lastTime, openedAt: now.uptime)
    open = epoch
    return epoch
  }

  /// The processing time that an epoch opened now would have.
  package func openingTime(at now: Moment) -> Int64 { max(lastTime, now.wall) }

  /// Counts what the open epoch took in.
  package mutating func take(rows: Int, bytes: Int) {
    open?.take(rows: rows, bytes: bytes)
  }

  /// Counts a file that was read to its end.
  package mutating func takeFile() { open?.files += 1 }

  /// How many more rows the epoch, open or to be opened, may take in.
  package var rowRoom: Int { bounds.rows.map { max(0, $0 - (open?.rows ?? 0)) } ?? .max }

  /// Whether these bytes of whole records may still go into the epoch: the first always may.
  package func hasRoom(forBytes count: Int) -> Bool {
    guard let limit = bounds.bytes, let open, open.bytes > 0 else { return true }
    return open.bytes + count <= limit
  }

  /// Whether the end of a further file may belong to the epoch.
  package var hasRoomForFile: Bool { open?.files ?? 0 < bounds.files ?? .max }

  /// Whether the open epoch has reached one of its bounds.
  package var isFull: Bool {
    guard let open else { return false }
    return open.rows >= bounds.rows ?? .max || open.bytes >= bounds.bytes ?? .max
      || open.files >= bounds.files ?? .max
  }

  /// Until when nothing may be taken in, in µs of uptime: a bound was reached before the interval
  /// was over.
  package func pause(at now: Moment) -> Int64? {
    guard let opensAt, now.uptime < opensAt else { return nil }
    return opensAt
  }
}

// MARK: - Closing

extension EpochClock {
  /// When the epoch is to be closed if nothing more comes: `close` opens an empty one where none
  /// is open.
  ///
  /// - Parameter isIdle: the input has nothing at present.
  package func closing(isIdle: Bool) -> Deadline {
    switch trigger {
    case .availableNow: return .never
    case .every(let interval):
      if open != nil { return Deadline(uptime: tick) }
      let earliest = max(tick, lastClose + Self.emptyEpochInterval)
      let missed = max(0, earliest - tick + interval - 1) / interval
      return Deadline(uptime: tick + missed * interval)
    case .promptly:
      guard let open else {
        return isIdle ? Deadline(uptime: lastClose + Self.emptyEpochInterval) : .never
      }
      let latest = open.openedAt + Self.epochDurationMax
      if !isIdle { return Deadline(uptime: latest) }
      return Deadline(uptime: min(latest, lastBusyClose + busyInterval))
    }
  }

  /// Closes the open epoch, or an empty one.
  package mutating func close(at now: Moment) -> SourceEpoch {
    let wasFull = isFull
    let epoch = opening(at: now)
    open = nil
    lastClose = now.uptime
    if epoch.rows > 0 || epoch.bytes > 0 { lastBusyClose = now.uptime }
    if case .every(let interval) = trigger {
      opensAt = wasFull && now.uptime < tick ? tick : nil
      let after = opensAt ?? now.uptime
      if after >= tick { tick += ((after - tick) / interval + 1) * interval }
    }
    return epoch
  }
}
