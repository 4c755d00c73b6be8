import Columnar

extension Function {
  static let conditionalFunctions: [Function] = [
    Function(
      "if", in: .conditional, "if(condition, a, b)", "a where the condition is true, else b",
      "if(1 < 2, 'yes', 'no')", count: 3...3
    ) { call in
      let condition = try call.binder.condition(call[0], of: "if()")
      return try call.binder.conditional([condition], [call[1], call[2]], call.range, "if()")
    },
    Function(
      "coalesce", in: .conditional, "coalesce(a, b, …)", "the first that is not null",
      "coalesce(NULL, 1)", count: 1...1000, bind: coalesce),
    Function(
      "nvl", "ifnull", in: .conditional, "nvl(a, b)", "b where a is null", "nvl(NULL, 1)",
      count: 2...2, bind: coalesce),
    Function(
      "nvl2", in: .conditional, "nvl2(a, b, c)", "b where a is not null, else c",
      "nvl2(NULL, 1, 2)", count: 3...3
    ) { call in
      let test = call.call(Logic.isNotNull, [call[0]], .boolean)
      return try call.binder.conditional([test], [call[1], call[2]], call.range, "nvl2()")
    },
    Function(
      "nullif", in: .conditional, "nullif(a, b)", "null where a equals b", "nullif(1, 1)",
      count: 2...2
    ) { call in
      let value = call.binder.shared(call[0])
      let test = try call.binder.binary(.equal, value, call[1], call.range)
      let null = Node.null(.void, range: call.range)
      return try call.binder.conditional([test], [null, value], call.range, "nullif()")
    },
    Function(
      "nullifzero", in: .conditional, "nullifzero(a)", "null where a is 0", "nullifzero(0)",
      count: 1...1
    ) { call in
      let value = call.binder.shared(try call.argument(0, .number))
      let test = try call.binder.binary(.equal, value, zero(call), call.range)
      let null = Node.null(.void, range: call.range)
      return try call.binder.conditional([test], [null, value], call.range, "nullifzero()")
    },
    Function(
      "zeroifnull", in: .conditional, "zeroifnull(a)", "0 where a is null", "zeroifnull(NULL)",
      count: 1...1
    ) { call in
      let value = call[0].type == .void ? call[0] : try call.argument(0, .number)
      return try coalesce(
        CallBinder(
          call.binder, name: call.name, arguments: [value, zero(call)], range: call.range))
    },
    Function(
      "nanvl", in: .conditional, "nanvl(a, b)", "b where a is not a number",
      "nanvl(double('NaN'), 1)", count: 2...2
    ) { call in
      let value = call.binder.shared(try call.argument(0, .double))
      let other = try call.argument(1, .double)
      let test = call.call(RealFunction.isNaN, [value], .boolean)
      return try call.binder.conditional([test], [other, value], call.range, "nanvl()")
    },
    Function(
      "greatest", in: .conditional, "greatest(a, b, …)", "the largest, nulls left out",
      "greatest(1, 3, 2)", count: 2...1000
    ) { try extreme($0, isLargest: true) },
    Function(
      "least", in: .conditional, "least(a, b, …)", "the smallest, nulls left out",
      "least(1, 3, 2)", count: 2...1000
    ) { try extreme($0, isLargest: false) },
    Function(
      "decode", in: .conditional, "decode(value, a, resultA, b, resultB, …[, other])",
      "the result beside the first equal value; or a binary as a text: decode(bytes, charset)",
      "decode(2, 1, 'a', 2, 'b')", count: 2...1000, bind: decode),
    Function(
      "isnull", in: .conditional, "isnull(a)", "whether it is null", "isnull(NULL)",
      count: 1...1
    ) { $0.call(Logic.isNull, [$0[0]], .boolean) },
    Function(
      "isnotnull", in: .conditional, "isnotnull(a)", "whether it is not null", "isnotnull(1)",
      count: 1...1
    ) { $0.call(Logic.isNotNull, [$0[0]], .boolean) },
    Function(
      "equal_null", in: .conditional, "equal_null(a, b)", "a <=> b", "equal_null(NULL, NULL)",
      count: 2...2
    ) { try $0.binder.binary(.nullSafeEqual, $0[0], $0[1], $0.range) },
    Function(
      "assert_true", in: .conditional, "assert_true(condition[, message])",
      "null, or an error where the condition is not true", "assert_true(1 < 2)", count: 1...2,
      bind: Assertions.bind),
    Function(
      "raise_error", in: .conditional, "raise_error(message)", "an error",
      "if(1 < 2, 1, raise_error('no'))", count: 1...1
    ) { call in
      call.call(Assertions.raise, [try call.argument(0, .text)], .void)
    },
  ]

  private static func zero(_ call: CallBinder) -> Node {
    Node(.constant(Column([Int32(0)])), .int, range: call.range)
  }

  private static func coalesce(_ call: CallBinder) throws -> Node {
    let (nodes, type) = try call.unified()
    let annotation = nodes.compactMap(\.annotation).first
    return call.binder.folded(
      Node(.coalesce(nodes), type, annotation: annotation, range: call.range))
  }

  private static func extreme(_ call: CallBinder, isLargest: Bool) throws -> Node {
    let (nodes, type) = try call.unified(readsText: false)
    let annotation = nodes.compactMap(\.annotation).first
    return call.call(Assertions.extreme(isLargest: isLargest), nodes, type, annotation: annotation)
  }

  private static func decode(_ call: CallBinder) throws -> Node {
    if call.count == 2 {
      let bytes = try call.argument(0, .binary)
      return call.call(Encodings.decode, [bytes, try call.argument(1, .text)], .string)
    }
    let value = call.binder.shared(call[0])
    var (conditions, results): ([Node], [Node]) = ([], [])
    for index in stride(from: 1, to: call.count - 1, by: 2) {
      conditions.append(try call.binder.binary(.nullSafeEqual, value, call[index], call.range))
      results.append(call[index + 1])
    }
    results.append(call.count % 2 == 0 ? call[call.count - 1] : Node.null(.void, range: call.range))
    return try call.binder.conditional(conditions, results, call.range, "decode()")
  }
}
