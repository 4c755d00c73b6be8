import Columnar
import Expressions
import GoldenSupport
import JSONText
import Operators
import Testing

/// The manual page of expressions has an example for each function over many rows.
@Suite("The examples of aggregates")
struct AggregateExampleTests {
  /// Functions that Spark does not know, or knows with other arguments.
  private static let ours: Set = ["product", "reduce", "top_k"]

  private static let definitions = AggregateFunction.allCases.map(\.definition)

  private let rows: Batch

  init() throws {
    rows = try Batch(
      goldenRows: GoldenFiles.lines("aggregate-examples-input.ndjson"),
      schema: Schema(parsing: "x bigint, y bigint, s string"))
  }

  @Test("give what the page says")
  func results() throws {
    for definition in AggregateExampleTests.definitions {
      let result = try text(of: result(of: definition.example))
      #expect(result == definition.result, "\(definition.example)")
    }
  }

  @Test("give what Spark gives, but for those that are ours")
  func reference() throws {
    let entries = try GoldenFiles.lines("aggregate-examples.ndjson")
    let known = Dictionary(entries.map { ($0["expr"]?.string ?? "", $0) }) { first, _ in first }
    for definition in AggregateExampleTests.definitions {
      let example = definition.example
      guard let entry = known[example] else {
        Issue.record("\(example): Spark was not asked")
        continue
      }
      if AggregateExampleTests.ours.contains(definition.names[0]) {
        #expect(entry["phase"]?.string == "analysis", "\(example) is not ours alone")
        continue
      }
      let result = try result(of: example)
      let type = result.schema.fields[0].type
      #expect(entry["type"]?.string == type.description, "\(example)")
      let value = result.columns[0].value(0).golden(type)
      #expect(entry["values"]?.array?.count == 1, "\(example)")
      #expect(value.isNear(entry["values"]?.array?.first ?? .string("none")), "\(example)")
    }
    let examples = AggregateExampleTests.definitions.map(\.example)
    #expect(Set(known.keys) == Set(examples), "results of examples that are gone")
  }

  @Test("are over the rows that the page shows")
  func shownRows() {
    let shown = AggregateDefinition.exampleRows.split(separator: "\n").map { line in
      line.split(separator: " ").map(String.init)
    }
    let literals = (0..<rows.rowCount).map { row in
      rows.columns.map { column in
        switch column.value(row) {
        case .integer(let number): "\(number)"
        case .string(let text): "'\(text)'"
        case let value: value == .null ? "NULL" : "\(value)"
        }
      }
    }
    #expect(shown == [rows.schema.fields.map(\.name)] + literals)
  }

  @Test("stand beside what the aggregate is called and how it is used")
  func usages() {
    for definition in AggregateExampleTests.definitions {
      let name = definition.names[0]
      #expect(definition.usage.hasPrefix("\(name)("), "\(definition.usage)")
      #expect(definition.example.contains("\(name)("), "\(definition.example)")
      #expect(!definition.summary.isEmpty && !definition.summary.hasSuffix("."), "\(name)")
    }
    let names = AggregateExampleTests.definitions.flatMap(\.names)
    #expect(Set(names).count == names.count, "a name stands twice in the table")
  }

  /// A row with one column.
  private func result(of example: String) throws -> Batch {
    let aggregate = try Expression.parse(example)
    let aggregation = try Aggregation(keys: [], aggregates: [aggregate], over: rows.schema)
    var chain = StageChain([Aggregate(try AggregatePlan(aggregation, mode: .append))])
    let batches = try chain.run(rows, epoch: 1, isFinal: true).batches
    try #require(batches.map(\.rowCount) == [1], "\(example)")
    return batches[0]
  }

  /// As the page writes values: literals of SQL, and JSON where it has none.
  private func text(of result: Batch) throws -> String {
    let type = result.schema.fields[0].type
    let named = Batch(
      schema: Schema([Field("value", type)]), columns: result.columns, rowCount: 1)
    let writing =
      switch type {
      case .string: "concat('''', value, '''')"
      case .array: "to_json(value)"
      default: "CAST(value AS STRING)"
      }
    let expression = try Expression.parse("coalesce(\(writing), 'NULL')").bind(to: named.schema)
    let text = try expression.evaluate(over: named, context: EvaluationContext(now: 0)).value(0)
    guard case .string(let string) = text else { return "\(text)" }
    return string
  }
}
