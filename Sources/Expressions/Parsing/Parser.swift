import Diagnostics

/// Recursive descent over the tokens of one text, in the order of Spark's grammar: OR, AND, NOT,
/// a predicate such as IN, then the operators by their precedence, then what stands behind an
/// operand (`.field`, `[index]`, `::type`).
struct Parser {
  /// Deeper trees are refused: everything that walks them recurses.
  static let depthMax = 400

  let text: String
  var tokens: [Token]
  var position = 0
  var nesting = 0

  init(_ text: String) throws {
    self.text = text
    tokens = try Lexer.tokens(of: text)
  }

  var current: Token { tokens[position] }

  func token(ahead count: Int) -> Token { tokens[min(position + count, tokens.count - 1)] }

  func slice(_ range: Range<Int>) -> String {
    let utf8 = text.utf8
    let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
    return String(decoding: utf8[start..<utf8.index(start, offsetBy: range.count)], as: UTF8.self)
  }

  mutating func advance() -> Token {
    let token = current
    if token.kind != .end { position += 1 }
    return token
  }

  // MARK: - Looking at tokens

  /// The word here, in upper case; nil when it is something else or stands in backquotes.
  var keyword: String? { keyword(ahead: 0) }

  func keyword(ahead count: Int) -> String? {
    let token = token(ahead: count)
    return token.kind == .word ? slice(token.range).uppercased() : nil
  }

  func at(_ symbol: Symbol) -> Bool { current.kind == .symbol(symbol) }

  func at(word: String) -> Bool { keyword == word }

  mutating func accept(_ symbol: Symbol) -> Bool {
    guard at(symbol) else { return false }
    position += 1
    return true
  }

  mutating func accept(word: String) -> Bool {
    guard at(word: word) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ symbol: Symbol, _ role: String? = nil) throws {
    guard accept(symbol) else { throw expected(role ?? "'\(symbol.rawValue)'") }
  }

  mutating func expect(word: String, _ role: String? = nil) throws {
    guard accept(word: word) else { throw expected(role ?? word) }
  }

  /// A name, in backquotes or not.
  mutating func name(_ role: String) throws -> String {
    switch current.kind {
    case .word: return slice(advance().range)
    case .quotedName(let name):
      position += 1
      return name
    default: throw expected(role)
    }
  }

  // MARK: - Building nodes

  func node(_ kind: Syntax.Kind, from start: Int) throws -> Syntax {
    let end = position > 0 ? max(start, tokens[position - 1].range.upperBound) : start
    let depth = 1 + (kind.children.map(\.depth).max() ?? 0)
    guard depth <= Parser.depthMax else { throw tooDeep(start..<end) }
    return Syntax(kind: kind, range: start..<end, depth: depth)
  }

  /// Runs `body` one level further down.
  mutating func nested<Result>(_ body: (inout Parser) throws -> Result) throws -> Result {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Parser.depthMax / 2 else { throw tooDeep(current.range) }
    return try body(&self)
  }

  // MARK: - Errors

  func failure(_ message: String, _ range: Range<Int>, hint: String? = nil) -> StreamError {
    StreamError(.usage, message, excerpt: Excerpt(text, range), hint: hint)
  }

  private func tooDeep(_ range: Range<Int>) -> StreamError {
    failure("the expression is nested more than \(Parser.depthMax / 2) levels deep", range)
  }

  func expected(_ what: String, hint: String? = nil) -> StreamError {
    if current.kind == .end {
      let place = text.utf8.isEmpty ? "the text is empty" : "the text ends"
      return failure("expected \(what) but \(place)", current.range, hint: hint)
    }
    let found = slice(current.range)
    let quoted = found.utf8.count > 40 ? "'\(found.prefix(40))…'" : "'\(found)'"
    return failure("expected \(what) but found \(quoted)", current.range, hint: hint)
  }

  /// An error unless everything has been read.
  func finish(_ what: String) throws {
    guard current.kind != .end else { return }
    if case .symbol(.semicolon) = current.kind, token(ahead: 1).kind == .end { return }
    throw expected(what, hint: strayHint)
  }

  /// What the words mean that SQL does not have but people write.
  private var strayHint: String? {
    switch current.kind {
    case .symbol(.ampersand) where token(ahead: 1).kind == .symbol(.ampersand): "write AND"
    case .symbol(.openBrace), .symbol(.closeBrace): "a literal struct is named_struct('a', 1)"
    case .word: nearest(to: slice(current.range), among: Parser.operatorWords).map { "write \($0)" }
    default: nil
    }
  }

  static let operatorWords = [
    "AND", "OR", "NOT", "IN", "IS", "LIKE", "ILIKE", "RLIKE", "BETWEEN", "DIV", "AS",
  ]
}
