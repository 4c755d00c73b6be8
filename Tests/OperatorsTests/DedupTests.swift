import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

let oneSecond: Int64 = 1_000_000

/// How long keys are known.
enum Forgetting: String, CaseIterable, CustomTestStringConvertible {
  case never
  case neverButLate = "never, with a watermark"
  case byTimeKey = "with the event time among the keys"
  case within = "within a time"

  var testDescription: String { rawValue }

  func dedup(by keys: String, over schema: Schema) throws -> Dedup {
    let keys = self == .byTimeKey ? "\(keys), ts" : keys
    return Dedup(
      try DedupPlan(
        keys: Expression.parseList(keys), eventTime: self == .never ? nil : "ts",
        within: self == .within ? 20 * oneSecond : nil, over: schema))
  }
}

/// The largest time less 5 s, in whole milliseconds.
struct SlowClock {
  var watermark: Int64?

  mutating func advance(past input: Batch) -> Watermarks {
    let before = watermark
    for row in 0..<input.rowCount {
      guard case .integer(let time) = input.columns[0].value(row), time.magnitude < 1 << 60
      else { continue }
      var cut = time - 5 * oneSecond
      while cut % 1000 != 0 { cut -= 1 }
      watermark = max(watermark ?? .min, cut)
    }
    return (before, watermark)
  }
}

/// Rows with the columns ts and k0, k1, …; times mostly rise, out of order; keys come again.
func dedupEpoch(
  _ number: Int, _ types: [DataType], count: Int, distinct: Int, _ random: inout SplitMix64
) -> Batch {
  let base = Int64(number) * 10 * oneSecond
  let times = (0..<count).map { _ -> Value in
    switch Int.random(in: 0..<40, using: &random) {
    case 0: return .null
    case 1: return .integer([.min, .max, -(1 << 62) - 1, 1 << 62].randomElement(using: &random)!)
    default:
      return .integer(base + Int64.random(in: -25 * oneSecond...10 * oneSecond, using: &random))
    }
  }
  let coarse = times.map { time -> Value in
    guard case .integer(let time) = time, time.magnitude < 1 << 60 else { return time }
    // Some share a time, some a millisecond.
    return .integer(time - time % (Bool.random(using: &random) ? 5 * oneSecond : 300))
  }
  let keys = types.enumerated().map { index, type in
    let pool = randomValues(type, count: distinct, seed: UInt64(index))
    return Column(
      type, values: (0..<count).map { _ in pool.randomElement(using: &random) ?? .null })
  }
  return Batch(
    schema: dedupSchema(types), columns: [Column(.timestamp, values: coarse)] + keys,
    rowCount: count)
}

func dedupSchema(_ types: [DataType]) -> Schema {
  Schema([Field("ts", .timestamp)] + types.indices.map { Field("k\($0)", types[$0]) })
}

func dedupKeys(_ types: [DataType]) -> String {
  types.indices.map { "k\($0)" }.joined(separator: ", ")
}

/// Row by row, as the page says it.
private struct SlowDedup {
  let forgetting: Forgetting
  /// With the time from which on each is not known any more.
  var known: [[Value]: Int64?] = [:]
  var rows: [[Value]] = []
  var late: [DedupRun.LateRow] = []
  var unusable: [Int] = []

  mutating func process(_ input: Batch, _ watermarks: Watermarks) {
    (rows, late, unusable) = ([], [], [])
    for row in 0..<input.rowCount {
      let values = input.row(row)
      var key = Array(values[1...])
      if forgetting == .byTimeKey { key.append(values[0]) }
      var expiry: Int64?
      if forgetting != .never {
        if case .integer(let time) = values[0] {
          if time > 1 << 62 || time < -(1 << 62) {
            unusable.append(row)
            continue
          }
          if let before = watermarks.before, time <= before {
            late.append(DedupRun.LateRow(row: row, by: before - time))
            continue
          }
          if forgetting == .within { expiry = time + 20 * oneSecond }
          if forgetting == .byTimeKey { expiry = time }
        } else if forgetting == .within {
          unusable.append(row)
          continue
        }
      }
      if known[key] != nil { continue }
      known[key] = .some(expiry)
      rows.append(values.map(exact))
    }
    guard let after = watermarks.after else { return }
    known = known.filter { _, expiry in expiry.map { $0 > after } ?? true }
  }
}

