import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

/// How silence is measured in a test.
enum Silence: CaseIterable {
  case none, noneWithTime, event, processing, processingWithTime

  var timeout: KeyedPlan.Timeout? {
    switch self {
    case .none, .noneWithTime: nil
    case .event: KeyedPlan.Timeout(40, by: .event)
    case .processing, .processingWithTime: KeyedPlan.Timeout(3, by: .processing)
    }
  }

  var judgesTime: Bool { self != .none && self != .processing }
}

/// An epoch as it comes in, and how it ends.
struct KeyedEpoch {
  var rows: [KeyedRow]
  var end: EpochEnd

  func batch(_ key: DataType) -> Batch {
    Batch(
      schema: KeyedEpoch.schema(key),
      columns: [
        Column(key, values: rows.map(\.key)), Column(rows.map(\.number)),
        Column(.timestamp, values: rows.map { $0.time.map { .integer($0) } ?? .null }),
      ])
  }

  static func schema(_ key: DataType) -> Schema {
    Schema([Field("k", key), Field("v", .bigint), Field("ts", .timestamp)])
  }

  /// Times go on, now and then back; some keys fall silent for a while.
  static func random(
    _ count: Int, key: DataType, distinct: Int, rows rowCount: Int, _ random: inout SplitMix64
  ) -> [KeyedEpoch] {
    var now: Int64 = 1000
    var watermark: Int64?
    var time: Int64 = 1
    return (1...count).map { number in
      let epochRows = (0..<(number % 4 == 3 ? 0 : rowCount)).map { _ in
        now += Int64.random(in: 0...3, using: &random)
        let back = Int64.random(in: 0..<5, using: &random) == 0 ? Int64(60) : 5
        let isNull = Int.random(in: 0..<30, using: &random) == 0
        return KeyedRow(
          key: KeyedEpoch.key(key, distinct, &random),
          number: Int64.random(in: -20...50, using: &random),
          time: isNull ? nil : now - Int64.random(in: 0...back, using: &random))
      }
      let before = watermark
      if number > 1 { watermark = max(watermark ?? .min, now - 30) }
      time += Int64.random(in: 0...2, using: &random)
      return KeyedEpoch(
        rows: epochRows,
        end: EpochEnd(
          epoch: Epoch(number: Int64(number), time: time, watermark: before),
          isFinal: number == count, watermark: watermark))
    }
  }

  private static func key(
    _ type: DataType, _ distinct: Int, _ random: inout SplitMix64
  ) -> Value {
    let number = Int64.random(in: 0..<Int64(distinct), using: &random)
    if number == 3 { return .null }
    return type == .string ? .string("key \(number)") : .integer(number - 5)
  }
}

/// What an operator made of an epoch.
struct KeyedRun {
  var calls: [String] = []
  var rows: [String] = []
  var lateCount = 0
  var unusableCount = 0
  var changes: [(batch: Batch, change: Change)] = []
  var outcome = EpochOutcome()

  /// - Parameter size: rows at which the input is cut.
  init(
    _ keyed: KeyedState, _ program: SummingProgram, _ epoch: KeyedEpoch, _ key: DataType,
    size: Int, takes: Bool = true
  ) throws {
    let before = program.calls.count
    var results: [String] = []
    let emit: (Batch, Change) throws -> Void = { batch, change in
      #expect(change == .insert && batch.schema == Summing.output)
      for row in 0..<batch.rowCount {
        let values = batch.row(row)
        guard case .string(let name) = values[0], case .integer(let sum) = values[1],
          case .integer(let place) = values[2]
        else { preconditionFailure("a row of the program's") }
        results.append("\(name) \(sum) \(place)")
      }
    }
    let batch = epoch.batch(key)
    for start in stride(from: 0, to: batch.rowCount, by: size) {
      let slice = batch[start..<min(start + size, batch.rowCount)]
      try keyed.process(slice, .insert, in: epoch.end.epoch, emit: emit)
      let rejected = keyed.takeRejected()
      lateCount += rejected.late.count
      unusableCount += rejected.unusable.count
    }
    outcome = try keyed.finish(epoch.end, emit: emit)
    rows = results
    calls = Array(program.calls[before...])
    var taken: [(batch: Batch, change: Change)] = []
    if takes { try keyed.takeChanges { taken.append(($0, $1)) } }
    changes = taken
  }
}

func keyedState(
  _ silence: Silence, _ key: DataType, seed: UInt64 = 1, limit: Int? = nil
) throws -> (KeyedState, SummingProgram) {
  let program = SummingProgram(seed: seed)
  let plan = try KeyedPlan(
    keys: Expression.parseList("k"), eventTime: silence.judgesTime ? "ts" : nil,
    timeout: silence.timeout, memoryByteLimit: limit, over: KeyedEpoch.schema(key),
    output: Summing.output)
  return (KeyedState(plan, program), program)
}

