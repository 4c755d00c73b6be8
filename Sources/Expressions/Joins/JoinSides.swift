import Columnar
import Diagnostics

/// One of the inputs of a join.
enum JoinSide {
  case left
  case right
}

/// The columns of both inputs of a join, and what a condition says of them.
struct JoinSides: Sendable {
  let text: String
  let left: Schema
  let right: Schema
  private let leftScope: Scope
  private let rightScope: Scope
  private let joint: Scope

  init(_ text: String, _ left: Schema, _ right: Schema) {
    let qualifiers = JoinCondition.qualifiers
    let leftColumns = left.fields.map { Scope.Column($0, qualifier: qualifiers.left) }
    let rightColumns = right.fields.map { Scope.Column($0, qualifier: qualifiers.right) }
    self.text = text
    self.left = left
    self.right = right
    leftScope = Scope(leftColumns)
    rightScope = Scope(rightColumns)
    joint = Scope(leftColumns + rightColumns)
  }

  func binder(_ side: JoinSide) -> Binder {
    Binder(text: text, scope: side == .left ? leftScope : rightScope)
  }

  /// Over the columns of both sides.
  func bind(_ syntax: Syntax) throws -> BoundExpression { try bind(syntax, to: joint) }

  private func bind(_ syntax: Syntax, to scope: Scope) throws -> BoundExpression {
    try Expression(text: text, syntax: syntax, aliases: []).bind(to: scope)
  }

  /// - Parameters:
  ///   - conditions: nil comes back for none.
  ///   - side: the only one whose columns are looked at; nil for both.
  func predicate(allOf conditions: [Syntax], on side: JoinSide? = nil) throws -> Predicate? {
    guard !conditions.isEmpty else { return nil }
    let scope =
      switch side {
      case .left: leftScope
      case .right: rightScope
      case nil: joint
      }
    return try Predicate(bind(Syntax(allOf: conditions), to: scope))
  }

  /// - Returns: nil for a condition that is no equality of one side with the other.
  func equality(_ syntax: Syntax) throws -> JoinCondition.Equality? {
    guard let (first, second, matchesNulls) = syntax.equated else { return nil }
    switch (try side(of: first), try side(of: second)) {
    case (.left, .right): return try equality(first, second, syntax.range, matchesNulls)
    case (.right, .left): return try equality(second, first, syntax.range, matchesNulls)
    default: return nil
    }
  }

  private func equality(
    _ one: Syntax, _ other: Syntax, _ range: Range<Int>, _ matchesNulls: Bool
  ) throws -> JoinCondition.Equality {
    var (leftBinder, rightBinder) = (binder(.left), binder(.right))
    let nodes = try leftBinder.compared(
      leftBinder.bind(one), rightBinder.bind(other), matchesNulls ? .nullSafeEqual : .equal, range)
    return JoinCondition.Equality(nodes, self, matchesNulls: matchesNulls)
  }

  /// The side that all columns of an expression are of; nil when there are none, or columns of both,
  /// or when the value changes with time: those of rows that are kept are computed once.
  func side(of syntax: Syntax) throws -> JoinSide? {
    var binder = Binder(text: text, scope: joint)
    let node = try binder.bind(syntax)
    let columns = node.columnsUsed.filter { $0 < joint.columns.count }
    if columns.isEmpty || node.dependsOnNow { return nil }
    if columns.allSatisfy({ $0 < left.fields.count }) { return .left }
    return columns.allSatisfy { $0 >= left.fields.count } ? .right : nil
  }
}

extension JoinCondition.Equality {
  init(_ nodes: (left: Node, right: Node), _ sides: JoinSides, matchesNulls: Bool) {
    func bound(_ node: Node, _ schema: Schema) -> BoundExpression {
      let name = String(decoding: Array(sides.text.utf8)[node.range], as: UTF8.self)
      return BoundExpression(
        root: node, text: sides.text, name: name, columnCount: schema.fields.count)
    }
    self.init(
      left: bound(nodes.left, sides.left), right: bound(nodes.right, sides.right),
      matchesNulls: matchesNulls)
  }
}

extension Syntax {
  /// What must all be true for this to be.
  var conjuncts: [Syntax] {
    if case .and(let operands) = kind { return operands.flatMap(\.conjuncts) }
    return [self]
  }

  /// - Parameter conditions: at least one.
  fileprivate init(allOf conditions: [Syntax]) {
    if conditions.count == 1 {
      self = conditions[0]
    } else {
      let depth = conditions.map(\.depth).max() ?? 0
      let range =
        conditions[0].range.lowerBound..<conditions[conditions.count - 1].range.upperBound
      self.init(kind: .and(conditions), range: range, depth: depth + 1)
    }
  }

  /// `a = b`, `a <=> b`, `a IS NOT DISTINCT FROM b`.
  fileprivate var equated: (Syntax, Syntax, matchesNulls: Bool)? {
    switch kind {
    case .binary(.equal, let first, let second): return (first, second, false)
    case .binary(.nullSafeEqual, let first, let second): return (first, second, true)
    case .not(let inner):
      guard case .isDistinct(let first, let second) = inner.kind else { return nil }
      return (first, second, true)
    default: return nil
    }
  }
}

extension Node {
  fileprivate var dependsOnNow: Bool {
    if case .now = form { return true }
    return children.contains(where: \.dependsOnNow)
  }
}
