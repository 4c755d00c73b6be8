package import Columnar
import Diagnostics

/// What makes a row of the left input and a row of the right one a pair: values of both that have to
/// be equal, and what else must be true.
package struct JoinCondition: Sendable {
  /// A value of the left row that has to be equal to one of the right row.
  package struct Equality: Sendable {
    /// Over the columns of the left input.
    package let left: BoundExpression
    /// Over the columns of the right input; of the same type.
    package let right: BoundExpression
    /// Whether null is equal to null (`<=>`); else it is equal to nothing.
    package let matchesNulls: Bool
  }

  /// A column that both inputs have and that is equal in pairs, so that it is one column behind the
  /// join.
  package struct SharedColumn: Sendable {
    package let left: Int
    package let right: Int
  }

  /// At least one.
  package let equalities: [Equality]
  /// Over the columns of the left input, then those of the right one; nil where nothing else is
  /// asked for.
  package let residual: Predicate?
  /// For a condition that is a list of names.
  package let shared: [SharedColumn]

  /// The qualifiers of the two inputs.
  package static let qualifiers = (left: "l", right: "r")

  /// Reads `id`, a list of names that both inputs have, or `l.id = r.ad_id AND l.n < r.n`, a
  /// condition in which `l` and `r` stand for the inputs.
  ///
  /// - Parameter rightName: what messages call the right input: `the table`.
  /// - Throws: `StreamError` of kind usage for names that are not there, types that do not fit, and a
  ///   condition without any equality.
  package init(parsing text: String, left: Schema, right: Schema, rightName: String) throws {
    let items = try Expression.parseList(text)
    let names = items.compactMap(\.plainName)
    if names.count == items.count {
      try self.init(names, text, left, right, rightName)
    } else if items.count == 1, items[0].aliases.isEmpty {
      try self.init(items[0], left, right)
    } else {
      throw StreamError(
        .usage, "expected a list of names or one condition but found '\(text)'",
        hint: "join conditions by AND: 'l.id = r.id AND l.kind = r.kind'")
    }
  }

  private init(
    _ names: [(name: String, range: Range<Int>)], _ text: String, _ left: Schema, _ right: Schema,
    _ rightName: String
  ) throws {
    var equalities: [Equality] = []
    var shared: [SharedColumn] = []
    for (name, range) in names {
      let (first, second) = (Side.left.scope(of: left), Side.right.scope(of: right))
      let binder = Binder(text: text, scope: first)
      let one = try binder.commonColumn(name, range, of: "the stream")
      let other = try Binder(text: text, scope: second).commonColumn(name, range, of: rightName)
      if shared.contains(where: { $0.left == one.index }) {
        throw binder.failure("'\(name)' is named twice", range)
      }
      shared.append(SharedColumn(left: one.index, right: other.index))
      let nodes = try binder.compared(one.node, other.node, .equal, range)
      equalities.append(
        Equality(nodes, text, left: left, right: right, matchesNulls: false))
    }
    self.equalities = equalities
    self.shared = shared
    residual = nil
  }

  private init(_ expression: Expression, _ left: Schema, _ right: Schema) throws {
    let splitter = ConditionSplitter(expression.text, left, right)
    var equalities: [Equality] = []
    var rest: [Syntax] = []
    for part in expression.syntax.conjuncts {
      if let equality = try splitter.equality(part) {
        equalities.append(equality)
      } else {
        rest.append(part)
      }
    }
    // All of it is bound, so that what does not fit is told before what is missing.
    let whole = try Predicate(splitter.bind(expression.syntax))
    guard !equalities.isEmpty else {
      throw StreamError(
        .usage,
        "the condition has no equality between a value of l and one of r, so that each row would "
          + "have to be compared with all rows of the other side",
        excerpt: Excerpt(expression.text, expression.syntax.range),
        hint: "--on 'l.id = r.id AND …'")
    }
    self.equalities = equalities
    shared = []
    if rest.isEmpty {
      residual = nil
    } else if rest.count == expression.syntax.conjuncts.count {
      residual = whole
    } else {
      residual = try Predicate(splitter.bind(Syntax(allOf: rest)))
    }
  }
}

