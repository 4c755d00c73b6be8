import Columnar

extension Function {
  static let arrayFunctions: [Function] =
    arrayQuestionFunctions + arrayMakingFunctions + mapFunctions + lambdaFunctions

  private static let arrayQuestionFunctions: [Function] = [
    Function(
      "size", "cardinality", in: .array, "size(collection)", "how many elements or entries",
      "size(array(1, 2))", count: 1...1, bind: ArrayBinding.size),
    Function(
      "array_size", in: .array, "array_size(array)", "how many elements", "array_size(array(1, 2))",
      takes: [.array], gives: .int, ArrayQuestions.size),
    Function(
      "array_contains", in: .array, "array_contains(array, value)", "whether the value occurs",
      "array_contains(array(1, 2), 2)", count: 2...2
    ) {
      try ArrayBinding.withValue($0, ArrayQuestions.contains) { _ in .boolean }
    },
    Function(
      "array_position", in: .array, "array_position(array, value)",
      "the place of the value, from 1; 0 when absent", "array_position(array('a', 'b'), 'b')",
      count: 2...2
    ) { try ArrayBinding.withValue($0, ArrayQuestions.position) { _ in .bigint } },
    Function(
      "array_max", in: .array, "array_max(array)", "the largest element",
      "array_max(array(1, 3, 2))",
      count: 1...1
    ) { try ArrayBinding.element($0, ArrayQuestions.extreme(isLargest: true)) },
    Function(
      "array_min", in: .array, "array_min(array)", "the smallest element",
      "array_min(array(1, 3, 2))", count: 1...1
    ) {
      try ArrayBinding.element($0, ArrayQuestions.extreme(isLargest: false))
    },
    Function(
      "element_at", in: .array, "element_at(array, n)",
      "the n-th element, from 1, or from the end when negative; the value of a map's key",
      "element_at(array('a', 'b'), -1)", count: 2...2
    ) {
      try ArrayBinding.elementAt($0, ArrayQuestions.elementAt)
    },
    Function(
      "try_element_at", in: .array, "try_element_at(array, n)",
      "as element_at, but null outside of the array", "try_element_at(array(1), 5)", count: 2...2
    ) {
      try ArrayBinding.elementAt($0, ArrayQuestions.tryElementAt)
    },
    Function(
      "get", in: .array, "get(array, n)", "the element n, from 0; null outside of the array",
      "get(array(1, 2), 1)", count: 2...2
    ) { call in
      guard case .array(let element) = call[0].type else { throw call.misfit(0, "an array") }
      return call.call(ArrayQuestions.get, [call[0], try call.argument(1, .int)], element)
    },
    Function(
      "array_join", in: .array, "array_join(array, delimiter[, forNull])",
      "the elements as one text",
      "array_join(array('a', 'b'), '-')", count: 2...3
    ) { call in
      let array = try call.argument(0, to: .array(.string))
      let rest = try (1..<call.count).map { try call.argument($0, .text) }
      return call.call(ArrayQuestions.join, [array] + rest, .string)
    },
    Function(
      "arrays_overlap", in: .array, "arrays_overlap(a, b)", "whether they share an element",
      "arrays_overlap(array(1), array(1, 2))", count: 2...2
    ) { call in
      let (arrays, _) = try ArrayBinding.unified(call)
      return call.call(ArrayQuestions.overlap, arrays, .boolean)
    },
  ]

