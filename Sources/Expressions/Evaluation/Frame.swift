import Columnar

/// The rows over which a node is evaluated: a batch, some rows of another frame, or the elements
/// of arrays beside the rows that they came from.
///
/// Columns are taken from the frame below when a node asks for them, once.
final class Frame {
  let rowCount: Int
  let context: EvaluationContext
  private let source: Source
  /// Those of the frame below, gathered.
  private var columns: [Int: Column] = [:]
  private var variables: [Int: Column] = [:]
  private var shared: [ObjectIdentifier: Vector] = [:]

  private enum Source {
    case columns([Column])
    /// `rows[i]` is the row of `parent` that row `i` continues; `variables` come behind those that the
    /// parent has.
    case derived(parent: Frame, rows: Buffer<Int32>, variables: [Column])
  }

  init(_ columns: [Column], rowCount: Int, context: EvaluationContext) {
    source = .columns(columns)
    self.rowCount = rowCount
    self.context = context
  }

  /// Some rows of this frame.
  func selecting(_ rows: Buffer<Int32>) -> Frame { Frame(self, rows, []) }

  /// Rows of this frame, each with the values of further variables.
  func expanding(_ rows: Buffer<Int32>, variables: [Column]) -> Frame {
    Frame(self, rows, variables)
  }

  private init(_ parent: Frame, _ rows: Buffer<Int32>, _ variables: [Column]) {
    source = .derived(parent: parent, rows: rows, variables: variables)
    rowCount = rows.count
    context = parent.context
  }

  private var variableCount: Int {
    switch source {
    case .columns: 0
    case .derived(let parent, _, let variables): parent.variableCount + variables.count
    }
  }

  func column(_ index: Int) -> Column {
    switch source {
    case .columns(let columns): return columns[index]
    case .derived(let parent, let rows, _):
      if let known = columns[index] { return known }
      let gathered = parent.column(index).gathering(rows)
      columns[index] = gathered
      return gathered
    }
  }

  /// - Parameter index: counted from the outermost lambda.
  func variable(_ index: Int) -> Column {
    guard case .derived(let parent, let rows, let own) = source else {
      preconditionFailure("a variable outside its lambda")
    }
    let outerCount = parent.variableCount
    if index >= outerCount { return own[index - outerCount] }
    if let known = variables[index] { return known }
    let gathered = parent.variable(index).gathering(rows)
    variables[index] = gathered
    return gathered
  }

  /// The value of a node that several others use, computed once.
  func shared(_ node: Node) throws -> Vector {
    let identity = ObjectIdentifier(node)
    if let known = shared[identity] { return known }
    let vector: Vector
    if case .derived(let parent, let rows, let variables) = source, variables.isEmpty,
      let known = parent.shared[identity]
    {
      vector = known.isConstant ? known : Vector(known.column.gathering(rows))
    } else {
      vector = try node.evaluate(in: self)
    }
    shared[identity] = vector
    return vector
  }
}

/// What an expression may ask for besides its row.
package struct EvaluationContext: Sendable, Equatable {
  /// The epoch's time, in µs since 1970, UTC: the `now()` of each of its rows.
  package let now: Int64

  package init(now: Int64) { self.now = now }
}
