import Columnar
import Connectors
import Testing

@Suite("A steady rate")
struct RateScheduleTests {
  @Test(
    "counts a row as soon as it is due",
    arguments: [
      (1, 0), (3, 0), (7, 0), (1000, 0), (999_983, 0), (1_000_000_000, 0), (1, 10_000_000),
      (10, 1_000_000), (1000, 3_000_000), (12345, 777_777), (1_000_000, 5_000_000),
    ] as [(Int64, Int64)])
  func due(rate: Int64, ramp: Int64) {
    let schedule = RateSchedule(rowsPerSecond: rate, rampUp: ramp)
    var last: Int64 = -1
    for row in (0..<200).map({ Int64($0) }) + (0..<200).map({ Int64($0) * 7919 }) {
      let time = schedule.time(of: row)
      #expect(schedule.count(at: time) > row)
      #expect(time == 0 || schedule.count(at: time - 1) <= row)
    }
    for row in 0..<200 as Range<Int64> {
      #expect(schedule.time(of: row) >= last)
      last = schedule.time(of: row)
    }
  }

  @Test("gives as many rows in a second as it says")
  func perSecond() {
    let schedule = RateSchedule(rowsPerSecond: 10)
    #expect(schedule.count(at: -1) == 0)
    #expect(schedule.count(at: 0) == 1)
    #expect(schedule.count(at: 99_999) == 1)
    #expect(schedule.count(at: 100_000) == 2)
    #expect(schedule.count(at: 999_999) == 10)
  }

  @Test("grows evenly to its height: half of the rows in that time")
  func rampUp() {
    let schedule = RateSchedule(rowsPerSecond: 100, rampUp: 10_000_000)
    #expect(schedule.count(at: 5_000_000) == 126)
    #expect(schedule.count(at: 9_999_999) == 500)
    #expect(schedule.count(at: 11_000_000) == 601)
  }

  @Test("does not overflow")
  func extremes() {
    let schedule = RateSchedule(rowsPerSecond: 1_000_000_000, rampUp: 1_000_000_000_000)
    #expect(schedule.count(at: .max) == .max)
    #expect(schedule.time(of: .max) > 0)
  }
}

/// Time that passes only when somebody waits, and sometimes more than was asked for.
private final class SlowTime: Timekeeper, @unchecked Sendable {
  private var uptime: Int64 = 5_000
  private let delays: [Int64]
  private var pauses = 0

  init(delays: [Int64] = [0]) { self.delays = delays }

  var now: Moment { Moment(wall: 1_000_000_000 + uptime, uptime: uptime) }

  func pause(until deadline: Deadline) {
    uptime = max(uptime, deadline.uptime) + delays[pauses % delays.count]
    pauses += 1
  }
}

private struct Rows: EpochOutput {
  final class Log {
    var epochs: [(rows: Int, time: Int64, isFinal: Bool)] = []
    var values: [Int64] = []
    var times: [Int64] = []
  }
  let log = Log()

  func write(_ batch: Batch, in epoch: SourceEpoch) {
    for case .integer(let time) in batch.columns[0].values {
      log.times.append(time)
      #expect(time <= epoch.time)
    }
    for case .integer(let value) in batch.columns[1].values { log.values.append(value) }
  }

  func close(_ epoch: SourceEpoch, idle: Int64, isFinal: Bool) {
    log.epochs.append((epoch.rows, epoch.time, isFinal))
  }
}

@Suite("The loop of a rate")
struct RateLoopTests {
  private func run(
    _ rate: Int64, _ count: Int64, _ trigger: Trigger = .promptly,
    _ bounds: EpochBounds = EpochBounds(), delays: [Int64] = [0]
  ) throws -> Rows.Log {
    let (rows, time) = (Rows(), SlowTime(delays: delays))
    var loop = RateLoop(
      RateSchedule(rowsPerSecond: rate), rowCount: count, to: rows,
      clock: EpochClock(trigger: trigger, bounds: bounds, at: time.now), time: time,
      isStopped: { false })
    try loop.run()
    #expect(rows.log.values == Array(0..<count))
    #expect(
      rows.log.epochs.map(\.isFinal)
        == rows.log.epochs.indices.map { $0 == rows.log.epochs.count - 1 })
    return rows.log
  }

  @Test("sends each row when it is due, and its time is that")
  func slow() throws {
    let log = try run(10, 5)
    #expect(log.epochs.map(\.rows) == [1, 1, 1, 1, 1])
    #expect(log.times == (0..<5).map { 1_000_005_000 + $0 * 100_000 })
  }

  @Test("sends many at a time, 10 ms apart")
  func fast() throws {
    let log = try run(100_000, 3500)
    #expect(log.epochs.map(\.rows) == [1, 1000, 1000, 1000, 499])
  }

  @Test("loses nothing when the pipeline is slow")
  func late() throws {
    let log = try run(1000, 5000, delays: [0, 1_700_000, 30_000])
    #expect(log.times == (0..<5000).map { 1_000_005_000 + $0 * 1000 })
  }

  @Test("sends an epoch at each interval")
  func intervals() throws {
    let log = try run(10, 25, .every(1_000_000))
    #expect(log.epochs.map(\.rows) == [1, 10, 10, 4])
  }

  @Test("passes empty epochs while no row is due")
  func empty() throws {
    let time = SlowTime()
    let rows = Rows()
    var loop = RateLoop(
      RateSchedule(rowsPerSecond: 1, rampUp: 18_000_000), rowCount: 2, to: rows,
      clock: EpochClock(trigger: .promptly, at: time.now), time: time, isStopped: { false })
    try loop.run()
    #expect(rows.log.epochs.map(\.rows) == [1, 0, 0, 0, 0, 0, 1])
  }

  @Test("keeps to the bound of an epoch")
  func bounded() throws {
    let log = try run(1000, 30, .promptly, EpochBounds(rows: 7), delays: [25_000])
    #expect(log.epochs.allSatisfy { $0.rows <= 7 })
  }
}
