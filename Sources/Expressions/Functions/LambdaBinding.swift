import Columnar
import Diagnostics

/// Functions that take a lambda.
enum LambdaBinding {
  /// Binds a lambda's body with its parameters as further columns.
  private static func body(
    _ binder: inout Binder, _ syntax: Syntax, _ types: [DataType], in name: String, most: Int? = nil
  ) throws -> (node: Node, count: Int) {
    guard case .lambda(let parameters, let body) = syntax.kind else {
      throw binder.failure(
        "\(name)() needs a lambda here, such as x -> x + 1", syntax.range)
    }
    guard parameters.count <= types.count, most == nil || parameters.count == most else {
      throw binder.failure(
        "\(name)() gives its lambda \(types.count) values, but it takes \(parameters.count)",
        syntax.range)
    }
    let saved = binder.scope
    defer { binder.scope = saved }
    binder.scope.variables += Swift.zip(parameters, types).map { Field($0, $1) }
    return (try binder.bind(body), parameters.count)
  }

  private static func node(
    _ function: HigherOrderFunction, _ arguments: [Node], _ body: (node: Node, count: Int),
    _ type: DataType, _ range: Range<Int>
  ) -> Node {
    let call = HigherOrderCall(
      function: function, arguments: arguments, body: body.node, parameterCount: body.count)
    return Node(.higherOrder(call), type, range: range)
  }

  private static func misfit(
    _ binder: Binder, _ node: Node, _ call: Syntax.Call, _ wanted: String
  ) -> StreamError {
    binder.failure(
      "\(binder.describe(node)) is \(phrase(node.type)); \(call.name)() needs \(wanted)", node.range
    )
  }

  static func overElements(
    _ binder: inout Binder, _ call: Syntax.Call, _ range: Range<Int>,
    _ function: HigherOrderFunction
  ) throws -> Node {
    let array = try binder.bind(call.arguments[0])
    guard case .array(let element) = array.type else {
      throw misfit(binder, array, call, "an array")
    }
    var offered: [DataType] = [element]
    if function == .transform || function == .filter { offered.append(.int) }
    var body = try body(&binder, call.arguments[1], offered, in: call.name)
    switch function {
    case .transform: return node(.transform, [array], body, .array(body.node.type), range)
    case .filter:
      body.node = try binder.condition(body.node, of: "filter()")
      return node(.filter, [array], body, array.type, range)
    default:
      body.node = try binder.condition(body.node, of: "\(call.name)()")
      return node(function, [array], body, .boolean, range)
    }
  }

  static func overEntries(
    _ binder: inout Binder, _ call: Syntax.Call, _ range: Range<Int>,
    _ function: HigherOrderFunction
  ) throws -> Node {
    let map = try binder.bind(call.arguments[0])
    guard case .map(let key, let value) = map.type else { throw misfit(binder, map, call, "a map") }
    var body = try body(&binder, call.arguments[1], [key, value], in: call.name, most: 2)
    switch function {
    case .transformKeys:
      return node(function, [map], body, .map(key: body.node.type, value: value), range)
    case .transformValues:
      return node(function, [map], body, .map(key: key, value: body.node.type), range)
    default:
      body.node = try binder.condition(body.node, of: "map_filter()")
      return node(.filter, [map], body, map.type, range)
    }
  }

  static func zip(_ binder: inout Binder, _ call: Syntax.Call, _ range: Range<Int>) throws -> Node {
    let arrays = [try binder.bind(call.arguments[0]), try binder.bind(call.arguments[1])]
    guard case .array(let left) = arrays[0].type else {
      throw misfit(binder, arrays[0], call, "an array")
    }
    guard case .array(let right) = arrays[1].type else {
      throw misfit(binder, arrays[1], call, "an array")
    }
    let body = try body(&binder, call.arguments[2], [left, right], in: call.name, most: 2)
    return node(.zipWith, arrays, body, .array(body.node.type), range)
  }

  /// `array_sort(array[, (a, b) -> …])`.
  static func sort(_ binder: inout Binder, _ call: Syntax.Call, _ range: Range<Int>) throws -> Node
  {
    let array = try binder.bind(call.arguments[0])
    guard case .array(let element) = array.type else {
      throw misfit(binder, array, call, "an array")
    }
    if call.arguments.count == 1 {
      return binder.call(Arrays.sortNullsLast, [array], array.type, range)
    }
    let body = try body(&binder, call.arguments[1], [element, element], in: call.name, most: 2)
    guard body.node.type == .int else {
      throw misfit(binder, body.node, call, "an int that is below, at or above 0")
    }
    return node(.sort, [array], body, array.type, range)
  }

  static func zipMaps(
    _ binder: inout Binder, _ call: Syntax.Call, _ range: Range<Int>
  ) throws -> Node {
    var maps = [try binder.bind(call.arguments[0]), try binder.bind(call.arguments[1])]
    guard case .map(let key, let left) = maps[0].type else {
      throw misfit(binder, maps[0], call, "a map")
    }
    guard case .map(let other, let right) = maps[1].type else {
      throw misfit(binder, maps[1], call, "a map")
    }
    guard let keys = Coercion.common(key, other, readsText: false) else {
      throw misfit(binder, maps[1], call, "maps with keys of one type")
    }
    maps[0] = try binder.converted(maps[0], to: .map(key: keys, value: left))
    maps[1] = try binder.converted(maps[1], to: .map(key: keys, value: right))
    let body = try body(&binder, call.arguments[2], [keys, left, right], in: call.name, most: 3)
    return node(.zipMaps, maps, body, .map(key: keys, value: body.node.type), range)
  }

  static func fold(_ binder: inout Binder, _ call: Syntax.Call, _ range: Range<Int>) throws -> Node
  {
    let array = try binder.bind(call.arguments[0])
    guard case .array(let element) = array.type else {
      throw misfit(binder, array, call, "an array")
    }
    var start = try binder.bind(call.arguments[1])
    var merge = try body(&binder, call.arguments[2], [start.type, element], in: call.name, most: 2)
    if merge.node.type != start.type {
      // The start takes the type of what is made of it: 0 with doubles is a double.
      guard let wider = Coercion.common(start.type, merge.node.type) else {
        throw misfit(binder, merge.node, call, phrase(start.type))
      }
      start = try binder.converted(start, to: wider)
      merge = try body(&binder, call.arguments[2], [wider, element], in: call.name, most: 2)
      guard merge.node.type == wider else {
        throw binder.failure(
          "the lambda makes \(phrase(merge.node.type)) of \(phrase(wider)); \(call.name)() needs "
            + "the same type", call.arguments[2].range)
      }
    }
    let folded = node(.aggregate, [array, start], merge, start.type, range)
    guard call.arguments.count > 3 else { return folded }
    // The finish sees the result as the only element of an array.
    let single = binder.call(Arrays.make, [folded], .array(folded.type), range)
    let finish = try body(&binder, call.arguments[3], [folded.type], in: call.name, most: 1)
    let list = node(.transform, [single], finish, .array(finish.node.type), range)
    let zero = Node(.constant(Column([Int32(0)])), .int, range: range)
    return binder.call(Members.element, [list, zero], finish.node.type, range)
  }
}
