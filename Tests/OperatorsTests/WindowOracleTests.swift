import Columnar
import Operators
import TestSupport
import Testing

@Suite("Windowed aggregation")
struct WindowOracleTests {
  @Test(
    "gives what comes out when all is computed anew from all rows", arguments: WindowCase.all,
    WindowWay.allCases)
  func oracle(example: WindowCase, way: WindowWay) throws {
    var (rowCount, lateCount) = (0, 0)
    for seed in 0..<12 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let (isKeyed, epochs) = (seed % 4 > 0, example.epochs(&random))
      // Lists are in the order of the rows only where a window is one pane.
      let withLists = way != .panes || example.windows.areTumbling
      var oracle = WindowOracle(
        example.windows, way.mode, isKeyed: isKeyed, withLists: withLists)
      var operation = try way.make(
        example.windows, WindowOracle.aggregates + (withLists ? WindowOracle.list : ""),
        by: isKeyed ? "k" : "")
      let saves = Bool.random(using: &random)
      if saves { operation.keepChanges() }
      for (index, epoch) in epochs.enumerated() {
        let sizes = (0..<5).map { _ in Int.random(in: 1...20, using: &random) }
        let run = try WindowRun(
          &operation, epoch.batch, epoch, index + 1, sizes: sizes, saves: saves)
        let expected = oracle.run(epoch)
        let place = "seed \(seed), epoch \(index + 1)"
        #expect(run.rows == expected.rows.map { $0.map(exact) }, "\(place)")
        #expect(run.late.sorted() == expected.late, "\(place)")
        #expect(run.lateBy.sorted() == expected.lateBy.sorted(), "\(place)")
        #expect(run.unusable == expected.unusable, "\(place)")
        #expect(run.outcome.replacesResult == expected.replacesResult, "\(place)")
        #expect(run.outcome.nextClose == expected.nextClose, "\(place)")
        #expect(run.outcome.openWindows == expected.openWindows, "\(place)")
        (rowCount, lateCount) = (rowCount + run.rows.count, lateCount + run.late.count)
        let open = way == .panes ? expected.openPanes : expected.openGroups
        #expect(run.outcome.stateRows == open, "\(place)")
      }
    }
    #expect(rowCount > 200)
    #expect((lateCount > 20) == (way != .complete))
  }

  @Test(
    "does not depend on where batches are cut, to the last bit", arguments: WindowCase.all,
    WindowWay.allCases)
  func cuts(example: WindowCase, way: WindowWay) throws {
    for seed in 20..<24 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let epochs = example.epochs(&random)
      let inputs = epochs.map { epoch in
        var columns = epoch.batch.columns
        columns[0] = trickyColumn(.double, count: epoch.rows.count, &random)
        return Batch(schema: TimedEpoch.schema, columns: columns, rowCount: epoch.rows.count)
      }
      let cuts = [[.max], [1], (0..<7).map { _ in Int.random(in: 1...15, using: &random) }]
      let results = try cuts.map { sizes in
        var operation = try way.make(
          example.windows, "sum(x), avg(x), stddev(x), corr(x, n), max(x), first(x), last(n)",
          by: "k")
        operation.keepChanges()
        let runs = try zip(inputs, epochs).enumerated().map { index, epoch in
          try WindowRun(
            &operation, epoch.0, epoch.1, index + 1, sizes: sizes, saves: index % 3 != 1)
        }
        return (rows: runs.map(\.rows), changes: runs.map(\.changedRows))
      }
      for result in results[1...] {
        #expect(result.rows == results[0].rows, "seed \(seed)")
        #expect(result.changes == results[0].changes, "seed \(seed)")
      }
    }
  }

  @Test(
    "has sent after each epoch what a batch job gives for the closed windows, if no row is late",
    arguments: WindowCase.all, [WindowWay.append, .panes])
  func prefixes(example: WindowCase, way: WindowWay) throws {
    for seed in 40..<46 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let epochs = example.epochs(&random, isOnTime: true)
      var operation = try way.make(example.windows, WindowOracle.aggregates, by: "k")
      var (sent, soFar): ([[Value]], TimedEpoch) = ([], TimedEpoch())
      for (index, epoch) in epochs.enumerated() {
        let run = try WindowRun(&operation, epoch.batch, epoch, index + 1)
        #expect(run.late.isEmpty)
        sent += run.rows
        soFar.rows += epoch.rows
        var job = try WindowWay.complete.make(
          example.windows, WindowOracle.aggregates, by: "k")
        let whole = try WindowRun(&job, soFar.batch, soFar, 1)
        let closing = epoch.isFinal ? .max : epoch.after ?? .min
        let closed = whole.rows.filter { $0[1].integer <= closing }
        #expect(Set(sent) == Set(closed), "seed \(seed), epoch \(index + 1)")
        #expect(sent.count == closed.count, "seed \(seed), epoch \(index + 1)")
      }
    }
  }

  // MARK: - The first rows of each window

  private static let orders: [(order: String?, limit: Int?, having: String?)] = [
    ("sum DESC", 2, nil), ("count(n), k DESC", nil, nil), (nil, 1, nil),
    ("max(x) DESC NULLS LAST, sum", 3, "count(*) > 1"),
  ]

  @Test(
    "sends the first rows of each window in the order that is asked for",
    arguments: WindowCase.all, [WindowWay.append, .panes])
  func first(example: WindowCase, way: WindowWay) throws {
    for (seed, asked) in WindowOracleTests.orders.enumerated() {
      var random = SplitMix64(seed: UInt64(60 + seed))
      let epochs = example.epochs(&random)
      var oracle = WindowOracle(example.windows, .append, isKeyed: true, withLists: false)
      var operation = try way.make(
        example.windows, WindowOracle.aggregates, by: "k", having: asked.having,
        order: asked.order, limit: asked.limit)
      var count = 0
      for (index, epoch) in epochs.enumerated() {
        let run = try WindowRun(&operation, epoch.batch, epoch, index + 1, sizes: [9])
        var left = oracle.run(epoch).rows
        var expected: [[Value]] = []
        while let window = left.first?.prefix(2) {
          var rows = left.prefix { $0.prefix(2) == window }
          left.removeFirst(rows.count)
          if asked.having != nil { rows = rows.filter { $0[3].integer > 1 }[...] }
          let sorted = insertionSorted(rows) { isBefore($0, $1, order: seed) }
          expected += sorted.prefix(asked.limit ?? .max)
        }
        count += expected.count
        #expect(run.rows == expected.map { $0.map(exact) }, "epoch \(index + 1)")
      }
      #expect(count > 0)
    }
  }

  /// Whether a row comes before another one in one of ``orders``. The columns are the window, the
  /// key, rows, numbers, sum, least, greatest and mean.
  private func isBefore(_ left: [Value], _ right: [Value], order: Int) -> Bool {
    switch order {
    case 0: left[5].sortKey > right[5].sortKey
    case 1:
      left[4] == right[4] ? left[2].name > right[2].name : left[4].integer < right[4].integer
    case 2: false
    default:
      left[7] == right[7]
        ? left[5].sortKey < right[5].sortKey : left[7].sortKey > right[7].sortKey
    }
  }

  /// Rows of the same rank stay as they are: by key.
  private func insertionSorted(
    _ rows: ArraySlice<[Value]>, _ isBefore: ([Value], [Value]) -> Bool
  ) -> [[Value]] {
    var sorted: [[Value]] = []
    for row in rows {
      let place = sorted.firstIndex { isBefore(row, $0) } ?? sorted.count
      sorted.insert(row, at: place)
    }
    return sorted
  }
}

extension Value {
  fileprivate var integer: Int64 { if case .integer(let value) = self { value } else { 0 } }

  /// Null is before all names.
  fileprivate var name: String { if case .string(let text) = self { "=\(text)" } else { "" } }

  /// Null is before all numbers.
  fileprivate var sortKey: Double {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    default: -.infinity
    }
  }
}
