import Columnar
import Connectors
import Testing

/// Time that passes only when somebody waits.
private final class TestTime: Timekeeper, @unchecked Sendable {
  var uptime: Int64 = 0
  var now: Moment { Moment(wall: 1_000_000 + uptime, uptime: uptime) }

  func pause(until deadline: Deadline) { uptime = max(uptime, deadline.uptime) }
}

private let numbers = Schema([Field("n", .bigint)])

/// Plays a script: what comes, and after how long (µs).
private final class Script: RowInput {
  enum Step {
    case rows(Int, after: Int64 = 0)
    case file
    case end(isComplete: Bool = true)
  }

  private var steps: [Step]
  private let time: TestTime
  private var value: Int64 = 0
  private var dueAt: Int64?
  private var hasToldIdle = false
  let isBounded: Bool
  let schema = numbers

  init(_ steps: [Step], time: TestTime, isBounded: Bool = false) {
    self.steps = steps
    self.time = time
    self.isBounded = isBounded
  }

  func next(until deadline: Deadline) -> InputEvent {
    guard let step = steps.first else { return .end(isComplete: true) }
    if case .rows(_, let delay) = step, delay > 0 {
      let due = dueAt ?? time.uptime + delay
      dueAt = due
      if due > time.uptime, !hasToldIdle || deadline.uptime < due {
        if hasToldIdle { time.uptime = max(time.uptime, deadline.uptime) }
        hasToldIdle = true
        return .nothingYet(idleSince: due - delay)
      }
      time.uptime = max(time.uptime, due)
    }
    dueAt = nil
    hasToldIdle = false
    steps.removeFirst()
    switch step {
    case .file: return .fileEnd()
    case .end(let isComplete): return .end(isComplete: isComplete)
    case .rows(let count, _):
      let values = (value..<value + Int64(count)).map { $0 }
      value += Int64(count)
      let batch = Batch(
        schema: numbers, columns: [Column(.bigint, .int64(Buffer(values)))], rowCount: count)
      return .rows(batch, byteCount: count * 10)
    }
  }
}

/// Notes what is sent: `3@0` are three rows at 0 ms, `|1:3@0` closes epoch 1 with three rows,
/// `!` is final.
private struct Notes: EpochOutput {
  final class Log {
    var entries: [String] = []
    var values: [Int64] = []
  }
  let log = Log()
  let time: TestTime

  func write(_ batch: Batch, in epoch: SourceEpoch) {
    log.entries.append("\(batch.rowCount)@\(time.uptime / 1000)")
    for case .integer(let value) in batch.columns[0].values { log.values.append(value) }
  }

  func close(_ epoch: SourceEpoch, idle: Int64, isFinal: Bool) {
    log.entries.append(
      "|\(epoch.number):\(epoch.rows)@\(time.uptime / 1000)" + (idle > 0 ? "~\(idle / 1000)" : "")
        + (isFinal ? "!" : ""))
  }
}

@Suite("The loop of a source")
struct EpochLoopTests {
  private func run(
    _ steps: [Script.Step], _ trigger: Trigger = .promptly, _ bounds: EpochBounds = EpochBounds(),
    isBounded: Bool = false, behind former: (epoch: Int64, isFinal: Bool) = (0, false)
  ) throws -> [String] {
    let time = TestTime()
    let notes = Notes(time: time)
    var clock = EpochClock(trigger: trigger, bounds: bounds, at: time.now)
    clock.resume(behind: former.epoch, time: 0, isFinal: former.isFinal)
    var loop = EpochLoop(
      Script(steps, time: time, isBounded: isBounded), to: notes, clock: clock, linger: 100_000,
      time: time)
    try loop.run()
    #expect(notes.log.values == Array(0..<Int64(notes.log.values.count)))
    return notes.log.entries
  }

