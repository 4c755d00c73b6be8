import Columnar
import Diagnostics
import Expressions

/// What keys are called by which an aggregation groups.
protocol GroupNames: ~Copyable {
  /// The keys of some groups, a column for each.
  func keys(of groups: Buffer<Int32>) -> [Column]

  /// About how many bytes the key of a group takes in columns.
  func keyByteCount(of group: Int) -> Int
}

extension GroupTable: GroupNames {}

extension GroupNames where Self: ~Copyable {
  /// The keys of some groups, as a checkpoint is told that it may forget them.
  func forEachKey(
    of groups: Buffer<Int32>, _ form: StateForm, _ body: (Batch) throws -> Void
  ) throws {
    for part in groups.slices(byteCount: { keyByteCount(of: $0) }) {
      try body(Batch(schema: form.keySchema, columns: keys(of: part), rowCount: part.count))
    }
  }
}

/// The states of an aggregation's calls, for groups that somebody else numbers.
struct CallStates {
  let calls: [AggregateCall]
  let accumulators: [any Accumulator]
  /// Of result rows: the keys, then the calls.
  let schema: Schema
  /// Whether states can be given out.
  private var areGivenOut: Bool

  /// - Parameter areGivenOut: states will be asked for; ``keepChanges()`` makes sure of it, too.
  init(_ plan: AggregatePlan, areGivenOut: Bool) {
    calls = plan.aggregation.calls
    schema = plan.aggregation.intermediate
    accumulators = plan.accumulators.map { $0.makeAccumulator() }
    self.areGivenOut = false
    if areGivenOut { keepChanges() }
  }

  var byteCount: Int { accumulators.reduce(0) { $0 + $1.byteCount } }

  /// Makes room for the groups below `count`.
  func resize(to count: Int) {
    for accumulator in accumulators { accumulator.resize(to: count) }
  }

  /// - Precondition: there is no group.
  mutating func keepChanges() {
    guard !areGivenOut else { return }
    areGivenOut = true
    for accumulator in accumulators { accumulator.keepChanges() }
  }

  /// What was added to lists up to now does not count as added any more.
  func forgetChanges(of groups: Buffer<Int32>) {
    for accumulator in accumulators { accumulator.forgetChanges(of: groups) }
  }

  /// - Parameters:
  ///   - groups: that of each row; there is room for it.
  ///   - rows: for errors.
  /// - Throws: `RowError`, `StreamError`.
  func update(
    _ groups: Buffer<Int32>, _ batch: Batch, _ rows: RowNumbers, _ context: EvaluationContext
  ) throws {
    let grouped = GroupedRows(groups)
    for (call, accumulator) in zip(calls, accumulators) {
      try update(accumulator, call, grouped, batch, rows, context)
    }
  }

  private func update(
    _ accumulator: any Accumulator, _ call: AggregateCall, _ grouped: GroupedRows,
    _ batch: Batch, _ rows: RowNumbers, _ context: EvaluationContext
  ) throws {
    var (grouped, batch, origin) = (grouped, batch, { (row: Int) in row })
    if let filter = call.filter {
      let kept = try rows.attempt { try filter.selection(over: batch, context: context) }
      if !kept.isAllSet {
        let places = kept.setIndices()
        grouped = grouped.selecting(places)
        batch = call.gathering(places, of: batch)
        origin = { Int(places[$0]) }
      }
    }
    let arguments = try rows.evaluate(call.columns, over: batch, context, from: origin)
    try naming(call) { try accumulator.update(grouped, arguments) }
  }

  func naming<Result>(_ call: AggregateCall, _ body: () throws -> Result) throws -> Result {
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
      case .unusable(let errorClass, let message, let hint):
        throw StreamError(.data, "[\(errorClass)] \(message) in '\(call.source)'", hint: hint)
      }
    }
  }
}

extension AggregateCall {
  /// What an accumulator is given for each row.
  fileprivate var columns: [BoundExpression] { arguments + order.map(\.expression) }

  /// Some rows of the columns that the arguments ask for.
  fileprivate func gathering(_ places: Buffer<Int32>, of batch: Batch) -> Batch {
    let used = columns.reduce(into: Set<Int>()) { $0.formUnion($1.columnsUsed) }
    return batch.gathering(places, columns: used)
  }
}

extension Batch {
  /// Some rows of the columns that are asked for.
  func gathering(_ places: Buffer<Int32>, columns used: Set<Int>) -> Batch {
    let gathered = columns.enumerated().map { index, column in
      used.contains(index) ? column.gathering(places) : .absent(places.count)
    }
    return Batch(schema: schema, columns: gathered, rowCount: places.count)
  }
}

// MARK: - Results

extension CallStates {
  /// The results of some groups, in batches.
  ///
  /// - Parameter body: gets rows of the aggregation's intermediate schema.
  func forEachResult(
    of groups: Buffer<Int32>, _ names: borrowing some GroupNames & ~Copyable,
    _ body: (Batch) throws -> Void
  ) throws {
    let slices = groups.slices { group in
      accumulators.reduce(names.keyByteCount(of: group)) { $0 + $1.resultByteCount(of: group) }
    }
    for part in slices { try body(results(of: part, keys: names.keys(of: part))) }
  }

  func results(of groups: Buffer<Int32>, keys: [Column]) throws -> Batch {
    let values = try zip(calls, accumulators).map { call, accumulator in
      try naming(call) { try accumulator.result(of: groups) }
    }
    return Batch(schema: schema, columns: keys + values, rowCount: groups.count)
  }
}

// MARK: - Merging

extension CallStates {
  /// So long a list no column can be.
  private static let mergedExtent = StateExtent(isChange: false, byteCountMax: Int(Int32.max))

  /// Adds states of other groups behind what these have.
  ///
  /// - Parameter source: of the same plan.
  func merge(
    _ others: Buffer<Int32>, of source: CallStates, into groups: Buffer<Int32>
  ) throws {
    let states: [[Column]]
    do {
      states = try source.accumulators.map { try $0.state(of: others, CallStates.mergedExtent) }
    } catch AggregateError.tooLarge where others.count > 1 {
      let middle = others.count / 2
      for half in [0..<middle, middle..<others.count] {
        try merge(others[half], of: source, into: groups[half])
      }
      return
    }
    for (index, call) in calls.enumerated() {
      try naming(call) { try accumulators[index].merge(states[index], into: groups) }
    }
  }
}
