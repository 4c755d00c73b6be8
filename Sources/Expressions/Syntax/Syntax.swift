package import Columnar

/// One node of an expression as it was written: what it says and where.
package struct Syntax: Sendable, Equatable {
  package let kind: Kind
  /// UTF-8 offsets into the text that was parsed.
  package let range: Range<Int>
  /// How many nodes lie on the longest way down; bounded by the parser, so that recursion over
  /// the tree is safe.
  let depth: Int

  package indirect enum Kind: Sendable, Equatable {
    case literal(Literal)
    case name(String)
    /// `*`, alone or in `count(*)`, or a star over a struct or one side of a join; without the
    /// columns named behind `EXCEPT`.
    case star(of: Syntax?, except: [String])
    case field(Syntax, String)
    case subscripted(Syntax, index: Syntax)
    case unary(UnaryOperator, Syntax)
    case binary(BinaryOperator, Syntax, Syntax)
    /// Two operands or more: chains are one node, so that a long one is not a deep one.
    case and([Syntax])
    case or([Syntax])
    case not(Syntax)
    case between(Syntax, low: Syntax, high: Syntax)
    case within(Syntax, [Syntax])
    case like(Syntax, LikePattern)
    case test(Syntax, Test)
    case isDistinct(Syntax, from: Syntax)
    case conditional(operand: Syntax?, branches: [Branch], otherwise: Syntax?)
    case cast(Syntax, to: TypeSyntax, isTrying: Bool)
    case call(Call)
    case lambda(parameters: [String], body: Syntax)
    /// `(a, b)`: a struct of its values.
    case tuple([Syntax])
    /// `struct(a AS b)`.
    case aliased(Syntax, as: String)
  }

  /// `WHEN condition THEN value`.
  package struct Branch: Sendable, Equatable {
    package let condition: Syntax
    package let value: Syntax
  }

  package enum Test: String, Sendable, Equatable {
    case null = "NULL"
    case `true` = "TRUE"
    case `false` = "FALSE"
    case unknown = "UNKNOWN"
  }

  package struct LikePattern: Sendable, Equatable {
    package enum Operator: String, Sendable {
      case like = "LIKE"
      case ilike = "ILIKE"
      case rlike = "RLIKE"
    }

    /// Whether one of several patterns must match, or each.
    package enum Quantifier: String, Sendable {
      case any = "ANY"
      case all = "ALL"
    }

    package let `operator`: Operator
    package let quantifier: Quantifier?
    /// For `NOT LIKE ANY` and `NOT LIKE ALL`, which negate each comparison, not the whole.
    package let negatesEach: Bool
    package let patterns: [Syntax]
    package let escape: Character?
  }

  package struct Call: Sendable, Equatable {
    /// As it was written.
    package let name: String
    package let nameRange: Range<Int>
    package var arguments: [Syntax]
    package var isDistinct = false
    package var filter: Syntax?
    package var order: [SortSyntax] = []
    package var ignoresNulls = false
  }
}

/// `n DESC NULLS LAST`.
package struct SortSyntax: Sendable, Equatable {
  package let expression: Syntax
  package let isDescending: Bool
  package let nullsFirst: Bool
}

/// A type as a cast names it; some differ in how they are written only.
package struct TypeSyntax: Sendable, Equatable {
  package let type: DataType
  package var annotation: TypeAnnotation? = nil
  package let range: Range<Int>
}

package enum UnaryOperator: String, Sendable {
  case plus = "+"
  case minus = "-"
  case bitNot = "~"
}

package enum BinaryOperator: String, Sendable, CaseIterable {
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case integerDivide = "div"
  case add = "+"
  case subtract = "-"
  case concatenate = "||"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case shiftRightUnsigned = ">>>"
  case bitAnd = "&"
  case bitXor = "^"
  case bitOr = "|"
  case equal = "="
  case notEqual = "<>"
  case nullSafeEqual = "<=>"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="

  /// How strongly it binds: Spark's order, comparisons weakest.
  var precedence: Int {
    switch self {
    case .multiply, .divide, .remainder, .integerDivide: 6
    case .add, .subtract, .concatenate: 5
    case .shiftLeft, .shiftRight, .shiftRightUnsigned: 4
    case .bitAnd: 3
    case .bitXor: 2
    case .bitOr: 1
    default: 0
    }
  }

  package var isComparison: Bool { precedence == 0 }

  /// The comparison that says the same of the operands the other way round.
  var mirrored: BinaryOperator {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    default: self
    }
  }
}
