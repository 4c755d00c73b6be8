import Columnar
import Diagnostics

extension Binder {
  // MARK: - Signs

  func unary(_ sign: UnaryOperator, _ operand: Node, _ range: Range<Int>) throws -> Node {
    let operand =
      operand.type == .string && sign != .bitNot
      ? try converted(operand, to: .double) : operand
    let isInterval = operand.type == .dayTimeInterval || operand.type == .yearMonthInterval
    switch sign {
    case .plus where operand.type.isNumeric || isInterval || operand.type == .void: return operand
    case .minus where operand.type.isNumeric || isInterval:
      return call(Negation.kernel, [operand], operand.type, annotation: operand.annotation, range)
    case .minus where operand.type == .void: return Node.null(.double, range: range)
    case .bitNot where operand.type.isInteger:
      return call(BitOperator.not, [operand], operand.type, range)
    default:
      let wanted = sign == .bitNot ? "an integer" : "a number"
      throw failure(
        "\(describe(operand)) is \(phrase(operand.type)); '\(sign.rawValue)' needs \(wanted)", range
      )
    }
  }

  // MARK: - Two operands

  func binary(
    _ sign: BinaryOperator, _ left: Node, _ right: Node, _ range: Range<Int>
  ) throws -> Node {
    switch sign {
    case .add, .subtract, .multiply, .divide:
      if let temporal = try temporal(sign, left, right, range) { return temporal }
      return try arithmetic(sign, left, right, range)
    case .remainder, .integerDivide: return try arithmetic(sign, left, right, range)
    case .concatenate:
      let concatenation = CallBinder(
        self, name: "||", arguments: [left, right], range: range)
      return try Concatenation.bind(concatenation)
    case .shiftLeft: return try shift(.left, left, right, sign, range)
    case .shiftRight: return try shift(.right, left, right, sign, range)
    case .shiftRightUnsigned: return try shift(.rightUnsigned, left, right, sign, range)
    case .bitAnd: return try bits(.and, left, right, sign, range)
    case .bitOr: return try bits(.or, left, right, sign, range)
    case .bitXor: return try bits(.xor, left, right, sign, range)
    case .nullSafeEqual:
      let (first, second) = try compared(left, right, sign, range)
      return call(Comparison.nullSafe, [first, second], .boolean, range)
    case .equal: return try comparison(.equal, left, right, sign, range)
    case .notEqual: return try comparison(.notEqual, left, right, sign, range)
    case .less: return try comparison(.less, left, right, sign, range)
    case .lessOrEqual: return try comparison(.lessOrEqual, left, right, sign, range)
    case .greater: return try comparison(.greater, left, right, sign, range)
    case .greaterOrEqual: return try comparison(.greaterOrEqual, left, right, sign, range)
    }
  }

  func mismatch(
    _ sign: BinaryOperator, _ left: Node, _ right: Node, _ range: Range<Int>, hint: String? = nil
  ) -> StreamError {
    failure(
      "'\(sign.rawValue)' does not go with \(phrase(left.type)) and \(phrase(right.type)): "
        + "\(describe(left)) and \(describe(right))", range, hint: hint)
  }

  // MARK: - Comparisons

  private func comparison(
    _ comparison: Comparison, _ left: Node, _ right: Node, _ sign: BinaryOperator,
    _ range: Range<Int>
  ) throws -> Node {
    let (first, second) = try compared(left, right, sign, range)
    return call(comparison.kernel, [first, second], .boolean, range)
  }

  /// Both operands in the type in which they are compared.
  func compared(
    _ left: Node, _ right: Node, _ sign: BinaryOperator, _ range: Range<Int>
  ) throws -> (Node, Node) {
    guard let type = Coercion.common(left.type, right.type) else {
      throw mismatch(sign, left, right, range, hint: castHint(left, right, sign))
    }
    if case .map = type {
      throw failure("maps cannot be compared: \(describe(left)) and \(describe(right))", range)
    }
    return (try converted(left, to: type), try converted(right, to: type))
  }

  private func castHint(_ left: Node, _ right: Node, _ sign: BinaryOperator) -> String? {
    guard !left.type.isNested, !right.type.isNested else { return nil }
    return "cast one of them: \(source(left.range)) \(sign.rawValue) "
      + "cast(\(source(right.range)) AS \(left.type))"
  }

  // MARK: - Bits

  private func bits(
    _ operation: BitOperator, _ left: Node, _ right: Node, _ sign: BinaryOperator,
    _ range: Range<Int>
  ) throws -> Node {
    guard let type = integerType(left, right) else { throw mismatch(sign, left, right, range) }
    let operands = [try converted(left, to: type), try converted(right, to: type)]
    return call(operation.kernel, operands, type, range)
  }

