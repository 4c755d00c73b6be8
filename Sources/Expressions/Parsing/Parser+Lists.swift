import Diagnostics

extension Parser {
  /// Words that end an item of a list, so that they are no alias without AS.
  private static let itemEnds: Set<String> = [
    "ASC", "DESC", "NULLS", "FROM", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "UNION", "THEN",
    "ELSE", "END", "WHEN", "AND", "OR", "NOT", "IN", "IS", "LIKE", "ILIKE", "RLIKE", "BETWEEN",
    "FILTER", "WITHIN", "OVER", "USING", "ON", "ESCAPE", "COLLATE",
  ]

  /// `a, b + 1 AS c, *`.
  mutating func items() throws -> [Expression] {
    var items = [try item()]
    while accept(.comma) { items.append(try item()) }
    return items
  }

  mutating func item() throws -> Expression {
    let syntax = try expression()
    return Expression(text: text, syntax: syntax, aliases: try aliases())
  }

  /// `AS name`, or a name alone where the item ends behind it.
  private mutating func aliases() throws -> [String] {
    if accept(word: "AS") {
      guard accept(.openParenthesis) else { return [try name("a name after AS")] }
      var names = [try name("a name")]
      while accept(.comma) { names.append(try name("a name")) }
      try expect(.closeParenthesis, "',' or ')'")
      return names
    }
    return try alias().map { [$0] } ?? []
  }

  private mutating func alias() throws -> String? {
    switch token(ahead: 1).kind {
    case .end, .symbol(.comma): break
    default: return nil
    }
    switch current.kind {
    case .word where !Parser.itemEnds.contains(keyword ?? ""): return slice(advance().range)
    case .quotedName(let name):
      position += 1
      return name
    default: return nil
    }
  }

  /// `n DESC NULLS LAST, k`: nulls come first ascending, last descending, unless it says so.
  mutating func sortList() throws -> [SortSyntax] {
    var keys: [SortSyntax] = []
    repeat {
      let key = try expression()
      let isDescending = accept(word: "DESC")
      if !isDescending { _ = accept(word: "ASC") }
      var nullsFirst = !isDescending
      if accept(word: "NULLS") {
        if accept(word: "FIRST") {
          nullsFirst = true
        } else {
          try expect(word: "LAST", "FIRST or LAST")
          nullsFirst = false
        }
      }
      keys.append(
        SortSyntax(expression: key, isDescending: isDescending, nullsFirst: nullsFirst))
    } while accept(.comma)
    return keys
  }

  /// `EXCEPT (a, b)` behind a star.
  mutating func exceptions() throws -> [String] {
    guard at(word: "EXCEPT"), token(ahead: 1).kind == .symbol(.openParenthesis) else { return [] }
    position += 2
    var names = [try name("a column name")]
    while accept(.comma) { names.append(try name("a column name")) }
    try expect(.closeParenthesis, "',' or ')'")
    return names
  }
}
