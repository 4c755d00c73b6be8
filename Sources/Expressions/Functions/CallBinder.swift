import Columnar
import Diagnostics

/// A call whose arguments are bound and whose meaning is being settled.
struct CallBinder {
  let binder: Binder
  /// As it was written.
  let name: String
  let arguments: [Node]
  let range: Range<Int>

  init(_ binder: Binder, name: String, arguments: [Node], range: Range<Int>) {
    self.binder = binder
    self.name = name
    self.arguments = arguments
    self.range = range
  }

  var count: Int { arguments.count }

  subscript(index: Int) -> Node { arguments[index] }

  /// An argument in the form that a parameter asks for.
  func argument(_ index: Int, _ parameter: Parameter) throws -> Node {
    guard let fitted = try parameter.fit(arguments[index], binder) else {
      throw misfit(index, parameter.phrase)
    }
    return fitted
  }

  func argument(_ index: Int, to type: DataType) throws -> Node {
    guard let fitted = try binder.coerced(arguments[index], to: type) else {
      throw misfit(index, phrase(type))
    }
    return fitted
  }

  /// `upper(arr): column 'arr' is an array<bigint>; upper() needs a string`.
  func misfit(_ index: Int, _ wanted: String) -> StreamError {
    let argument = arguments[index]
    return binder.failure(
      "\(binder.source(range)): \(binder.describe(argument)) is \(phrase(argument.type)); "
        + "\(name)() needs \(wanted)", argument.range)
  }

  func failure(_ message: String, _ range: Range<Int>? = nil, hint: String? = nil) -> StreamError {
    binder.failure(message, range ?? self.range, hint: hint)
  }

  func call(
    _ kernel: Kernel, _ arguments: [Node], _ type: DataType, annotation: TypeAnnotation? = nil,
    isTrying: Bool = false
  ) -> Node {
    binder.call(kernel, arguments, type, annotation: annotation, isTrying: isTrying, range)
  }

  /// The text of a constant argument; nil when it is null or no constant.
  func constantText(_ index: Int) -> String? {
    guard index < count, let column = arguments[index].constant, column.type == .string,
      !column.isNull(0)
    else { return nil }
    return column.strings.string(0)
  }

  /// All arguments in the type that they have in common.
  func unified(from first: Int = 0, readsText: Bool = true) throws -> (
    nodes: [Node], type: DataType
  ) {
    let rest = arguments[first...]
    guard let type = Coercion.common(rest.map(\.type), readsText: readsText) else {
      let stranger =
        rest.indices.first {
          Coercion.common(arguments[first].type, arguments[$0].type, readsText: readsText) == nil
        } ?? first
      throw failure(
        "the arguments of \(name)() do not go together: \(binder.describe(arguments[first])) is "
          + "\(phrase(arguments[first].type)), \(binder.describe(arguments[stranger])) is "
          + "\(phrase(arguments[stranger].type))", arguments[stranger].range)
    }
    return (try rest.map { try binder.converted($0, to: type) }, type)
  }
}

extension Binder {
  mutating func bind(_ call: Syntax.Call, _ range: Range<Int>) throws -> Node {
    let name = call.name.lowercased()
    if AggregateFunction.named(name) != nil, FunctionTable.byName[name] == nil {
      throw failure(
        isInsideAggregate
          ? "\(call.name)() cannot stand inside another aggregate"
          : "\(call.name)() goes over many rows, so it cannot stand here",
        call.nameRange, hint: isInsideAggregate ? nil : "stream-agg '\(source(range))'")
    }
    guard let function = FunctionTable.byName[name] else {
      throw unknownFunction(call, range)
    }
    try refuseAggregateClauses(call, range)
    guard function.arity.contains(call.arguments.count) else {
      throw wrongCount(function, call, range)
    }
    switch function.meaning {
    case .higherOrder(let bind): return try bind(&self, call, range)
    case .scalar(let bind):
      let arguments = try bindArguments(call)
      return try bind(CallBinder(self, name: call.name, arguments: arguments, range: range))
    }
  }

  private mutating func bindArguments(_ call: Syntax.Call) throws -> [Node] {
    try call.arguments.map { try bind($0) }
  }

  private func unknownFunction(_ call: Syntax.Call, _ range: Range<Int>) -> StreamError {
    let names = Array(FunctionTable.byName.keys) + AggregateFunction.allNames
    if let refusal = Refusal.of(call.name.lowercased()) {
      return failure(
        "\(call.name)(): \(refusal.reason)", call.nameRange,
        hint: refusal.hint(for: source(range)))
    }
    let advice = suggestion(for: call.name, among: names.sorted())
    return failure("no function '\(call.name)'\(advice)", call.nameRange)
  }

  private func refuseAggregateClauses(_ call: Syntax.Call, _ range: Range<Int>) throws {
    if call.isDistinct {
      throw failure("DISTINCT goes with functions over many rows, not with \(call.name)()", range)
    }
    if call.filter != nil || !call.order.isEmpty || call.ignoresNulls {
      throw failure(
        "FILTER, WITHIN GROUP and IGNORE NULLS go with functions over many rows, not with "
          + "\(call.name)()", range)
    }
  }

  private func wrongCount(
    _ function: Function, _ call: Syntax.Call, _ range: Range<Int>
  ) -> StreamError {
    let (least, most) = (function.arity.lowerBound, function.arity.upperBound)
    let wanted =
      least == most ? "\(least)" : most > 100 ? "\(least) or more" : "\(least) to \(most)"
    let noun = wanted == "1" ? "argument" : "arguments"
    return failure(
      "\(call.name)() takes \(wanted) \(noun), but \(call.arguments.count) stand here", range,
      hint: function.usage)
  }
}
