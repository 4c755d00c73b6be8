import Columnar
import Diagnostics

/// Gives every node of a syntax tree its meaning: names become columns, functions kernels, types
/// meet, constants are computed.
struct Binder {
  let text: String
  var scope: Scope
  /// What takes calls of aggregate functions; nil refuses them.
  var aggregates: AggregateCollector?
  var isInsideAggregate = false

  init(text: String, scope: Scope) {
    self.text = text
    self.scope = scope
  }

  func failure(_ message: String, _ range: Range<Int>, hint: String? = nil) -> StreamError {
    StreamError(.usage, message, excerpt: Excerpt(text, range), hint: hint)
  }

  func source(_ range: Range<Int>) -> String {
    String(decoding: Array(text.utf8)[range], as: UTF8.self)
  }

  mutating func bind(_ syntax: Syntax) throws -> Node {
    if let known = try aggregates?.lookUp(syntax, self) { return known }
    let range = syntax.range
    switch syntax.kind {
    case .literal(let literal): return try constant(literal, range)
    case .name(let name): return try column(name, range)
    case .field(let base, let name): return try field(name, of: base, range)
    case .subscripted(let base, let index): return try element(of: base, at: index, range)
    case .unary(let sign, let operand): return try unary(sign, bind(operand), range)
    case .binary(let sign, let left, let right):
      return try binary(sign, bind(left), bind(right), range)
    case .and(let operands):
      return try connective(operands.map { try bind($0) }, "AND", range) { .and($0) }
    case .or(let operands):
      return try connective(operands.map { try bind($0) }, "OR", range) { .or($0) }
    case .not(let operand): return try negation(bind(operand), range)
    case .between(let value, let low, let high):
      let shared = try shared(bind(value))
      let above = try binary(.greaterOrEqual, shared, bind(low), range)
      let below = try binary(.lessOrEqual, shared, bind(high), range)
      return folded(Node(.and([above, below]), .boolean, range: range))
    case .within(let value, let list):
      return try membership(bind(value), list.map { try bind($0) }, range)
    case .like(let value, let pattern): return try like(bind(value), pattern, range)
    case .test(let operand, let test): return try self.test(bind(operand), test, range)
    case .isDistinct(let left, let right):
      return try negation(binary(.nullSafeEqual, bind(left), bind(right), range), range)
    case .conditional(let operand, let branches, let otherwise):
      return try conditional(operand, branches, otherwise, range)
    case .cast(let operand, let type, let isTrying):
      return try cast(bind(operand), to: type, isTrying: isTrying, range)
    case .call(let call): return try bind(call, range)
    case .tuple(let items):
      let call = Syntax.Call(name: "struct", nameRange: range, arguments: items)
      return try bind(call, range)
    case .aliased(let value, _): return try bind(value)
    case .star, .lambda: throw misplaced(syntax)
    }
  }

  private func misplaced(_ syntax: Syntax) -> StreamError {
    if case .lambda = syntax.kind {
      return failure(
        "a lambda stands only inside a function of arrays or maps", syntax.range,
        hint: "transform(items, x -> x + 1)")
    }
    return failure(
      "'*' stands only in count(*) and in a list of columns", syntax.range)
  }

  // MARK: - Constants

  private func constant(_ literal: Literal, _ range: Range<Int>) throws -> Node {
    let (type, value, annotation) = try machineForm(of: literal, range)
    let column = Column(type, values: [value])
    return Node(.constant(column), type, annotation: annotation, range: range)
  }

  private func machineForm(
    of literal: Literal, _ range: Range<Int>
  ) throws -> (DataType, Value, TypeAnnotation?) {
    switch literal {
    case .null: return (.void, .null, nil)
    case .boolean(let value): return (.boolean, .boolean(value), nil)
    case .tinyint(let value): return (.tinyint, .integer(Int64(value)), nil)
    case .smallint(let value): return (.smallint, .integer(Int64(value)), nil)
    case .int(let value): return (.int, .integer(Int64(value)), nil)
    case .bigint(let value): return (.bigint, .integer(value), nil)
    case .decimal(let value, let precision, let scale):
      return (.decimal(precision: precision, scale: scale), .decimal(value), nil)
    case .float(let value): return (.float, .double(Double(value)), nil)
    case .double(let value): return (.double, .double(value), nil)
    case .string(let text): return (.string, .string(text), nil)
    case .binary(let bytes): return (.binary, .binary(bytes), nil)
    case .yearMonthInterval(let months, let fields):
      return (.yearMonthInterval, .integer(Int64(months)), .interval(fields))
    case .dayTimeInterval(let microseconds, let fields):
      return (.dayTimeInterval, .integer(microseconds), .interval(fields))
    case .typed(let kind, let text): return try typed(kind, text, range)
    }
  }

