import Diagnostics

extension Parser {
  /// Words that cannot begin an operand; a column of that name needs backquotes.
  private static let connectives: Set<String> = [
    "AND", "OR", "IN", "IS", "LIKE", "ILIKE", "RLIKE", "REGEXP", "BETWEEN", "THEN", "ELSE", "WHEN",
    "AS", "DIV", "NOT",
  ]

  mutating func primary() throws -> Syntax {
    let token = current
    let start = token.range.lowerBound
    switch token.kind {
    case .number(let form):
      position += 1
      let literal = try number(form, isNegative: false, token.range)
      return try node(.literal(literal), from: start)
    case .string:
      let text = strings()
      return try node(.literal(.string(text)), from: start)
    case .quotedName(let name):
      position += 1
      if at(.openParenthesis) { return try call(name, token.range) }
      return try node(.name(name), from: start)
    case .word: return try word(token)
    case .symbol(.openParenthesis): return try parenthesised()
    case .symbol(.star):
      position += 1
      let except = try exceptions()
      return try node(.star(of: nil, except: except), from: start)
    case .symbol(.openBracket): throw expected("an expression", hint: "an array is array(1, 2, 3)")
    case .symbol(.openBrace):
      throw expected("an expression", hint: "a struct is named_struct('a', 1), a map map('a', 1)")
    default: throw expected("an expression")
    }
  }

  /// Adjacent texts are one.
  private mutating func strings() -> String {
    var joined = ""
    while case .string(let text) = current.kind {
      joined += text
      position += 1
    }
    return joined
  }

  private mutating func word(_ token: Token) throws -> Syntax {
    let word = slice(token.range)
    let keyword = word.uppercased()
    let start = token.range.lowerBound
    let next = self.token(ahead: 1).kind
    if next == .symbol(.arrow) {
      position += 2
      let body = try expression()
      return try node(.lambda(parameters: [word], body: body), from: start)
    }
    if next == .symbol(.openParenthesis), keyword != "NOT", keyword != "IN" {
      position += 1
      return try call(word, token.range)
    }
    if case .string(let text) = next, let literal = try typedLiteral(keyword, text) {
      return try node(.literal(literal), from: start)
    }
    switch keyword {
    case "NULL", "TRUE", "FALSE":
      position += 1
      return try node(
        .literal(keyword == "NULL" ? .null : .boolean(keyword == "TRUE")), from: start)
    case "CASE": return try conditional()
    case "INTERVAL":
      if let interval = try intervalLiteral() { return try node(.literal(interval), from: start) }
    case "CURRENT_DATE", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "CURRENT_TIMEZONE":
      position += 1
      let call = Syntax.Call(name: word, nameRange: token.range, arguments: [])
      return try node(.call(call), from: start)
    case "SELECT": throw failure("a query inside an expression is not supported", token.range)
    case _ where Parser.connectives.contains(keyword):
      throw expected("an expression", hint: "a column of that name needs backquotes: `\(word)`")
    default: break
    }
    position += 1
    return try node(.name(word), from: start)
  }

  /// `DATE '…'`, `TIMESTAMP '…'`, `X'…'`; nil when the word is none of them.
  private mutating func typedLiteral(_ keyword: String, _ text: String) throws -> Literal? {
    if keyword == "X" {
      let digits = token(ahead: 1).range
      guard let bytes = hexadecimal(text) else {
        throw failure("'\(text)' is not hexadecimal", digits)
      }
      position += 2
      return .binary(bytes)
    }
    guard let type = TypedLiteral(rawValue: keyword) else { return nil }
    position += 2
    return .typed(type, text)
  }

  private func hexadecimal(_ text: String) -> [UInt8]? {
    var digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.allSatisfy({ $0 != nil }) else { return nil }
    if digits.count % 2 == 1 { digits.insert(0, at: 0) }
    return stride(from: 0, to: digits.count, by: 2).map { index in
      UInt8((digits[index] ?? 0) * 16 + (digits[index + 1] ?? 0))
    }
  }

  // MARK: - Parentheses

  private mutating func parenthesised() throws -> Syntax {
    let start = current.range.lowerBound
    if let parameters = lambdaParameters() {
      let body = try expression()
      return try node(.lambda(parameters: parameters, body: body), from: start)
    }
    position += 1
    if at(word: "SELECT") {
      throw failure("a query inside an expression is not supported", current.range)
    }
    var items = [try expression()]
    while accept(.comma) { items.append(try expression()) }
    guard accept(.closeParenthesis) else {
      throw expected("an operator or ')'", hint: nil)
    }
    if items.count > 1 { return try node(.tuple(items), from: start) }
    // The parentheses belong to what an error points at.
    return try node(items[0].kind, from: start)
  }

  /// `(x, y) ->`, consumed; nil, with nothing consumed, when this is something else.
  private mutating func lambdaParameters() -> [String]? {
    var parameters: [String] = []
    var ahead = 1
    while token(ahead: ahead).kind == .word {
      parameters.append(slice(token(ahead: ahead).range))
      switch token(ahead: ahead + 1).kind {
      case .symbol(.comma): ahead += 2
      case .symbol(.closeParenthesis):
        guard token(ahead: ahead + 2).kind == .symbol(.arrow) else { return nil }
        position += ahead + 3
        return parameters
      default: return nil
      }
    }
    return nil
  }

  // MARK: - CASE

  private mutating func conditional() throws -> Syntax {
    let start = advance().range.lowerBound
    let operand = at(word: "WHEN") ? nil : try expression()
    var branches: [Syntax.Branch] = []
    while accept(word: "WHEN") {
      let condition = try expression()
      try expect(word: "THEN", "THEN and the value")
      branches.append(Syntax.Branch(condition: condition, value: try expression()))
    }
    guard !branches.isEmpty else { throw expected("WHEN") }
    let otherwise = accept(word: "ELSE") ? try expression() : nil
    try expect(word: "END", otherwise == nil ? "WHEN, ELSE or END" : "END")
    return try node(
      .conditional(operand: operand, branches: branches, otherwise: otherwise), from: start)
  }
}
