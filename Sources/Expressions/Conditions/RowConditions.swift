package import Columnar

extension Expression {
  /// What follows for single columns from the expression being true, as far as minima and maxima can
  /// tell.
  ///
  /// - Parameter schema: of the rows; names that are not there say nothing.
  package func rowCondition(over schema: Schema) -> RowCondition {
    var reader = RowConditionReader(
      binder: Binder(text: text, scope: Scope(schema)), schema: schema)
    return reader.condition(syntax)
  }
}

/// Finds conditions on columns in a condition on rows. What it does not know says nothing.
private struct RowConditionReader {
  var binder: Binder
  let schema: Schema

  mutating func condition(_ syntax: Syntax) -> RowCondition {
    switch syntax.kind {
    case .and(let operands): return .all(operands.map { condition($0) })
    case .or(let operands): return .any(operands.map { condition($0) })
    case .binary(let comparison, let left, let right):
      return self.comparison(left, comparison, right)
    case .between(let value, let low, let high):
      return .all([
        comparison(value, .greaterOrEqual, low), comparison(value, .lessOrEqual, high),
      ])
    case .within(let value, let list):
      return .any(list.map { comparison(value, .equal, $0) })
    case .like(let value, let pattern): return likeness(value, pattern)
    case .test(let operand, .null): return column(operand, .isNull)
    case .not(let inner):
      guard case .test(let operand, .null) = inner.kind else { return .always }
      return column(operand, .isNotNull)
    default: return .always
    }
  }

  private mutating func comparison(
    _ left: Syntax, _ sign: BinaryOperator, _ right: Syntax
  ) -> RowCondition {
    if let path = path(left) { return comparison(path, sign, right) }
    if let path = path(right) { return comparison(path, sign.mirrored, left) }
    return .always
  }

  private mutating func comparison(
    _ path: Path, _ sign: BinaryOperator, _ other: Syntax
  ) -> RowCondition {
    guard let comparison = ColumnCondition.Comparison(sign), let other = try? binder.bind(other),
      let nodes = try? binder.compared(path.node, other, sign, path.node.range),
      let value = nodes.1.constant?.value(0), path.node.type.ordersLike(nodes.0.type)
    else { return .always }
    if value == .null, sign == .nullSafeEqual {
      return .column(ColumnCondition(path.names, .isNull))
    }
    return .column(ColumnCondition(path.names, comparison, value))
  }

  private mutating func likeness(_ value: Syntax, _ pattern: Syntax.LikePattern) -> RowCondition {
    guard pattern.operator == .like, pattern.quantifier == nil, pattern.patterns.count == 1,
      let path = path(value), path.node.type == .string,
      let wanted = try? binder.bind(pattern.patterns[0]), wanted.type == .string,
      case .string(let text)? = wanted.constant?.value(0),
      let matcher = try? LikeMatcher(text, escape: pattern.escape ?? "\\"),
      let prefix = String(validating: matcher.prefix, as: UTF8.self)
    else { return .always }
    return .column(ColumnCondition(path.names, .startsWith, .string(prefix)))
  }

  private mutating func column(
    _ syntax: Syntax, _ comparison: ColumnCondition.Comparison
  ) -> RowCondition {
    path(syntax).map { .column(ColumnCondition($0.names, comparison)) } ?? .always
  }

  // MARK: - Columns

  /// A column, or a member of a struct.
  private struct Path {
    let names: [String]
    let node: Node
  }

  private mutating func path(_ syntax: Syntax) -> Path? {
    guard let node = try? binder.bind(syntax) else { return nil }
    if case .column(let index) = node.form {
      return Path(names: [schema.fields[index].name], node: node)
    }
    guard case .field(let base, let name) = syntax.kind, let base = path(base),
      case .structure(let fields) = base.node.type, let index = fieldIndex(name, in: fields)
    else { return nil }
    return Path(names: base.names + [fields[index].name], node: node)
  }
}

extension DataType {
  /// Whether values keep their order, and the form of their constants, in the other type, to which
  /// they are brought to be compared.
  fileprivate func ordersLike(_ other: DataType) -> Bool {
    switch (self, other) {
    case (.float, .double): true
    case (.decimal(_, let scale), .decimal(_, let otherScale)): scale == otherScale
    default: self == other || isInteger && other.isInteger
    }
  }
}

extension ColumnCondition.Comparison {
  fileprivate init?(_ sign: BinaryOperator) {
    switch sign {
    case .less: self = .less
    case .lessOrEqual: self = .lessOrEqual
    case .equal, .nullSafeEqual: self = .equal
    case .greaterOrEqual: self = .greaterOrEqual
    case .greater: self = .greater
    default: return nil
    }
  }
}
