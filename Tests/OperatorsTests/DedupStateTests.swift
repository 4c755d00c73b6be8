import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

/// An epoch's input and all that an undisturbed run made of it.
private struct Recorded {
  var input: Batch
  var watermarks: Watermarks
  var run: DedupRun
  var snapshot: [StateRows]
}

@Suite("the state of a deduplication")
struct DedupStateTests {
  private static let shapes: [(types: [DataType], count: Int, distinct: Int)] = [
    ([.string], 40, 60), ([.bigint], 40, 60), ([.string, .double], 40, 10),
    // So many that the memory of forgotten keys is given back on the way.
    ([.bigint], 4000, 100_000), ([.string, .string], 3000, 1000),
  ]

  private func record(
    _ forgetting: Forgetting, _ shape: Int, epochCount: Int, _ random: inout SplitMix64
  ) throws -> [Recorded] {
    let (types, count, distinct) = DedupStateTests.shapes[shape]
    let dedup = try forgetting.dedup(by: dedupKeys(types), over: dedupSchema(types))
    dedup.keepChanges()
    var clock = SlowClock()
    return try (1...epochCount).map { number in
      let rowCount = number % 5 == 4 ? 0 : count
      let input = dedupEpoch(number, types, count: rowCount, distinct: distinct, &random)
      let watermarks = clock.advance(past: input)
      let run = try DedupRun(
        dedup, input, Int64(number), { _ in watermarks }, size: 50, takes: true)
      return Recorded(
        input: input, watermarks: watermarks, run: run, snapshot: try dedup.snapshot())
    }
  }

