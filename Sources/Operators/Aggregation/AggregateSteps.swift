import Columnar
import Expressions

/// What an aggregation comes down to: keys and arguments over rows, then results over groups.
///
/// The results are computed over an inner batch: a column for each key, then one for each call.
struct AggregateSteps: Sendable {
  struct Call: Sendable {
    let plan: AccumulatorPlan
    let arguments: [BoundExpression]
    /// FILTER (WHERE …)
    let filter: Predicate?
    /// As errors name it.
    let text: String
  }

  struct Order: Sendable {
    let column: OutputColumn
    let isDescending: Bool
    let nullsFirst: Bool
  }

  var keys: [BoundExpression]
  var calls: [Call]
  /// Of the keys, then of the calls.
  var inner: Schema
  var results: [OutputColumn]
  var having: Predicate?
  var order: [Order] = []
  /// Rows of the whole result, behind the order.
  var limit: Int?

  var output: Schema { Schema(results.map(\.field)) }

  /// The columns of the input that are asked for.
  var columnsUsed: Set<Int> {
    var used = keys.reduce(into: Set<Int>()) { $0.formUnion($1.columnsUsed) }
    for call in calls {
      for argument in call.arguments { used.formUnion(argument.columnsUsed) }
      used.formUnion(call.filter?.columnsUsed ?? [])
    }
    return used
  }
}
