import Columnar
import Connectors
import Expressions
import Operators

/// `--where`.
struct RowSelection: RowFilter {
  let condition: Expression

  func condition(over schema: Schema) -> RowCondition { condition.rowCondition(over: schema) }

  func bound(to schema: Schema) throws -> any BoundRowFilter {
    var plan = MapPlan()
    plan.filter = condition
    return BoundRowSelection(stage: try MapStage(plan, input: schema))
  }
}

private struct BoundRowSelection: BoundRowFilter {
  var stage: MapStage

  mutating func rows(of batch: Batch, in epoch: SourceEpoch) throws -> Batch {
    var kept = batch[0..<0]
    try stage.process(batch, .insert, in: Epoch(number: epoch.number, time: epoch.time)) {
      rows, _ in
      kept = rows
    }
    return kept
  }
}