  private static let arrayMakingFunctions: [Function] = [
    Function(
      "array", in: .array, "array(a, b, …)", "an array", "array(1, 2)", count: 0...100_000
    ) { call in
      if call.count == 0 {
        let empty = Column(.array(.void), values: [.list([])])
        return Node(.constant(empty), empty.type, range: call.range)
      }
      let (nodes, type) = try call.unified()
      return call.call(Arrays.make, nodes, .array(type))
    },
    Function(
      "array_append", in: .array, "array_append(array, value)", "the value behind the elements",
      "array_append(array(1), 2)", count: 2...2
    ) {
      try ArrayBinding.adding($0, Arrays.adding(atEnd: true))
    },
    Function(
      "array_prepend", in: .array, "array_prepend(array, value)", "the value before the elements",
      "array_prepend(array(1), 0)", count: 2...2
    ) {
      try ArrayBinding.adding($0, Arrays.adding(atEnd: false))
    },
    Function(
      "array_insert", in: .array, "array_insert(array, position, value)",
      "the value at a place, from 1, or from the end when negative",
      "array_insert(array(1, 3), 2, 2)", count: 3...3, bind: ArrayBinding.insert),
    Function(
      "array_remove", in: .array, "array_remove(array, value)", "without this value",
      "array_remove(array(1, 2, 1), 1)", count: 2...2
    ) {
      try ArrayBinding.withValue($0, Arrays.remove) { $0 }
    },
    Function(
      "array_distinct", in: .array, "array_distinct(array)", "each value once",
      "array_distinct(array(1, 2, 1))", count: 1...1
    ) { try ArrayBinding.same($0, Arrays.distinct) },
    Function(
      "array_compact", in: .array, "array_compact(array)", "without nulls",
      "array_compact(array(1, NULL))", count: 1...1
    ) { try ArrayBinding.same($0, Arrays.compact) },
    Function(
      "array_union", in: .array, "array_union(a, b)", "what is in either, each value once",
      "array_union(array(1), array(1, 2))", count: 2...2
    ) { try ArrayBinding.pair($0, Arrays.union) },
    Function(
      "array_intersect", in: .array, "array_intersect(a, b)", "what is in both, each value once",
      "array_intersect(array(1), array(1, 2))", count: 2...2
    ) {
      try ArrayBinding.pair($0, Arrays.intersect)
    },
    Function(
      "array_except", in: .array, "array_except(a, b)", "what is in a but not in b",
      "array_except(array(1, 2), array(1))", count: 2...2
    ) {
      try ArrayBinding.pair($0, Arrays.except)
    },
    Function(
      "array_repeat", in: .array, "array_repeat(value, count)", "the value several times",
      "array_repeat('a', 2)", count: 2...2
    ) { call in
      call.call(Arrays.repeat, [call[0], try call.argument(1, .int)], .array(call[0].type))
    },
    Function(
      "flatten", in: .array, "flatten(arrays)", "the elements of the elements",
      "flatten(array(array(1), array(2)))", count: 1...1
    ) { call in
      guard case .array(.array(let element)) = call[0].type else {
        throw call.misfit(0, "an array of arrays")
      }
      return call.call(Arrays.flatten, [call[0]], .array(element))
    },
    Function(
      "slice", in: .array, "slice(array, start, length)", "a part, from 1, or from the end",
      "slice(array(1, 2, 3), 2, 2)", count: 3...3
    ) { call in
      let array = try call.argument(0, .array)
      return call.call(
        Arrays.slice, [array, try call.argument(1, .int), try call.argument(2, .int)], array.type)
    },
    Function(
      "sort_array", in: .array, "sort_array(array[, ascending])",
      "sorted; nulls first, or last when descending", "sort_array(array(2, 1))", count: 1...2
    ) { call in
      let array = try call.argument(0, .array)
      let rest = call.count > 1 ? [try call.argument(1, .boolean)] : []
      return call.call(Arrays.sort, [array] + rest, array.type)
    },
    Function(
      "arrays_zip", in: .array, "arrays_zip(a, b, …)", "structs of the elements at one place",
      "arrays_zip(array(1), array('a'))", count: 1...100, bind: ArrayBinding.zip),
    Function(
      "sequence", in: .array, "sequence(start, stop[, step])", "the values from one to another",
      "sequence(1, 10, 3)", count: 2...3, bind: ArrayBinding.sequence),
  ]
}
