import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

extension JoinType: CustomTestStringConvertible {
  public var testDescription: String { rawValue }
}

@Suite("a join of two streams")
struct StreamJoinTests {
  /// Epochs of the two sides in a random order; the last one is the end of all.
  private func epochs(
    count: Int, rowCount: Int, keys: Int, _ random: inout SplitMix64
  ) -> [JoinInput] {
    var seconds: [JoinSide: Int] = [.left: 100, .right: 103]
    return (0..<count).map { _ in
      let side: JoinSide = Bool.random(using: &random) ? .left : .right
      seconds[side]? += Int.random(in: 0...6, using: &random)
      return JoinInput.random(
        side, second: seconds[side] ?? 0, spread: 8,
        count: Int.random(in: 0...rowCount, using: &random), keys: keys, &random)
    }
  }

  @Test(
    "gives the rows that the rules give, each in its epoch, and keeps no row for longer",
    arguments: JoinType.allCases, JoinRule.all.indices)
  func agrees(type: JoinType, rule: Int) throws {
    for seed in 0..<6 {
      var random = SplitMix64(seed: UInt64(100 * rule + seed))
      let rule = JoinRule.all[rule]
      let join = try StreamJoin(type, rule.text, pairsMax: seed.isMultiple(of: 2) ? 3 : 65_536)
      var slow = SlowStreamJoin(type, rule, isTimed: true)
      var clock = JoinClock(delay: 6)
      let inputs = epochs(count: 40, rowCount: 12, keys: 4, &random)
      for (number, input) in inputs.enumerated() {
        let (isFinal, watermarks) = (number == inputs.count - 1, clock.advance(past: input))
        let run = try StreamJoinRun(
          join, input, Int64(number + 1), watermarks, isFinal: isFinal,
          size: 1 + Int.random(in: 0..<12, using: &random))
        let wanted = slow.run(input, watermarks: watermarks, isFinal: isFinal)
        #expect(inOrder(run.rows) == inOrder(wanted), "epoch \(number + 1) of seed \(seed)")
        #expect(run.outcome.stateRows == slow.waitingCount, "epoch \(number + 1) of seed \(seed)")
      }
      #expect(slow.waitingCount == 0)
    }
  }

  @Test(
    "without watermarks keeps all rows, and gives the rest at the end", arguments: JoinType.allCases
  )
  func endless(type: JoinType) throws {
    var random = SplitMix64(seed: 5)
    let join = try StreamJoin(type, JoinRule.endless.text, isTimed: false)
    var slow = SlowStreamJoin(type, .endless, isTimed: false)
    let inputs = epochs(count: 12, rowCount: 12, keys: 6, &random)
    for (number, input) in inputs.enumerated() {
      let isFinal = number == inputs.count - 1
      let run = try StreamJoinRun(join, input, Int64(number + 1), (nil, nil), isFinal: isFinal)
      let wanted = slow.run(input, watermarks: (nil, nil), isFinal: isFinal)
      #expect(inOrder(run.rows) == inOrder(wanted))
      #expect(run.outcome.stateRows == slow.waitingCount)
      #expect(run.outcome.watermark == nil)
    }
  }

  @Test(
    "gives the same rows in all, however the epochs of the two sides follow each other",
    arguments: JoinType.allCases)
  func interleaved(type: JoinType) throws {
    var random = SplitMix64(seed: 77)
    let sides = Dictionary(
      uniqueKeysWithValues: JoinSide.allCases.map { side in
        (
          side,
          (0..<12).map { epoch in
            JoinInput.random(side, second: 100 + 3 * epoch, spread: 4, count: 9, keys: 3, &random)
          }
        )
      })
    var first: [String]?
    for _ in 0..<8 {
      var rest = sides
      let join = try StreamJoin(type, JoinRule.all[0].text)
      // So far behind that nothing is late, whichever side is ahead.
      var clock = JoinClock(delay: 50)
      var (rows, number): ([[Value]], Int64) = ([], 0)
      while let side = JoinSide.allCases.filter({ rest[$0]?.isEmpty == false })
        .randomElement(using: &random), let input = rest[side]?.removeFirst()
      {
        number += 1
        let isFinal = rest.values.allSatisfy(\.isEmpty)
        let run = try StreamJoinRun(
          join, input, number, clock.advance(past: input), isFinal: isFinal)
        #expect(run.lateCount == 0)
        rows += run.rows
      }
      #expect(!rows.isEmpty)
      let found = inOrder(rows)
      #expect(first ?? found == found)
      first = found
    }
  }

