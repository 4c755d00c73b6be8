import Columnar
import Diagnostics
import Expressions

/// A column of a result: one that is there already, or one that is computed.
struct OutputColumn: Sendable {
  let field: Field
  private let source: Source

  private enum Source: Sendable {
    case column(Int)
    case expression(BoundExpression)
  }

  init(_ expression: BoundExpression) {
    field = expression.field
    source = expression.columnIndex.map(Source.column) ?? .expression(expression)
  }

  init(column index: Int, of schema: Schema) {
    field = schema.fields[index]
    source = .column(index)
  }

  var columnsUsed: Set<Int> {
    switch source {
    case .column(let index): [index]
    case .expression(let expression): expression.columnsUsed
    }
  }

  func evaluate(over batch: Batch, context: EvaluationContext) throws -> Column {
    switch source {
    case .column(let index): batch.columns[index]
    case .expression(let expression): try expression.evaluate(over: batch, context: context)
    }
  }

  /// The columns of a list, in which `*` stands for all that there are.
  static func list(_ expressions: [Expression], over schema: Schema) throws -> [OutputColumn] {
    try expressions.flatMap { expression -> [OutputColumn] in
      guard case .star(of: nil, let except) = expression.syntax.kind else {
        return [OutputColumn(try expression.bind(to: schema))]
      }
      let left = try except.map { try index(of: $0, in: schema) }
      return schema.fields.indices.filter { !left.contains($0) }.map {
        OutputColumn(column: $0, of: schema)
      }
    }
  }

  static func index(of name: String, in schema: Schema) throws -> Int {
    if let index = schema.index(of: name) { return index }
    let guess = nearest(to: name, among: schema.names).map { " (did you mean '\($0)'?)" } ?? ""
    throw StreamError(
      .usage, "no column '\(name)'\(guess); columns: \(schema.names.joined(separator: ", "))")
  }
}

/// The steps that a plan comes down to, and which columns each of them needs.
struct MapSteps: Sendable {
  struct Computed: Sendable {
    let expression: BoundExpression
    /// The column that it replaces; nil adds one at the end.
    let place: Int?
    /// The columns behind this step.
    let schema: Schema
  }

  let explode: BoundExpression?
  let computed: [Computed]
  let filter: Predicate?
  let selected: [OutputColumn]
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
    explode = try plan.explode.map { try MapSteps.bindExplode($0, &schema) }
    exploded = schema
    computed = try plan.with.map { expression in
      let bound = try expression.bind(to: schema)
      let place = schema.fields.firstIndex { $0.name == bound.name }
      if let place { schema.fields[place] = bound.field } else { schema.fields.append(bound.field) }
      return Computed(expression: bound, place: place, schema: schema)
    }
    filter = try plan.filter.map { try Predicate($0.bind(to: schema)) }
    let usedUp = explode?.columnsUsed ?? []
    selected = try MapSteps.without(
      plan.drop,
      plan.select.map { try OutputColumn.list($0, over: schema) }
        ?? schema.fields.indices.filter { !usedUp.contains($0) }.map {
          OutputColumn(column: $0, of: schema)
        })
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

  /// - Parameter schema: the columns of the elements are added to it.
  private static func bindExplode(
    _ expression: Expression, _ schema: inout Schema
  ) throws -> BoundExpression {
    let bound = try expression.bind(to: schema)
    switch bound.type {
    case .array(let element):
      schema.fields.append(Field(expression.alias ?? "col", element))
    case .map(let key, let value):
      guard expression.alias == nil else {
        throw StreamError(
          .usage, "a map explodes into two columns, 'key' and 'value', but one name is given",
          hint: "leave out AS \(bound.name), and rename with --select")
      }
      schema.fields += [Field("key", key), Field("value", value)]
    default:
      throw StreamError(
        .usage, "only an array or a map can be exploded, but '\(expression.source)' is of type "
          + bound.typeName)
    }
    return bound
  }

  private static func without(
    _ names: [String], _ columns: [OutputColumn]
  ) throws -> [OutputColumn] {
    var columns = columns
    for name in names {
      columns.remove(at: try OutputColumn.index(of: name, in: Schema(columns.map(\.field))))
    }
    guard !columns.isEmpty else { throw StreamError(.usage, "no column is left") }
    return columns
  }
}