  @Test(
    "goes on after a restore at any epoch as if it had never stopped",
    arguments: Forgetting.allCases, shapes.indices)
  func twins(forgetting: Forgetting, shape: Int) throws {
    var random = SplitMix64(seed: UInt64(shape))
    let (types, count, _) = DedupStateTests.shapes[shape]
    let epochs = try record(forgetting, shape, epochCount: 12, &random)
    for point in 0...epochs.count {
      let base = Int.random(in: 0...point, using: &random)
      let snapshots = [[]] + epochs.map(\.snapshot)
      let later = epochs[base..<point].flatMap(\.run.changes)
      for saved in [
        snapshots[point], snapshots[base] + later, epochs[..<point].flatMap(\.run.changes),
      ] {
        let restored = try forgetting.dedup(by: dedupKeys(types), over: dedupSchema(types))
        restored.keepChanges()
        for rows in saved { try restored.restore(rows.batch, rows.change) }
        #expect(try restored.changes().isEmpty)
        if count < 100 { #expect(try sorted(restored.snapshot()) == sorted(snapshots[point])) }
        for index in point..<min(point + (count < 100 ? 12 : 3), epochs.count) {
          let epoch = epochs[index]
          let run = try DedupRun(
            restored, epoch.input, Int64(index + 1), { _ in epoch.watermarks }, size: 777,
            takes: true)
          #expect(run.rows == epoch.run.rows)
          #expect(run.late == epoch.run.late)
          #expect(run.outcome.stateRows == epoch.run.outcome.stateRows)
          #expect(run.changes.exact == epoch.run.changes.exact)
          #expect(try restored.snapshot().exact == epoch.snapshot.exact)
        }
      }
    }
  }

  private func sorted(_ rows: [StateRows]) -> [String] { rows.exact.map { "\($0)" }.sorted() }

  @Test(
    "may be asked for its changes after any number of epochs",
    arguments: [Forgetting.byTimeKey, .within])
  func seldom(forgetting: Forgetting) throws {
    var random = SplitMix64(seed: 5)
    let types: [DataType] = [.int]
    let dedup = try forgetting.dedup(by: "k0", over: dedupSchema(types))
    dedup.keepChanges()
    var clock = SlowClock()
    var saved: [StateRows] = []
    for number in 1...60 {
      let input = dedupEpoch(number, types, count: 30, distinct: 25, &random)
      let takes = Int.random(in: 0..<4, using: &random) == 0
      saved += try DedupRun(
        dedup, input, Int64(number), { clock.advance(past: $0) }, size: 100, takes: takes
      ).changes
      guard takes else { continue }
      let restored = try forgetting.dedup(by: "k0", over: dedupSchema(types))
      for rows in saved { try restored.restore(rows.batch, rows.change) }
      #expect(try sorted(restored.snapshot()) == sorted(dedup.snapshot()))
    }
  }

  @Test("is the keys, and when they are forgotten where that is not one of them")
  func schema() throws {
    let schema = dedupSchema([.bigint, .string])
    for (forgetting, keys, wanted) in [
      (Forgetting.neverButLate, "k0, k1", "k0 bigint, k1 string"),
      (.byTimeKey, "k1", "k1 string, ts timestamp"),
      (.within, "k0 % 2 AS half, k1", "half bigint, k1 string, expires timestamp"),
      (
        .within, "k0 AS expires, k1 AS expires",
        "expires bigint, expires.2 string, expires.3 timestamp"
      ),
    ] {
      let dedup = try forgetting.dedup(by: keys, over: schema)
      #expect(dedup.stateSchema.description == wanted)
      #expect(dedup.stateKeyCount == 2)
      #expect(dedup.stateAppends.isEmpty)
    }
  }

  @Test("changes by as many rows as keys came or went, and shrinks when they go")
  func cost() throws {
    let schema = dedupSchema([.bigint])
    func epoch(_ keys: Range<Int64>, at time: Int64) -> Batch {
      Batch(
        schema: schema,
        columns: [
          Column(keys.map { _ in time * oneSecond }, as: .timestamp), Column(keys.map { $0 }),
        ])
    }
    for isSaved in [true, false] {
      let dedup = try Forgetting.within.dedup(by: "k0", over: schema)
      if isSaved { dedup.keepChanges() }
      func run(
        _ keys: Range<Int64>, _ number: Int64, _ before: Int64?, _ after: Int64
      ) throws -> DedupRun {
        let run = try DedupRun(
          dedup, epoch(keys, at: number * 10), number,
          { _ in (before.map { $0 * oneSecond }, after * oneSecond) }, size: 16_384, takes: isSaved)
        #expect(run.changes.allSatisfy { $0.batch.rowCount <= 16_384 })
        return run
      }
      var changes = try run(0..<300_000, 1, nil, 0).changes
      let full = dedup.stateByteCount
      if isSaved { #expect(changes.exact.count == 300_000) }
      // Forgets the first ones, at 30 s.
      changes = try run(299_999..<300_010, 2, 0, 30).changes
      if isSaved {
        #expect(changes.filter { $0.change == .delete }.exact.count == 300_000)
        #expect(changes.filter { $0.change == .insert }.exact.count == 10)
        #expect(try dedup.snapshot().exact.count == 10)
      }
      #expect(dedup.stateByteCount < full / 20)
      let third = try run(0..<5, 4, 30, 30)
      #expect(third.rows.count == 5)
      if isSaved { #expect(third.changes.exact.count == 5) }
    }
  }
}

// MARK: - Damage

@Suite("damaged states of a deduplication")
struct DedupDamageTests {
  private static let schema = dedupSchema([.bigint])

  private func refused(
    _ forgetting: Forgetting, _ rows: [(Batch, Change)], _ reason: String
  ) throws {
    let dedup = try forgetting.dedup(by: "k0", over: DedupDamageTests.schema)
    dedup.keepChanges()
    for (batch, change) in rows.dropLast() { try dedup.restore(batch, change) }
    let (batch, change) = rows[rows.count - 1]
    let error = #expect(throws: StreamError.self) { try dedup.restore(batch, change) }
    #expect(error?.kind == .io)
    #expect(error?.message == "the state cannot be restored: \(reason)")
  }

  private func within(_ keys: [Int64?], _ times: [Int64?]) -> Batch {
    Batch(
      schema: Schema([Field("k0", .bigint), Field("expires", .timestamp)]),
      columns: [Column(keys), Column(times, as: .timestamp)])
  }

  private func keys(_ keys: [Int64?]) -> Batch {
    Batch(schema: Schema([Field("k0", .bigint)]), columns: [Column(keys)])
  }

  private func timed(_ keys: [Int64?], _ times: [Int64?]) -> Batch {
    Batch(
      schema: Schema([Field("k0", .bigint), Field("ts", .timestamp)]),
      columns: [Column(keys), Column(times, as: .timestamp)])
  }

  @Test("are refused, and it is said why")
  func damaged() throws {
    let twice = "a key comes twice"
    try refused(.never, [(keys([1, 2, 1]), .insert)], twice)
    try refused(.never, [(keys([1, 2]), .insert), (keys([2]), .insert)], twice)
    try refused(
      .never, [(keys([1]), .insert), (keys([1]), .delete)],
      "a key is deleted, which none ever is")
    try refused(.within, [(within([1, 1], [5, 5]), .insert)], twice)
    try refused(.within, [(within([nil], [5]), .insert), (within([nil], [6]), .insert)], twice)
    try refused(.byTimeKey, [(timed([1, 1], [5, 5]), .insert)], twice)
    let missing = "a key is deleted that is not there"
    try refused(.within, [(within([1], [5]), .insert), (within([2], [nil]), .delete)], missing)
    try refused(
      .within, [(within([1], [5]), .insert), (within([1, 1], [nil, nil]), .delete)], missing)
    try refused(
      .within,
      [
        (within([1], [5]), .insert), (within([1], [nil]), .delete), (within([1], [nil]), .delete),
      ], missing)
    try refused(
      .within, [(within([1, 2], [5, nil]), .insert)], "it is not known when a key expires")
    try refused(
      .within, [(within([1], [.max]), .insert)], "a key expires at 9223372036854775807 µs")
    try refused(
      .byTimeKey, [(timed([1], [.min]), .insert)], "a key expires at -9223372036854775808 µs")
    try refused(.within, [(keys([1]), .insert)], "it has 1 columns, not 2")
    try refused(
      .within, [(timed([1], [5]), .insert)],
      "it has the column 'ts timestamp' where this query keeps 'expires timestamp'")
  }

  @Test("are told from keys that come again after they were forgotten")
  func sound() throws {
    let dedup = try Forgetting.within.dedup(by: "k0", over: DedupDamageTests.schema)
    dedup.keepChanges()
    let first = within([1, 2, nil], [5, 6, 7])
    try dedup.restore(first, .insert)
    try dedup.restore(within([2, nil], [nil, nil]), .delete)
    // With the time that it had: one entry, not two.
    try dedup.restore(within([2], [6]), .insert)
    #expect(try dedup.snapshot().exact.count == 2)
    let end = EpochEnd(epoch: Epoch(number: 1, time: 1), isFinal: false, watermark: 6)
    let outcome = try dedup.finish(end) { _, _ in }
    #expect(outcome.stateRows == 0)
    #expect(try dedup.changes().exact.count == 2)
  }
}
