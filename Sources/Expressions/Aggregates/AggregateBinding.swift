import Columnar
import Diagnostics

/// Settles the meaning of one aggregate call.
struct AggregateBinding {
  let function: AggregateFunction
  let call: Syntax.Call
  let syntax: Syntax
  var binder: Binder

  mutating func bind() throws -> AggregateCall {
    try checkForm()
    let nodes = try arguments()
    let shape = try shape(of: nodes)
    let filter = try call.filter.map { filter in
      try Predicate(expression(binder.bind(filter)))
    }
    let order = try call.order.map { key in
      AggregateOrder(
        expression: expression(try binder.bind(key.expression)), isDescending: key.isDescending,
        nullsFirst: key.nullsFirst)
    }
    return AggregateCall(
      function: function, arguments: shape.arguments.map(expression), parameters: shape.parameters,
      merge: shape.merge,
      isDistinct: call.isDistinct || function == .set, filter: filter,
      order: usesOrderAsArgument ? [] : order,
      ignoresNulls: call.ignoresNulls || shape.ignoresNulls, type: shape.type,
      name: syntax.spelling, excerpt: Excerpt(binder.text, syntax.range))
  }

  /// What differs between functions.
  struct Shape {
    var arguments: [Node]
    var parameters: [Value] = []
    var merge: BoundExpression?
    var type: DataType
    var ignoresNulls = false
  }

  private func expression(_ node: Node) -> BoundExpression {
    BoundExpression(
      root: node, text: binder.text, name: binder.source(node.range))
  }

  /// Whether the value that the function is over stands behind ORDER BY.
  private var usesOrderAsArgument: Bool {
    switch function {
    case .percentileContinuous, .percentileDiscrete: true
    case .mode: call.arguments.isEmpty
    default: false
    }
  }

  private var isCountOfRows: Bool {
    if case .star(of: nil, except: _) = call.arguments.first?.kind { return function == .count }
    return false
  }

  // MARK: - The form of the call

  private func checkForm() throws {
    let definition = function.definition
    guard definition.arity.contains(call.arguments.count) else {
      throw binder.failure(
        "\(call.name)() does not take \(call.arguments.count) arguments", syntax.range,
        hint: definition.usage)
    }
    if usesOrderAsArgument {
      guard call.order.count == 1 else {
        throw binder.failure(
          "\(call.name)() needs WITHIN GROUP (ORDER BY …) with one key", syntax.range,
          hint: definition.usage)
      }
    } else if !call.order.isEmpty, function != .join, function != .list {
      throw binder.failure(
        "\(call.name)() takes no WITHIN GROUP (ORDER BY …)", syntax.range, hint: definition.usage)
    }
    if isCountOfRows, call.isDistinct {
      throw binder.failure(
        "count(DISTINCT *) needs columns", syntax.range, hint: "count(DISTINCT a, b)")
    }
    if call.ignoresNulls, function != .first, function != .last {
      throw binder.failure("\(call.name)() takes no IGNORE NULLS", syntax.range)
    }
  }

  private mutating func arguments() throws -> [Node] {
    if isCountOfRows { return [] }
    if function == .reduce { return [try binder.bind(call.arguments[0])] }
    let values =
      usesOrderAsArgument ? call.order.map(\.expression) + call.arguments : call.arguments
    return try values.map { try binder.bind($0) }
  }

  // MARK: - Types

  func misfit(_ node: Node, _ wanted: String) -> StreamError {
    let text = binder.source(node.range)
    let cast =
      wanted == "a number" && node.type == .string
      ? "cast it: '\(call.name)(cast(\(text) AS double)) AS total'" : nil
    return binder.failure(
      "\(binder.source(syntax.range)): \(binder.describe(node)) is \(phrase(node.type)); "
        + "\(call.name)() needs \(wanted)", node.range, hint: cast)
  }

  private mutating func shape(of nodes: [Node]) throws -> Shape {
    switch function {
    case .count: return Shape(arguments: nodes, type: .bigint)
    case .countIf, .boolAnd, .boolOr:
      let type: DataType = function == .countIf ? .bigint : .boolean
      return Shape(arguments: [try boolean(nodes[0])], type: type)
    case .sum, .trySum, .average, .tryAverage: return try sum(of: nodes[0])
    case .least, .greatest: return Shape(arguments: nodes, type: try orderable(nodes[0]).type)
    case .leastBy, .greatestBy:
      _ = try orderable(nodes[1])
      return Shape(arguments: nodes, type: nodes[0].type)
    case .first, .last: return try firstOrLast(nodes)
    case .bitAnd, .bitOr, .bitXor:
      let node = nodes[0].type == .void ? try binder.converted(nodes[0], to: .bigint) : nodes[0]
      guard node.type.isInteger else { throw misfit(node, "an integer") }
      return Shape(arguments: [node], type: node.type)
    case .list, .set: return Shape(arguments: nodes, type: .array(nodes[0].type))
    case .join: return try join(nodes)
    case .approximateCount:
      let deviation = nodes.count > 1 ? try share(nodes[1]) : .double(0.05)
      return Shape(arguments: [nodes[0]], parameters: [deviation], type: .bigint)
    case .mode:
      let isDescending = usesOrderAsArgument && call.order[0].isDescending
      return Shape(
        arguments: [nodes[0]], parameters: [.boolean(isDescending)], type: nodes[0].type)
    case .top:
      let count = try nodes.count > 1 ? size(nodes[1], in: 1...10_000) : 5
      let element = DataType.structure([Field("item", nodes[0].type), Field("count", .bigint)])
      return Shape(
        arguments: [try orderable(nodes[0])], parameters: [.integer(count)], type: .array(element))
    case .histogram: return try histogram(nodes)
    case .sketch: return try sketch(nodes)
    case .sketchUnion: return try sketchUnion(nodes)
    case .bitmapOfPlaces: return Shape(arguments: [try place(nodes[0])], type: .binary)
    case .bitmapOr, .bitmapAnd:
      return Shape(arguments: [try binary(nodes[0], "a bitmap, which is a binary")], type: .binary)
    case .reduce: return try reduction(of: nodes[0])
    case .median, .percentile, .percentileContinuous, .percentileDiscrete, .percentileApproximate:
      return try percentile(nodes)
    default:
      let type: DataType = function == .regressionCount ? .bigint : .double
      return Shape(arguments: try nodes.map { try double($0) }, type: type)
    }
  }

