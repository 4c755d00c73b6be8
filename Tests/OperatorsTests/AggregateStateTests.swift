import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

private let schema = Schema([
  Field("k", .string), Field("n", .int), Field("x", .double), Field("t", .string),
  Field("d", .decimal(precision: 20, scale: 3)),
])

private let everything = """
  count(*), count(*) FILTER (WHERE n > 0), sum(n), avg(x), sum(d), min(t), max(x), last(t), \
  count(DISTINCT t), collect_list(n), listagg(t, '-') WITHIN GROUP (ORDER BY x DESC), mode(t), \
  median(x), stddev(x), corr(x, n), approx_count_distinct(t), max_by(t, x), bool_or(n > 5)
  """

private func aggregate(
  _ aggregates: String, by keys: String, mode: AggregateMode = .update, columnBytes: Int? = nil,
  stateByteLimit: Int? = nil
) throws -> Aggregate {
  let aggregation = try Aggregation(
    keys: keys.isEmpty ? [] : Expression.parseList(keys),
    aggregates: Expression.parseList(aggregates), over: schema)
  var plan = try AggregatePlan(aggregation, mode: mode, stateByteLimit: stateByteLimit)
  if let columnBytes { plan.stateColumnBytes = columnBytes }
  return Aggregate(plan)
}

private func rows(_ count: Int, keys: Int, _ random: inout SplitMix64) -> Batch {
  let names = Column(
    .string,
    values: (0..<count).map { _ in .string("key \(Int.random(in: 0..<keys, using: &random))") })
  let rest = schema.fields[1...].map { trickyColumn($0.type, count: count, &random) }
  return Batch(schema: schema, columns: [names] + rest, rowCount: count)
}

/// An epoch as the loop drives it: its rows in parts, its end, then what is to be saved.
private struct EpochRun {
  var sent: [[Value]] = []
  var changes: [Batch] = []

  init(_ operation: Aggregate, _ rows: Batch, _ number: Int64, size: Int, takes: Bool = true) throws
  {
    let epoch = Epoch(number: number, time: number)
    for start in stride(from: 0, to: rows.rowCount, by: size) {
      let part = rows[start..<min(start + size, rows.rowCount)]
      try operation.process(part, .insert, in: epoch) { _, _ in }
    }
    let end = EpochEnd(epoch: epoch, isFinal: number == 9, watermark: nil)
    _ = try operation.finish(end) { batch, _ in sent += exactRows([batch]) }
    if takes { try operation.takeChanges { batch, _ in changes.append(batch) } }
  }
}

private func snapshot(_ operation: Aggregate) throws -> [Batch] {
  var batches: [Batch] = []
  try operation.snapshot { batches.append($0) }
  return batches
}

@Suite("the state of an aggregation")
struct AggregateStateTests {
  @Test(
    "goes on after a restore with the same rows in the same order",
    arguments: ["", "k", "n", "x", "k, n", "d"], AggregateMode.allCases)
  func twins(keys: String, mode: AggregateMode) throws {
    var random = SplitMix64(seed: 12)
    for columnBytes in [nil, 400] {
      let original = try aggregate(everything, by: keys, mode: mode, columnBytes: columnBytes)
      original.keepChanges()
      var (inputs, runs, snapshots): ([Batch], [EpochRun], [[Batch]]) = ([], [], [])
      for number in 1...9 {
        let count = [0, 3, 65, 200].randomElement(using: &random) ?? 0
        inputs.append(rows(count, keys: 4 * number, &random))
        runs.append(try EpochRun(original, inputs[number - 1], Int64(number), size: 50))
        snapshots.append(try snapshot(original))
      }
      for point in [0, 3, 7] {
        let base = Int.random(in: 0...point, using: &random)
        let later = runs[(base + 1)..<(point + 1)].flatMap(\.changes)
        let ways = [
          snapshots[point], snapshots[base] + later, runs[...point].flatMap(\.changes),
        ]
        for saved in ways {
          let restored = try aggregate(everything, by: keys, mode: mode, columnBytes: columnBytes)
          restored.keepChanges()
          for batch in saved { try restored.restore(batch, .insert) }
          #expect(exactRows(try snapshot(restored)) == exactRows(snapshots[point]))
          for index in (point + 1)..<9 {
            let run = try EpochRun(restored, inputs[index], Int64(index + 1), size: 77)
            #expect(run.sent == runs[index].sent)
            #expect(exactRows(run.changes) == exactRows(runs[index].changes))
          }
          #expect(exactRows(try snapshot(restored)) == exactRows(snapshots[8]))
        }
      }
    }
  }

