import Columnar
import Diagnostics
import Expressions

/// Results on their way out: those that `--having` lets through, each computed from its group, in
/// order where one is asked for; small batches are joined.
struct ResultRows {
  private let plan: AggregatePlan
  private let context: EvaluationContext
  private var ordered: OrderedRows?
  private var pending: [Batch] = []
  private var pendingRows = 0
  /// The window of the rows in `ordered`, where each window has an order of its own.
  private var window: (start: Int64, end: Int64)?

  private static let batchRows = 4_096

  init(_ plan: AggregatePlan, _ context: EvaluationContext) {
    self.plan = plan
    self.context = context
    if plan.isOrdered { ordered = OrderedRows(plan) }
  }

  /// - Parameter inner: rows of the aggregation's intermediate schema, each window's together.
  mutating func add(_ inner: Batch, _ emit: (Batch) throws -> Void) throws {
    guard ordered != nil else { return try join(inner, emit) }
    guard plan.ordersEachWindow else { return try order(inner) }
    let (starts, ends) = (inner.columns[0].words(), inner.columns[1].words())
    var start = 0
    while start < inner.rowCount {
      let next = (starts[start], ends[start])
      var end = start + 1
      while end < inner.rowCount, (starts[end], ends[end]) == next { end += 1 }
      if let window, window != next { try ordered?.take(emit) }
      window = next
      try order(inner[start..<end])
      start = end
    }
  }

  mutating func finish(_ emit: (Batch) throws -> Void) throws {
    try ordered?.take(emit)
    try sendPending(emit)
  }

  private mutating func order(_ inner: Batch) throws {
    let inner = try filtered(inner)
    guard inner.rowCount > 0 else { return }
    let results = try computed(inner)
    try ordered?.add(results, inner, context)
  }

  private mutating func join(_ inner: Batch, _ emit: (Batch) throws -> Void) throws {
    let inner = try filtered(inner)
    guard inner.rowCount > 0 else { return }
    pending.append(inner)
    pendingRows += inner.rowCount
    if pendingRows >= ResultRows.batchRows { try sendPending(emit) }
  }

  private mutating func sendPending(_ emit: (Batch) throws -> Void) throws {
    guard pendingRows > 0 else { return }
    let inner =
      pending.count == 1
      ? pending[0] : Batch.concatenating(pending, schema: plan.aggregation.intermediate)
    (pending, pendingRows) = ([], 0)
    try emit(computed(inner))
  }

  private func filtered(_ inner: Batch) throws -> Batch {
    try attempt { try plan.aggregation.having?.filter(inner, context: context) ?? inner }
  }

  private func computed(_ inner: Batch) throws -> Batch {
    try attempt { try plan.result(inner, context) }
  }

  /// Errors about a result have no row of the input to name.
  private func attempt<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as EvaluationError {
      throw error.streamError()
    }
  }
}
