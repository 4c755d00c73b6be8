extension Syntax.Kind {
  /// The nodes right below, in the order of the text.
  package var children: [Syntax] {
    switch self {
    case .literal, .name: []
    case .star(let of, _): of.map { [$0] } ?? []
    case .field(let base, _): [base]
    case .subscripted(let base, let index): [base, index]
    case .unary(_, let operand), .not(let operand), .test(let operand, _),
      .cast(let operand, _, _), .aliased(let operand, _):
      [operand]
    case .binary(_, let left, let right), .isDistinct(let left, let right): [left, right]
    case .and(let operands), .or(let operands), .tuple(let operands): operands
    case .between(let value, let low, let high): [value, low, high]
    case .within(let value, let list): [value] + list
    case .like(let value, let pattern): [value] + pattern.patterns
    case .conditional(let operand, let branches, let otherwise):
      (operand.map { [$0] } ?? []) + branches.flatMap { [$0.condition, $0.value] }
        + (otherwise.map { [$0] } ?? [])
    case .call(let call):
      call.arguments + call.order.map(\.expression) + (call.filter.map { [$0] } ?? [])
    case .lambda(_, let body): [body]
    }
  }
}