@Suite("state that is a program's")
struct KeyedStateTests {
  @Test(
    "calls it as the slow twin does, however the rows come",
    arguments: Silence.allCases, [DataType.string, .bigint])
  func twins(silence: Silence, key: DataType) throws {
    var timeouts = 0
    for seed in 1...12 as ClosedRange<UInt64> {
      var random = SplitMix64(seed: seed)
      let epochs = KeyedEpoch.random(14, key: key, distinct: 30, rows: 40, &random)
      for (size, isSaved) in [(1, false), (7, true), (1000, false), (1000, true)] {
        let (keyed, program) = try keyedState(silence, key, seed: seed)
        if isSaved { keyed.keepChanges() }
        var twin = KeyedTwin(silence.timeout, judgesTime: silence.judgesTime)
        var (late, unusable) = (0, 0)
        for epoch in epochs {
          let wanted = twin.epoch(epoch.rows, epoch.end)
          let run = try KeyedRun(keyed, program, epoch, key, size: size, takes: isSaved)
          #expect(run.calls == wanted.calls)
          #expect(run.rows == wanted.rows)
          #expect(run.outcome.stateRows == twin.count)
          late += run.lateCount
          unusable += run.unusableCount
        }
        #expect(late == twin.lateCount && unusable == twin.unusableCount)
        #expect((late > 0) == silence.judgesTime)
        timeouts += program.calls.count { $0.hasSuffix("timeout") }
        try keyed.conclude()
        #expect(program.isConcluded)
      }
    }
    #expect((timeouts > 100) == (silence.timeout != nil))
  }

  @Test(
    "goes on after a restore at any epoch as if it had never stopped",
    arguments: Silence.allCases, [DataType.string, .bigint])
  func restores(silence: Silence, key: DataType) throws {
    var random = SplitMix64(seed: 77)
    let epochs = KeyedEpoch.random(12, key: key, distinct: 30, rows: 30, &random)
    let (first, program) = try keyedState(silence, key)
    first.keepChanges()
    var snapshots: [[(batch: Batch, change: Change)]] = [[]]
    let runs = try epochs.map { epoch in
      let run = try KeyedRun(first, program, epoch, key, size: 11)
      snapshots.append(try snapshot(first))
      return run
    }
    for point in 0...epochs.count {
      let base = Int.random(in: 0...point, using: &random)
      for saved in [
        snapshots[point], snapshots[base] + runs[base..<point].flatMap(\.changes),
        runs[..<point].flatMap(\.changes),
      ] {
        let (restored, program) = try keyedState(silence, key, seed: 9)
        restored.keepChanges()
        for rows in saved { try restored.restore(rows.batch, rows.change) }
        var untouched = 0
        try restored.takeChanges { batch, _ in untouched += batch.rowCount }
        #expect(untouched == 0)
        #expect(try texts(snapshot(restored)).sorted() == texts(snapshots[point]).sorted())
        for index in point..<epochs.count {
          let run = try KeyedRun(restored, program, epochs[index], key, size: 500)
          #expect(run.calls == runs[index].calls)
          #expect(run.rows == runs[index].rows)
          #expect(texts(run.changes) == texts(runs[index].changes))
        }
      }
    }
  }

  @Test("saves what has changed, and nothing else")
  func changes() throws {
    let (keyed, program) = try keyedState(.none, .bigint)
    keyed.keepChanges()
    func run(_ number: Int64, _ rows: [(Int64, Int64)]) throws -> [String] {
      let end = EpochEnd(
        epoch: Epoch(number: number, time: number), isFinal: false, watermark: nil)
      let rows = rows.map { KeyedRow(key: .integer($0.0), number: $0.1) }
      return texts(
        try KeyedRun(keyed, program, KeyedEpoch(rows: rows, end: end), .bigint, size: 10).changes)
    }
    #expect(try run(1, [(1, 5), (2, 6), (3, 7)]) == ["insert 1 5", "insert 2 6"])
    // Forgotten as it came: the key was never saved.
    #expect(try run(2, [(4, 14)]) == [])
    // The same state again.
    #expect(try run(3, [(1, 0), (2, 1)]) == ["delete 2"])
    #expect(try run(4, []) == [])
    #expect(try run(5, [(2, 9), (1, 2)]) == ["delete 1", "insert 2 9"])
  }

  @Test("calls a key with very many rows in an epoch again, behind the others")
  func rounds() throws {
    let (keyed, program) = try keyedState(.none, .bigint)
    let most = KeyedState.rowsPerCallMax
    var rows = (0..<2 * most + 5).map { KeyedRow(key: .integer(1), number: Int64($0 % 3)) }
    rows.insert(KeyedRow(key: .integer(2), number: 1), at: 100)
    rows += (0..<most + 1).map { _ in KeyedRow(key: .integer(3), number: 1) }
    let end = EpochEnd(epoch: Epoch(number: 1, time: 1), isFinal: true, watermark: nil)
    let run = try KeyedRun(
      keyed, program, KeyedEpoch(rows: rows, end: end), .bigint, size: 4096)
    let keys = run.calls.map { $0.split(separator: " ")[0] }
    let counts = run.calls.map { $0.split(separator: ",").count }
    #expect(keys.map { $0.filter(\.isNumber) } == ["1", "2", "3", "1", "3", "1"])
    #expect(counts == [most, 1, most, most, 1, 5])
  }

