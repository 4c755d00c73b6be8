import Columnar
import Glibc

/// A compiled LIKE pattern: `%` is any text, `_` any character.
struct LikeMatcher: Sendable, Equatable {
  /// Runs of literal bytes and single characters, parted by `%`.
  private enum Piece: Sendable, Equatable {
    case literal([UInt8])
    case anyCharacter
  }

  private let segments: [[Piece]]
  /// The literal of a segment that has no `_`, which is searched as a whole.
  private let literals: [[UInt8]?]

  /// - Throws: `Reason` when the escape character stands before something else than `%`, `_` or
  ///   itself.
  init(_ pattern: String, escape: Character) throws {
    var segments: [[Piece]] = [[]]
    var literal: [UInt8] = []
    func close(_ segments: inout [[Piece]]) {
      if !literal.isEmpty { segments[segments.count - 1].append(.literal(literal)) }
      literal = []
    }
    let escape = escape.unicodeScalars.first
    var scalars = pattern.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      if scalar == escape {
        guard let next = scalars.popFirst() else {
          throw Reason(
            "INVALID_FORMAT.ESC_AT_THE_END",
            "the pattern '\(pattern)' ends with its escape character")
        }
        guard next == "%" || next == "_" || next == escape else {
          throw Reason(
            "INVALID_FORMAT.ESC_IN_THE_MIDDLE",
            "in the pattern '\(pattern)' the escape character stands before '\(next)'")
        }
        literal.append(contentsOf: String(next).utf8)
      } else if scalar == "%" {
        close(&segments)
        segments.append([])
      } else if scalar == "_" {
        close(&segments)
        segments[segments.count - 1].append(.anyCharacter)
      } else {
        literal.append(contentsOf: String(scalar).utf8)
      }
    }
    close(&segments)
    self.segments = segments
    literals = segments.map { pieces in
      if pieces.isEmpty { return [] }
      if pieces.count == 1, case .literal(let bytes) = pieces[0] { return bytes }
      return nil
    }
  }

  /// What each text begins with that matches.
  var prefix: [UInt8] {
    if case .literal(let bytes)? = segments[0].first { bytes } else { [] }
  }

  /// What a pattern without `_` and with few `%` asks of a text.
  private enum Plain {
    case equals([UInt8])
    case begins([UInt8])
    case ends([UInt8])
    case contains([UInt8])
  }

  private var plain: Plain? {
    switch (literals.count, literals.first ?? nil, literals.last ?? nil) {
    case (1, let literal?, _): .equals(literal)
    case (2, let literal?, []?): .begins(literal)
    case (2, []?, let literal?): .ends(literal)
    case (3, []?, []?): literals[1].map { .contains($0) }
    default: nil
    }
  }

  /// The texts that match.
  func matches(_ texts: StringLane, count: Int) -> Bitmap {
    // Each loop holds its literal: to take it out of the matcher for each text costs more than the
    // comparison.
    switch plain {
    case .equals(let literal): bits(count) { equalBytes(texts[$0], literal.span) }
    case .begins(let literal): bits(count) { texts[$0].hasPrefix(literal.span) }
    case .ends(let literal): bits(count) { texts[$0].hasSuffix(literal.span) }
    case .contains(let literal):
      bits(count) { texts[$0].offset(of: literal.span, from: 0) != nil }
    case nil: bits(count) { matches(texts[$0]) }
    }
  }

  @inline(__always)
  func matches(_ text: Span<UInt8>) -> Bool {
    var start = 0
    // The first segment stands at the start, the last at the end, the others anywhere between.
    if segments.count == 1 {
      if let literal = literals[0] { return equalBytes(text, literal.span) }
      return matchEnd(segments[0], text, at: 0) == text.count
    }
    if let literal = literals[0] {
      guard text.hasPrefix(literal.span) else { return false }
      start = literal.count
    } else {
      guard let end = matchEnd(segments[0], text, at: 0) else { return false }
      start = end
    }
    for index in 1..<segments.count - 1 {
      guard let end = find(index, text, from: start) else { return false }
      start = end
    }
    return matchesEnd(text, from: start)
  }

  private func matchesEnd(_ text: Span<UInt8>, from start: Int) -> Bool {
    let last = segments.count - 1
    if let literal = literals[last] {
      return text.count - start >= literal.count && text.hasSuffix(literal.span)
    }
    var place = start
    while place <= text.count {
      if matchEnd(segments[last], text, at: place) == text.count { return true }
      place += 1
      while place < text.count, text[place] & 0xC0 == 0x80 { place += 1 }
    }
    return false
  }

  /// The end of the first match of a segment at or behind a place.
  private func find(_ index: Int, _ text: Span<UInt8>, from start: Int) -> Int? {
    if let literal = literals[index] {
      return text.offset(of: literal.span, from: start).map { $0 + literal.count }
    }
    var place = start
    while place <= text.count {
      if let end = matchEnd(segments[index], text, at: place) { return end }
      place += 1
      while place < text.count, text[place] & 0xC0 == 0x80 { place += 1 }
    }
    return nil
  }

  /// Where a match of the pieces that begins at a place ends.
  private func matchEnd(_ pieces: [Piece], _ text: Span<UInt8>, at start: Int) -> Int? {
    var place = start
    for piece in pieces {
      switch piece {
      case .literal(let bytes):
        guard text.extracting(place...).hasPrefix(bytes.span) else { return nil }
        place += bytes.count
      case .anyCharacter:
        guard place < text.count else { return nil }
        place += 1
        while place < text.count, text[place] & 0xC0 == 0x80 { place += 1 }
      }
    }
    return place
  }
}

