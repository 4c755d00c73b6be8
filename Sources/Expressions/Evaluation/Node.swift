import Columnar

/// A node of a typed tree: what to compute and of which type the result is.
final class Node: Sendable {
  let form: Form
  let type: DataType
  let annotation: TypeAnnotation?
  /// The part of the text that errors point at.
  let range: Range<Int>
  /// Whether some row may have no value. What cannot fail may be computed for rows that do not
  /// need it.
  let canFail: Bool
  /// Whether rows may have different values. A constant that fails does so for every row.
  let dependsOnRow: Bool

  indirect enum Form: Sendable {
    /// A column of the frame.
    case column(Int)
    /// That of a lambda, counted from the outermost one.
    case variable(Int)
    /// One row.
    case constant(Column)
    case call(Call)
    case and([Node])
    case or([Node])
    /// The first value whose condition is true.
    case conditional([Branch], otherwise: Node)
    /// The first value that is not null.
    case coalesce([Node])
    case higherOrder(HigherOrderCall)
    /// Used in several places: computed once in each frame.
    case shared(Node)
    /// The epoch's time, in µs.
    case now
  }

  struct Branch: Sendable {
    let condition: Node
    let value: Node
  }

  init(
    _ form: Form, _ type: DataType, annotation: TypeAnnotation? = nil, range: Range<Int>
  ) {
    self.form = form
    self.type = type
    self.annotation = annotation
    self.range = range
    canFail = Node.canFail(form)
    dependsOnRow = Node.dependsOnRow(form)
  }

  private static func canFail(_ form: Form) -> Bool {
    switch form {
    case .column, .variable, .constant, .now: false
    case .call(let call):
      call.kernel.canFail && !call.isTrying || call.arguments.contains(where: \.canFail)
    case .and(let nodes), .or(let nodes), .coalesce(let nodes): nodes.contains(where: \.canFail)
    case .conditional(let branches, let otherwise):
      otherwise.canFail || branches.contains { $0.condition.canFail || $0.value.canFail }
    case .higherOrder(let call):
      call.body.canFail || call.function.canFail || call.arguments.contains(where: \.canFail)
    case .shared(let node): node.canFail
    }
  }

  private static func dependsOnRow(_ form: Form) -> Bool {
    switch form {
    case .column, .variable: true
    case .constant, .now: false
    case .call(let call): call.arguments.contains(where: \.dependsOnRow)
    case .and(let nodes), .or(let nodes), .coalesce(let nodes):
      nodes.contains(where: \.dependsOnRow)
    case .conditional(let branches, let otherwise):
      otherwise.dependsOnRow
        || branches.contains { $0.condition.dependsOnRow || $0.value.dependsOnRow }
    case .higherOrder(let call):
      call.arguments.contains(where: \.dependsOnRow) || !call.body.columnsUsed.isEmpty
    case .shared(let node): node.dependsOnRow
    }
  }

  /// Whether it costs a nanosecond a row or less.
  var isCheap: Bool {
    switch form {
    case .column, .variable, .constant, .now: true
    case .call(let call):
      call.arguments.allSatisfy { argument in
        if case .bytes = argument.constant?.storage { return true }
        return argument.isCheap && argument.type != .string && !argument.type.isNested
      } || call.arguments.count == 1 && call.arguments[0].isCheap && type == .boolean
    default: false
    }
  }

  /// The value of a constant; nil when the node is none.
  var constant: Column? {
    if case .constant(let column) = form { column } else { nil }
  }

  var isConstant: Bool { constant != nil }

  var isConstantNull: Bool { constant?.isNull(0) == true }

  /// Spark's name of the type.
  var typeName: String { annotation?.typeName ?? type.description }

  static func null(_ type: DataType, range: Range<Int>) -> Node {
    Node(.constant(Column(type, values: [.null])), type, range: range)
  }
}

/// A function of values: each row's result depends on that row's arguments alone.
struct Kernel: Sendable {
  typealias Body = @Sendable (Arguments) throws -> Column

  /// Whether it may throw a `Reason` or a `RowFailure`.
  let canFail: Bool
  /// Whether any null argument makes the result null. The evaluator then also spares the rows
  /// that are null already from what would fail in a later argument.
  let propagatesNulls: Bool
  let body: Body

  init(canFail: Bool = false, propagatesNulls: Bool = true, _ body: @escaping Body) {
    self.canFail = canFail
    self.propagatesNulls = propagatesNulls
    self.body = body
  }
}

struct Call: Sendable {
  let kernel: Kernel
  let arguments: [Node]
  /// Rows that fail become null.
  var isTrying = false
}
