import Columnar
import Diagnostics

extension Binder {
  func arithmetic(
    _ sign: BinaryOperator, _ left: Node, _ right: Node, isTrying: Bool = false, _ range: Range<Int>
  ) throws -> Node {
    guard let operation = ArithmeticOperation(sign) else {
      throw mismatch(sign, left, right, range)
    }
    return try arithmetic(operation, left, right, isTrying: isTrying, range) {
      mismatch(sign, left, right, range, hint: textHint(sign, left, right))
    }
  }

  private func textHint(_ sign: BinaryOperator, _ left: Node, _ right: Node) -> String? {
    guard left.type == .string, right.type == .string else { return nil }
    if sign == .add {
      return "texts are joined by ||: \(source(left.range)) || \(source(right.range))"
    }
    return "cast(\(source(left.range)) AS double)"
  }

  /// - Parameter mismatch: the error for types that have no such operation.
  func arithmetic(
    _ operation: ArithmeticOperation, _ left: Node, _ right: Node, isTrying: Bool = false,
    _ range: Range<Int>, mismatch: () -> StreamError
  ) throws -> Node {
    guard left.type != .string || right.type != .string,
      let common = Coercion.common(left.type, right.type), common.isNumeric || common == .void
    else { throw mismatch() }
    let (first, second) = try readingText(left, right)
    var type = Coercion.commonNumber(first.type, second.type)
    if first.type == .void || second.type == .void { type = common == .void ? .double : common }
    if first.type.isDecimal || second.type.isDecimal, !type.isFloatingPoint {
      return try decimal(operation.decimal, first, second, isTrying: isTrying, range)
    }
    switch operation {
    case .divide: type = .double
    case .wholeQuotient:
      guard type.isInteger || type == .double && common == .void else { throw mismatch() }
      type = .bigint
    default: break
    }
    let operands = [try converted(first, to: type), try converted(second, to: type)]
    let kernel = operation.kernel(for: type)
    return call(kernel, operands, type, isTrying: isTrying, range)
  }

  /// A text beside a number is read as one.
  private func readingText(_ left: Node, _ right: Node) throws -> (Node, Node) {
    func read(_ node: Node, beside other: Node) throws -> Node {
      guard node.type == .string, let type = Coercion.common(.string, other.type) else {
        return node
      }
      return try converted(node, to: type)
    }
    return (try read(left, beside: right), try read(right, beside: left))
  }

  private func decimal(
    _ operation: DecimalArithmetic, _ left: Node, _ right: Node, isTrying: Bool, _ range: Range<Int>
  ) throws -> Node {
    let operands = try [left, right].map { node -> Node in
      if node.type.isDecimal { return node }
      if node.type == .void { return try converted(node, to: .decimal(precision: 1, scale: 0)) }
      let form = literalDigits(node) ?? node.type.decimalForm?.precision ?? 38
      return try converted(node, to: .decimal(precision: form, scale: 0))
    }
    let type = DecimalTypes.result(operation, operands[0].type, operands[1].type)
    return call(operation.kernel, operands, type, isTrying: isTrying, range)
  }

  /// How many digits an integer literal has: beside decimals it is as narrow as it is written.
  private func literalDigits(_ node: Node) -> Int? {
    guard let constant = node.constant, node.type.isInteger, !constant.isNull(0) else { return nil }
    let text = source(node.range)
    guard text.utf8.allSatisfy({ isWordByte($0) || $0 == UInt8(ascii: "-") }) else { return nil }
    return "\(constant.integer(0).magnitude)".utf8.count
  }
}

/// What operators and functions compute from two numbers.
enum ArithmeticOperation: Sendable {
  case add
  case subtract
  case multiply
  case divide
  case remainder
  case positiveRemainder
  case wholeQuotient

  init?(_ sign: BinaryOperator) {
    switch sign {
    case .add: self = .add
    case .subtract: self = .subtract
    case .multiply: self = .multiply
    case .divide: self = .divide
    case .remainder: self = .remainder
    case .integerDivide: self = .wholeQuotient
    default: return nil
    }
  }

  var decimal: DecimalArithmetic {
    switch self {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .divide: .divide
    case .remainder: .remainder
    case .positiveRemainder: .positiveRemainder
    case .wholeQuotient: .wholeQuotient
    }
  }

  /// For arguments of one type that is no decimal.
  func kernel(for type: DataType) -> Kernel {
    let isInteger = type.isInteger
    return switch self {
    case .add: isInteger ? IntegerArithmetic.add.kernel(hint: hint) : FloatingArithmetic.add.kernel
    case .subtract:
      isInteger ? IntegerArithmetic.subtract.kernel(hint: hint) : FloatingArithmetic.subtract.kernel
    case .multiply:
      isInteger ? IntegerArithmetic.multiply.kernel(hint: hint) : FloatingArithmetic.multiply.kernel
    case .divide: FloatingArithmetic.divide.kernel
    case .remainder:
      isInteger ? IntegerDivision.remainder.kernel : FloatingArithmetic.remainder.kernel
    case .positiveRemainder:
      isInteger
        ? IntegerDivision.positiveRemainder.kernel : FloatingArithmetic.positiveRemainder.kernel
    case .wholeQuotient: IntegerDivision.quotient.kernel
    }
  }

  private var hint: String? {
    switch self {
    case .add: "try_add(a, b) gives null instead; a decimal or a double holds more"
    case .subtract: "try_subtract(a, b) gives null instead; a decimal or a double holds more"
    case .multiply: "try_multiply(a, b) gives null instead; a decimal or a double holds more"
    default: nil
    }
  }
}
