import Columnar
import Diagnostics
import Expressions
import Operators
import Testing

private let second: Int64 = 1_000_000

private let schema = Schema([Field("id", .bigint), Field("ts", .timestamp)])

/// Rows numbered from 1 with these times.
private func rows(_ times: [Int64?]) -> Batch {
  Batch(
    schema: schema,
    columns: [
      Column(times.indices.map { Int64($0) + 1 } as [Int64?]), Column(times, as: .timestamp),
    ])
}

/// An operator that is driven by hand.
private struct Driven {
  var time: EventTime
  private var number: Int64 = 0

  init(_ plan: EventTimePlan, _ input: Schema = schema) throws {
    time = try EventTime(plan, input: input)
  }

  struct Epoch {
    var rows: [[Value]] = []
    var late: [Int32] = []
    var unusable: [Int32] = []
    var watermark: Int64?
  }

  /// - Parameters:
  ///   - clock: the epoch's time.
  ///   - before: the watermark of the epoch before.
  mutating func run(
    _ batches: [Batch], clock: Int64 = 0, before: Int64? = nil, idle: Int64 = 0
  ) throws -> Epoch {
    number += 1
    let epoch = Operators.Epoch(number: number, time: clock, watermark: before)
    var result = Epoch()
    for batch in batches {
      let passes = try time.passes(rowCount: batch.rowCount) { batch.columns[$0] }
      if passes {
        result.rows += (0..<batch.rowCount).map(batch.row)
      } else {
        try time.process(batch, .insert, in: epoch) { batch, _ in
          result.rows += (0..<batch.rowCount).map(batch.row)
        }
      }
      let rejected = time.takeRejected()
      result.late += rejected.late.map(\.row)
      result.unusable += rejected.unusable
    }
    let end = EpochEnd(epoch: epoch, isFinal: false, watermark: nil, idle: idle)
    result.watermark = try time.finish(end) { _, _ in }.watermark
    return result
  }
}

private func plan(
  _ origin: EventTimePlan.Origin = .column(1), _ change: (inout EventTimePlan) -> Void = { _ in }
) -> EventTimePlan {
  var plan = EventTimePlan(origin)
  change(&plan)
  return plan
}

