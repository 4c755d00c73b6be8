import Columnar
import Diagnostics
import Expressions

/// The steps that a plan comes down to, and which columns each of them needs.
struct MapSteps: Sendable {
  struct Computed: Sendable {
    let expression: BoundExpression
    /// The column that it replaces; nil adds one at the end.
    let place: Int?
    /// The columns behind this step.
    let schema: Schema
  }

  let explode: BoundExplosion?
  let computed: [Computed]
  let filter: Predicate?
  let selected: [BoundExpression]
  /// Behind the explosion.
  let exploded: Schema
  let output: Schema
  /// The columns behind the explosion that are asked for.
  let neededExploded: Set<Int>
  /// The columns that are asked for of the rows that the filter leaves.
  let neededFiltered: Set<Int>
  /// The columns of the input that are asked for at all.
  let columnsUsed: Set<Int>

  init(_ plan: MapPlan, _ input: Schema) throws {
    var schema = input
    explode = try plan.explode?.bindExplosion(to: input)
    schema.fields += explode?.fields ?? []
    exploded = schema
    computed = try plan.with.map { expression in
      let bound = try expression.bind(to: schema)
      let place = schema.fields.firstIndex { $0.name == bound.name }
      if let place { schema.fields[place] = bound.field } else { schema.fields.append(bound.field) }
      return Computed(expression: bound, place: place, schema: schema)
    }
    filter = try plan.filter.map { try Predicate($0.bind(to: schema)) }
    let usedUp = explode?.expression.columnsUsed ?? []
    selected = try MapSteps.without(
      plan.drop,
      plan.select.map { try Expression.bindList($0, to: schema) }
        ?? BoundExpression.columns(of: schema, except: usedUp))
    output = Schema(selected.map(\.field))

    neededFiltered = selected.reduce(into: []) { $0.formUnion($1.columnsUsed) }
    neededExploded = MapSteps.needed(
      neededFiltered.union(filter?.columnsUsed ?? []), before: computed, exploded.fields.count)
    columnsUsed = neededExploded.filter { $0 < input.fields.count }.union(usedUp)
  }

  /// What has to be there before some columns are computed, if `needed` is asked for afterwards.
  private static func needed(
    _ needed: Set<Int>, before computed: [Computed], _ width: Int
  ) -> Set<Int> {
    var needed = needed
    for (index, step) in computed.enumerated().reversed() {
      let added = computed[..<index].count { $0.place == nil }
      needed.remove(step.place ?? width + added)
      needed.formUnion(step.expression.columnsUsed)
    }
    return needed
  }

  private static func without(
    _ names: [String], _ columns: [BoundExpression]
  ) throws -> [BoundExpression] {
    var columns = columns
    for name in names {
      let schema = Schema(columns.map(\.field))
      guard let index = schema.index(of: name) else {
        let guess = nearest(to: name, among: schema.names).map { " (did you mean '\($0)'?)" } ?? ""
        throw StreamError(
          .usage, "no column '\(name)'\(guess); columns: \(schema.names.joined(separator: ", "))")
      }
      columns.remove(at: index)
    }
    guard !columns.isEmpty else { throw StreamError(.usage, "no column is left") }
    return columns
  }
}

extension BoundExpression {
  /// The columns as they are, but for some.
  fileprivate static func columns(
    of schema: Schema, except: Set<Int>
  ) throws -> [BoundExpression] {
    // Columns may share a name, which an expression could not tell apart: the star can.
    let all = try Expression.bindList([Expression.parse("*")], to: schema)
    return all.indices.filter { !except.contains($0) }.map { all[$0] }
  }
}
