package import Columnar
import Diagnostics

/// A list of aggregates over groups, taken apart: keys and arguments over the input, then the
/// calls, then expressions over the keys and the calls' results.
///
/// `sum(x) / count(x) AS m, max(i) - min(i)` by `k` has the calls sum(x), count(x), max(i), min(i)
/// and two outputs over `k, sum(x), count(x), max(i), min(i)`.
package struct Aggregation: Sendable {
  /// Over the input.
  package let keys: [BoundExpression]
  package let calls: [AggregateCall]
  /// The window's keys, the keys, then a field for each call: the rows that ``outputs``, ``having``
  /// and ``order`` are over.
  package let intermediate: Schema
  /// How many keys there are, those of a window included.
  package let keyCount: Int
  package let outputs: [BoundExpression]
  package let having: Predicate?
  package let order: [BoundSortKey]

  /// The columns of the input that keys, arguments, filters and orders depend on.
  package var columnsUsed: Set<Int> {
    let parts =
      keys + calls.flatMap { call in call.arguments + call.order.map(\.expression) }
    let filters = calls.compactMap(\.filter)
    return parts.reduce(into: filters.reduce(into: []) { $0.formUnion($1.columnsUsed) }) {
      $0.formUnion($1.columnsUsed)
    }
  }

  /// - Parameters:
  ///   - windowKeys: keys that no expression makes, such as `window_start`.
  ///   - having, order: may use the names of outputs.
  /// - Throws: `StreamError` of kind usage that points at the place.
  package init(
    keys: [Expression], aggregates: [Expression], having: Expression? = nil,
    order: [SortKey] = [], windowKeys: [Field] = [], over schema: Schema
  ) throws {
    self.keys = try keys.map { try Aggregation.bindKey($0, schema) }
    let keyFields = windowKeys + self.keys.map(\.field)
    keyCount = keyFields.count
    let identities = windowKeys.map { "`\($0.name.lowercased())`" } + keys.map(\.syntax.identity)
    let collector = AggregateCollector(
      input: Scope(schema), keys: zip(identities, keyFields).map { ($0, $1.type) })
    let scope = Scope(keyFields.map { Scope.Column($0) })

    func bind(_ expression: Expression) throws -> BoundExpression {
      var binder = Binder(text: expression.text, scope: scope)
      binder.aggregates = collector
      return BoundExpression(
        root: try binder.bind(expression.syntax), text: expression.text, name: expression.name)
    }

    outputs = try aggregates.map { expression in
      if case .star = expression.syntax.kind {
        throw Binder(text: expression.text, scope: scope).failure(
          "'*' is no aggregate", expression.syntax.range, hint: "count(*) counts rows")
      }
      return try bind(expression)
    }
    collector.aliases = outputs.map { ($0.name, $0.root) }
    self.having = try having.map { try Predicate(bind($0)) }
    self.order = try order.map { key in
      BoundSortKey(
        expression: try bind(key.expression), isDescending: key.isDescending,
        nullsFirst: key.nullsFirst)
    }
    calls = collector.calls
    intermediate = Schema(keyFields + calls.map { Field($0.name, $0.type) })
  }

  /// A key of groups, which may be of every type but a map's.
  ///
  /// - Throws: `StreamError` of kind usage that points at the place.
  package static func bindKey(_ key: Expression, _ schema: Schema) throws -> BoundExpression {
    let bound = try key.bind(to: schema)
    if case .map = bound.type {
      throw Binder(text: key.text, scope: Scope(schema)).failure(
        "rows cannot be grouped by a map", key.syntax.range,
        hint: "group by its entries: array_sort(map_entries(\(key.source)))")
    }
    return bound
  }
}
