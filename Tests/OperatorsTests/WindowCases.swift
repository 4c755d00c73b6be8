import Columnar
import Expressions
import Operators
import TestSupport
import Testing

/// A row of the windows' tests.
struct TimedRow {
  var time: Int64?
  var key: String?
  var n: Int32?
  var x: Double?
}

/// Rows between two markers, and the watermark at both.
struct TimedEpoch {
  var rows: [TimedRow] = []
  var before: Int64?
  var after: Int64?
  var isFinal = false

  static let schema = Schema([
    Field("x", .double), Field("ts", .timestamp), Field("unused", .int), Field("k", .string),
    Field("n", .int),
  ])

  var batch: Batch {
    Batch(
      schema: TimedEpoch.schema,
      columns: [
        Column(rows.map(\.x)), Column(rows.map(\.time), as: .timestamp),
        Column(rows.map { _ in Int32?.none }), Column(rows.map(\.key)), Column(rows.map(\.n)),
      ], rowCount: rows.count)
  }
}

/// Windows, and times that suit them.
struct WindowCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let windows: AlignedWindows
  /// In µs; times are so far apart that a window has some dozens of them.
  let unit: Int64

  init(_ name: String, _ pattern: AlignedWindows.Pattern, offset: Int64 = 0, unit: Int64) {
    testDescription = name
    guard let windows = AlignedWindows(pattern, offset: offset) else { preconditionFailure(name) }
    (self.windows, self.unit) = (windows, unit)
  }

  private static let day: Int64 = 86_400_000_000

  static let all = [
    WindowCase("tumbling", .sliding(size: 10_000, slide: 10_000), unit: 1_000),
    WindowCase("tumbling, offset", .sliding(size: 7, slide: 7), offset: 3, unit: 1),
    WindowCase("sliding evenly", .sliding(size: 12_000, slide: 4_000), unit: 1_000),
    WindowCase("sliding evenly, offset", .sliding(size: 20, slide: 5), offset: -37, unit: 1),
    WindowCase("sliding unevenly", .sliding(size: 10_000, slide: 4_000), unit: 1_000),
    WindowCase("sliding unevenly, offset", .sliding(size: 7, slide: 3), offset: 1, unit: 1),
    WindowCase("cumulating", .cumulating(size: 20_000, step: 5_000), unit: 1_000),
    WindowCase("cumulating, offset", .cumulating(size: 12, step: 4), offset: 5, unit: 1),
    WindowCase("months", .months(1), unit: 3 * day),
    WindowCase("quarters, offset", .months(3), offset: 20 * day + 1, unit: 10 * day),
  ]

  /// Twelve epochs that begin before 1970 and end behind it. The last one is final.
  ///
  /// - Parameter isOnTime: no row is behind the watermark.
  func epochs(_ random: inout SplitMix64, isOnTime: Bool = false) -> [TimedEpoch] {
    let delay = [0, 4, 25].randomElement(using: &random) ?? 0
    let spread = [3, 10, 30].randomElement(using: &random) ?? 3
    let hasWatermark = isOnTime || Int.random(in: 0..<8, using: &random) > 0
    var watermark: Int64?
    return (1...12).map { number in
      var epoch = TimedEpoch(before: watermark, isFinal: number == 12)
      let count = [0, 1, 9, 40].randomElement(using: &random) ?? 0
      for _ in 0..<count {
        var row = randomRow(around: 8 * number - 52, spread: spread, &random)
        if isOnTime, let time = row.time, let watermark, time <= watermark {
          row.time = watermark + 1 + Int64.random(in: 0..<4, using: &random) * unit
        }
        epoch.rows.append(row)
      }
      let latest = epoch.rows.compactMap(\.time).filter { $0.magnitude < 1 << 62 }.max()
      if hasWatermark, let latest {
        watermark = max(watermark ?? .min, latest - Int64(delay) * unit)
      }
      // Time passes without rows as well.
      if let time = watermark, Int.random(in: 0..<9, using: &random) == 0 {
        watermark = time + 5 * unit
      }
      epoch.after = watermark
      return epoch
    }
  }

  private func randomRow(
    around middle: Int, spread: Int, _ random: inout SplitMix64
  ) -> TimedRow {
    func isRare(_ share: Int) -> Bool { Int.random(in: 0..<share, using: &random) == 0 }
    var row = TimedRow()
    row.time = Int64(middle + .random(in: -spread...spread, using: &random)) * unit
    // Else exactly where windows may begin.
    if isRare(2) { row.time = row.time.map { $0 + .random(in: 0..<unit, using: &random) } }
    if isRare(15) { row.time = nil }
    if isRare(60) { row.time = isRare(2) ? .max : .min }
    row.key = isRare(6) ? nil : ["a", "b", "ab", ""].randomElement(using: &random)
    row.n = isRare(6) ? nil : Int32.random(in: -1_000...1_000, using: &random)
    // Sums of these are exact in any order.
    row.x = isRare(6) ? nil : Double(Int.random(in: -800...800, using: &random)) / 8
    return row
  }
}

