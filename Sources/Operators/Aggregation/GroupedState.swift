import Columnar
import Diagnostics
import Expressions

/// The groups of an aggregation and the state of each call for them.
struct GroupedState: ~Copyable {
  let aggregation: Aggregation
  let accumulators: [any Accumulator]
  var table: GroupTable
  private(set) var changes: GroupChanges
  private var numbers = RowNumbers()

  /// - Parameter sendsChanges: whether ``takeUnsent()`` will be asked.
  init(_ plan: AggregatePlan, sendsChanges: Bool) {
    aggregation = plan.aggregation
    changes = GroupChanges(areSent: sendsChanges)
    accumulators = plan.accumulators.map { $0.makeAccumulator() }
    table = GroupTable(keyTypes: aggregation.keys.map(\.type))
    for accumulator in accumulators { accumulator.resize(to: table.count) }
  }

  var groupCount: Int { table.count }

  var allGroups: Buffer<Int32> {
    Buffer(count: table.count) { output in
      for group in 0..<table.count { output.append(Int32(group)) }
    }
  }

  /// The memory that was allocated for all of it.
  var byteCount: Int {
    accumulators.reduce(table.byteCount + changes.byteCount) { $0 + $1.byteCount }
  }

  mutating func add(_ batch: Batch, _ context: EvaluationContext) throws {
    do {
      let keys = try numbers.attempt {
        try aggregation.keys.map { try $0.evaluate(over: batch, context: context) }
      }
      let groups = try table.groups(of: keys, rowCount: batch.rowCount)
      if changes.areKept { table.markChanged(groups) }
      let rows = GroupedRows(groups)
      for (call, accumulator) in zip(aggregation.calls, accumulators) {
        accumulator.resize(to: table.count)
        try update(accumulator, call, rows, batch, context)
      }
    } catch let failure as RowError {
      throw failure.error
    }
    numbers.advance(batch.rowCount)
  }

  private func update(
    _ accumulator: any Accumulator, _ call: AggregateCall, _ rows: GroupedRows,
    _ batch: Batch, _ context: EvaluationContext
  ) throws {
    var (rows, batch, origin) = (rows, batch, { (row: Int) in row })
    if let filter = call.filter {
      let kept = try numbers.attempt { try filter.selection(over: batch, context: context) }
      if !kept.isAllSet {
        let places = kept.setIndices()
        rows = rows.selecting(places)
        batch = call.gathering(places, of: batch)
        origin = { Int(places[$0]) }
      }
    }
    let arguments = try numbers.attempt(from: origin) {
      try call.columns.map { try $0.evaluate(over: batch, context: context) }
    }
    try naming(call) { try accumulator.update(rows, arguments) }
  }

  private func naming<Result>(
    _ call: AggregateCall, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as AggregateError {
      switch error {
      case .overflow: throw call.overflow()
      case .tooLarge:
        throw StreamError(
          .data,
          "[COLLECTION_SIZE_LIMIT_EXCEEDED] the values of one group are longer than 2 GiB together "
            + "in '\(call.source)'")
      }
    }
  }

  /// The groups that had rows since the last call, in the order of their first one.
  mutating func takeUnsent() -> Buffer<Int32> {
    changes.add(table.takeChanged(), groupCount: table.count)
    return changes.takeUnsent()
  }

  /// As ``takeUnsent()``, for the checkpoint: each is asked in its own time.
  mutating func takeUnsaved() -> Buffer<Int32> {
    changes.add(table.takeChanged(), groupCount: table.count)
    return changes.takeUnsaved()
  }

  /// What was added to lists up to now does not count as added any more.
  func forgetChanges(of groups: Buffer<Int32>) {
    for accumulator in accumulators { accumulator.forgetChanges(of: groups) }
  }

  mutating func keepChanges() {
    changes.areSaved = true
    for accumulator in accumulators {
      accumulator.keepChanges()
      accumulator.resize(to: table.count)
    }
    // A group without a key is there before its first row.
    if table.count > 0 { table.markChanged(Buffer(repeating: 0, count: 1)) }
  }
}

extension AggregateCall {
  /// What an accumulator is given for each row.
  fileprivate var columns: [BoundExpression] { arguments + order.map(\.expression) }

  /// Some rows of the columns that the arguments ask for.
  fileprivate func gathering(_ places: Buffer<Int32>, of batch: Batch) -> Batch {
    let used = columns.reduce(into: Set<Int>()) { $0.formUnion($1.columnsUsed) }
    let gathered = batch.columns.enumerated().map { index, column in
      used.contains(index) ? column.gathering(places) : .absent(places.count)
    }
    return Batch(schema: batch.schema, columns: gathered, rowCount: places.count)
  }
}

// MARK: - Results

extension GroupedState {
  private static let resultRows = 16_384
  private static let resultBytes = 4 << 20

  /// The inner batches of some groups, each of a size that the next stage likes.
  func forEachBatch(of groups: Buffer<Int32>, _ body: (Batch) throws -> Void) throws {
    var start = 0
    while start < groups.count {
      var (end, byteCount) = (start, 0)
      repeat {
        byteCount += resultByteCount(of: Int(groups[end]))
        end += 1
      } while end < groups.count && end - start < GroupedState.resultRows
        && byteCount < GroupedState.resultBytes
      try body(inner(groups[start..<end]))
      start = end
    }
  }

  private func resultByteCount(of group: Int) -> Int {
    accumulators.reduce(table.keyByteCount(of: group)) { $0 + $1.resultByteCount(of: group) }
  }

  private func inner(_ groups: Buffer<Int32>) throws -> Batch {
    let values = try zip(aggregation.calls, accumulators).map { call, accumulator in
      try naming(call) { try accumulator.result(of: groups) }
    }
    return Batch(
      schema: aggregation.intermediate, columns: table.keys(of: groups) + values,
      rowCount: groups.count)
  }
}
