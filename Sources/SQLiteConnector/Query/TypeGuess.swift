internal import Columnar

/// What a computed column most likely holds, for advice: it is never taken for granted.
struct TypeGuess {
  let input: Schema

  /// - Parameter source: an expression.
  /// - Returns: as CAST takes it; nil for anybody's guess.
  func type(of source: String) -> String? {
    let text = SQLText(source)
    guard let first = text.tokens.first else { return nil }
    switch first.kind {
    case .string: return "STRING"
    case .literal: return text.tokens.count == 1 ? literal(source) : nil
    case .word where text.isSymbol(1, "("):
      let name = text.word(0) ?? ""
      if TypeGuess.ofOperand.contains(name) { return operand(text, isSum: name == "SUM") }
      return TypeGuess.functions[name]
    default: return nil
    }
  }

  private func literal(_ source: String) -> String {
    if source.hasPrefix("x") || source.hasPrefix("X") { return "BINARY" }
    return Int64(source) == nil ? "DOUBLE" : "BIGINT"
  }

  /// The type of the first column that is named.
  private func operand(_ text: SQLText, isSum: Bool) -> String? {
    let columns = text.tokens.indices.dropFirst().compactMap { index -> DataType? in
      let kind = text.tokens[index].kind
      guard kind == .word || kind == .quotedName else { return nil }
      return input.index(of: text.unquoted(index)).map { input.fields[$0].type }
    }
    guard let type = columns.first, type != .void, !type.isNested else { return nil }
    if isSum { return type.isInteger ? "BIGINT" : "DOUBLE" }
    switch type {
    case .dayTimeInterval, .yearMonthInterval: return nil
    default: return type.description.uppercased()
    }
  }

  private static let ofOperand: Set = [
    "SUM", "MIN", "MAX", "FIRST_VALUE", "LAST_VALUE", "NTH_VALUE", "LAG", "LEAD", "COALESCE",
    "IFNULL", "NULLIF", "ABS",
  ]

  private static let functions: [String: String] = [
    "AVG": "DOUBLE", "TOTAL": "DOUBLE", "ROUND": "DOUBLE", "JULIANDAY": "DOUBLE", "SQRT": "DOUBLE",
    "LENGTH": "BIGINT", "INSTR": "BIGINT", "UNICODE": "BIGINT", "UNIXEPOCH": "BIGINT",
    "UPPER": "STRING", "LOWER": "STRING", "SUBSTR": "STRING", "SUBSTRING": "STRING",
    "TRIM": "STRING", "REPLACE": "STRING", "PRINTF": "STRING", "FORMAT": "STRING",
    "HEX": "STRING", "GROUP_CONCAT": "STRING", "STRFTIME": "STRING", "TYPEOF": "STRING",
    "JSON": "STRING", "JSON_GROUP_ARRAY": "STRING", "JSON_GROUP_OBJECT": "STRING",
    "DATE": "DATE", "DATETIME": "TIMESTAMP",
  ]
}
