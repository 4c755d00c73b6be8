package import Columnar
import Diagnostics
package import Expressions

/// When an aggregation sends its groups, and which.
package enum AggregateMode: String, Sendable, CaseIterable {
  /// Each once, when it can no longer change: behind the watermark, by window and key, or when the
  /// input is complete.
  case append
  /// At the end of an epoch those that had rows in it, in the order of their first one.
  case update
  /// At the end of an epoch all of them, in the order of their first row, in place of what was sent
  /// before.
  case complete
}

/// `GROUP BY`: what is computed, and when it comes out.
package struct AggregatePlan: Sendable {
  package let aggregation: Aggregation
  package let grouping: AggregateGrouping
  package let mode: AggregateMode
  /// The first rows of the whole result, behind its order.
  package let limit: Int?
  /// The memory that the state may take, in bytes.
  package let stateByteLimit: Int?
  /// What lists may have in one row of state, in bytes; longer ones go into several rows.
  package var stateColumnBytes = StateExtent.columnBytes
  let accumulators: [AccumulatorPlan]

  /// - Parameter stateByteLimit: looked at after each batch; nil for as much as there is.
  /// - Throws: `StreamError` of kind usage for an order or a limit of what is no whole result.
  package init(
    _ aggregation: Aggregation, grouping: AggregateGrouping = .keys, mode: AggregateMode,
    limit: Int? = nil, stateByteLimit: Int? = nil
  ) throws {
    if mode == .update, limit != nil || !aggregation.order.isEmpty {
      throw StreamError(
        .usage,
        "\(limit == nil ? "an order" : "a limit") needs the whole result, but in update mode "
          + "only the groups that changed come out", hint: "--mode complete")
    }
    self.aggregation = aggregation
    self.grouping = grouping
    self.mode = mode
    self.limit = limit
    self.stateByteLimit = stateByteLimit
    accumulators = aggregation.calls.map(AccumulatorPlan.init)
  }

  /// The keys, then the aggregates.
  package var output: Schema {
    Schema(
      aggregation.intermediate.fields[..<aggregation.keyCount] + aggregation.outputs.map(\.field))
  }

  /// Whether only the groups that changed come out.
  var sendsChanges: Bool { mode == .update && aggregation.keyCount > 0 }

  /// Whether groups are dropped when their time is over: in complete mode none ever is.
  var closesGroups: Bool { endKey != nil && mode != .complete }

  /// Which of the keys is the time that closes a group; nil: nothing does.
  var endKey: Int? {
    switch grouping {
    case .keys, .sessions: nil
    case .windows: 1
    case .timeKey(let index): index
    }
  }

  /// The columns of the input whose values are looked at.
  package var columnsUsed: Set<Int> {
    var used = aggregation.columnsUsed
    switch grouping {
    case .windows(_, let time): used.formUnion(time.columnsUsed)
    case .sessions(let gap, let time): used.formUnion(gap.columnsUsed.union(time.columnsUsed))
    case .keys, .timeKey: break
    }
    return used
  }

  var isOrdered: Bool { !aggregation.order.isEmpty || limit != nil }

  /// The first rows of each window, where a window comes out as a whole.
  var ordersEachWindow: Bool {
    switch grouping {
    case .windows, .sessions: mode == .append
    case .keys, .timeKey: false
    }
  }

  /// - Throws: an I/O error when a state takes more than it may.
  func checkMemory(_ byteCount: Int, groupCount: Int) throws {
    try checkStateMemory(byteCount: byteCount, of: "\(groupCount) keys", limit: stateByteLimit)
  }

  /// - Parameter inner: rows of `aggregation.intermediate`.
  func result(_ inner: Batch, _ context: EvaluationContext) throws -> Batch {
    let outputs = try aggregation.outputs.map { try $0.evaluate(over: inner, context: context) }
    return Batch(
      schema: output, columns: inner.columns[..<aggregation.keyCount] + outputs,
      rowCount: inner.rowCount)
  }
}

