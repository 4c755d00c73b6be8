import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

@Suite("A union")
struct UnionTests {
  private static func union(_ schemas: [String]) throws -> Union {
    try Union(
      schemas.enumerated().map { ("input \($0.offset + 1)", try Schema(parsing: $0.element)) })
  }

  /// What comes out of a batch.
  private func rows(
    _ union: Union, _ batch: Batch, of input: Int, _ change: Change = .insert
  ) throws -> (rows: [[Value]], change: Change?) {
    var (result, sent): ([Batch], Change?) = ([], nil)
    try union.process(batch, change, ofInput: input, in: Epoch(number: 1, time: 0)) {
      result.append($0)
      sent = $1
    }
    #expect(result.allSatisfy { $0.schema == union.output })
    return (result.flatMap { batch in (0..<batch.rowCount).map(batch.row) }, sent)
  }

  struct Widening: Sendable {
    let schemas: [String]
    let output: String
    var passes: [Bool]
  }

  private static let widenings = [
    Widening(
      schemas: ["i int, s string", "s string, i int"], output: "i int, s string",
      passes: [true, false]),
    Widening(schemas: ["i int", "i bigint"], output: "i bigint", passes: [false, true]),
    Widening(
      schemas: ["i bigint", "i tinyint", "i bigint"], output: "i bigint",
      passes: [true, false, true]),
    Widening(schemas: ["x float", "x double"], output: "x double", passes: [false, true]),
    Widening(
      schemas: ["d decimal(5,2)", "d decimal(9,4)", "d decimal(12,0)"], output: "d decimal(16,4)",
      passes: [false, false, false]),
    Widening(schemas: ["n void", "n string"], output: "n string", passes: [false, true]),
    Widening(
      schemas: ["Name string", "name string"], output: "Name string", passes: [true, false]),
    Widening(
      schemas: ["a array<int>, `two words` date", "`two words` date, a array<int>"],
      output: "a array<int>, `two words` date", passes: [true, false]),
  ]

  @Test("has the columns of the first input, as wide as the widest", arguments: widenings)
  func widens(_ sample: Widening) throws {
    let union = try UnionTests.union(sample.schemas)
    #expect(union.output == (try Schema(parsing: sample.output)))
    #expect(sample.schemas.indices.map(union.passes) == sample.passes)
  }

  struct Refusal: Sendable {
    let schemas: [String]
    let message: String
    let hint: String
  }

  private static let refusals = [
    Refusal(
      schemas: ["a int, b int", "a int"],
      message: "input 2 has no column 'b', which input 1 has",
      hint: "stream-map --with 'CAST(NULL AS int) AS b'"),
    Refusal(
      schemas: ["a int, `b c` int", "a int"],
      message: "input 2 has no column 'b c', which input 1 has",
      hint: "stream-map --with 'CAST(NULL AS int) AS `b c`'"),
    Refusal(
      schemas: ["a int", "a int", "a int, `1` int"],
      message: "input 3 has a column '1', which input 1 does not have",
      hint: "stream-map --drop `1`"),
    Refusal(
      schemas: ["a string", "a int"], message: "column 'a' is string in input 1 but int in input 2",
      hint: "stream-map --with 'CAST(a AS string) AS a'"),
    Refusal(
      schemas: ["a int", "a double"], message: "column 'a' is int in input 1 but double in input 2",
      hint: "stream-map --with 'CAST(a AS int) AS a'"),
    // Together they have more digits than a decimal holds.
    Refusal(
      schemas: ["a decimal(38,0)", "a decimal(38,30)"],
      message: "column 'a' is decimal(38,0) in input 1 but decimal(38,30) in input 2",
      hint: "stream-map --with 'CAST(a AS decimal(38,0)) AS a'"),
    Refusal(
      schemas: ["a int, A int", "A int, b int"],
      message: "input 2 has a column 'b', which input 1 does not have",
      hint: "stream-map --drop b"),
    Refusal(
      schemas: ["a int, A int", "A int"],
      message: "the columns of input 1 and input 2 have not the same names",
      hint: "stream-map --select '…' in front of one of them"),
  ]

  @Test("says which column of which input does not go with it", arguments: refusals)
  func refuses(_ sample: Refusal) {
    let error = #expect(throws: StreamError.self) { try UnionTests.union(sample.schemas) }
    #expect(error == StreamError(.usage, sample.message, hint: sample.hint))
  }

  @Test("leaves what is taken back for what it is")
  func deletions() throws {
    let union = try UnionTests.union(["i bigint, s string", "s string, i int"])
    let batch = Batch(
      schema: try Schema(parsing: "s string, i int"),
      columns: [Column(.string, values: [.string("x")]), Column(.int, values: [.integer(4)])])
    let result = try rows(union, batch, of: 1, .delete)
    #expect(result.rows == [[.integer(4), .string("x")]])
    #expect(result.change == .delete)
  }

  // MARK: - Random inputs

  /// Types of which the second holds all that the first does, and what becomes of a value.
  private static let steps: [(narrow: DataType, wide: DataType, factor: Int128)] = [
    (.tinyint, .int, 1), (.smallint, .bigint, 1), (.int, .bigint, 1), (.float, .double, 1),
    (.decimal(precision: 20, scale: 3), .decimal(precision: 25, scale: 5), 100),
    (.void, .string, 1), (.void, .array(.string), 1),
  ]

  private func widened(_ value: Value, by factor: Int128) -> Value {
    if case .decimal(let digits) = value { .decimal(digits * factor) } else { value }
  }

  @Test("gives each row as it is, with its columns in their places", arguments: 0..<60)
  func twin(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let count = Int.random(in: 1...6, using: &random)
    var (fields, others, factors): ([Field], [Field], [Int128]) = ([], [], [])
    for index in 0..<count {
      if Bool.random(using: &random) {
        let type = someTypes.randomElement(using: &random) ?? .int
        fields.append(Field("c\(index)", type))
        others.append(Field("c\(index)", type))
        factors.append(1)
      } else {
        let step = UnionTests.steps[Int.random(in: 0..<UnionTests.steps.count, using: &random)]
        fields.append(Field("c\(index)", step.wide))
        others.append(Field("C\(index)", step.narrow))
        factors.append(step.factor)
      }
    }
    let order = Array(0..<count).shuffled(using: &random)
    let union = try Union([
      ("1", Schema(fields)), ("2", Schema(order.map { others[$0] })),
    ])
    #expect(union.output == Schema(fields))
    for rowCount in someCounts {
      let values = others.indices.map { index in
        (0..<rowCount).map { _ in randomValue(others[index].type, &random) }
      }
      let batch = Batch(
        schema: Schema(order.map { others[$0] }),
        columns: order.map { Column(others[$0].type, values: values[$0]) }, rowCount: rowCount)
      let expected = (0..<rowCount).map { row in
        (0..<count).map { widened(values[$0][row], by: factors[$0]) }
      }
      if union.passes(input: 1) {
        #expect((0..<rowCount).map(batch.row) == expected)
      } else {
        #expect(try rows(union, batch, of: 1).rows == expected)
      }
    }
  }
}