// MARK: - Operators

/// The two ways to keep windows, in the modes that each knows.
enum WindowWay: String, CaseIterable, CustomTestStringConvertible {
  case append, update, complete, panes

  var testDescription: String { rawValue }

  var mode: AggregateMode { AggregateMode(rawValue: rawValue) ?? .append }

  func make(
    _ windows: AlignedWindows, _ aggregates: String, by keys: String, having: String? = nil,
    order: String? = nil, limit: Int? = nil
  ) throws -> any StatefulOperator & RejectingOperator {
    let schema = TimedEpoch.schema
    let aggregation = try Aggregation(
      keys: keys.isEmpty ? [] : Expression.parseList(keys),
      aggregates: Expression.parseList(aggregates), having: having.map { try Expression.parse($0) },
      order: order.map { try Expression.parseOrder($0) } ?? [],
      windowKeys: [.windowStart, .windowEnd], over: schema)
    let time = try #require(schema.index(of: "ts"))
    let plan = try AggregatePlan(
      aggregation, grouping: .windows(windows, .column(time)), mode: mode, limit: limit)
    return self == .panes ? PaneAggregate(plan) : Aggregate(plan)
  }
}

/// An epoch as the loop drives it.
struct WindowRun {
  var rows: [[Value]] = []
  var late: [Int] = []
  var lateBy: [Int64] = []
  var unusable: [Int] = []
  var outcome = EpochOutcome()
  var changes: [(batch: Batch, change: Change)] = []

  /// - Parameters:
  ///   - sizes: of the batches, over and over.
  ///   - saves: whether what is to be saved is asked for.
  init(
    _ operation: inout any StatefulOperator & RejectingOperator, _ input: Batch,
    _ times: TimedEpoch, _ number: Int, sizes: [Int] = [.max], saves: Bool = false
  ) throws {
    let epoch = Epoch(number: Int64(number), time: Int64(number), watermark: times.before)
    let input = absentWhereUnused(input, operation.columnsUsed)
    var (start, part) = (0, 0)
    while start < input.rowCount {
      let end = start + min(sizes[part % sizes.count], input.rowCount - start)
      try operation.process(input[start..<end], .insert, in: epoch) { batch, _ in
        rows += exactRows(batch)
      }
      let rejected = operation.takeRejected()
      late += rejected.late.map { start + Int($0.row) }
      lateBy += rejected.late.map(\.by)
      unusable += rejected.unusable.map { start + Int($0) }
      (start, part) = (end, part + 1)
    }
    let end = EpochEnd(epoch: epoch, isFinal: times.isFinal, watermark: times.after)
    outcome = try operation.finish(end) { batch, _ in rows += exactRows(batch) }
    if saves { try operation.takeChanges { changes.append(($0, $1)) } }
  }

  var changedRows: [[Value]] { changes.flatMap { exactRows($0.batch) } }
}

func exactRows(_ batch: Batch) -> [[Value]] {
  (0..<batch.rowCount).map { batch.row($0).map(exact) }
}