  @Test("gives memory of forgotten keys back", arguments: [true, false])
  func memory(isSaved: Bool) throws {
    let (keyed, program) = try keyedState(.processing, .bigint)
    if isSaved { keyed.keepChanges() }
    var most = 0
    for number in 1...60 as ClosedRange<Int64> {
      // All sums are divisible by 7 but those of a hundred keys.
      let rows = (0..<2000).map {
        KeyedRow(key: .integer(number * 2000 + $0), number: $0 < 100 && number == 1 ? 1 : 7)
      }
      let end = EpochEnd(epoch: Epoch(number: number, time: 1), isFinal: false, watermark: nil)
      let run = try KeyedRun(
        keyed, program, KeyedEpoch(rows: rows, end: end), .bigint, size: 500, takes: isSaved)
      #expect(run.outcome.stateRows == 100)
      most = max(most, run.outcome.stateBytes)
    }
    #expect(most < 2 << 20)
  }

  @Test("ends when the state and an epoch's rows outgrow what they may take")
  func limit() throws {
    let (keyed, program) = try keyedState(.none, .bigint, limit: 100_000)
    let rows = (0..<20_000).map { KeyedRow(key: .integer($0), number: 1) }
    let end = EpochEnd(epoch: Epoch(number: 1, time: 1), isFinal: false, watermark: nil)
    let error = #expect(throws: StreamError.self) {
      try KeyedRun(keyed, program, KeyedEpoch(rows: rows, end: end), .bigint, size: 500)
    }
    #expect(error?.kind == .io)
  }

  private func snapshot(_ keyed: KeyedState) throws -> [(batch: Batch, change: Change)] {
    var rows: [(batch: Batch, change: Change)] = []
    try keyed.snapshot { rows.append(($0, .insert)) }
    return rows
  }

  private func texts(_ rows: [(batch: Batch, change: Change)]) -> [String] {
    rows.flatMap { rows in
      (0..<rows.batch.rowCount).map { row in
        let values = rows.batch.row(row).map { value in
          switch value {
          case .integer(let number): "\(number)"
          case .string(let text): text
          default: "null"
          }
        }
        return "\(rows.change) \(values.joined(separator: " "))"
      }
    }
  }
}

@Suite("damaged states of a program's")
struct KeyedDamageTests {
  private static let schema = Schema([
    Field("k", .bigint), Field("state", .string), Field("latest", .timestamp),
  ])

  private static func rows(_ keys: [Int64?], _ states: [String?]) -> Batch {
    Batch(
      schema: schema,
      columns: [
        Column(keys), Column(states),
        Column(.timestamp, values: keys.map { _ in .integer(1) }),
      ])
  }

  private static let keysOnly = Batch(
    schema: Schema([schema.fields[0]]), columns: [Column([5] as [Int64?])])

  static let damages: [(name: String, batch: Batch, change: Change)] = [
    ("a null state", rows([1], [nil]), .insert), ("an empty state", rows([1], [""]), .insert),
    ("two lines", rows([1], ["1\n{}"]), .insert),
    ("a key twice", rows([1, 1], ["1", "2"]), .insert),
    ("an unknown key", keysOnly, .delete), ("keys alone", keysOnly, .insert),
    (
      "other columns",
      Batch(schema: Schema([Field("k", .string)]), columns: [Column(["x"] as [String?])]), .insert
    ),
  ]

  @Test("are refused", arguments: damages.indices)
  func refused(index: Int) throws {
    let (keyed, _) = try keyedState(.processing, .bigint)
    keyed.keepChanges()
    try keyed.restore(KeyedDamageTests.rows([7, nil], ["1", "{}"]), .insert)
    let (name, batch, change) = KeyedDamageTests.damages[index]
    let error = #expect(throws: StreamError.self, "\(name)") { try keyed.restore(batch, change) }
    #expect(error?.kind == .io)
  }

  @Test("names of the state's columns are told apart")
  func names() throws {
    let schema = Schema([Field("state", .bigint), Field("latest", .string)])
    let plan = try KeyedPlan(
      keys: Expression.parseList("state, latest"),
      timeout: KeyedPlan.Timeout(1, by: .processing), over: schema, output: schema)
    let keyed = KeyedState(plan, SummingProgram(seed: 1))
    #expect(
      keyed.stateSchema.description
        == "state bigint, latest string, state.2 string, latest.2 timestamp")
    #expect(keyed.stateKeyCount == 2)
  }

  @Test("what does not go together is refused", arguments: ["k, k", "upper(k) AS k, k"])
  func refusesEqualNames(keys: String) {
    let error = #expect(throws: StreamError.self) {
      try KeyedPlan(
        keys: Expression.parseList(keys), over: Schema([Field("k", .string)]),
        output: Summing.output)
    }
    #expect(error?.kind == .usage)
  }
}
