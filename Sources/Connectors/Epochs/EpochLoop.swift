internal import Columnar

/// Sends what an input gives, epoch by epoch.
///
/// Small batches are gathered while the input is at work, so that downstream stages get what they
/// are fast with; they go out as soon as it pauses, and after `linger` in any case.
package struct EpochLoop<Output: EpochOutput> {
  private let input: any RowInput
  private var output: Output
  private let time: any Timekeeper
  private let linger: Int64
  private let endIsFinal: Bool
  private var clock: EpochClock
  private var idleSince: Int64?

  private var gathered: [Batch] = []
  private var gatheredRows = 0
  private var gatheredBytes = 0
  private var gatheredSince: Int64 = 0

  /// From so many rows on a batch is not held back.
  static var batchRowsMin: Int { 8192 }
  static var batchRowsMax: Int { 65536 }
  private static var batchBytesMin: Int { 16 << 20 }
  /// How often one looks whether an epoch that is due may end: µs.
  private static var roomInterval: Int64 { 1_000 }

  /// - Parameters:
  ///   - linger: how long rows may wait for others, in µs.
  ///   - endIsFinal: the end of the input completes it; else a later run may go on.
  package init(
    _ input: any RowInput, to output: Output, clock: EpochClock, linger: Int64,
    time: any Timekeeper, endIsFinal: Bool = true
  ) {
    self.endIsFinal = endIsFinal
    self.input = input
    self.output = output
    self.clock = clock
    self.linger = linger
    self.time = time
  }

  /// Runs until the input ends or is told to stop.
  package mutating func run() throws {
    if clock.isComplete { return }
    while true {
      let event = try nextEvent()
      if case .nothingYet(let since) = event { idleSince = since } else { idleSince = nil }
      switch event {
      case .rows(let batch, let byteCount, let piece):
        try take(rowCount: batch.rowCount, byteCount: byteCount, piece) { loop, rows, now in
          try loop.gather(batch[rows], at: now)
        }
      case .passedOver(let rowCount, let piece):
        try take(rowCount: rowCount, byteCount: 0, piece)
      case .fileEnd(let file): try takeFileEnd(file)
      case .nothingYet(let since): if since != nil { try flush() }
      case .end(let isComplete):
        let isFinal = isComplete && endIsFinal
        if isFinal || clock.open != nil { try close(isFinal: isFinal) }
        return
      }
    }
  }

  /// Waits for the input as long as nothing else is to be done, and does that first.
  private mutating func nextEvent() throws -> InputEvent {
    while true {
      let now = time.now
      if gatheredRows > 0, now.uptime >= gatheredSince &+ linger { try flush() }
      if clock.isFull { return try eventBehindFullEpoch() }
      var closing = clock.closing(isIdle: idleSince != nil)
      if now.uptime >= closing.uptime {
        if try output.hasRoom() {
          try close(isFinal: false)
          continue
        }
        closing = Deadline(uptime: now.uptime + Self.roomInterval)
      }
      if let resumption = clock.pause(at: now) {
        time.pause(until: Deadline(uptime: resumption))
      }
      let flushing = gatheredRows > 0 ? Deadline(uptime: gatheredSince &+ linger) : .never
      return try input.next(until: min(closing, flushing))
    }
  }
}

// MARK: - Rows

extension EpochLoop {
  /// Whether an epoch is the last one shows only behind it.
  private mutating func eventBehindFullEpoch() throws -> InputEvent {
    while true {
      let event = try input.next(until: input.isBounded ? .never : .now)
      switch event {
      case .end: return event
      case .fileEnd(let file) where clock.hasRoomForFile: try noteFileEnd(file)
      default:
        try closeFull()
        return event
      }
    }
  }

  private mutating func take(
    rowCount: Int, byteCount: Int, _ piece: InputPiece?,
    _ gather: (inout EpochLoop, Range<Int>, Moment) throws -> Void = { _, _, _ in }
  ) throws {
    if !clock.hasRoom(forBytes: byteCount) { try closeFull() }
    var start = 0
    var bytesLeft = byteCount
    repeat {
      // The bytes of a batch belong together: between its rows only their number ends an epoch.
      if start == 0 ? clock.isFull : clock.rowRoom == 0 { try closeFull() }
      waitForInterval()
      let now = time.now
      let epoch = clock.opening(at: now)
      let count = min(rowCount - start, clock.rowRoom, Self.batchRowsMax)
      clock.take(rows: count, bytes: bytesLeft)
      bytesLeft = 0
      if let part = piece?.slice(start..<start + count, of: rowCount) {
        try output.take(part, in: epoch)
      }
      try gather(&self, start..<start + count, now)
      start += count
    } while start < rowCount
  }

  private mutating func takeFileEnd(_ file: Int?) throws {
    guard clock.bounds.files != nil else {
      if let file {
        _ = clock.opening(at: time.now)
        try output.take(endOf: file)
      }
      return
    }
    waitForInterval()
    _ = clock.opening(at: time.now)
    try noteFileEnd(file)
  }

  private mutating func noteFileEnd(_ file: Int?) throws {
    clock.takeFile()
    if let file { try output.take(endOf: file) }
  }

  /// Closes an epoch that has reached a bound; waits until it may.
  private mutating func closeFull() throws {
    while try !output.hasRoom() {
      // Told to stop, one more epoch than usual may be on its way.
      if time.isStopped { break }
      time.pause(until: Deadline(uptime: time.now.uptime + Self.roomInterval))
    }
    try close(isFinal: false)
  }

  private func waitForInterval() {
    if let resumption = clock.pause(at: time.now) {
      time.pause(until: Deadline(uptime: resumption))
    }
  }

  private mutating func gather(_ batch: Batch, at now: Moment) throws {
    guard batch.rowCount > 0 else { return }
    if batch.rowCount >= Self.batchRowsMin / 2 || gatheredRows + batch.rowCount > Self.batchRowsMax
    {
      try flush()
    }
    if gatheredRows == 0 { gatheredSince = now.uptime }
    gathered.append(batch)
    gatheredRows += batch.rowCount
    gatheredBytes += batch.byteCount
    if gatheredRows >= Self.batchRowsMin / 2 || gatheredBytes >= Self.batchBytesMin { try flush() }
  }

  private mutating func flush() throws {
    guard let first = gathered.first, let epoch = clock.open else { return }
    let batch = Batch.concatenating(gathered, schema: first.schema)
    gathered.removeAll(keepingCapacity: true)
    (gatheredRows, gatheredBytes) = (0, 0)
    try output.write(batch, in: epoch)
  }

  private mutating func close(isFinal: Bool) throws {
    try flush()
    let now = time.now
    let idle = idleSince.map { max(0, now.uptime - $0) } ?? 0
    try output.close(clock.close(at: now), idle: idle, isFinal: isFinal)
  }
}