private let keyTypes: [[DataType]] = [
  [.string], [.bigint], [.double], [.boolean], [.decimal(precision: 20, scale: 3)],
  [.string, .int], [.array(.string)], [.date, .binary, .timestamp],
]

@Suite("deduplication")
struct DedupTests {
  @Test(
    "lets the rows pass that a look at each row lets pass", arguments: Forgetting.allCases,
    keyTypes)
  func twin(forgetting: Forgetting, types: [DataType]) throws {
    var random = SplitMix64(seed: 31)
    for size in [1, 13, 64, 1000] {
      let dedup = try forgetting.dedup(by: dedupKeys(types), over: dedupSchema(types))
      var slow = SlowDedup(forgetting: forgetting)
      var (clock, slowClock) = (SlowClock(), SlowClock())
      for number in 1...25 {
        let count = [0, 1, 20, 64, 90].randomElement(using: &random) ?? 0
        let input = dedupEpoch(number, types, count: count, distinct: 60, &random)
        let run = try DedupRun(
          dedup, input, Int64(number), { clock.advance(past: $0) }, size: size)
        slow.process(input, slowClock.advance(past: input))
        #expect(run.rows == slow.rows)
        #expect(run.late == slow.late)
        #expect(run.unusable == slow.unusable)
        #expect(run.outcome.stateRows == slow.known.count)
      }
    }
  }

  private func rows(_ rows: [(time: Int64?, key: Int64?)]) -> Batch {
    Batch(
      schema: dedupSchema([.bigint]),
      columns: [
        Column(rows.map { $0.time.map { $0 * oneSecond } }, as: .timestamp),
        Column(rows.map(\.key)),
      ])
  }

  /// What passes: times in seconds, and keys.
  private func passed(
    _ dedup: Dedup, _ input: [(time: Int64?, key: Int64?)], _ number: Int64,
    _ before: Int64?, _ after: Int64?, isFinal: Bool = false
  ) throws -> (rows: [[Int64?]], run: DedupRun) {
    let run = try DedupRun(
      dedup, rows(input), number,
      { _ in (before.map { $0 * oneSecond }, after.map { $0 * oneSecond }) }, size: .max,
      isFinal: isFinal)
    let rows = run.rows.map { row in
      [row[0], row[1]].enumerated().map { index, value -> Int64? in
        guard case .integer(let integer) = value else { return nil }
        return index == 0 ? integer / oneSecond : integer
      }
    }
    return (rows, run)
  }

  @Test("within a time does what the manual's table says")
  func manual() throws {
    let dedup = Dedup(
      try DedupPlan(
        keys: Expression.parseList("k0"), eventTime: "ts", within: 30 * oneSecond,
        over: dedupSchema([.bigint])))
    var (rows, run) = try passed(dedup, [(10, 7), (12, 7)], 1, nil, 2)
    #expect(rows == [[10, 7]])
    #expect(run.outcome.stateRows == 1)
    (rows, run) = try passed(dedup, [(50, 7), (45, 8)], 2, 2, 40)
    #expect(rows == [[45, 8]])
    #expect(run.outcome.stateRows == 1)
    (rows, run) = try passed(dedup, [(55, 7), (40, 9)], 3, 40, 45)
    #expect(rows == [[55, 7]])
    #expect(run.late == [DedupRun.LateRow(row: 1, by: 0)])
    #expect(run.outcome.stateRows == 2)
    // A row without an event time is of no use here; one that is late is not let pass though its
    // key is not known.
    (rows, run) = try passed(dedup, [(nil, 10), (44, 11), (46, 11), (nil, 11)], 4, 45, 45)
    #expect(rows == [[46, 11]])
    #expect(run.unusable == [0, 3])
    #expect(run.late == [DedupRun.LateRow(row: 1, by: 1 * oneSecond)])
    // 8 is known until 75, 11 until 76, 7 until 85.
    (rows, run) = try passed(dedup, [], 5, 45, 75)
    #expect(run.outcome.stateRows == 2)
    (rows, run) = try passed(dedup, [(90, 8), (91, 11), (92, 7)], 6, 75, 85)
    #expect(rows == [[90, 8]])
    #expect(run.outcome.stateRows == 1)
    (rows, run) = try passed(dedup, [(93, 7)], 7, 85, 85, isFinal: true)
    #expect(rows == [[93, 7]])
    #expect(run.outcome.stateRows == 0)
  }

