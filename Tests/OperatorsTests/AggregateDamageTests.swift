import Columnar
import Diagnostics
import Expressions
import Operators
import Testing

private let schema = Schema([Field("k", .string), Field("x", .double), Field("n", .int)])

/// What is put in place of a column of a state, and what is said about it.
private struct Damage: Sendable, CustomTestStringConvertible {
  let aggregates: String
  let column: Int
  let replacement: Column
  let reason: String

  init(_ aggregates: String, _ column: Int, _ replacement: Column, _ reason: String) {
    self.aggregates = aggregates
    self.column = column
    self.replacement = replacement
    self.reason = reason
  }

  var testDescription: String { "\(aggregates): \(reason)" }
}

private let pairs = DataType.array(.structure([Field("value", .int), Field("count", .bigint)]))

private func lists(_ type: DataType, _ first: [Value], _ second: [Value]) -> Column {
  Column(type, values: [.list(first), .list(second)])
}

private let damages: [Damage] = [
  Damage("count(*)", 0, Column(["a", "a"] as [String?]), "a key comes twice in one batch"),
  Damage("count(*)", 1, Column([1, nil] as [Int64?]), "a value is null in 'count(*)'"),
  Damage("count(*)", 1, Column([1, -1] as [Int64?]), "a count is -1 in 'count(*)'"),
  Damage("count(*)", 1, Column([1, 2] as [Double?]), "count(*).count double"),
  Damage("count(*)", 0, Column([1, 2] as [Int64?]), "the column 'k bigint'"),
  Damage("sum(n)", 1, Column([nil, 2] as [Int64?]), "a sum is null"),
  Damage("avg(x)", 1, Column([nil, 2] as [Double?]), "a value is null in 'avg(x)'"),
  Damage("stddev(x)", 1, Column([1, .max] as [Int64?]), "a count is 9223372036854775807"),
  Damage("corr(x, n)", 1, Column([1, .max] as [Int64?]), "a count is 9223372036854775807"),
  Damage(
    "sum(cast(x AS decimal(20,2)))", 2,
    Column(.tinyint, values: [.integer(0), .integer(7)]), "a sum is too large"),
  Damage("first(n)", 2, Column([nil, true] as [Bool?]), "a value is null in 'first(n)'"),
  Damage(
    "approx_count_distinct(n)", 1, Column(.binary, values: [.binary([1]), .null]),
    "there are 1 registers, not 512"),
  Damage(
    "approx_count_distinct(n)", 1,
    Column(.binary, values: [.binary(Array(repeating: 99, count: 512)), .null]),
    "a register is 99, more than 56"),
  Damage(
    "hll_sketch_agg(n)", 1, Column(.binary, values: [.binary([2, 1, 7]), .null]),
    "a sketch is none: there are 3 bytes, fewer than 8"),
  Damage(
    "hll_sketch_agg(n)", 1, Column(.binary, values: [.binary([2, 1, 7, 10, 3, 12, 0, 8]), .null]),
    "a sketch has 2^10 registers"),
  Damage(
    "hll_union_agg(cast(NULL AS binary))", 1,
    Column(.binary, values: [.binary([9, 1, 7, 10, 3, 12, 0, 8]), .null]),
    "a sketch is none: it does not begin as one"),
  Damage(
    "bitmap_construct_agg(n)", 1, Column(.binary, values: [.binary([1]), .null]),
    "a bitmap has 1 bytes, not 4096"),
  Damage(
    "collect_list(n)", 1, Column(.array(.int), values: [.null, .list([])]), "a value is null"),
  Damage("collect_list(n)", 1, lists(.array(.int), [.null], []), "a value is null"),
  Damage("median(x)", 1, lists(.array(.double), [], [.null]), "a value is null"),
  Damage(
    "count(DISTINCT n)", 1, lists(.array(.int), [.integer(1), .integer(1)], []),
    "a value has been seen twice"),
  Damage(
    "count(DISTINCT n, x)", 1,
    lists(
      .array(.structure([Field("key1", .int), Field("key2", .double)])), [.null], []),
    "a value is null"),
  Damage("mode(n)", 1, lists(pairs, [.null], []), "a value is null"),
  Damage(
    "mode(n)", 1, lists(pairs, [.structure([.integer(1), .integer(0)])], []), "a count is 0"),
  Damage(
    "mode(n)", 1,
    lists(
      pairs, [.structure([.integer(1), .integer(.max)]), .structure([.integer(1), .integer(1)])], []
    ), "a count is 1"),
  Damage(
    "listagg(k) WITHIN GROUP (ORDER BY n)", 1,
    lists(
      .array(.structure([Field("value", .string), Field("order1", .int)])),
      [.structure([.null, .integer(1)])], []), "a value is null"),
]

@Suite("damaged states")
struct AggregateDamageTests {
  private func aggregate(_ aggregates: String) throws -> Aggregate {
    let aggregation = try Aggregation(
      keys: Expression.parseList("k"), aggregates: Expression.parseList(aggregates), over: schema)
    let aggregate = Aggregate(try AggregatePlan(aggregation, mode: .update))
    aggregate.keepChanges()
    return aggregate
  }

  /// The state of two keys.
  private func state(of aggregates: String) throws -> Batch {
    let columns = [
      Column(["a", "b", "a"] as [String?]), Column([1, 2, 3] as [Double?]),
      Column([7, nil, 7] as [Int32?]),
    ]
    let original = try aggregate(aggregates)
    try original.process(
      Batch(schema: schema, columns: columns), .insert, in: Epoch(number: 1, time: 0)
    ) { _, _ in }
    var batches: [Batch] = []
    try original.snapshot { batches.append($0) }
    return batches[0]
  }

  @Test("are refused, and it is said why", arguments: damages.indices)
  func refused(index: Int) throws {
    let damage = damages[index]
    let state = try state(of: damage.aggregates)
    try aggregate(damage.aggregates).restore(state, .insert)
    var (fields, columns) = (state.schema.fields, state.columns)
    fields[damage.column].type = damage.replacement.type
    columns[damage.column] = damage.replacement
    let damaged = Batch(schema: Schema(fields), columns: columns)
    let error = #expect(throws: StreamError.self) {
      try aggregate(damage.aggregates).restore(damaged, .insert)
    }
    #expect(error?.kind == .io)
    #expect(error?.message.contains(damage.reason) == true, "\(error?.message ?? "")")
  }

  @Test("of another query, or with groups taken back, are refused")
  func foreign() throws {
    let state = try state(of: "count(*)")
    for (aggregates, reason) in [
      ("sum(n)", "the column 'count(*).count bigint' where this query keeps 'sum(n).sum bigint'"),
      ("count(*), max(n)", "it has 2 columns, not 3"),
    ] {
      let error = #expect(throws: StreamError.self) {
        try aggregate(aggregates).restore(state, .insert)
      }
      #expect(error?.message.hasSuffix(reason) == true, "\(error?.message ?? "")")
    }
    let error = #expect(throws: StreamError.self) {
      try aggregate("count(*)").restore(state, .delete)
    }
    #expect(error?.kind == .io)
  }
}