  private func integerType(_ left: Node, _ right: Node) -> DataType? {
    guard let type = Coercion.common(left.type, right.type) else { return nil }
    return type.isInteger && left.type != .boolean && right.type != .boolean ? type : nil
  }

  private func shift(
    _ shift: Shift, _ left: Node, _ right: Node, _ sign: BinaryOperator, _ range: Range<Int>
  ) throws -> Node {
    let type: DataType = left.type == .bigint ? .bigint : .int
    guard left.type.isInteger || left.type == .void || left.type == .string,
      let value = try coerced(left, to: type), let count = try coerced(right, to: .int)
    else { throw mismatch(sign, left, right, range) }
    return call(shift.kernel, [value, count], type, range)
  }

  // MARK: - Logic

  func connective(
    _ operands: [Node], _ word: String, _ range: Range<Int>, _ form: ([Node]) -> Node.Form
  ) throws -> Node {
    let booleans = try operands.map { try condition($0, of: word) }
    return folded(Node(form(booleans), .boolean, range: range))
  }

  /// A boolean, or null.
  func condition(_ node: Node, of word: String) throws -> Node {
    switch node.type {
    case .boolean: return node
    case .void: return try converted(node, to: .boolean)
    default:
      throw failure(
        "\(describe(node)) is \(phrase(node.type)); \(word) needs a condition", node.range,
        hint: node.type.isNumeric ? "write \(source(node.range)) <> 0" : nil)
    }
  }

  func negation(_ operand: Node, _ range: Range<Int>) throws -> Node {
    call(Logic.not, [try condition(operand, of: "NOT")], .boolean, range)
  }

  func test(_ operand: Node, _ test: Syntax.Test, _ range: Range<Int>) throws -> Node {
    switch test {
    case .null: return call(Logic.isNull, [operand], .boolean, range)
    case .unknown:
      return call(Logic.isNull, [try condition(operand, of: "IS UNKNOWN")], .boolean, range)
    case .true: return call(Logic.isTrue, [try condition(operand, of: "IS TRUE")], .boolean, range)
    case .false:
      return call(Logic.isFalse, [try condition(operand, of: "IS FALSE")], .boolean, range)
    }
  }

  func membership(_ value: Node, _ list: [Node], _ range: Range<Int>) throws -> Node {
    guard let type = Coercion.common([value.type] + list.map(\.type)) else {
      let stranger = list.first { Coercion.common(value.type, $0.type) == nil } ?? list[0]
      throw failure(
        "IN does not go with \(phrase(value.type)) and \(phrase(stranger.type)): "
          + "\(describe(value)) and \(describe(stranger))", stranger.range)
    }
    let needle = try shared(converted(value, to: type))
    let items = try list.map { try converted($0, to: type) }
    if items.count > (type == .string ? 6 : 8), let set = ConstantSet(items, type) {
      return call(set.kernel, [needle], .boolean, range)
    }
    let comparisons = items.map { call(Comparison.equal.kernel, [needle, $0], .boolean, range) }
    if comparisons.count == 1 { return comparisons[0] }
    return folded(Node(.or(comparisons), .boolean, range: range))
  }

  // MARK: - CASE

  mutating func conditional(
    _ operand: Syntax?, _ branches: [Syntax.Branch], _ otherwise: Syntax?, _ range: Range<Int>
  ) throws -> Node {
    let subject = try operand.map { try shared(bind($0)) }
    var conditions: [Node] = []
    var values: [Node] = []
    for branch in branches {
      let test = try bind(branch.condition)
      if subject == nil, test.type == .void {
        throw failure("NULL is never true", branch.condition.range)
      }
      conditions.append(
        try subject.map { try binary(.equal, $0, test, branch.condition.range) }
          ?? condition(test, of: "WHEN"))
      values.append(try bind(branch.value))
    }
    values.append(
      try otherwise.map { try bind($0) }
        ?? Node.null(.void, range: range.upperBound..<range.upperBound))
    return try conditional(conditions, values, range, "CASE")
  }

  /// - Parameter values: one more than conditions: what holds when none of them does.
  func conditional(
    _ conditions: [Node], _ values: [Node], _ range: Range<Int>, _ word: String
  ) throws -> Node {
    guard let type = Coercion.common(values.map(\.type)) else {
      let first = values[0]
      let other = values.first { Coercion.common(first.type, $0.type) == nil } ?? first
      throw failure(
        "the values of \(word) are of types that do not go together: \(describe(first)) is "
          + "\(phrase(first.type)), \(describe(other)) is \(phrase(other.type))", other.range)
    }
    let converted = try values.map { try self.converted($0, to: type) }
    let branches = Swift.zip(conditions, converted).map { Node.Branch(condition: $0, value: $1) }
    let annotation = values.compactMap(\.annotation).first
    return folded(
      Node(
        .conditional(branches, otherwise: converted[branches.count]), type, annotation: annotation,
        range: range))
  }
}