  private func boolean(_ node: Node) throws -> Node {
    if node.type == .void { return try binder.converted(node, to: .boolean) }
    guard node.type == .boolean else { throw misfit(node, "a condition") }
    return node
  }

  private func double(_ node: Node) throws -> Node {
    guard node.type.isNumeric || node.type == .void else { throw misfit(node, "a number") }
    return try binder.converted(node, to: .double)
  }

  private func orderable(_ node: Node) throws -> Node {
    if case .map = node.type { throw misfit(node, "values that have an order") }
    return node
  }

  private func sum(of node: Node) throws -> Shape {
    let isAverage = function == .average || function == .tryAverage
    switch node.type {
    case .tinyint, .smallint, .int, .bigint:
      return Shape(arguments: [node], type: isAverage ? .double : .bigint)
    case .float, .double, .void:
      return Shape(arguments: [try binder.converted(node, to: .double)], type: .double)
    case .decimal(let precision, let scale):
      let type: DataType =
        isAverage
        ? DecimalTypes.adjusted(precision + 4, scale + 4)
        : .decimal(precision: min(38, precision + 10), scale: scale)
      return Shape(arguments: [node], type: type)
    case .dayTimeInterval, .yearMonthInterval: return Shape(arguments: [node], type: node.type)
    default: throw misfit(node, "a number")
    }
  }

  func flag(_ node: Node) throws -> Bool {
    guard let flag = node.constant, flag.type == .boolean, !flag.isNull(0) else {
      throw misfit(node, "true or false")
    }
    return flag.booleans[0]
  }

  private func firstOrLast(_ nodes: [Node]) throws -> Shape {
    let ignoresNulls = nodes.count > 1 ? try flag(nodes[1]) : false
    return Shape(arguments: [nodes[0]], type: nodes[0].type, ignoresNulls: ignoresNulls)
  }

  private func join(_ nodes: [Node]) throws -> Shape {
    guard nodes[0].type == .binary || nodes[0].type == .string || nodes[0].type == .void,
      let text = try binder.coerced(nodes[0], to: .string)
    else { throw misfit(nodes[0], "a string") }
    var delimiter = ""
    if nodes.count > 1 {
      guard let constant = nodes[1].constant, constant.type == .string || constant.type == .void
      else { throw misfit(nodes[1], "a constant delimiter") }
      if !constant.isNull(0) { delimiter = constant.strings.string(0) }
    }
    return Shape(arguments: [text], parameters: [.string(delimiter)], type: .string)
  }

  func size(_ node: Node, in range: ClosedRange<Int64>) throws -> Int64 {
    guard node.type.isInteger, let constant = node.constant,
      case .integer(let value) = constant.value(0), range.contains(value)
    else { throw misfit(node, "a constant from \(range.lowerBound) to \(range.upperBound)") }
    return value
  }

  private func histogram(_ nodes: [Node]) throws -> Shape {
    let count = try size(nodes[1], in: 2...10_000)
    // A bin's centre is of the type of the values, where that has any number.
    let isWord = nodes[0].type.isInteger || nodes[0].type == .float
    let element = DataType.structure([
      Field("x", isWord ? nodes[0].type : .double), Field("y", .double),
    ])
    return Shape(
      arguments: [try double(nodes[0])], parameters: [.integer(count)], type: .array(element))
  }

  // MARK: - Percentiles

  /// A constant from 0 to 1.
  private func share(_ node: Node) throws -> Value {
    guard node.type.isNumeric, let constant = try binder.converted(node, to: .double).constant,
      case .double(let value) = constant.value(0), 0...1 ~= value
    else { throw misfit(node, "a constant from 0 to 1") }
    return .double(value)
  }

  private func shares(_ node: Node) throws -> Value {
    guard case .array(let element) = node.type else { return try share(node) }
    guard element.isNumeric,
      let constant = try binder.converted(node, to: .array(.double)).constant,
      case .list(let values) = constant.value(0),
      values.allSatisfy({ if case .double(let share) = $0 { 0...1 ~= share } else { false } })
    else { throw misfit(node, "constants from 0 to 1") }
    return .list(values)
  }

  private func percentile(_ nodes: [Node]) throws -> Shape {
    let share: Value = function == .median ? .double(0.5) : try shares(nodes[1])
    let isDescending = usesOrderAsArgument && call.order[0].isDescending
    let value: Node
    var type: DataType
    switch function {
    case .percentileApproximate, .percentileDiscrete:
      let isTime = nodes[0].type == .date || nodes[0].type.isTemporal
      guard nodes[0].type.isNumeric || isTime || nodes[0].type == .void else {
        throw misfit(nodes[0], "a number")
      }
      let isExact = function == .percentileDiscrete && nodes[0].type.isNumeric
      value = isExact || nodes[0].type == .void ? try double(nodes[0]) : nodes[0]
      type = value.type
    default:
      value = try double(nodes[0])
      type = .double
    }
    if case .list = share { type = .array(type) }
    let order = Value.boolean(isDescending)
    return Shape(arguments: [value], parameters: [share, order], type: type)
  }
}
