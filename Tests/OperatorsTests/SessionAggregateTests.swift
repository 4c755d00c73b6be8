import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

/// A gap for all rows, or one for each.
private let gaps: [SessionGap] = [
  .constant(2 * oneSecond), .expression("gap"), .expression("make_dt_interval(0, 0, 0, 2)"),
]

private func oracle(_ gap: SessionGap) -> SessionOracle {
  SessionOracle(constantGap: gap == .expression("gap") ? nil : 2 * oneSecond)
}

@Suite("Sessions")
struct SessionAggregateTests {
  @Test(
    "come out once, by window and key, when the watermark has passed their end",
    arguments: 1...12 as ClosedRange<UInt64>, gaps)
  func append(seed: UInt64, gap: SessionGap) throws {
    let input = SessionEpochs(seed: seed, count: 12, sizes: 0...120)
    let operation = try sessions(SessionOracle.aggregates, gap: gap, mode: .append)
    var oracle = oracle(gap)
    var random = SplitMix64(seed: seed)
    for (index, rows) in input.epochs.enumerated() {
      let (watermarks, isLast) = (input.watermarks[index], index == 11)
      let run = try operation.run(
        rows, index, watermarks, isFinal: isLast, cut: { Int.random(in: 1...40, using: &random) })
      let state = oracle.add(rows, epoch: index, watermark: watermarks.before)
      let closed = oracle.close(upTo: isLast ? .max : watermarks.after)
      #expect(run.sent == closed.map { .init(change: .insert, values: $0.result) })
      #expect((run.lateCount, run.unusableCount) == (state.lateCount, state.unusableCount))
      #expect(run.outcome.stateRows == state.open.count - closed.count)
      #expect(run.outcome.openWindows == run.outcome.stateRows)
      let ends = Set(state.open.map(\.end)).subtracting(closed.map(\.end))
      #expect(run.outcome.nextClose == ends.min())
    }
  }

  @Test(
    "that changed come out after each epoch, behind what is not there any more",
    arguments: 1...12 as ClosedRange<UInt64>, gaps)
  func update(seed: UInt64, gap: SessionGap) throws {
    let input = SessionEpochs(seed: seed, count: 12, sizes: 0...120)
    let operation = try sessions(SessionOracle.aggregates, gap: gap, mode: .update)
    var oracle = oracle(gap)
    var random = SplitMix64(seed: seed)
    var result: [[Value]: [Value]] = [:]
    var closedResults: [[Value]: [Value]] = [:]
    var openNames: Set<[Value]> = []
    for (index, rows) in input.epochs.enumerated() {
      let watermarks = input.watermarks[index]
      let run = try operation.run(
        rows, index, watermarks, cut: { Int.random(in: 1...40, using: &random) })
      let state = oracle.add(rows, epoch: index, watermark: watermarks.before)
      let changed = state.open.compactMap { session in
        session.firstPlace(in: index).map { (place: $0, session: session) }
      }.sorted { $0.place < $1.place }.map(\.session)
      let firstInsert = run.sent.firstIndex { $0.change == .insert } ?? run.sent.count
      #expect(run.sent[firstInsert...].allSatisfy { $0.change == .insert })
      #expect(run.rows(.insert) == changed.map(\.result))
      let lost = openNames.subtracting(state.open.map(\.name))
      #expect(Set(run.rows(.delete).map(name)) == lost)
      #expect(run.rows(.delete).count == lost.count)
      for row in run.rows(.delete) { result[name(row)] = nil }
      for row in run.rows(.insert) { result[name(row)] = row }
      let open = Dictionary(uniqueKeysWithValues: state.open.map { ($0.name, $0.result) })
      #expect(result == closedResults.merging(open) { $1 })
      let closed = oracle.close(upTo: watermarks.after)
      for session in closed { closedResults[session.name] = session.result }
      openNames = Set(state.open.map(\.name)).subtracting(closed.map(\.name))
    }
    #expect(!closedResults.isEmpty)
  }

  private func name(_ row: [Value]) -> [Value] { [row[0], row[2]] }

