import Diagnostics

extension Parser {
  /// Functions whose first argument may be a bare unit: `dateadd(DAY, 3, d)`.
  private static let unitFunctions: Set<String> = [
    "DATEADD", "DATE_ADD", "TIMESTAMPADD", "DATEDIFF", "DATE_DIFF", "TIMESTAMPDIFF", "TIMEDIFF",
  ]

  /// The call whose name has been read; the parenthesis is next.
  mutating func call(_ name: String, _ nameRange: Range<Int>) throws -> Syntax {
    try nested { parser in try parser.openCall(name, nameRange) }
  }

  private mutating func openCall(_ name: String, _ nameRange: Range<Int>) throws -> Syntax {
    let start = nameRange.lowerBound
    position += 1
    var call = Syntax.Call(name: name, nameRange: nameRange, arguments: [])
    switch name.uppercased() {
    case "CAST", "TRY_CAST":
      let isTrying = name.uppercased() == "TRY_CAST"
      return try castCall(from: start, isTrying: isTrying)
    case "EXTRACT": call.arguments = try extraction()
    case "TRIM":
      let (trim, arguments) = try trimming()
      call = Syntax.Call(name: trim, nameRange: nameRange, arguments: arguments)
    case "SUBSTRING", "SUBSTR": call.arguments = try clauses(["FROM", "FOR"])
    case "OVERLAY": call.arguments = try clauses(["PLACING", "FROM", "FOR"])
    case "POSITION": call.arguments = try clauses(["IN"])
    case "STRUCT": call.arguments = try members()
    default: try arguments(of: &call)
    }
    if Parser.unitFunctions.contains(name.uppercased()), call.arguments.count == 3,
      case .name(let unit) = call.arguments[0].kind
    {
      let range = call.arguments[0].range
      call.arguments[0] = Syntax(kind: .literal(.string(unit)), range: range, depth: 1)
    }
    try qualifiers(of: &call)
    return try node(.call(call), from: start)
  }

  private mutating func arguments(of call: inout Syntax.Call) throws {
    if accept(.closeParenthesis) { return }
    if accept(word: "DISTINCT") {
      call.isDistinct = true
    } else if at(word: "ALL"), token(ahead: 1).kind != .symbol(.comma),
      token(ahead: 1).kind != .symbol(.closeParenthesis)
    {
      position += 1
    }
    repeat {
      if current.kind == .word, token(ahead: 1).kind == .symbol(.fatArrow) {
        throw failure("named arguments are not supported", token(ahead: 1).range)
      }
      call.arguments.append(try expression())
    } while accept(.comma)
    call.ignoresNulls = try nullsOption()
    if at(word: "ORDER") {
      throw failure(
        "the order does not stand in the parentheses of \(call.name)", current.range,
        hint: "\(call.name)(…) WITHIN GROUP (ORDER BY …)")
    }
    try close()
  }

  private mutating func close() throws {
    try expect(.closeParenthesis, "an operator, ',' or ')'")
  }

  private mutating func nullsOption() throws -> Bool {
    guard let word = keyword, word == "IGNORE" || word == "RESPECT", keyword(ahead: 1) == "NULLS"
    else { return false }
    position += 2
    return word == "IGNORE"
  }

  /// What may follow the closing parenthesis.
  private mutating func qualifiers(of call: inout Syntax.Call) throws {
    if at(word: "WITHIN"), keyword(ahead: 1) == "GROUP" {
      position += 2
      try expect(.openParenthesis)
      try expect(word: "ORDER")
      try expect(word: "BY")
      call.order = try sortList()
      try expect(.closeParenthesis, "',' or ')'")
    }
    if at(word: "FILTER"), token(ahead: 1).kind == .symbol(.openParenthesis) {
      position += 2
      try expect(word: "WHERE")
      call.filter = try expression()
      try expect(.closeParenthesis)
    }
    if try nullsOption() { call.ignoresNulls = true }
    if at(word: "OVER"), token(ahead: 1).kind == .symbol(.openParenthesis) {
      throw failure(
        "window functions (OVER) are not supported on a stream", current.range,
        hint: Refusal.of(call.name.lowercased())?.hint
          ?? "group rows with stream-window and stream-agg")
    }
  }

  // MARK: - Calls with words between their arguments

  private mutating func castCall(from start: Int, isTrying: Bool) throws -> Syntax {
    let value = try expression()
    try expect(word: "AS", "AS and a type")
    let type = try typeSyntax()
    try expect(.closeParenthesis)
    return try node(.cast(value, to: type, isTrying: isTrying), from: start)
  }

  /// `extract(DAY FROM ts)`: the field as a text, then the source.
  private mutating func extraction() throws -> [Syntax] {
    let token = current
    let field: String
    if case .string(let text) = token.kind {
      position += 1
      field = text
    } else {
      field = try name("a field such as YEAR, DAY or HOUR")
    }
    let unit = try node(.literal(.string(field)), from: token.range.lowerBound)
    guard accept(word: "FROM") || accept(.comma) else { throw expected("FROM and a date or time") }
    let source = try expression()
    try close()
    return [unit, source]
  }

  /// Arguments parted by commas or, each in its place, by `words`.
  private mutating func clauses(_ words: [String]) throws -> [Syntax] {
    if accept(.closeParenthesis) { return [] }
    var arguments = [try operand()]
    var rest = words[...]
    while !accept(.closeParenthesis) {
      if let index = rest.firstIndex(where: { at(word: $0) }) {
        position += 1
        rest = rest[(index + 1)...]
      } else if !accept(.comma) {
        throw expected("an operator, ',' or ')'")
      }
      arguments.append(try operand())
    }
    return arguments
  }

  /// - Returns: the function that trims on that side; the characters to trim come first, if any.
  private mutating func trimming() throws -> (name: String, arguments: [Syntax]) {
    let sides = ["BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"]
    var name = "trim"
    if let side = keyword.flatMap({ sides[$0] }),
      token(ahead: 1).kind != .symbol(.closeParenthesis),
      token(ahead: 1).kind != .symbol(.comma)
    {
      position += 1
      name = side
    }
    if accept(word: "FROM") {
      let source = try expression()
      try close()
      return (name, [source])
    }
    return (name, try clauses(["FROM"]))
  }

  /// `struct(a, b + 1 AS c)`.
  private mutating func members() throws -> [Syntax] {
    if accept(.closeParenthesis) { return [] }
    var members: [Syntax] = []
    repeat {
      let start = current.range.lowerBound
      let value = try expression()
      if accept(word: "AS") {
        let alias = try name("a name after AS")
        members.append(try node(.aliased(value, as: alias), from: start))
      } else {
        members.append(value)
      }
    } while accept(.comma)
    try close()
    return members
  }
}
