package import Columnar
import Diagnostics

/// An expression that knows the columns it is computed from: typed, checked, constants folded.
package struct BoundExpression: Sendable {
  let root: Node
  let text: String
  /// What the result is called.
  package let name: String

  package var type: DataType { root.type }

  /// Spark's name of the type, which tells some types apart that are one here
  /// (`timestamp_ntz`, `interval day`).
  package var typeName: String { root.typeName }

  package var field: Field { Field(name, type) }

  /// The column of the input that this is, unchanged; nil when something is computed.
  package var columnIndex: Int? {
    if case .column(let index) = root.form { index } else { nil }
  }

  /// The value of a constant; nil when it depends on the row (or fails).
  package var constant: Value? { root.constant?.value(0) }

  /// The columns of the input that the value depends on.
  package var columnsUsed: Set<Int> { root.columnsUsed }

  init(root: Node, text: String, name: String) {
    self.root = root
    self.text = text
    self.name = name
  }

  /// The value for each row.
  ///
  /// - Returns: a column of `batch.rowCount` values of type ``type``; the input's own column when
  ///   the expression is one.
  /// - Throws: `EvaluationError` for the first row that has no value.
  package func evaluate(over batch: Batch, context: EvaluationContext) throws -> Column {
    try vector(over: batch, context: context).spread(over: batch.rowCount)
  }

  func vector(over batch: Batch, context: EvaluationContext) throws -> Vector {
    try attempt(batch, context) { frame in try root.evaluate(in: frame) }
  }

  /// Whichever node fails first, the first row that fails is reported: batches may be cut anywhere.
  func attempt<Result>(
    _ batch: Batch, _ context: EvaluationContext, _ body: (Frame) throws -> Result
  ) throws -> Result {
    do {
      return try body(Frame(batch.columns, rowCount: batch.rowCount, context: context))
    } catch var failure as RowFailure {
      while failure.row > 0 {
        let earlier = batch[0..<failure.row]
        do {
          _ = try body(Frame(earlier.columns, rowCount: earlier.rowCount, context: context))
          break
        } catch let other as RowFailure {
          failure = other
        }
      }
      throw EvaluationError(
        errorClass: failure.reason.errorClass, message: failure.reason.message, row: failure.row,
        excerpt: Excerpt(text, failure.range ?? root.range), hint: failure.reason.hint)
    }
  }
}

extension Node {
  /// Whether the epoch's time shows in the value.
  var asksForTheTime: Bool {
    if case .now = form { return true }
    return children.contains(where: \.asksForTheTime)
  }

  var columnsUsed: Set<Int> {
    if case .column(let index) = form { return [index] }
    return children.reduce(into: []) { $0.formUnion($1.columnsUsed) }
  }
}

extension Expression {
  /// - Throws: `StreamError` of kind usage for a name that is not there or types that do not fit.
  package func bind(to schema: Schema) throws -> BoundExpression { try bind(to: Scope(schema)) }

  package func bind(to scope: Scope) throws -> BoundExpression {
    var binder = Binder(text: text, scope: scope)
    return BoundExpression(
      root: try binder.bind(syntax), text: text, name: name)
  }
}

/// A condition on rows: what WHERE, HAVING and FILTER take.
package struct Predicate: Sendable {
  let condition: BoundExpression

  /// - Throws: `StreamError` unless the expression is a boolean.
  package init(_ expression: BoundExpression) throws {
    switch expression.type {
    case .boolean: condition = expression
    case .void:
      let isNever = Node.null(.boolean, range: expression.root.range)
      condition = BoundExpression(
        root: isNever, text: expression.text, name: expression.name)
    default:
      let binder = Binder(text: expression.text, scope: Scope([]))
      throw binder.failure(
        "expected a condition but \(binder.describe(expression.root)) is "
          + phrase(expression.type), expression.root.range,
        hint: expression.type.isNumeric
          ? "write \(binder.source(expression.root.range)) <> 0" : nil)
    }
  }

  package var columnsUsed: Set<Int> { condition.columnsUsed }

  /// 1 for each row for which the condition is true; null counts as false.
  ///
  /// - Throws: `EvaluationError` for the first row that has no value.
  package func selection(over batch: Batch, context: EvaluationContext) throws -> Bitmap {
    try condition.vector(over: batch, context: context).trues(count: batch.rowCount)
  }

  /// The rows for which the condition is true; `batch` itself when that is all of them.
  package func filter(_ batch: Batch, context: EvaluationContext) throws -> Batch {
    let kept = try selection(over: batch, context: context)
    return kept.isAllSet ? batch : batch.gathering(kept.setIndices())
  }
}