extension JoinCondition.Equality {
  init(
    _ nodes: (left: Node, right: Node), _ text: String, left: Schema, right: Schema,
    matchesNulls: Bool
  ) {
    func bound(_ node: Node, _ schema: Schema) -> BoundExpression {
      let name = String(decoding: Array(text.utf8)[node.range], as: UTF8.self)
      return BoundExpression(
        root: node, text: text, name: name, columnCount: schema.fields.count)
    }
    self.init(
      left: bound(nodes.left, left), right: bound(nodes.right, right), matchesNulls: matchesNulls)
  }
}

/// One of the inputs of a join.
private enum Side {
  case left
  case right

  func columns(of schema: Schema) -> [Scope.Column] {
    let (left, right) = JoinCondition.qualifiers
    return schema.fields.map { Scope.Column($0, qualifier: self == .left ? left : right) }
  }

  func scope(of schema: Schema) -> Scope { Scope(columns(of: schema)) }
}

/// Tells equalities of the two sides from all else.
private struct ConditionSplitter {
  private let text: String
  private let left: Schema
  private let right: Schema
  private let joint: Scope

  init(_ text: String, _ left: Schema, _ right: Schema) {
    self.text = text
    self.left = left
    self.right = right
    joint = Scope(Side.left.columns(of: left) + Side.right.columns(of: right))
  }

  /// Over the columns of both sides.
  func bind(_ syntax: Syntax) throws -> BoundExpression {
    try Expression(text: text, syntax: syntax, aliases: []).bind(to: joint)
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
    var leftBinder = Binder(text: text, scope: Side.left.scope(of: left))
    var rightBinder = Binder(text: text, scope: Side.right.scope(of: right))
    let nodes = try leftBinder.compared(
      leftBinder.bind(one), rightBinder.bind(other), matchesNulls ? .nullSafeEqual : .equal, range)
    return JoinCondition.Equality(
      nodes, text, left: left, right: right, matchesNulls: matchesNulls)
  }

  /// The side that all columns of an expression are of; nil when there are none, or columns of both,
  /// or when the value changes with time: those of a table are computed once.
  private func side(of syntax: Syntax) throws -> Side? {
    var binder = Binder(text: text, scope: joint)
    let node = try binder.bind(syntax)
    let columns = node.columnsUsed.filter { $0 < joint.columns.count }
    if columns.isEmpty || node.dependsOnNow { return nil }
    if columns.allSatisfy({ $0 < left.fields.count }) { return .left }
    return columns.allSatisfy { $0 >= left.fields.count } ? .right : nil
  }
}

extension Expression {
  /// The name that this expression is, and nothing else.
  fileprivate var plainName: (name: String, range: Range<Int>)? {
    guard aliases.isEmpty, case .name(let name) = syntax.kind else { return nil }
    return (name, syntax.range)
  }
}

extension Syntax {
  /// What must all be true for this to be.
  fileprivate var conjuncts: [Syntax] {
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

extension Binder {
  /// A column of a list of names that both sides have.
  fileprivate func commonColumn(
    _ name: String, _ range: Range<Int>, of side: String
  ) throws -> (node: Node, index: Int) {
    switch scope.match(name) {
    case .found(let index, let type):
      return (Node(.column(index), type, range: range), index)
    case .ambiguous:
      throw failure("several columns of \(side) are called '\(name)'", range)
    case .missing:
      guard !scope.names.isEmpty else {
        throw failure("no column '\(name)' in \(side): it has no columns", range)
      }
      let guess = suggestion(for: name, among: scope.names)
      throw failure(
        "no column '\(name)' in \(side)\(guess); columns: \(scope.names.joined(separator: ", "))",
        range, hint: "where the names differ: --on 'l.\(name) = r.…'")
    }
  }
}