  @Test("with the event time among the keys forgets each key with its time")
  func timeKey() throws {
    let dedup = try Forgetting.byTimeKey.dedup(by: "k0", over: dedupSchema([.bigint]))
    var (rows, run) = try passed(
      dedup, [(10, 1), (10, 2), (10, 1), (11, 1), (nil, 1), (nil, 1)], 1, nil, 10)
    #expect(rows == [[10, 1], [10, 2], [11, 1], [nil, 1]])
    // Without a time a key stays, since no later row of it would be late.
    #expect(run.outcome.stateRows == 2)
    (rows, run) = try passed(dedup, [(10, 3), (11, 1), (nil, 1)], 2, 10, 11)
    #expect(rows.isEmpty)
    #expect(run.late == [DedupRun.LateRow(row: 0, by: 0)])
    #expect(run.outcome.stateRows == 1)
    (rows, run) = try passed(dedup, [(nil, 1), (nil, 2)], 3, 11, 11, isFinal: true)
    #expect(rows == [[nil, 2]])
    #expect(run.outcome.stateRows == 2)
  }

  @Test("goes by expressions, and takes nulls for equal")
  func expressions() throws {
    let dedup = Dedup(
      try DedupPlan(keys: Expression.parseList("k0 % 3, k0 > 5"), over: dedupSchema([.bigint])))
    let input = [1, 4, 7, nil, 2, nil, 10, 8].map { (time: Int64?(0), key: $0.map { Int64($0) }) }
    let (rows, _) = try passed(dedup, input, 1, nil, nil)
    #expect(rows.map { $0[1] } == [1, 7, nil, 2, 8])
  }

  @Test("names the row whose key has no value, but for late ones")
  func failingRow() throws {
    let dedup = Dedup(
      try DedupPlan(
        keys: Expression.parseList("10 / k0"), eventTime: "ts", over: dedupSchema([.bigint])))
    let (rows, _) = try passed(dedup, [(1, 1), (2, 2)], 1, nil, 3)
    #expect(rows.count == 2)
    let error = #expect(throws: StreamError.self) {
      try passed(dedup, [(2, 0), (4, 4), (3, 0), (5, 0)], 2, 3, 4)
    }
    #expect(error?.kind == .data)
    #expect(error?.location == "row 6" || error?.message.contains("row 6") == true, "\(error!)")
  }

  @Test("refuses what it cannot do")
  func refusals() throws {
    let schema = Schema([
      Field("ts", .timestamp), Field("s", .string), Field("m", .map(key: .string, value: .int)),
    ])
    func error(_ keys: String, eventTime: String?, within: Int64?) -> StreamError? {
      #expect(throws: StreamError.self) {
        try DedupPlan(
          keys: Expression.parseList(keys), eventTime: eventTime, within: within, over: schema)
      }
    }
    let missing = error("s", eventTime: nil, within: oneSecond)
    #expect(missing?.kind == .usage)
    #expect(missing?.hint == "stream-window --time ts --watermark 10m | stream-dedup …")
    #expect(error("s", eventTime: "gone", within: oneSecond)?.message == missing?.message)
    #expect(error("m", eventTime: nil, within: nil)?.kind == .usage)
    #expect(
      error("s", eventTime: "s", within: nil)?.message.contains("'s' is of type string") == true)
    let dedup = try Forgetting.never.dedup(by: "k0", over: dedupSchema([.bigint]))
    let taken = #expect(throws: StreamError.self) {
      try dedup.process(rows([(1, 1)]), .delete, in: Epoch(number: 1, time: 0)) { _, _ in }
    }
    #expect(taken?.kind == .usage)
  }

  @Test("stops when its keys take more memory than they may", arguments: Forgetting.allCases)
  func memory(forgetting: Forgetting) throws {
    let schema = dedupSchema([.bigint])
    let full = try forgetting.dedup(by: "k0", over: schema)
    let input = rows((0..<20_000).map { ($0, $0) })
    _ = try DedupRun(full, input, 1, { _ in (nil, nil) }, size: 1000)
    let plan = try DedupPlan(
      keys: Expression.parseList("k0"), stateByteLimit: full.stateByteCount / 8, over: schema)
    let error = #expect(throws: StreamError.self) {
      try DedupRun(Dedup(plan), input, 1, { _ in (nil, nil) }, size: 1000)
    }
    #expect(error?.kind == .io)
    #expect(error?.message.contains("--state-memory") == true)
  }
}
