import Columnar

/// `split(text, pattern[, limit])`, for patterns that stand for one literal text.
enum Splitting {
  static func bind(_ call: CallBinder) throws -> Node {
    let text = try call.argument(0, .text)
    let limit = call.count > 2 ? [try call.argument(2, .int)] : []
    _ = try call.argument(1, .text)
    if call[1].isConstantNull { return Node.null(.array(.string), range: call.range) }
    guard let pattern = call.constantText(1) else {
      throw call.failure("split(): the delimiter is not a constant", call[1].range)
    }
    guard let literal = literal(of: pattern) else {
      throw call.failure(
        "split(): '\(pattern)' is a regular expression, which are not there yet", call[1].range,
        hint:
          "split at a plain text; characters such as '.' and '|' are written '\\\\.' and '\\\\|'")
    }
    return call.call(Split.kernel(at: literal), [text] + limit, .array(.string))
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
