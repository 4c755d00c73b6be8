import Columnar
import Expressions
import Operators
import TestSupport

// What the tests of sessions share: input, and an aggregation driven as the loop drives it.

let sessionInput = Schema([
  Field("k", .string), Field("ts", .timestamp), Field("gap", .string), Field("n", .bigint),
  Field("x", .double),
])

func sessions(
  _ aggregates: String, gap: SessionGap = .constant(10 * oneSecond), by keys: String = "k",
  mode: AggregateMode, order: String = "", limit: Int? = nil, columnBytes: Int? = nil,
  keepsChanges: Bool = false
) throws -> SessionAggregate {
  let aggregation = try Aggregation(
    keys: keys.isEmpty ? [] : Expression.parseList(keys),
    aggregates: Expression.parseList(aggregates),
    order: order.isEmpty ? [] : Expression.parseOrder(order),
    windowKeys: [.windowStart, .windowEnd], over: sessionInput)
  var plan = try AggregatePlan(
    aggregation,
    grouping: .sessions(try SessionGapPlan(gap, over: sessionInput), .column(1)), mode: mode,
    limit: limit)
  if let columnBytes { plan.stateColumnBytes = columnBytes }
  let operation = SessionAggregate(plan)
  if keepsChanges { operation.keepChanges() }
  return operation
}

struct SessionRow {
  var key: String?
  var time: Int64?
  var gap: String?
  var number: Int64 = 1
  var double = 0.0
}

extension Batch {
  init(_ rows: [SessionRow]) {
    self.init(
      schema: sessionInput,
      columns: [
        Column(rows.map(\.key)), Column(rows.map(\.time), as: .timestamp), Column(rows.map(\.gap)),
        Column(rows.map { Optional($0.number) }), Column(rows.map { Optional($0.double) }),
      ])
  }
}

/// Rows out of order, with the watermarks that they make.
struct SessionEpochs {
  var epochs: [[SessionRow]] = []
  var watermarks: [(before: Int64?, after: Int64?)] = []

  /// - Parameters:
  ///   - sizes: how many rows an epoch may have.
  ///   - isExact: doubles are such that sums do not depend on their order.
  init(seed: UInt64, count: Int, sizes: ClosedRange<Int>, keys: Int = 3, isExact: Bool = true) {
    var random = SplitMix64(seed: seed)
    var watermark: Int64?
    for epoch in 0..<count {
      let rows = (0..<Int.random(in: sizes, using: &random)).map { _ in
        SessionEpochs.row(epoch, keys, isExact, &random)
      }
      let before = watermark
      if let latest = rows.compactMap(\.time).max() {
        watermark = max(watermark ?? .min, latest - 20 * oneSecond)
      }
      epochs.append(rows)
      watermarks.append((before, watermark))
    }
  }

  private static func row(
    _ epoch: Int, _ keys: Int, _ isExact: Bool, _ random: inout SplitMix64
  ) -> SessionRow {
    // Half seconds, so that sessions touch.
    let half = Int64(epoch * 60 + Int.random(in: -80...80, using: &random))
    let gap = [1, 1, 2, 3, 4, 9].randomElement(using: &random) ?? 1
    let key = Int.random(in: 0..<keys, using: &random)
    let double = Double.random(in: -1e6...1e6, using: &random)
    return SessionRow(
      key: key == 0 ? nil : "key \(key)",
      time: Int.random(in: 0..<50, using: &random) == 0 ? nil : half * oneSecond / 2,
      gap: Int.random(in: 0..<40, using: &random) == 0 ? nil : "\(gap * 500) milliseconds",
      number: Int64.random(in: -99...99, using: &random),
      double: isExact ? (double / 8).rounded() / 8 : double)
  }
}

/// What an epoch has sent, and what is to be saved of it.
struct SessionEpochRun: Equatable {
  struct Row: Equatable {
    let change: Change
    let values: [Value]
  }

  var sent: [Row] = []
  var saved: [Row] = []
  var lateCount = 0
  var unusableCount = 0
  var outcome = EpochOutcome()

  static func == (left: SessionEpochRun, right: SessionEpochRun) -> Bool {
    left.sent == right.sent && left.saved == right.saved && left.lateCount == right.lateCount
      && left.unusableCount == right.unusableCount
      && left.outcome.stateRows == right.outcome.stateRows
      && left.outcome.nextClose == right.outcome.nextClose
  }

  func rows(_ change: Change) -> [[Value]] {
    sent.filter { $0.change == change }.map(\.values)
  }
}

extension SessionAggregate {
  /// - Parameters:
  ///   - keep: gets the changes; nil: nobody keeps them.
  ///   - cut: gives the sizes of batches.
  func run(
    _ rows: [SessionRow], _ number: Int, _ watermarks: (before: Int64?, after: Int64?) = (nil, nil),
    isFinal: Bool = false, keep: ((Batch, Change) -> Void)? = nil, cut: () -> Int = { .max }
  ) throws -> SessionEpochRun {
    var run = SessionEpochRun()
    let epoch = Epoch(
      number: Int64(number), time: Int64(number) * oneSecond, watermark: watermarks.before)
    var start = 0
    while start < rows.count {
      let end = start + min(max(cut(), 1), rows.count - start)
      try process(Batch(Array(rows[start..<end])), .insert, in: epoch) { _, _ in }
      let rejected = takeRejected()
      run.lateCount += rejected.late.count
      run.unusableCount += rejected.unusable.count
      start = end
    }
    let end = EpochEnd(epoch: epoch, isFinal: isFinal, watermark: watermarks.after)
    run.outcome = try finish(end) { run.sent += exactRows($0, $1) }
    if let keep {
      try takeChanges { batch, change in
        keep(batch, change)
        run.saved += exactRows(batch, change)
      }
    }
    return run
  }
}

func exactRows(_ batch: Batch, _ change: Change) -> [SessionEpochRun.Row] {
  (0..<batch.rowCount).map { .init(change: change, values: batch.row($0).map(exact)) }
}
