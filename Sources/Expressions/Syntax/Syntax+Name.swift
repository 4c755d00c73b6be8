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
  /// One spelling for each meaning: parentheses around every operator, texts without quotes.
  package var spelling: String {
    switch kind {
    case .literal(let literal): literal.spelling
    case .name(let name): name
    case .star(let of, _): of.map { "\($0.spelling).*" } ?? "*"
    case .field(let base, let name): "\(base.spelling).\(name)"
    case .subscripted(let base, let index): "\(base.spelling)[\(index.spelling)]"
    case .unary(.bitNot, let operand): "~\(operand.spelling)"
    case .unary(let sign, let operand): "(\(sign.rawValue) \(operand.spelling))"
    case .binary(.concatenate, let left, let right): "concat(\(left.spelling), \(right.spelling))"
    case .binary(.notEqual, let left, let right): "(NOT (\(left.spelling) = \(right.spelling)))"
    case .binary(let sign, let left, let right):
      "(\(left.spelling) \(sign.rawValue) \(right.spelling))"
    case .and(let operands): chain(operands, "AND")
    case .or(let operands): chain(operands, "OR")
    case .not(let operand): negated(operand)
    case .between(let value, let low, let high):
      "between(\(value.spelling), \(low.spelling), \(high.spelling))"
    case .within(let value, let list): "(\(value.spelling) IN (\(joined(list))))"
    case .like(let value, let pattern): spelling(value, pattern)
    case .test(let operand, let test): "(\(operand.spelling) IS \(test.rawValue))"
    case .isDistinct(let left, let right): "(NOT (\(left.spelling) <=> \(right.spelling)))"
    case .conditional(let operand, let branches, let otherwise):
      spelling(operand, branches, otherwise)
    case .cast(let operand, let type, let isTrying):
      "\(isTrying ? "TRY_CAST" : "CAST")(\(operand.spelling) AS \(type.description.uppercased()))"
    case .call(let call): call.spelling
    case .lambda(let parameters, let body):
      parameters.count == 1
        ? "\(parameters[0]) -> \(body.spelling)"
        : "(\(parameters.joined(separator: ", "))) -> \(body.spelling)"
    case .tuple(let items): "struct(\(joined(items)))"
    case .aliased(let value, let name): "\(value.spelling) AS \(name)"
    }
  }

  private func joined(_ list: [Syntax]) -> String {
    list.map(\.spelling).joined(separator: ", ")
  }

  private func chain(_ operands: [Syntax], _ word: String) -> String {
    operands.dropFirst().reduce(operands[0].spelling) { "(\($0) \(word) \($1.spelling))" }
  }

  private func negated(_ operand: Syntax) -> String {
    if case .test(let value, let test) = operand.kind {
      return "(\(value.spelling) IS NOT \(test.rawValue))"
    }
    return "(NOT \(operand.spelling))"
  }

  private func spelling(_ value: Syntax, _ pattern: LikePattern) -> String {
    let negation = pattern.negatesEach ? "NOT " : ""
    let sign = "\(negation)\(pattern.operator.rawValue)"
    if let quantifier = pattern.quantifier {
      return "(\(value.spelling) \(sign) \(quantifier.rawValue) (\(joined(pattern.patterns))))"
    }
    let escape = pattern.escape.map { " ESCAPE '\($0)'" } ?? ""
    return "\(value.spelling) \(sign) \(joined(pattern.patterns))\(escape)"
  }

  private func spelling(_ operand: Syntax?, _ branches: [Branch], _ otherwise: Syntax?) -> String {
    let cases = branches.map { branch in
      let condition = branch.condition.spelling
      let test = operand.map { "(\($0.spelling) = \(condition))" } ?? condition
      return " WHEN \(test) THEN \(branch.value.spelling)"
    }
    return "CASE\(cases.joined())\(otherwise.map { " ELSE \($0.spelling)" } ?? "") END"
  }
}

extension Syntax.Call {
  var spelling: String {
    let lower = name.lowercased()
    let isCount = lower == "count" && arguments.count == 1
    let list = arguments.map { argument in
      if isCount, case .star(nil, _) = argument.kind { return "1" }
      return argument.spelling
    }
    if lower == "extract", list.count == 2 { return "extract(\(list[0]) FROM \(list[1]))" }
    var text = "\(lower)(\(isDistinct ? "DISTINCT " : "")\(list.joined(separator: ", ")))"
    if !order.isEmpty {
      let keys = order.map { key in
        "\(key.expression.spelling)\(key.isDescending ? " DESC" : "")"
      }
      text += " WITHIN GROUP (ORDER BY \(keys.joined(separator: ", ")))"
    }
    if let filter { text += " FILTER (WHERE \(filter.spelling))" }
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