  @Test("gives pairs in the order in which their rows came, wherever batches are cut")
  func order() throws {
    var random = SplitMix64(seed: 9)
    let inputs = epochs(count: 10, rowCount: 30, keys: 2, &random)
    for type in JoinType.allCases {
      var first: [[Value]]?
      for size in [1, 4, 100] {
        let join = try StreamJoin(type, JoinRule.all[1].text, pairsMax: size + 1)
        var clock = JoinClock(delay: 9)
        var rows: [[Value]] = []
        for (number, input) in inputs.enumerated() {
          rows += try StreamJoinRun(
            join, input, Int64(number + 1), clock.advance(past: input), size: size
          ).rows
        }
        #expect(first ?? rows == rows, "\(type), cut at \(size)")
        first = rows
      }
    }
  }

  @Test(
    "once a side is complete gives the same rows, and keeps those only that come out later",
    arguments: JoinType.allCases, JoinSide.allCases)
  func completeSide(type: JoinType, last: JoinSide) throws {
    for rule in JoinRule.all {
      var random = SplitMix64(seed: 21)
      let joins = try (0..<2).map { _ in try StreamJoin(type, rule.text) }
      joins[0].keepChanges()
      var (clock, changes): (JoinClock, [StateRows]) = (JoinClock(delay: 9), [])
      let inputs = epochs(count: 30, rowCount: 12, keys: 4, &random)
      let other = last == .left ? 1 : 0
      let completing = inputs.lastIndex { $0.side != last && $0.rows.count > 0 } ?? 0
      // From the middle on only one side comes.
      let middle = min(completing, 14)
      for (number, input) in inputs.enumerated() where number <= middle || input.side == last {
        let (watermarks, isFinal) = (clock.advance(past: input), number == inputs.count - 1)
        func isComplete(_ from: Int) -> Set<Int> { number >= from ? [other] : [] }
        let runs = try zip(joins, [true, false]).map { join, isTold in
          try StreamJoinRun(
            join, input, Int64(number + 1), watermarks, isFinal: isFinal, takes: isTold,
            complete: isTold ? (isComplete(middle + 1), isComplete(middle)) : ([], []))
        }
        #expect(runs[0].rows == runs[1].rows, "epoch \(number + 1)")
        #expect(runs[0].outcome.stateRows <= runs[1].outcome.stateRows)
        changes += runs[0].changes
      }
      let restored = try StreamJoin(type, rule.text)
      for rows in changes { try restored.restore(rows.batch, rows.change) }
      #expect(try inOrder(restored.snapshot().exact) == inOrder(joins[0].snapshot().exact))
    }
  }

  @Test("keeps nothing of an input whose partners have all come")
  func nothingKept() throws {
    let join = try StreamJoin(.inner, JoinRule.endless.text, isTimed: false)
    func input(_ side: JoinSide) -> JoinInput {
      JoinInput(side: side, rows: [[.integer(1), .string("a"), .integer(1)]])
    }
    _ = try StreamJoinRun(join, input(.left), 1, (nil, nil))
    let last = try StreamJoinRun(join, input(.right), 2, (nil, nil), complete: ([], [1]))
    // The left row has had its last partner.
    #expect((last.rows.count, last.outcome.stateRows) == (1, 1))
    let later = try StreamJoinRun(join, input(.left), 3, (nil, nil), complete: ([1], [1]))
    #expect((later.rows.count, later.outcome.stateRows) == (1, 1))
  }