@Suite("The watermark")
struct WatermarkTests {
  @Test("stays behind the latest time of all rows, and never falls")
  func follows() throws {
    var driven = try Driven(plan { $0.delay = 10 * second })
    #expect(try driven.run([]).watermark == nil)
    #expect(try driven.run([rows([nil])]).watermark == nil)
    #expect(try driven.run([rows([100 * second, 120 * second, nil])]).watermark == 110 * second)
    #expect(try driven.run([rows([5 * second])]).watermark == 110 * second)
    #expect(try driven.run([]).watermark == 110 * second)
    #expect(
      try driven.run([rows([121 * second]), rows([119 * second])]).watermark == 111 * second)
  }

  @Test("may be negative, before 1970")
  func early() throws {
    var driven = try Driven(plan { $0.delay = 10 * second })
    #expect(try driven.run([rows([-5 * second])]).watermark == -15 * second)
    #expect(try driven.run([rows([2 * second])]).watermark == -8 * second)
  }

  @Test(
    "is cut to whole milliseconds, towards the past",
    arguments: [
      (1_999, 1_000), (2_000, 2_000), (2_001, 2_000), (0, 0), (-1, -1_000), (-1_000, -1_000),
      (-1_001, -2_000), (999, 0),
    ])
  func milliseconds(time: Int64, watermark: Int64) throws {
    var driven = try Driven(plan { $0.delay = 0 })
    #expect(try driven.run([rows([time])]).watermark == watermark)
  }

  @Test("moves on with the clock when no rows have come for long enough")
  func idle() throws {
    var driven = try Driven(
      plan {
        $0.delay = 10 * second
        $0.idle = 5 * second
      })
    #expect(try driven.run([], idle: 5 * second).watermark == nil)
    #expect(!driven.time.isSilent)
    #expect(try driven.run([], idle: 60 * second).watermark == nil)
    #expect(driven.time.isSilent)
    #expect(try driven.run([rows([100 * second])]).watermark == 90 * second)
    #expect(!driven.time.isSilent)
    #expect(try driven.run([], idle: 5 * second).watermark == 90 * second)
    #expect(try driven.run([], idle: 5 * second + 1_000).watermark == 95 * second + 1_000)
    #expect(try driven.run([], idle: 30 * second).watermark == 120 * second)
    // A row comes, behind the watermark by now; idling begins anew.
    #expect(try driven.run([rows([101 * second])]).watermark == 120 * second)
    #expect(try driven.run([], idle: 31 * second).watermark == 122 * second)
  }

  @Test("goes on in another run where it was")
  func resumes() throws {
    var driven = try Driven(plan { $0.delay = 10 * second })
    driven.time.resume(latest: 100 * second, watermark: 95 * second)
    #expect(try driven.run([]).watermark == 95 * second)
    #expect(try driven.run([rows([104 * second])]).watermark == 95 * second)
    #expect(try driven.run([rows([106 * second])]).watermark == 96 * second)
    #expect(driven.time.latest == 106 * second)
    #expect(driven.time.watermark == 96 * second)
  }

  @Test("does not overflow, whatever the clocks say")
  func extremes() throws {
    let limit = AlignedWindows.timeMax
    var driven = try Driven(
      plan {
        $0.delay = AlignedWindows.sizeMax
        $0.idle = 0
      })
    // Times that no window reaches have no say.
    #expect(try driven.run([rows([.max, .min, limit + 1])]).watermark == nil)
    #expect(
      try driven.run([rows([-limit])]).watermark
        == (-limit - AlignedWindows.sizeMax - 999) / 1000 * 1000)
    _ = try driven.run([rows([limit])])
    #expect(try driven.run([], idle: .max).watermark ?? 0 > limit)
    var clock = try Driven(plan(.epoch) { $0.delay = 0 })
    #expect(try clock.run([], clock: .min).watermark == .min)
    #expect(try clock.run([], clock: .max).watermark == Int64.max / 1000 * 1000)
  }

  @Test("of processing time is the time of the epoch")
  func processingTime() throws {
    var driven = try Driven(plan(.epoch) { $0.delay = 0 })
    #expect(try driven.run([rows([nil])], clock: 7_001_500).watermark == 7_001_000)
    #expect(try driven.run([], clock: 9_000_000).watermark == 9_000_000)
    #expect(driven.time.latest == nil)
  }

  @Test("is not made where none is declared")
  func none() throws {
    var driven = try Driven(plan())
    #expect(try driven.run([rows([5])]).watermark == nil)
    #expect(driven.time.latest == nil)
  }
}

