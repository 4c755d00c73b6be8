import Columnar

extension Expression {
  /// What the column is called: the alias, or Spark's name for such an expression: `(i + j)`,
  /// `upper(s)`; for a column or a field its own name.
  package var name: String {
    if let alias { return alias }
    switch syntax.kind {
    case .name(let name), .field(_, let name): return name
    case .cast(let operand, _, _):
      if case .name(let name) = operand.kind { return name }
      return syntax.spelling
    default: return syntax.spelling
    }
  }
}

extension Syntax {
  /// Parentheses around every operator, texts without quotes: what people read.
  package var spelling: String { Speller(isExact: false).spelling(self) }

  /// The same for expressions that mean the same, and only for those.
  var identity: String { Speller(isExact: true).spelling(self) }
}

private struct Speller {
  /// Whether texts have quotes, numbers their types, and names no case.
  let isExact: Bool

  func spelling(_ syntax: Syntax) -> String {
    switch syntax.kind {
    case .literal(let literal): isExact ? "\(literal)" : literal.spelling
    case .name(let name): isExact ? "`\(name.lowercased())`" : name
    case .star(let of, _): of.map { "\(spelling($0)).*" } ?? "*"
    case .field(let base, let name): "\(spelling(base)).\(name)"
    case .subscripted(let base, let index): "\(spelling(base))[\(spelling(index))]"
    case .unary(.bitNot, let operand): "~\(spelling(operand))"
    case .unary(let sign, let operand): "(\(sign.rawValue) \(spelling(operand)))"
    case .binary(.concatenate, let left, let right): "concat(\(spelling(left)), \(spelling(right)))"
    case .binary(.notEqual, let left, let right): "(NOT (\(spelling(left)) = \(spelling(right))))"
    case .binary(let sign, let left, let right):
      "(\(spelling(left)) \(sign.rawValue) \(spelling(right)))"
    case .and(let operands): chain(operands, "AND")
    case .or(let operands): chain(operands, "OR")
    case .not(let operand): negated(operand)
    case .between(let value, let low, let high):
      "between(\(spelling(value)), \(spelling(low)), \(spelling(high)))"
    case .within(let value, let list): "(\(spelling(value)) IN (\(joined(list))))"
    case .like(let value, let pattern): spelling(value, pattern)
    case .test(let operand, let test): "(\(spelling(operand)) IS \(test.rawValue))"
    case .isDistinct(let left, let right): "(NOT (\(spelling(left)) <=> \(spelling(right))))"
    case .conditional(let operand, let branches, let otherwise):
      spelling(operand, branches, otherwise)
    case .cast(let operand, let type, let isTrying):
      "\(isTrying ? "TRY_CAST" : "CAST")(\(spelling(operand)) AS \(type.description.uppercased()))"
    case .call(let call): spelling(call)
    case .lambda(let parameters, let body):
      parameters.count == 1
        ? "\(parameters[0]) -> \(spelling(body))"
        : "(\(parameters.joined(separator: ", "))) -> \(spelling(body))"
    case .tuple(let items): "struct(\(joined(items)))"
    case .aliased(let value, let name): "\(spelling(value)) AS \(name)"
    }
  }

  private func joined(_ list: [Syntax]) -> String {
    list.map { spelling($0) }.joined(separator: ", ")
  }

  private func chain(_ operands: [Syntax], _ word: String) -> String {
    operands.dropFirst().reduce(spelling(operands[0])) { "(\($0) \(word) \(spelling($1)))" }
  }

  private func negated(_ operand: Syntax) -> String {
    if case .test(let value, let test) = operand.kind {
      return "(\(spelling(value)) IS NOT \(test.rawValue))"
    }
    return "(NOT \(spelling(operand)))"
  }

  private func spelling(_ value: Syntax, _ pattern: Syntax.LikePattern) -> String {
    let negation = pattern.negatesEach ? "NOT " : ""
    let sign = "\(negation)\(pattern.operator.rawValue)"
    if let quantifier = pattern.quantifier {
      return "(\(spelling(value)) \(sign) \(quantifier.rawValue) (\(joined(pattern.patterns))))"
    }
    let escape = pattern.escape.map { " ESCAPE '\($0)'" } ?? ""
    return "\(spelling(value)) \(sign) \(joined(pattern.patterns))\(escape)"
  }

  private func spelling(_ operand: Syntax?, _ branches: [Syntax.Branch], _ otherwise: Syntax?)
    -> String
  {
    let cases = branches.map { branch in
      let condition = spelling(branch.condition)
      let test = operand.map { "(\(spelling($0)) = \(condition))" } ?? condition
      return " WHEN \(test) THEN \(spelling(branch.value))"
    }
    return "CASE\(cases.joined())\(otherwise.map { " ELSE \(spelling($0))" } ?? "") END"
  }

  private func spelling(_ call: Syntax.Call) -> String {
    let lower = call.name.lowercased()
    let isCount = lower == "count" && call.arguments.count == 1
    let list = call.arguments.map { argument in
      if isCount, case .star(nil, _) = argument.kind { return "1" }
      return spelling(argument)
    }
    if lower == "extract", list.count == 2 { return "extract(\(list[0]) FROM \(list[1]))" }
    var text = "\(lower)(\(call.isDistinct ? "DISTINCT " : "")\(list.joined(separator: ", ")))"
    if !call.order.isEmpty {
      let keys = call.order.map { key in
        "\(spelling(key.expression))\(key.isDescending ? " DESC" : "")"
          + (isExact ? "\(key.nullsFirst)" : "")
      }
      text += " WITHIN GROUP (ORDER BY \(keys.joined(separator: ", ")))"
    }
    if call.ignoresNulls { text += " IGNORE NULLS" }
    if let filter = call.filter { text += " FILTER (WHERE \(spelling(filter)))" }
    return text
  }
}

extension TypeSyntax {
  var description: String { annotation?.typeName ?? type.description }
}

extension TypeAnnotation {
  package var typeName: String {
    switch self {
    case .interval(let fields): fields.description
    case .calendarInterval: "interval"
    case .zoneless: "timestamp_ntz"
    }
  }
}

extension Literal {
  var spelling: String {
    switch self {
    case .null: "NULL"
    case .boolean(let value): "\(value)"
    case .tinyint(let value): "\(value)"
    case .smallint(let value): "\(value)"
    case .int(let value): "\(value)"
    case .bigint(let value): "\(value)"
    case .decimal(let unscaled, _, let scale): decimalText(unscaled, scale: scale)
    case .float(let value): "\(value)"
    case .double(let value): "\(value)"
    case .string(let text): text
    case .binary(let bytes): "X'\(hexadecimal(bytes))'"
    case .typed(let type, let text): "\(type.rawValue) '\(text)'"
    case .yearMonthInterval(let months, let fields):
      IntervalText.literal(months: months, fields)
    case .dayTimeInterval(let microseconds, let fields):
      IntervalText.literal(microseconds: microseconds, fields)
    }
  }
}

/// `-1.50` for -150 at scale 2.
func decimalText(_ unscaled: Int128, scale: Int) -> String {
  guard scale > 0 else { return "\(unscaled)" }
  let digits = "\(unscaled.magnitude)"
  let padded = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
  let sign = unscaled < 0 ? "-" : ""
  return "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  return String(
    decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