  @Test("a column that both sides have is one, also in rows of one side")
  func sharedColumn() throws {
    let join = try StreamJoin(.full, "k", isTimed: false)
    #expect(join.output.names == ["ts", "k", "v", "ts_right", "v_right"])
    func input(_ side: JoinSide, _ key: String, _ value: Int64) -> JoinInput {
      JoinInput(side: side, rows: [[.integer(1), .string(key), .integer(value)]])
    }
    #expect(try StreamJoinRun(join, input(.left, "a", 1), 1, (nil, nil)).rows.isEmpty)
    #expect(try StreamJoinRun(join, input(.right, "b", 2), 2, (nil, nil)).rows.isEmpty)
    let pair = try StreamJoinRun(join, input(.right, "a", 3), 3, (nil, nil), isFinal: true)
    #expect(
      pair.rows == [
        [.integer(1), .string("a"), .integer(1), .integer(1), .integer(3)],
        [.null, .string("b"), .null, .integer(1), .integer(2)],
      ])
  }

  @Test("gives the memory of rows that are gone back")
  func memory() throws {
    let join = try StreamJoin(.inner, JoinRule.all[0].text)
    var (peak, clock) = (0, JoinClock(delay: 1))
    for number in 1...60 {
      let rows = (0..<1000).map { row -> [Value] in
        [.integer(Int64(number * 20) * 1_000_000), .string("\(number).\(row)"), .integer(1)]
      }
      let side: JoinSide = number.isMultiple(of: 2) ? .left : .right
      let input = JoinInput(side: side, rows: rows)
      let run = try StreamJoinRun(
        join, input, Int64(number), clock.advance(past: input), size: 500)
      if number == 20 { peak = run.outcome.stateBytes }
      if number > 20 { #expect(run.outcome.stateBytes <= peak * 2) }
      #expect(run.outcome.stateRows <= 3000)
    }
  }

  @Test("counts late rows, and lets none in")
  func late() throws {
    let join = try StreamJoin(.left, JoinRule.all[0].text)
    let input = JoinInput(
      side: .left,
      rows: [10, 20, 21].map { [.integer($0 * 1_000_000), .string("k"), .integer(1)] })
    let run = try StreamJoinRun(join, input, 2, (20, 20))
    #expect(run.lateCount == 2)
    #expect(run.outcome.stateRows == 1)
  }

  @Test("ends with an error when its state is too large")
  func limit() throws {
    let condition = try JoinCondition(
      parsing: "k", left: JoinInput.schema, right: JoinInput.schema, rightName: "the other")
    var plan = try StreamJoinPlan(
      .inner, on: condition, left: JoinInput.plain, right: JoinInput.plain)
    plan.stateByteLimit = 1000
    let rows = (0..<100).map { [Value.integer(0), .string("key \($0)"), .integer(0)] }
    let error = #expect(throws: StreamError.self) {
      try StreamJoinRun(
        StreamJoin(plan), JoinInput(side: .left, rows: rows), 1, (nil, nil), size: 100)
    }
    #expect(error?.message.contains("--state-memory 1000 allows") == true)
  }
}

@Suite("how long rows of a join wait")
struct JoinTimesTests {
  private static let second: Int64 = 1_000_000

  /// The holds of both sides, in µs.
  private func holds(_ text: String, isTimed: Bool = true) throws -> [Int64?] {
    let input = isTimed ? JoinInput.timed : JoinInput.plain
    let condition = try JoinCondition(
      parsing: text, left: JoinInput.schema, right: JoinInput.schema, rightName: "the other")
    let plan = try StreamJoinPlan(.inner, on: condition, left: input, right: input)
    return [plan.times.hold(.left), plan.times.hold(.right)]
  }

