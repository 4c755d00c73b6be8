package import Columnar
import Expressions

/// Rows to rows, without memory but for a count: explode, compute, filter, choose columns, limit.
///
/// Each step touches only the columns that a later one asks for.
package struct MapStage: Operator, Sendable {
  private let steps: MapSteps
  /// Rows that may still come out; nil for any number.
  package var remaining: Int?
  private var numbers = RowNumbers()

  /// - Throws: `StreamError` of kind usage for what does not fit the input.
  package init(_ plan: MapPlan, input: Schema) throws {
    steps = try MapSteps(plan, input)
    remaining = plan.limit
  }

  package var output: Schema { steps.output }

  package var isExhausted: Bool { remaining == 0 }

  package var columnsUsed: Set<Int>? { steps.columnsUsed }

  /// What so many rows explode into stays in the cache.
  private static let explodedRows = 2048

  package mutating func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    let size = steps.explode == nil ? max(batch.rowCount, 1) : MapStage.explodedRows
    for start in stride(from: 0, to: batch.rowCount, by: size) where !isExhausted {
      let part = batch[start..<min(start + size, batch.rowCount)]
      let result = try transform(part, EvaluationContext(now: epoch.time))
      if result.rowCount > 0 { try emit(result, change) }
    }
  }

  private mutating func transform(_ batch: Batch, _ context: EvaluationContext) throws -> Batch {
    do {
      var rows = try explode(batch, context)
      for step in steps.computed { try compute(step, &rows, context) }
      try filter(&rows, context)
      let result = limit(try select(rows, context))
      numbers.advance(batch.rowCount)
      return result
    } catch let failure as RowError {
      // The rows before the one that fails may be all that is wanted, wherever batches are cut.
      guard remaining != nil, failure.row > 0 else { throw failure.error }
      let before = try transform(batch[0..<failure.row], context)
      guard isExhausted else { throw failure.error }
      return before
    }
  }

  package mutating func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    EpochOutcome()
  }
}

// MARK: - Steps

/// Rows on their way through the steps; columns that nobody asks for are left out.
private struct WorkingRows {
  var batch: Batch
  /// The row of the input that a row came from.
  var origin: (Int) -> Int = { $0 }
}

extension MapStage {
  private func explode(_ batch: Batch, _ context: EvaluationContext) throws -> WorkingRows {
    guard let explode = steps.explode else { return WorkingRows(batch: batch) }
    let lists = try numbers.attempt {
      try explode.expression.evaluate(over: batch, context: context)
    }
    let explosion = Explosion(lists, explode)
    let repeated = batch.columns.indices.filter(steps.neededExploded.contains)
    let rows = repeated.isEmpty ? Buffer() : explosion.rows()
    let columns = batch.columns.enumerated().map { index, column in
      repeated.contains(index) ? column.gathering(rows) : .absent(explosion.rowCount)
    }
    return WorkingRows(
      batch: Batch(
        schema: steps.exploded, columns: columns + explosion.columns, rowCount: explosion.rowCount),
      origin: { Int(explosion.rows()[$0]) })
  }

  private func compute(
    _ step: MapSteps.Computed, _ rows: inout WorkingRows, _ context: EvaluationContext
  ) throws {
    let column = try numbers.attempt(from: rows.origin) {
      try step.expression.evaluate(over: rows.batch, context: context)
    }
    var columns = rows.batch.columns
    if let place = step.place { columns[place] = column } else { columns.append(column) }
    rows.batch = Batch(schema: step.schema, columns: columns, rowCount: rows.batch.rowCount)
  }

  private func filter(_ rows: inout WorkingRows, _ context: EvaluationContext) throws {
    guard let filter = steps.filter else { return }
    let batch = rows.batch
    let kept = try numbers.attempt(from: rows.origin) {
      try filter.selection(over: batch, context: context)
    }
    if kept.isAllSet { return }
    let places = kept.setIndices()
    let columns = batch.columns.enumerated().map { index, column in
      steps.neededFiltered.contains(index) ? column.gathering(places) : .absent(places.count)
    }
    let origin = rows.origin
    rows = WorkingRows(
      batch: Batch(schema: batch.schema, columns: columns, rowCount: places.count),
      origin: { origin(Int(places[$0])) })
  }

  private func select(_ rows: WorkingRows, _ context: EvaluationContext) throws -> Batch {
    let columns = try numbers.evaluate(
      steps.selected, over: rows.batch, context, from: rows.origin)
    return Batch(schema: output, columns: columns, rowCount: rows.batch.rowCount)
  }

  private mutating func limit(_ batch: Batch) -> Batch {
    guard let left = remaining else { return batch }
    let taken = min(left, batch.rowCount)
    remaining = left - taken
    return batch[0..<taken]
  }
}

extension Column {
  /// Stands in the place of a column that nobody looks at.
  static func absent(_ count: Int) -> Column { Column(.void, .void(count: count)) }
}