  @Test("without keys is one row, which is known to have been sent")
  func single() throws {
    let original = try aggregate("count(*)", by: "", mode: .complete)
    original.keepChanges()
    let none = Batch(empty: schema)
    let first = try EpochRun(original, none, 1, size: 10)
    #expect(first.sent == [[.integer(0)]])
    #expect(exactRows(first.changes) == [[.integer(0)]])
    let second = try EpochRun(original, none, 2, size: 10)
    #expect(second.sent.isEmpty && second.changes.isEmpty)
    let restored = try aggregate("count(*)", by: "", mode: .complete)
    restored.keepChanges()
    try restored.restore(first.changes[0], .insert)
    let third = try EpochRun(restored, none, 2, size: 10)
    #expect(third.sent.isEmpty && third.changes.isEmpty)
  }

  @Test("is named after what is kept")
  func names() throws {
    let operation = try aggregate(
      "count(*) AS n, avg(x), sum(n) + count(DISTINCT t), count(*) FILTER (WHERE n > 1)", by: "k, n"
    )
    #expect(
      operation.stateSchema.fields == [
        Field("k", .string), Field("n", .int), Field("count(*).count", .bigint),
        Field("avg(x).sum", .double), Field("avg(x).count", .bigint),
        Field("sum(n).sum", .bigint), Field("sum(n).count", .bigint),
        Field("count(DISTINCT t).seen", .array(.string)), Field("count(DISTINCT t).count", .bigint),
        Field("count(*) FILTER (WHERE (n > 1)).count", .bigint),
      ])
    #expect(operation.stateKeyCount == 2)
    #expect(operation.stateAppends == [7])
    let alike = try aggregate("sum(x), sum(x) AS b", by: "x AS `sum(x).sum`")
    #expect(alike.stateSchema.names == ["sum(x).sum", "sum(x).sum.2", "sum(x).count"])
  }

  @Test("changes by as many rows as groups had rows")
  func cost() throws {
    let operation = try aggregate("count(*), count(DISTINCT n)", by: "k", mode: .append)
    operation.keepChanges()
    func add(_ keys: some Sequence<Int>, value: Int64, _ epoch: Int64) throws -> EpochRun {
      let keys = keys.map { Value.string("key \($0)") }
      let columns = schema.fields.map { field in
        field.name == "k"
          ? Column(.string, values: keys)
          : Column(
            field.type, repeating: field.name == "n" ? .integer(value) : .null, count: keys.count)
      }
      return try EpochRun(
        operation, Batch(schema: schema, columns: columns, rowCount: keys.count), epoch,
        size: 16_384)
    }
    let first = try add(0..<200_000, value: 1, 1)
    #expect(first.changes.reduce(0) { $0 + $1.rowCount } == 200_000)
    #expect(first.changes.allSatisfy { $0.rowCount <= 16_384 })
    #expect(try snapshot(operation).reduce(0) { $0 + $1.rowCount } == 200_000)
    let touched = stride(from: 199_900, to: 0, by: -100).prefix(1_999)
    let second = try add(Array(touched) + Array(touched) + [200_000], value: 1, 2)
    #expect(second.changes.reduce(0) { $0 + $1.rowCount } == 2_000)
    let rows = exactRows(second.changes)
    #expect(rows[0] == [.string("key 199900"), .integer(3), .list([]), .integer(1)])
    #expect(rows[1_999] == [.string("key 200000"), .integer(1), .list([.integer(1)]), .integer(1)])
  }

  @Test("tells what is saved apart from what is sent, when the two are asked at different times")
  func times() throws {
    let operation = try aggregate("count(*)", by: "n")
    operation.keepChanges()
    func batch(_ keys: [Int32]) -> Batch {
      let columns = schema.fields.map { field in
        field.name == "n"
          ? Column(keys.map { Optional($0) }) : Column.nulls(field.type, count: keys.count)
      }
      return Batch(schema: schema, columns: columns, rowCount: keys.count)
    }
    _ = try EpochRun(operation, batch([5, 3, 5]), 1, size: 10, takes: false)
    let second = try EpochRun(operation, batch([9, 3]), 2, size: 10)
    #expect(second.sent == [[.integer(9), .integer(1)], [.integer(3), .integer(2)]])
    #expect(
      exactRows(second.changes) == [
        [.integer(5), .integer(2)], [.integer(3), .integer(2)], [.integer(9), .integer(1)],
      ])
  }

  @Test("is bounded where that is asked for")
  func bounded() throws {
    let operation = try aggregate("count(*)", by: "k", stateByteLimit: 1 << 20)
    var random = SplitMix64(seed: 1)
    let error = #expect(throws: StreamError.self) {
      for number in 1...100 {
        _ = try EpochRun(
          operation, rows(1_000, keys: 1 << 30, &random), Int64(number), size: 1_000, takes: false)
      }
    }
    #expect(error?.kind == .io)
    #expect(error?.message.contains("more than --state-memory 1M allows") == true)
    #expect(error?.hint?.hasPrefix("--state-memory 2M; ") == true)
    #expect(operation.stateByteCount > 1 << 20 && operation.stateByteCount < 4 << 20)
  }
}
