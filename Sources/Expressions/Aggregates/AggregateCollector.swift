import Columnar
import Diagnostics

/// Takes the aggregate calls out of expressions over groups: what is left is an expression over
/// the keys and the calls' results.
///
/// A class, because binders are copied while they bind and all of them collect into one list.
final class AggregateCollector {
  /// Columns of the input, over which keys and arguments are computed.
  let input: Scope
  /// Each key by its identity.
  private let keys: [(identity: String, type: DataType)]
  /// What a list has named already, over the intermediate schema.
  var aliases: [(name: String, node: Node)] = []
  private(set) var calls: [AggregateCall] = []
  private var identities: [String] = []

  init(input: Scope, keys: [(identity: String, type: DataType)]) {
    self.input = input
    self.keys = keys
  }

  /// What a node stands for when it is a key, an alias or an aggregate; nil when it is none, and
  /// its parts are to be looked at.
  func lookUp(_ syntax: Syntax, _ binder: Binder) throws -> Node? {
    if case .name(let name) = syntax.kind,
      let alias = aliases.first(where: { sameName($0.name, name) })
    {
      return alias.node
    }
    let identity = syntax.identity
    if let index = keys.firstIndex(where: { $0.identity == identity }) {
      return Node(.column(index), keys[index].type, range: syntax.range)
    }
    guard case .call(let call) = syntax.kind,
      let function = AggregateFunction.named(call.name.lowercased()),
      function.takes(call.arguments.count)
    else { return nil }
    return try collect(function, call, syntax, binder)
  }

  private func collect(
    _ function: AggregateFunction, _ call: Syntax.Call, _ syntax: Syntax, _ binder: Binder
  ) throws -> Node {
    var inner = Binder(text: binder.text, scope: input)
    inner.isInsideAggregate = true
    let identity = syntax.identity
    if let known = identities.firstIndex(of: identity) {
      return Node(.column(keys.count + known), calls[known].type, range: syntax.range)
    }
    var binding = AggregateBinding(function: function, call: call, syntax: syntax, binder: inner)
    calls.append(try binding.bind())
    identities.append(identity)
    return Node(
      .column(keys.count + calls.count - 1), calls[calls.count - 1].type, range: syntax.range)
  }

  /// The error for a column that is there but has many values in a group.
  func ungrouped(_ name: String, _ range: Range<Int>, _ binder: Binder) -> StreamError? {
    guard case .found = input.match(name) else { return nil }
    return binder.failure(
      "column '\(name)' is neither grouped nor aggregated", range,
      hint: "group by it: --by \(name), or take one of its values: any_value(\(name))")
  }
}