  @Test(
    "follows from the condition",
    arguments: [
      ("k", nil, nil),
      ("l.k = r.k AND r.ts <= l.ts + INTERVAL 5 SECONDS", 5 * second + 1, nil),
      ("l.k = r.k AND r.ts < l.ts + INTERVAL 5 SECONDS", 5 * second, nil),
      ("l.k = r.k AND l.ts > r.ts - INTERVAL 5 SECONDS", 5 * second, nil),
      ("l.k = r.k AND r.ts >= l.ts", nil, 1),
      ("l.k = r.k AND r.ts > l.ts - INTERVAL 2 SECONDS", nil, 2 * second),
      (
        "l.k = r.k AND r.ts - l.ts BETWEEN INTERVAL 1 SECOND AND INTERVAL 1 MINUTE",
        60 * second + 1, -second + 1
      ),
      (
        "l.k = r.k AND l.ts - INTERVAL 1 HOUR <= r.ts AND l.ts + INTERVAL 1 MINUTE * 2 >= r.ts",
        120 * second + 1, 3600 * second + 1
      ),
      // The narrower of two bounds counts.
      (
        "l.k = r.k AND r.ts <= l.ts + INTERVAL 9 SECONDS AND r.ts <= l.ts + INTERVAL 3 SECONDS",
        3 * second + 1, nil
      ),
      ("l.k = r.k AND r.ts = l.ts + INTERVAL 3 SECONDS", 3 * second + 1, -3 * second + 1),
      ("k, ts", 0, 0), ("l.k = r.k AND r.ts = l.ts", 0, 0),
      // What says nothing about the difference.
      ("l.k = r.k AND r.ts > TIMESTAMP '2026-01-01 00:00:00'", nil, nil),
      ("l.k = r.k AND (r.ts <= l.ts + INTERVAL 5 SECONDS OR l.v = 1)", nil, nil),
      ("l.k = r.k AND r.ts <> l.ts", nil, nil),
    ] as [(String, Int64?, Int64?)])
  func bounds(text: String, left: Int64?, right: Int64?) throws {
    #expect(try holds(text) == [left, right])
    #expect(try holds(text, isTimed: false) == [nil, nil])
  }

  /// The watermark behind a join.
  private func behind(_ watermark: Int64, _ text: String) throws -> Int64? {
    let condition = try JoinCondition(
      parsing: text, left: JoinInput.schema, right: JoinInput.schema, rightName: "the other")
    let plan = try StreamJoinPlan(
      .inner, on: condition, left: JoinInput.timed, right: JoinInput.timed)
    return plan.times.watermark(behind: watermark)
  }

  @Test("makes the watermark behind the join, in whole milliseconds")
  func watermark() throws {
    #expect(try behind(100_000_000, JoinRule.all[0].text) == 93_999_000)
    #expect(try behind(100_000_000, "k, ts") == 100_000_000)
    #expect(try behind(-1, "k, ts") == -1000)
    #expect(try behind(100_000_000, "k") == nil)
  }

  @Test(
    "never makes a watermark that is ahead, be it that of a damaged stream",
    arguments: [.min, .min + 1, .min + 999, .min + 6_000_000, -1, .max] as [Int64])
  func ends(watermark: Int64) throws {
    for text in [JoinRule.all[0].text, "k, ts"] {
      let behind = try #require(try behind(watermark, text))
      #expect(behind <= watermark)
    }
  }

  @Test("goes by the ends of windows where these are equal")
  func windows() throws {
    let schema = Schema([
      Field("window_end", .timestamp), Field("k", .string), Field("ts", .timestamp),
    ])
    let input = StreamJoinPlan.Input(schema, eventTime: "ts", hasWatermark: true)
    let condition = try JoinCondition(
      parsing: "k, window_end", left: schema, right: schema, rightName: "the other")
    let join = StreamJoin(try StreamJoinPlan(.left, on: condition, left: input, right: input))
    let batch = Batch(
      schema: schema,
      columns: [
        Column([10, 20] as [Int64?], as: .timestamp), Column(["a", "b"]),
        // Behind the watermark, but their windows are not.
        Column([1, 2] as [Int64?], as: .timestamp),
      ])
    let epoch = Epoch(number: 2, time: 2, watermark: 9)
    var rows: [[Value]] = []
    try join.process(batch, .insert, ofInput: 0, in: epoch) { batch, _ in rows += exactRows([batch])
    }
    #expect(rows.isEmpty && join.takeRejected().isEmpty)
    let end = EpochEnd(epoch: epoch, isFinal: false, watermark: 10)
    let outcome = try join.finish(end) { batch, _ in rows += exactRows([batch]) }
    #expect(rows == [[.integer(10), .string("a"), .integer(1), .null]])
    #expect(outcome.stateRows == 1)
  }
}