  private func typed(
    _ kind: TypedLiteral, _ text: String, _ range: Range<Int>
  ) throws -> (DataType, Value, TypeAnnotation?) {
    switch kind {
    case .date:
      guard let days = DateText.days(text) else {
        throw failure("'\(text)' is not a date", range, hint: "DATE '2026-03-01'")
      }
      return (.date, .integer(Int64(days)), nil)
    case .timestamp, .timestampLtz, .timestampNtz:
      guard let microseconds = DateText.microseconds(text) else {
        throw failure(
          "'\(text)' is not a timestamp", range, hint: "TIMESTAMP '2026-03-01 12:34:56'")
      }
      let annotation: TypeAnnotation? = kind == .timestampNtz ? .zoneless : nil
      return (.timestamp, .integer(microseconds), annotation)
    }
  }

  // MARK: - Making nodes

  /// The node, or its value when that is known already.
  ///
  /// What fails is left as it is: it fails when a row asks for it.
  func folded(_ node: Node) -> Node {
    guard node.children.allSatisfy(\.isConstant) else { return node }
    if case .now = node.form { return node }
    if node.isNamed { return node }
    let frame = Frame([], rowCount: 1, context: EvaluationContext(now: 0))
    guard let vector = try? node.evaluate(in: frame) else { return node }
    return Node(
      .constant(vector.spread(over: 1)), node.type, annotation: node.annotation, range: node.range)
  }

  func call(
    _ kernel: Kernel, _ arguments: [Node], _ type: DataType, annotation: TypeAnnotation? = nil,
    isTrying: Bool = false, _ range: Range<Int>
  ) -> Node {
    if kernel.propagatesNulls, arguments.contains(where: \.isConstantNull) {
      return Node(
        .constant(Column(type, values: [.null])), type, annotation: annotation, range: range)
    }
    let call = Call(kernel: kernel, arguments: arguments, isTrying: isTrying)
    return folded(Node(.call(call), type, annotation: annotation, range: range))
  }

  /// A node that several others may use without computing it anew.
  func shared(_ node: Node) -> Node {
    switch node.form {
    case .column, .variable, .constant, .shared, .now: node
    default: Node(.shared(node), node.type, annotation: node.annotation, range: node.range)
    }
  }

  /// - Returns: nil when no implicit conversion leads there.
  func coerced(_ node: Node, to type: DataType) throws -> Node? {
    if node.type == type { return node }
    guard Coercion.accepts(node.type, as: type) else { return nil }
    return try converted(node, to: type)
  }

  /// To a type that ``Coercion`` has found.
  func converted(_ node: Node, to type: DataType) throws -> Node {
    if node.type == type { return node }
    guard let kernel = Cast.kernel(from: node.type, to: type, annotation: node.annotation) else {
      throw failure("\(describe(node)) cannot become \(phrase(type))", node.range)
    }
    return call(kernel, [node], type, node.range)
  }

  /// `column 'price'`, or the expression in quotes.
  func describe(_ node: Node) -> String {
    if case .column = node.form { return "column '\(source(node.range))'" }
    let text = source(node.range)
    return text.first == "'" ? text : "'\(text)'"
  }
}

extension Node {
  /// Whether it is a column or a variable, which a name stands for.
  var isNamed: Bool {
    switch form {
    case .column, .variable: true
    default: false
    }
  }

  var children: [Node] {
    switch form {
    case .column, .variable, .constant, .now: []
    case .call(let call): call.arguments
    case .and(let nodes), .or(let nodes), .coalesce(let nodes): nodes
    case .conditional(let branches, let otherwise):
      branches.flatMap { [$0.condition, $0.value] } + [otherwise]
    case .higherOrder(let call): call.arguments + [call.body]
    case .shared(let node): [node]
    }
  }
}

/// `a string`, `an int`: a type in the middle of a sentence.
func phrase(_ type: DataType) -> String {
  let name = type.description
  return "aeiou".contains(name.first ?? "x") ? "an \(name)" : "a \(name)"
}
