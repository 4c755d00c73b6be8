import Connectors
import Testing

private func at(_ milliseconds: Int64, wall: Int64? = nil) -> Moment {
  Moment(wall: wall ?? 1_000_000_000 + milliseconds * 1000, uptime: milliseconds * 1000)
}

private func deadline(_ milliseconds: Int64) -> Deadline { Deadline(uptime: milliseconds * 1000) }

@Suite("Epochs that close promptly")
struct PromptEpochTests {
  @Test("are numbered from 1, and carry the time at which they opened")
  func numbers() {
    var clock = EpochClock(trigger: .promptly, at: at(0))
    #expect(clock.opening(at: at(5)).number == 1)
    #expect(clock.opening(at: at(9)).time == at(5).wall)
    #expect(clock.close(at: at(20)).time == at(5).wall)
    #expect(clock.opening(at: at(30)).number == 2)
  }

  @Test("never go back in time, whatever people do to the clock")
  func time() {
    var clock = EpochClock(trigger: .promptly, at: at(0))
    #expect(clock.opening(at: at(1, wall: 500)).time == 500)
    _ = clock.close(at: at(2, wall: 400))
    #expect(clock.opening(at: at(3, wall: 300)).time == 500)
  }

  @Test("close when the input has nothing more, but 10 ms apart")
  func idle() {
    var clock = EpochClock(trigger: .promptly, at: at(0))
    _ = clock.opening(at: at(0))
    clock.take(rows: 1, bytes: 10)
    #expect(clock.closing(isIdle: true) <= deadline(0))
    _ = clock.close(at: at(3))
    _ = clock.opening(at: at(4))
    clock.take(rows: 1, bytes: 10)
    #expect(clock.closing(isIdle: true) == deadline(13))
  }

  @Test("close a second after they opened while the input is busy")
  func busy() {
    var clock = EpochClock(trigger: .promptly, at: at(0))
    #expect(clock.closing(isIdle: false) == .never)
    _ = clock.opening(at: at(700))
    clock.take(rows: 1, bytes: 10)
    #expect(clock.closing(isIdle: false) == deadline(1700))
  }

  @Test("pass empty every second while nothing comes")
  func empty() {
    var clock = EpochClock(trigger: .promptly, at: at(0))
    #expect(clock.closing(isIdle: true) == deadline(1000))
    #expect(clock.close(at: at(1000)).rows == 0)
    #expect(clock.closing(isIdle: true) == deadline(2000))
    // Rows may follow an empty epoch at once.
    _ = clock.opening(at: at(1001))
    clock.take(rows: 1, bytes: 1)
    #expect(clock.closing(isIdle: true) <= deadline(1001))
  }
}

@Suite("Bounds of an epoch")
struct EpochBoundsTests {
  @Test("leave room up to the bound, and are reached at it")
  func rows() {
    var clock = EpochClock(trigger: .promptly, bounds: EpochBounds(rows: 10), at: at(0))
    #expect(clock.rowRoom == 10)
    _ = clock.opening(at: at(0))
    clock.take(rows: 7, bytes: 70)
    #expect(clock.rowRoom == 3)
    #expect(!clock.isFull)
    clock.take(rows: 3, bytes: 30)
    #expect(clock.isFull)
    _ = clock.close(at: at(1))
    #expect(clock.rowRoom == 10)
    #expect(!clock.isFull)
  }

  @Test("let in one block of records, however large")
  func bytes() {
    var clock = EpochClock(trigger: .promptly, bounds: EpochBounds(bytes: 100), at: at(0))
    #expect(clock.hasRoom(forBytes: 500))
    _ = clock.opening(at: at(0))
    clock.take(rows: 1, bytes: 60)
    #expect(clock.hasRoom(forBytes: 40))
    #expect(!clock.hasRoom(forBytes: 41))
    clock.take(rows: 1, bytes: 40)
    #expect(clock.isFull)
  }

  @Test("count files, empty ones too")
  func files() {
    var clock = EpochClock(trigger: .promptly, bounds: EpochBounds(files: 2), at: at(0))
    _ = clock.opening(at: at(0))
    clock.takeFile()
    #expect(!clock.isFull)
    clock.takeFile()
    #expect(clock.isFull)
  }
}

@Suite("Epochs at intervals")
struct IntervalEpochTests {
  @Test("close at the interval's end, not before")
  func regular() {
    var clock = EpochClock(trigger: .every(5_000_000), at: at(0))
    _ = clock.opening(at: at(100))
    clock.take(rows: 1, bytes: 1)
    #expect(clock.closing(isIdle: true) == deadline(5000))
    #expect(clock.closing(isIdle: false) == deadline(5000))
    _ = clock.close(at: at(5003))
    #expect(clock.closing(isIdle: true) == deadline(10000))
  }

  @Test("skip the intervals that were missed")
  func missed() {
    var clock = EpochClock(trigger: .every(1_000_000), at: at(0))
    _ = clock.opening(at: at(0))
    clock.take(rows: 1, bytes: 1)
    _ = clock.close(at: at(3500))
    #expect(clock.closing(isIdle: true) == deadline(5000))
    _ = clock.opening(at: at(3600))
    #expect(clock.closing(isIdle: true) == deadline(4000))
  }

  @Test("pass empty once a second where intervals are shorter")
  func shortIntervals() {
    var clock = EpochClock(trigger: .every(300_000), at: at(0))
    #expect(clock.closing(isIdle: true) == deadline(1200))
    _ = clock.opening(at: at(250))
    clock.take(rows: 1, bytes: 1)
    #expect(clock.closing(isIdle: true) == deadline(300))
    _ = clock.close(at: at(300))
    #expect(clock.closing(isIdle: true) == deadline(1500))
  }

  @Test("wait for the next interval when a bound is reached")
  func bounded() {
    var clock = EpochClock(trigger: .every(1_000_000), bounds: EpochBounds(rows: 1), at: at(0))
    #expect(clock.pause(at: at(0)) == nil)
    _ = clock.opening(at: at(100))
    clock.take(rows: 1, bytes: 1)
    _ = clock.close(at: at(200))
    #expect(clock.pause(at: at(200)) == 1_000_000)
    #expect(clock.pause(at: at(1000)) == nil)
    _ = clock.opening(at: at(1000))
    #expect(clock.closing(isIdle: true) == deadline(2000))
  }
}

@Suite("Epochs of what is available now")
struct AvailableNowEpochTests {
  @Test("close by bounds alone")
  func never() {
    var clock = EpochClock(trigger: .availableNow, at: at(0))
    #expect(clock.closing(isIdle: true) == .never)
    _ = clock.opening(at: at(0))
    #expect(clock.closing(isIdle: false) == .never)
  }
}
