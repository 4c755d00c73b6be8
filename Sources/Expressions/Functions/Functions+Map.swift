import Columnar

extension Function {
  static let mapFunctions: [Function] = [
    Function(
      "map", in: .map, "map(key, value, …)", "a map", "map('a', 1)", count: 0...100_000,
      bind: MapBinding.make),
    Function(
      "map_keys", in: .map, "map_keys(map)", "the keys", "map_keys(map('a', 1))", count: 1...1
    ) { call in
      let (key, _) = try MapBinding.types(call, 0)
      return call.call(Maps.part(0), [call[0]], .array(key))
    },
    Function(
      "map_values", in: .map, "map_values(map)", "the values", "map_values(map('a', 1))",
      count: 1...1
    ) { call in
      let (_, value) = try MapBinding.types(call, 0)
      return call.call(Maps.part(1), [call[0]], .array(value))
    },
    Function(
      "map_entries", in: .map, "map_entries(map)", "the entries as structs",
      "map_entries(map('a', 1))", count: 1...1
    ) { call in
      let (key, value) = try MapBinding.types(call, 0)
      return call.call(Maps.entries, [call[0]], .array(.mapEntry(key: key, value: value)))
    },
    Function(
      "map_contains_key", in: .map, "map_contains_key(map, key)", "whether the key is there",
      "map_contains_key(map('a', 1), 'b')", count: 2...2
    ) { call in
      let (key, _) = try MapBinding.types(call, 0)
      return call.call(
        Maps.containsKey, [call[0], try call.argument(1, to: key)], .boolean)
    },
    Function(
      "map_from_arrays", in: .map, "map_from_arrays(keys, values)", "a map of two arrays",
      "map_from_arrays(array('a'), array(1))", count: 2...2
    ) { call in
      guard case .array(let key) = call[0].type else { throw call.misfit(0, "an array") }
      guard case .array(let value) = call[1].type else { throw call.misfit(1, "an array") }
      return call.call(Maps.fromArrays, call.arguments, .map(key: key, value: value))
    },
    Function(
      "map_from_entries", in: .map, "map_from_entries(array)", "a map of structs of key and value",
      "map_from_entries(array(struct('a', 1)))", count: 1...1
    ) { call in
      guard case .array(.structure(let fields)) = call[0].type, fields.count == 2 else {
        throw call.misfit(0, "an array of structs of two fields")
      }
      let type = DataType.map(key: fields[0].type, value: fields[1].type)
      return call.call(Maps.fromEntries, [call[0]], type)
    },
    Function(
      "map_concat", in: .map, "map_concat(a, b, …)", "the entries of all",
      "map_concat(map('a', 1), map('b', 2))", count: 1...100
    ) { call in
      _ = try MapBinding.types(call, 0)
      let (maps, type) = try call.unified()
      return call.call(Maps.concat, maps, type)
    },
    Function(
      "str_to_map", in: .map, "str_to_map(text[, pairDelimiter[, keyDelimiter]])",
      "a map of a text such as 'a:1,b:2'", "str_to_map('a:1,b:2')", count: 1...3,
      bind: MapBinding.parse),
    Function(
      "named_struct", in: .structure, "named_struct(name, value, …)", "a struct",
      "named_struct('a', 1)", count: 2...2000, bind: MapBinding.namedStruct),
    Function(
      "struct", in: .structure, "struct(a, b AS c, …)", "a struct", "struct(1, 2)", count: 1...1000,
      syntax: MapBinding.structure),
  ]

  /// A function that looks at how its arguments are written.
  fileprivate init(
    _ names: String..., in category: Category, _ usage: String, _ summary: String,
    _ example: String, count: ClosedRange<Int>,
    syntax: @escaping @Sendable (inout Binder, Syntax.Call, Range<Int>) throws -> Node
  ) {
    self.init(
      names: names, category: category, usage: usage, summary: summary, example: example,
      arity: count, meaning: .higherOrder(syntax))
  }

  static let lambdaFunctions: [Function] = [
    Function(
      "transform", in: .array, "transform(array, x -> …)", "each element changed",
      "transform(array(1, 2), x -> x + 1)", count: 2...2,
      syntax: { try LambdaBinding.overElements(&$0, $1, $2, .transform) }),
    Function(
      "filter", in: .array, "filter(array, x -> …)", "the elements for which it is true",
      "filter(array(1, 2), x -> x > 1)", count: 2...2,
      syntax: { try LambdaBinding.overElements(&$0, $1, $2, .filter) }),
    Function(
      "exists", "any_match", in: .array, "exists(array, x -> …)",
      "whether it is true for some element",
      "exists(array(1, 2), x -> x > 1)", count: 2...2,
      syntax: { try LambdaBinding.overElements(&$0, $1, $2, .exists) }),
    Function(
      "forall", "all_match", in: .array, "forall(array, x -> …)",
      "whether it is true for all elements",
      "forall(array(1, 2), x -> x > 1)", count: 2...2,
      syntax: { try LambdaBinding.overElements(&$0, $1, $2, .forall) }),
    Function(
      "array_sort", in: .array, "array_sort(array[, (a, b) -> …])",
      "sorted, nulls last, or as the lambda says: below 0 where a comes first",
      "array_sort(array(1, 2), (a, b) -> b - a)", count: 1...2, syntax: LambdaBinding.sort),
    Function(
      "map_zip_with", in: .map, "map_zip_with(a, b, (k, x, y) -> …)",
      "two maps joined key by key", "map_zip_with(map('a', 1), map('a', 2), (k, x, y) -> x + y)",
      count: 3...3, syntax: LambdaBinding.zipMaps),
    Function(
      "zip_with", in: .array, "zip_with(a, b, (x, y) -> …)", "two arrays joined place by place",
      "zip_with(array(1), array(2), (x, y) -> x + y)", count: 3...3, syntax: LambdaBinding.zip),
    Function(
      "aggregate", "reduce", in: .array, "aggregate(array, start, (sum, x) -> …[, sum -> …])",
      "one value made of all elements", "aggregate(array(1, 2), 0, (s, x) -> s + x)", count: 3...4,
      syntax: LambdaBinding.fold),
    Function(
      "map_filter", in: .map, "map_filter(map, (k, v) -> …)", "the entries for which it is true",
      "map_filter(map('a', 1), (k, v) -> v > 1)", count: 2...2,
      syntax: { try LambdaBinding.overEntries(&$0, $1, $2, .filter) }),
    Function(
      "transform_values", in: .map, "transform_values(map, (k, v) -> …)", "each value changed",
      "transform_values(map('a', 1), (k, v) -> v + 1)", count: 2...2,
      syntax: { try LambdaBinding.overEntries(&$0, $1, $2, .transformValues) }),
    Function(
      "transform_keys", in: .map, "transform_keys(map, (k, v) -> …)", "each key changed",
      "transform_keys(map('a', 1), (k, v) -> upper(k))", count: 2...2,
      syntax: { try LambdaBinding.overEntries(&$0, $1, $2, .transformKeys) }),
  ]
}