@Suite("Rows with an event time")
struct EventTimeTests {
  @Test("pass as they are; the time is not even looked at when nothing depends on it")
  func passes() throws {
    struct Unwanted: Error {}
    var idle = try EventTime(plan(), input: schema)
    #expect(try idle.passes(rowCount: 2) { _ in throw Unwanted() })
    var clock = try EventTime(plan(.epoch) { $0.delay = 0 }, input: schema)
    #expect(try clock.passes(rowCount: 2) { _ in throw Unwanted() })
    var tracking = try EventTime(plan { $0.delay = 0 }, input: schema)
    var asked: [Int] = []
    #expect(
      try tracking.passes(rowCount: 2) { index in
        asked.append(index)
        return Column([3, nil] as [Int64?], as: .timestamp)
      })
    #expect(asked == [1])
    #expect(tracking.latest == 3)
  }

  @Test("are left out when windows need a time that they lack")
  func unusable() throws {
    var driven = try Driven(
      plan {
        $0.delay = 0
        $0.needsTime = true
      })
    let whole = try driven.run([rows([1_000, 2_000])])
    #expect(whole.rows.count == 2)
    #expect(whole.unusable.isEmpty)
    let epoch = try driven.run([rows([nil, 5_000, .max]), rows([nil])])
    #expect(epoch.rows == [[.integer(2), .integer(5_000)]])
    #expect(epoch.unusable == [0, 2, 0])
    #expect(epoch.watermark == 5_000)
    #expect(driven.time.mayReject)
  }

  @Test("pass without a time where no window needs it")
  func nullsPass() throws {
    var driven = try Driven(plan { $0.delay = 0 })
    let epoch = try driven.run([rows([nil, 5_000])])
    #expect(epoch.rows.count == 2)
    #expect(epoch.unusable.isEmpty)
    #expect(!driven.time.mayReject)
  }

  @Test("get a column for a time that is computed, or another one in its place")
  func computed() throws {
    let input = Schema([Field("ms", .bigint), Field("x", .bigint)])
    let batch = Batch(
      schema: input, columns: [Column([5, nil] as [Int64?]), Column([1, 2] as [Int64?])])
    let added = EventTimePlan.Origin.computed(try .parse("timestamp_millis(ms) AS ts"))
    var driven = try Driven(plan(added) { $0.delay = 0 }, input)
    #expect(driven.time.output.fields.last == Field("ts", .timestamp))
    let epoch = try driven.run([batch])
    #expect(
      epoch.rows == [
        [.integer(5), .integer(1), .integer(5_000)], [.null, .integer(2), .null],
      ])
    #expect(epoch.watermark == 5_000)
    let replaced = EventTimePlan.Origin.computed(try .parse("timestamp_millis(ms) AS ms"))
    var other = try Driven(plan(replaced) { $0.needsTime = true }, input)
    #expect(other.time.output == Schema([Field("ms", .timestamp), Field("x", .bigint)]))
    let second = try other.run([batch])
    #expect(second.rows == [[.integer(5_000), .integer(1)]])
    #expect(second.unusable == [1])
  }

  @Test("say which of them an expression fails on")
  func failure() throws {
    let input = Schema([Field("s", .string)])
    let origin = EventTimePlan.Origin.computed(try .parse("to_timestamp(s) AS ts"))
    var driven = try Driven(plan(origin), input)
    let good = Batch(schema: input, columns: [Column(["2024-01-01", "2024-01-02"])])
    _ = try driven.run([good])
    let bad = Batch(schema: input, columns: [Column(["2024-01-01", "?"])])
    let error = #expect(throws: StreamError.self) { _ = try driven.run([bad]) }
    #expect(error?.kind == .data)
    #expect(error?.message.contains("row 4") == true)
  }

  @Test("come once for each of their windows, with the window in front")
  func exploded() throws {
    let windows = try #require(AlignedWindows(.sliding(size: 10 * second, slide: 5 * second)))
    var driven = try Driven(
      plan {
        $0.delay = 0
        $0.needsTime = true
        $0.explosion = windows
      })
    #expect(driven.time.output.names == ["window_start", "window_end", "id", "ts"])
    let epoch = try driven.run([rows([12 * second, nil, second])], before: 5 * second)
    // [5, 15) and [10, 20); of [-5, 5) and [0, 10) the first is closed.
    #expect(
      epoch.rows.map { Array($0.prefix(3)) } == [
        [.integer(5 * second), .integer(15 * second), .integer(1)],
        [.integer(10 * second), .integer(20 * second), .integer(1)],
        [.integer(0), .integer(10 * second), .integer(3)],
      ])
    #expect(epoch.unusable == [1])
    let late = try driven.run([rows([13 * second, second])], before: 10 * second)
    #expect(late.rows.count == 2)
    #expect(late.late == [1])
  }

  @Test("keep the places of rejected rows when a batch is exploded piece by piece")
  func explodedInPieces() throws {
    let windows = try #require(AlignedWindows(.sliding(size: 10_000, slide: 1)))
    var driven = try Driven(
      plan {
        $0.delay = 0
        $0.explosion = windows
      })
    let epoch = try driven.run([rows([0, nil, -20_000, 5])], before: -1)
    #expect(epoch.rows.count == 10_000 + 10_000)
    #expect(epoch.unusable == [1])
    #expect(epoch.late == [2])
  }

  @Test("are put into windows of the clock, whose columns take the place of earlier ones")
  func explodedByClock() throws {
    let input = Schema([Field("Window_End", .bigint), Field("x", .bigint)])
    var driven = try Driven(
      plan(.epoch) {
        $0.delay = 0
        $0.explosion = AlignedWindows(.sliding(size: 10 * second, slide: 10 * second))
      }, input)
    let batch = Batch(
      schema: input, columns: [Column([1, 2] as [Int64?]), Column([3, 4] as [Int64?])])
    let epoch = try driven.run([batch], clock: 25 * second)
    #expect(driven.time.output.names == ["window_start", "window_end", "x"])
    #expect(
      epoch.rows == [
        [.integer(20 * second), .integer(30 * second), .integer(3)],
        [.integer(20 * second), .integer(30 * second), .integer(4)],
      ])
  }
}