extension AccumulatorPlan {
  init(_ call: AggregateCall) {
    let order = call.order.map {
      ListOrder(isDescending: $0.isDescending, nullsFirst: $0.nullsFirst)
    }
    self.init(
      AccumulatorFunction(call, order),
      call.arguments.map(\.type) + call.order.map(\.expression.type), result: call.type,
      isDistinct: call.isDistinct,
      isTrying: call.function == .trySum || call.function == .tryAverage)
  }
}

extension AccumulatorFunction {
  fileprivate init(_ call: AggregateCall, _ order: [ListOrder]) {
    switch call.function {
    case .first: self = .first(ignoresNulls: call.ignoresNulls)
    case .last: self = .last(ignoresNulls: call.ignoresNulls)
    case .list, .set: self = .list(order: order)
    case .join: self = .join(delimiter: call.delimiter, order: order)
    case .approximateCount: self = .approximateCount(deviation: call.shares.first ?? 0.05)
    case .mode: self = .mode(prefersGreatest: call.isDescending)
    case .top: self = .top(call.size)
    case .histogram: self = .histogram(binCount: call.size)
    case .sketch: self = .sketch(precision: call.size)
    case .sketchUnion: self = .sketchUnion(mixesPrecisions: call.parameters == [.boolean(true)])
    case .reduce:
      guard let merge = call.merge else { preconditionFailure("reduce() without a lambda") }
      self = .reduce(MergeFunction(merge))
    case .median, .percentile, .percentileContinuous:
      self = .percentile(call.shares, isArray: call.type.isNested, isDescending: call.isDescending)
    case .percentileDiscrete, .percentileApproximate:
      self = .rank(call.shares, isArray: call.type.isNested, isDescending: call.isDescending)
    default: self = AccumulatorFunction.plain[call.function] ?? .count
    }
  }

  /// Those that nothing but their name decides.
  private static let plain: [AggregateFunction: AccumulatorFunction] = [
    .count: .count, .countIf: .countIf, .sum: .sum, .trySum: .sum, .average: .average,
    .tryAverage: .average, .product: .product, .least: .least, .greatest: .greatest,
    .leastBy: .leastBy, .greatestBy: .greatestBy, .boolAnd: .least, .boolOr: .greatest,
    .bitAnd: .bitAnd, .bitOr: .bitOr, .bitXor: .bitXor,
    .bitmapOfPlaces: .bitmap(.places), .bitmapOr: .bitmap(.or), .bitmapAnd: .bitmap(.and),
    .variancePopulation: .variancePopulation, .varianceSample: .varianceSample,
    .deviationPopulation: .deviationPopulation, .deviationSample: .deviationSample,
    .skewness: .skewness, .kurtosis: .kurtosis, .correlation: .correlation,
    .covariancePopulation: .covariancePopulation, .covarianceSample: .covarianceSample,
    .regressionCount: .regressionCount, .regressionAverageX: .regressionAverageX,
    .regressionAverageY: .regressionAverageY, .regressionSlope: .regressionSlope,
    .regressionIntercept: .regressionIntercept, .regressionR2: .regressionR2,
    .regressionSXX: .regressionSXX, .regressionSXY: .regressionSXY,
    .regressionSYY: .regressionSYY,
  ]
}

extension AggregateCall {
  /// The constants among the parameters, from 0 to 1.
  fileprivate var shares: [Double] {
    switch parameters.first {
    case .double(let share): [share]
    case .list(let shares):
      shares.compactMap { if case .double(let share) = $0 { share } else { nil } }
    default: []
    }
  }

  fileprivate var size: Int {
    if case .integer(let size) = parameters.first { Int(size) } else { 0 }
  }

  fileprivate var isDescending: Bool { parameters.last == .boolean(true) }

  fileprivate var delimiter: [UInt8] {
    if case .string(let text) = parameters.first { Array(text.utf8) } else { [] }
  }

  var source: String {
    String(decoding: Array(excerpt.text.utf8)[excerpt.range], as: UTF8.self)
  }
}
