import Columnar
import Diagnostics

/// A value that a lambda makes of two.
extension AggregateBinding {
  mutating func reduction(of node: Node) throws -> Shape {
    var value = node
    var merge = try merge(ofTwo: value.type)
    if merge.type != value.type {
      // Values take the type of what is made of them.
      guard var wider = Coercion.common(value.type, merge.type) else {
        throw misfit(merge, phrase(value.type))
      }
      // A sum of decimals has a digit more, and a sum of sums another one.
      if case .decimal(_, let scale) = wider { wider = .decimal(precision: 38, scale: scale) }
      value = try binder.converted(value, to: wider)
      merge = try self.merge(ofTwo: wider)
      guard merge.type == wider else {
        throw binder.failure(
          "the lambda makes \(phrase(merge.type)) of two of \(phrase(wider)); reduce() needs the "
            + "same type", call.arguments[1].range)
      }
    }
    let expression = BoundExpression(
      root: merge, text: binder.text, name: binder.source(call.arguments[1].range))
    return Shape(arguments: [value], merge: expression, type: value.type)
  }

  /// The lambda's body: all that it knows are the two values.
  private mutating func merge(ofTwo type: DataType) throws -> Node {
    let outer = binder.scope
    defer { binder.scope = outer }
    guard case .lambda(let parameters, let syntax) = call.arguments[1].kind, parameters.count == 2
    else {
      throw binder.failure(
        "reduce() needs a lambda of two values here, such as (x, y) -> x + y",
        call.arguments[1].range)
    }
    binder.scope = Scope(Schema(parameters.map { Field($0, type) }))
    let body = try binder.bind(syntax)
    if body.asksForTheTime {
      throw binder.failure("the lambda of reduce() has no time", body.range)
    }
    return body
  }
}
