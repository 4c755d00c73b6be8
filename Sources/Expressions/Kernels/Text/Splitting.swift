import Columnar

/// `split(text, pattern[, limit])`; a pattern that stands for one text needs no regular expression.
enum Splitting {
  static func bind(_ call: CallBinder) throws -> Node {
    let text = try call.argument(0, .text)
    let limit = call.count > 2 ? [try call.argument(2, .int)] : []
    if call[1].isConstantNull { return Node.null(.array(.string), range: call.range) }
    if let literal = call.constantText(1).flatMap({ literal(of: $0) }) {
      return call.call(Split.kernel(at: literal), [text] + limit, .array(.string))
    }
    return try RegexBinding.call(call, Regex.split, .array(.string), limit)
  }

  /// The text that a regular expression matches when it matches only one.
  static func literal(of pattern: String) -> [UInt8]? {
    var literal = ""
    var rest = pattern.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\\":
        guard let escaped = rest.popFirst() else { return nil }
        switch escaped {
        case "t": literal.append("\t")
        case "n": literal.append("\n")
        case "r": literal.append("\r")
        case _ where escaped.properties.isAlphabetic || ("0"..."9").contains(escaped): return nil
        default: literal.unicodeScalars.append(escaped)
        }
      case "[":
        // A class of one character.
        guard let only = rest.popFirst(), only != "^", only != "\\", only != "]",
          rest.popFirst() == "]"
        else { return nil }
        literal.unicodeScalars.append(only)
      case "^", "$", ".", "|", "?", "*", "+", "(", ")", "]", "{", "}": return nil
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return Array(literal.utf8)
  }
}
