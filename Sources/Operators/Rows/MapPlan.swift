package import Expressions

/// What `stream-map` does to rows, in this order: explode, compute, filter, choose columns, limit.
package struct MapPlan: Sendable {
  /// An array or a map: each of its elements becomes a row.
  package var explode: Expression?
  /// Columns that are added, or take the place of one of that name; each may use those before it.
  package var with: [Expression] = []
  package var filter: Expression?
  /// nil keeps the columns as they are, without those that `explode` has used up.
  package var select: [Expression]?
  package var drop: [String] = []
  /// Rows of the whole query.
  package var limit: Int?

  package init() {}
}
