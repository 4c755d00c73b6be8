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
  /// All that has to be true, taken apart at each AND; nothing for a list of names.
  let conjuncts: [Conjunct]
  let sides: JoinSides

  struct Conjunct: Sendable {
    let syntax: Syntax
    /// It is one of the equalities.
    let isEquality: Bool
  }

  /// The qualifiers of the two inputs.
  package static let qualifiers = (left: "l", right: "r")

  /// Reads `id`, a list of names that both inputs have, or `l.id = r.ad_id AND l.n < r.n`, a
  /// condition in which `l` and `r` stand for the inputs.
  ///
  /// - Parameters:
  ///   - leftName: what messages call the left input.
  ///   - rightName: likewise: `the table`.
  /// - Throws: `StreamError` of kind usage for names that are not there, types that do not fit, and a
  ///   condition without any equality.
  package init(
    parsing text: String, left: Schema, right: Schema, leftName: String = "the stream",
    rightName: String
  ) throws {
    let items = try Expression.parseList(text)
    let names = items.compactMap(\.plainName)
    let sides = JoinSides(text, left, right)
    if names.count == items.count {
      try self.init(names, sides, leftName, rightName)
    } else if items.count == 1, items[0].aliases.isEmpty {
      try self.init(items[0], sides)
    } else {
      throw StreamError(
        .usage, "expected a list of names or one condition but found '\(text)'",
        hint: "join conditions by AND: 'l.id = r.id AND l.kind = r.kind'")
    }
  }

  private init(
    _ names: [(name: String, range: Range<Int>)], _ sides: JoinSides, _ leftName: String,
    _ rightName: String
  ) throws {
    var equalities: [Equality] = []
    var shared: [SharedColumn] = []
    for (name, range) in names {
      let binder = sides.binder(.left)
      let one = try binder.commonColumn(name, range, of: leftName)
      let other = try sides.binder(.right).commonColumn(name, range, of: rightName)
      if shared.contains(where: { $0.left == one.index }) {
        throw binder.failure("'\(name)' is named twice", range)
      }
      shared.append(SharedColumn(left: one.index, right: other.index))
      let nodes = try binder.compared(one.node, other.node, .equal, range)
      equalities.append(Equality(nodes, sides, matchesNulls: false))
    }
    self.equalities = equalities
    self.shared = shared
    self.sides = sides
    residual = nil
    conjuncts = []
  }

  private init(_ expression: Expression, _ sides: JoinSides) throws {
    var equalities: [Equality] = []
    var conjuncts: [Conjunct] = []
    for part in expression.syntax.conjuncts {
      let equality = try sides.equality(part)
      if let equality { equalities.append(equality) }
      conjuncts.append(Conjunct(syntax: part, isEquality: equality != nil))
    }
    // All of it is bound, so that what does not fit is told before what is missing.
    let whole = try Predicate(sides.bind(expression.syntax))
    guard !equalities.isEmpty else {
      throw StreamError(
        .usage,
        "the condition has no equality between a value of l and one of r, so that each row would "
          + "have to be compared with all rows of the other side",
        excerpt: Excerpt(expression.text, expression.syntax.range),
        hint: "--on 'l.id = r.id AND …'")
    }
    self.equalities = equalities
    self.conjuncts = conjuncts
    self.sides = sides
    shared = []
    let rest = conjuncts.filter { !$0.isEquality }.map(\.syntax)
    residual = rest.count == conjuncts.count ? whole : try sides.predicate(allOf: rest)
  }
}

extension Expression {
  /// The name that this expression is, and nothing else.
  fileprivate var plainName: (name: String, range: Range<Int>)? {
    guard aliases.isEmpty, case .name(let name) = syntax.kind else { return nil }
    return (name, syntax.range)
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