  @Test(
    "come out whole, in the order of their first row, in complete mode: nothing is late",
    arguments: 1...12 as ClosedRange<UInt64>, gaps)
  func complete(seed: UInt64, gap: SessionGap) throws {
    let input = SessionEpochs(seed: seed, count: 10, sizes: 0...60)
    let operation = try sessions(SessionOracle.aggregates, gap: gap, mode: .complete)
    var oracle = oracle(gap)
    var random = SplitMix64(seed: seed)
    for (index, rows) in input.epochs.enumerated() {
      let run = try operation.run(
        rows, index, input.watermarks[index], isFinal: index == 9,
        cut: { Int.random(in: 1...20, using: &random) })
      let state = oracle.add(rows, epoch: index, watermark: nil)
      let ordered = state.open.sorted { first($0) < first($1) }
      let hasChanged = rows.count > state.unusableCount
      #expect(run.outcome.replacesResult == hasChanged)
      #expect(run.rows(.insert) == (hasChanged ? ordered.map(\.result) : []))
      #expect(run.rows(.delete).isEmpty && run.lateCount == 0)
      #expect(run.outcome.stateRows == state.open.count)
      #expect(run.outcome.openWindows == nil && run.outcome.nextClose == nil)
    }
  }

  private func first(_ session: SessionOracle.Session) -> Int {
    session.rows.map(\.place).min() ?? 0
  }

  @Test(
    "do not depend on where batches are cut, not even in the last bit",
    arguments: AggregateMode.allCases)
  func cuts(mode: AggregateMode) throws {
    let aggregates = """
      sum(x), avg(x), stddev(x), skewness(x), corr(x, n), collect_list(n), last(n), first(x), \
      collect_set(n), max_by(x, n), count(*) FILTER (WHERE n > 0)
      """
    let input = SessionEpochs(seed: 5, count: 6, sizes: 100...200, isExact: false)
    let runs = try [1, 2, 7, 64, .max].map { size in
      let operation = try sessions(
        aggregates, gap: .expression("gap"), mode: mode, keepsChanges: true)
      return try input.epochs.enumerated().map { index, rows in
        try operation.run(rows, index, input.watermarks[index], keep: { _, _ in }, cut: { size })
      }
    }
    #expect(runs[0].contains { !$0.sent.isEmpty })
    #expect(runs[0].contains { run in run.saved.contains { $0.change == .delete } })
    #expect(runs.dropFirst().allSatisfy { $0 == runs[0] })
  }

  @Test("of all rows together, where no column is a key")
  func withoutKeys() throws {
    let operation = try sessions("count(*)", by: "", mode: .update)
    func run(_ times: [Int64], _ epoch: Int, after: Int64? = nil) throws -> [[Int64]] {
      let rows = times.map { SessionRow(time: $0 * oneSecond) }
      return try operation.run(rows, epoch, (nil, after.map { $0 * oneSecond })).sent.map { row in
        row.values.map { value in
          if case .integer(let integer) = value { integer } else { -1 }
        } + [row.change == .delete ? 0 : 1]
      }
    }
    #expect(try run([100, 130], 1) == [[100, 110, 1, 1], [130, 140, 1, 1]].map(seconds))
    // Touches the first one.
    #expect(try run([110], 2) == [[100, 120, 2, 1]].map(seconds))
    // Joins both.
    #expect(try run([120], 3) == [[130, -1, -1, 0], [100, 140, 4, 1]].map(seconds))
    // Begins earlier.
    #expect(
      try run([95, 300], 4)
        == [[100, -1, -1, 0], [95, 140, 5, 1], [300, 310, 1, 1]].map(seconds))
    #expect(try run([], 5, after: 140) == [])
    // What was closed is not taken back.
    #expect(try run([140], 6) == [[140, 150, 1, 1]].map(seconds))
  }

  private func seconds(_ row: [Int64]) -> [Int64] {
    row.enumerated().map { $0 < 2 && $1 > 0 ? $1 * oneSecond : $1 }
  }
}
