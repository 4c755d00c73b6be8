import Columnar
import Diagnostics
import Expressions

/// Result rows that go out in an order, or only the first of them.
///
/// With a limit no more than some multiple of it is ever kept.
struct OrderedRows {
  private let plan: AggregatePlan
  /// Result columns, then the columns of the order.
  private var batches: [Batch] = []
  private var rowCount = 0
  private var byteCount = 0

  private static let byteCountMax = Int(Int32.max)

  init(_ plan: AggregatePlan) { self.plan = plan }

  private var schema: Schema {
    Schema(plan.output.fields + plan.aggregation.order.map(\.expression.field))
  }

  /// - Parameter inner: what the columns of the order are computed from, row by row beside `result`.
  mutating func add(_ result: Batch, _ inner: Batch, _ context: EvaluationContext) throws {
    let order = try plan.aggregation.order.map {
      try $0.expression.evaluate(over: inner, context: context)
    }
    let batch = Batch(schema: schema, columns: result.columns + order, rowCount: result.rowCount)
    batches.append(batch)
    rowCount += batch.rowCount
    byteCount += batch.byteCount
    if let limit = plan.limit, rowCount > 2 * limit + 65_536 { sort() }
    guard byteCount < OrderedRows.byteCountMax else {
      throw StreamError(
        .data, "the result is larger than 2 GiB, too large to be ordered", hint: "--limit 1000")
    }
  }

  private mutating func sort() {
    let all = Batch.concatenating(batches, schema: schema)
    let columns = zip(plan.aggregation.order, all.columns[plan.output.fields.count...]).map {
      order, column in
      SortColumn(column, isDescending: order.isDescending, nullsFirst: order.nullsFirst)
    }
    let rows = sortedRows(by: columns, rowCount: all.rowCount, limit: plan.limit)
    batches = [all.gathering(rows)]
    rowCount = rows.count
    byteCount = batches[0].byteCount
  }

  mutating func take(_ emit: (Batch) throws -> Void) throws {
    guard rowCount > 0 else { return }
    sort()
    let columns = Array(batches[0].columns[..<plan.output.fields.count])
    let result = Batch(schema: plan.output, columns: columns, rowCount: rowCount)
    batches = []
    for start in stride(from: 0, to: rowCount, by: 16_384) {
      try emit(result[start..<min(start + 16_384, rowCount)])
    }
  }
}