  @Test("sends rows at once when the input pauses, closes the epoch, and keeps epochs apart")
  func pauses() throws {
    #expect(
      try run([.rows(3), .rows(2, after: 4_000), .rows(1, after: 50_000), .end()])
        == ["3@0", "|1:3@0", "2@4", "|2:2@10~6", "1@54", "|3:1@54!"])
  }

  @Test("goes on behind an epoch of an earlier run, but not behind the last one")
  func resumption() throws {
    #expect(try run([.rows(1), .end()], behind: (4, false)) == ["1@0", "|5:1@0!"])
    #expect(try run([.rows(1), .end()], behind: (4, true)) == [])
  }

  @Test("closes an empty epoch every second")
  func idle() throws {
    #expect(
      try run([.rows(1), .rows(1, after: 2_500_000), .end()])
        == ["1@0", "|1:1@0", "|2:0@1000~1000", "|3:0@2000~2000", "1@2500", "|4:1@2500!"])
  }

  @Test("gathers small batches while the input is at work")
  func gathering() throws {
    #expect(
      try run([.rows(3), .rows(2), .rows(4), .end()], isBounded: true) == ["9@0", "|1:9@0!"])
    #expect(
      try run([.rows(3), .rows(5000), .rows(4), .end()], isBounded: true)
        == ["3@0", "5000@0", "4@0", "|1:5007@0!"])
  }

  @Test("cuts large batches")
  func cutting() throws {
    #expect(
      try run([.rows(150_000), .end()], isBounded: true)
        == ["65536@0", "65536@0", "18928@0", "|1:150000@0!"])
  }

  @Test("cuts epochs at their rows, and knows the last one")
  func maxRows() throws {
    #expect(
      try run([.rows(25), .end()], .promptly, EpochBounds(rows: 10), isBounded: true)
        == ["10@0", "|1:10@0", "10@0", "|2:10@0", "5@0", "|3:5@0!"])
    #expect(
      try run([.rows(20), .end()], .promptly, EpochBounds(rows: 10), isBounded: true)
        == ["10@0", "|1:10@0", "10@0", "|2:10@0!"])
    #expect(
      try run(
        [.rows(10), .file, .file, .end()], .promptly, EpochBounds(rows: 10), isBounded: true)
        == ["10@0", "|1:10@0!"])
  }

  @Test("ends epochs with files, empty ones too")
  func maxFiles() throws {
    #expect(
      try run(
        [.rows(2), .file, .file, .rows(1), .file, .end()], .promptly, EpochBounds(files: 1),
        isBounded: true) == ["2@0", "|1:2@0", "|2:0@0", "1@0", "|3:1@0!"])
  }

  @Test("keeps an epoch's bytes within their bound")
  func maxBytes() throws {
    #expect(
      try run(
        [.rows(3), .rows(3), .rows(3), .end()], .promptly, EpochBounds(bytes: 70), isBounded: true)
        == ["6@0", "|1:6@0", "3@0", "|2:3@0!"])
  }

  @Test("takes a bounded epoch at each interval")
  func intervals() throws {
    #expect(
      try run([.rows(25), .end()], .every(1_000_000), EpochBounds(rows: 10), isBounded: true)
        == ["10@0", "|1:10@0", "10@1000", "|2:10@1000", "5@2000", "|3:5@2000!"])
    #expect(
      try run(
        [.rows(1), .rows(2, after: 300_000), .rows(3, after: 900_000), .end()], .every(1_000_000))
        == ["1@0", "2@300", "|1:3@1000~700", "3@1200", "|2:3@1200!"])
  }

  @Test("puts what is available into one epoch")
  func availableNow() throws {
    #expect(
      try run([.rows(1), .rows(2, after: 5_000_000), .end()], .availableNow) == [
        "1@0", "2@5000", "|1:3@5000!",
      ])
  }

  @Test("ends an input without rows with a final epoch")
  func nothing() throws {
    #expect(try run([.end()]) == ["|1:0@0!"])
  }

  @Test("closes its epoch when it is told to stop, which is never final")
  func stopped() throws {
    #expect(try run([.rows(2), .end(isComplete: false)]) == ["2@0", "|1:2@0"])
    #expect(try run([.end(isComplete: false)]) == [])
  }
}