enum Like {
  /// Text and pattern, both texts; the patterns of a column are compiled as they come.
  static func kernel(escape: Character) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      if arguments[1].isConstant {
        let matcher: LikeMatcher
        do {
          matcher = try LikeMatcher(patterns.string(0), escape: escape)
        } catch let reason as Reason {
          throw RowFailure(row: 0, reason)
        }
        return Column(
          .boolean, .boolean(matcher.matches(texts, count: arguments.rowCount)),
          validity: arguments.validity)
      }
      return try arguments.makeBooleans { row in
        try LikeMatcher(patterns.string(row), escape: escape).matches(texts[row])
      }
    }
  }

  /// With a pattern that has been found to be sound when it was bound.
  static func kernel(_ matcher: LikeMatcher) -> Kernel {
    Kernel { arguments in
      let texts = arguments.strings(0)
      return Column(
        .boolean, .boolean(matcher.matches(texts, count: arguments.rowCount)),
        validity: arguments[0].column.validity)
    }
  }
}

extension Binder {
  func like(_ value: Node, _ pattern: Syntax.LikePattern, _ range: Range<Int>) throws -> Node {
    var binder = self
    let patterns = try pattern.patterns.map { try binder.bind($0) }
    return try like(value, patterns, pattern, range)
  }

  private func like(
    _ value: Node, _ patterns: [Node], _ pattern: Syntax.LikePattern, _ range: Range<Int>
  ) throws -> Node {
    let word = pattern.operator.rawValue
    let text = shared(try likeText(value, word))
    let tests = try patterns.map { node -> Node in
      let test = try likeTest(text, likeText(node, word), pattern, range)
      return pattern.negatesEach ? try negation(test, range) : test
    }
    guard let quantifier = pattern.quantifier, tests.count > 1 else { return tests[0] }
    return folded(Node(quantifier == .any ? .or(tests) : .and(tests), .boolean, range: range))
  }

  private func likeText(_ node: Node, _ word: String) throws -> Node {
    guard let text = try coerced(node, to: .string) else {
      throw failure("\(describe(node)) is \(phrase(node.type)); \(word) needs a string", node.range)
    }
    return text
  }

  func likeTest(
    _ text: Node, _ pattern: Node, _ syntax: Syntax.LikePattern, _ range: Range<Int>
  ) throws -> Node {
    if syntax.operator == .rlike {
      let kernel = Regex.matches(try RegexBinding.constant(pattern, self))
      return call(kernel, [text, pattern], .boolean, range)
    }
    let escape = syntax.escape ?? "\\"
    let isFolding = syntax.operator == .ilike
    let subject = isFolding ? call(Case.lower, [text], .string, text.range) : text
    let wanted = isFolding ? call(Case.lower, [pattern], .string, pattern.range) : pattern
    if let constant = wanted.constant, !constant.isNull(0),
      let matcher = try? LikeMatcher(constant.strings.string(0), escape: escape)
    {
      return call(Like.kernel(matcher), [subject], .boolean, range)
    }
    return call(Like.kernel(escape: escape), [subject, wanted], .boolean, range)
  }
}
