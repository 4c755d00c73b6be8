extension Parser {
  mutating func expression() throws -> Syntax {
    try nested { parser in try parser.disjunction() }
  }

  private mutating func disjunction() throws -> Syntax {
    let start = current.range.lowerBound
    var operands = [try conjunction()]
    while accept(word: "OR") { operands.append(try conjunction()) }
    return operands.count == 1 ? operands[0] : try node(.or(operands), from: start)
  }

  private mutating func conjunction() throws -> Syntax {
    let start = current.range.lowerBound
    var operands = [try negation()]
    while accept(word: "AND") { operands.append(try negation()) }
    return operands.count == 1 ? operands[0] : try node(.and(operands), from: start)
  }

  private mutating func negation() throws -> Syntax {
    let start = current.range.lowerBound
    guard accept(word: "NOT") || accept(.bang) else { return try predicate() }
    let operand = try nested { parser in try parser.negation() }
    return try node(.not(operand), from: start)
  }

  // MARK: - Predicates

  private mutating func predicate() throws -> Syntax {
    let start = current.range.lowerBound
    let value = try operand()
    if accept(word: "IS") { return try test(of: value, from: start) }
    let saved = position
    let isNegated = accept(word: "NOT") || accept(.bang)
    let kind: Syntax.Kind
    switch keyword {
    case "BETWEEN":
      position += 1
      kind = try range(of: value)
    case "IN":
      position += 1
      kind = .within(value, try list())
    case "LIKE", "ILIKE", "RLIKE", "REGEXP":
      kind = try like(value, isNegated: isNegated)
      if case .like(_, let pattern) = kind, pattern.negatesEach {
        return try node(kind, from: start)
      }
    default:
      guard isNegated else { return value }
      // `b NOT` may be the start of an alias; what follows decides.
      position = saved + 1
      defer { position = saved }
      throw expected("IN, LIKE or BETWEEN after NOT")
    }
    let result = try node(kind, from: start)
    return isNegated ? try node(.not(result), from: start) : result
  }

  private mutating func test(of value: Syntax, from start: Int) throws -> Syntax {
    let isNegated = accept(word: "NOT") || accept(.bang)
    let kind: Syntax.Kind
    if accept(word: "DISTINCT") {
      try expect(word: "FROM")
      kind = .isDistinct(value, from: try operand())
    } else if let test = keyword.flatMap(Syntax.Test.init(rawValue:)) {
      position += 1
      kind = .test(value, test)
    } else {
      throw expected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM after IS")
    }
    let result = try node(kind, from: start)
    return isNegated ? try node(.not(result), from: start) : result
  }

  private mutating func range(of value: Syntax) throws -> Syntax.Kind {
    let isSymmetric = accept(word: "SYMMETRIC")
    if !isSymmetric { _ = accept(word: "ASYMMETRIC") }
    let low = try operand()
    try expect(word: "AND", "AND and the upper end of BETWEEN")
    let high = try operand()
    guard isSymmetric else { return .between(value, low: low, high: high) }
    let start = value.range.lowerBound
    return .or([
      try node(.between(value, low: low, high: high), from: start),
      try node(.between(value, low: high, high: low), from: start),
    ])
  }

  /// `(a, b, c)`, at least one.
  private mutating func list() throws -> [Syntax] {
    try expect(.openParenthesis)
    if at(word: "SELECT") {
      throw failure("a query inside an expression is not supported", current.range)
    }
    var items = [try expression()]
    while accept(.comma) { items.append(try expression()) }
    try expect(.closeParenthesis, "',' or ')'")
    return items
  }

  private mutating func like(_ value: Syntax, isNegated: Bool) throws -> Syntax.Kind {
    let word = slice(advance().range).uppercased()
    let comparison = Syntax.LikePattern.Operator(rawValue: word) ?? .rlike
    var quantifier: Syntax.LikePattern.Quantifier?
    if comparison != .rlike, token(ahead: 1).kind == .symbol(.openParenthesis) {
      switch keyword {
      case "ANY", "SOME": quantifier = .any
      case "ALL": quantifier = .all
      default: break
      }
    }
    if quantifier != nil { position += 1 }
    let patterns = quantifier == nil ? [try operand()] : try list()
    var escape: Character?
    if quantifier == nil, comparison != .rlike, accept(word: "ESCAPE") {
      escape = try escapeCharacter()
    }
    return .like(
      value,
      Syntax.LikePattern(
        operator: comparison, quantifier: quantifier, negatesEach: isNegated && quantifier != nil,
        patterns: patterns, escape: escape))
  }

  private mutating func escapeCharacter() throws -> Character {
    guard case .string(let text) = current.kind, text.unicodeScalars.count == 1,
      let only = text.first
    else { throw expected("one character in quotes after ESCAPE") }
    position += 1
    return only
  }

  // MARK: - Operators

  /// What predicates and boolean operators connect: everything down to comparisons.
  mutating func operand() throws -> Syntax { try binary(atLeast: 0) }

  private mutating func binary(atLeast lowest: Int) throws -> Syntax {
    let start = current.range.lowerBound
    var left = try unary()
    while let binaryOperator, binaryOperator.precedence >= lowest {
      position += 1
      let right = try binary(atLeast: binaryOperator.precedence + 1)
      left = try node(.binary(binaryOperator, left, right), from: start)
    }
    return left
  }

  /// The binary operator here, not yet consumed.
  private var binaryOperator: BinaryOperator? {
    switch current.kind {
    case .word: return at(word: "DIV") ? .integerDivide : nil
    case .symbol(let symbol):
      switch symbol {
      case .doubleEqual: return .equal
      case .bangEqual: return .notEqual
      case .bangGreater: return .lessOrEqual
      case .bangLess: return .greaterOrEqual
      case .lessGreater: return .notEqual
      case .unsignedShift: return .shiftRightUnsigned
      default: return BinaryOperator(rawValue: symbol.rawValue)
      }
    default: return nil
    }
  }

  private mutating func unary() throws -> Syntax {
    let start = current.range.lowerBound
    guard case .symbol(let symbol) = current.kind,
      let sign = UnaryOperator(rawValue: symbol.rawValue)
    else { return try postfix(of: try primary(), from: start) }
    position += 1
    if sign == .minus, case .number(let form) = current.kind {
      let range = start..<advance().range.upperBound
      let literal = try number(form, isNegative: true, range)
      return try postfix(of: try node(.literal(literal), from: start), from: start)
    }
    let operand = try nested { parser in try parser.unary() }
    return try node(.unary(sign, operand), from: start)
  }

  /// Fields, indices and casts behind an operand.
  private mutating func postfix(of base: Syntax, from start: Int) throws -> Syntax {
    var base = base
    while true {
      if at(.dot) {
        position += 1
        if at(.star) {
          position += 1
          let except = try exceptions()
          base = try node(.star(of: base, except: except), from: start)
        } else {
          let field = try name("the name of a field after '.'")
          base = try node(.field(base, field), from: start)
        }
      } else if accept(.openBracket) {
        let index = try nested { parser in try parser.operand() }
        try expect(.closeBracket)
        base = try node(.subscripted(base, index: index), from: start)
      } else if accept(.doubleColon) {
        let type = try typeSyntax()
        base = try node(.cast(base, to: type, isTrying: false), from: start)
      } else {
        return base
      }
    }
  }
}
