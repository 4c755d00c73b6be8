import Columnar
import Diagnostics
import Expressions
import GoldenSupport
import JSONText
import Operators
import Testing

/// Expressions in which we differ from Spark, and why.
private let exceptions: [String: String] = [
  "product(i)": "ours: Spark SQL does not know it"
]

@Suite("Spark's aggregates")
struct GoldenAggregateTests {
  private static let schema = """
    g string, i bigint, x double, s string, b boolean, d date, ts timestamp, m decimal(10,2), \
    n bigint
    """

  @Test("are ours, but for the exceptions, each of which has its reason")
  func agrees() throws {
    let input = try Batch(
      goldenRows: GoldenFiles.lines("aggregates-input.ndjson"),
      schema: Schema(parsing: GoldenAggregateTests.schema))
    let entries = try GoldenFiles.lines("aggregates.ndjson")
    var passed = 0
    for entry in entries {
      let text = entry["expr"]?.string ?? ""
      let problem = problem(text, entry, input)
      if exceptions[text] != nil {
        #expect(problem != nil, "\(text) agrees: take it off the exceptions")
        continue
      }
      #expect(problem == nil, "\(text): \(problem ?? "")")
      passed += problem == nil ? 1 : 0
    }
    print("golden aggregates: \(passed) of \(entries.count) agree")
  }

  /// What differs from the reference; nil when nothing does.
  private func problem(_ text: String, _ entry: JSON, _ input: Batch) -> String? {
    do {
      let aggregate = try Expression.parse(text)
      _ = try Aggregation(keys: [], aggregates: [aggregate], over: input.schema)
      if entry["phase"]?.string == "analysis" { return "is not refused" }
      return try valueProblem(aggregate, entry, input)
    } catch let error as StreamError {
      return entry["phase"]?.string == "analysis" ? nil : error.message
    } catch {
      return "\(error)"
    }
  }

  private func valueProblem(
    _ aggregate: Expression, _ entry: JSON, _ input: Batch
  ) throws -> String? {
    let groups = entry["groups"]?.array ?? []
    var wanted = [(input, entry["all"] ?? .null), (input[0..<0], entry["empty"] ?? .null)]
    for group in groups {
      let key = Expression.literal(group["g"]?.string)
      let filter = try Predicate(Expression.parse("g <=> \(key)").bind(to: input.schema))
      let rows = try filter.filter(input, context: EvaluationContext(now: 0))
      wanted.append((rows, group["value"] ?? .null))
    }
    for (rows, value) in wanted {
      for size in [1, 7, 1000] {
        let result = try result(aggregate, by: [], rows, size)
        if let problem = difference(result, [value], entry) { return problem }
      }
    }
    guard !groups.contains(where: { $0["value"]?["error"] != nil }) else { return nil }
    for size in [1, 7, 1000] {
      let result = try result(aggregate, by: [Expression.parse("g")], input, size)
      let rows = groups.map { JSON.array([$0["g"] ?? .null, $0["value"] ?? .null]) }
      if let problem = difference(result, rows, entry) { return problem }
    }
    return nil
  }

  /// Rows as the reference writes them, or the text of the error.
  private enum Outcome {
    case rows([JSON], DataType)
    case error(String)
  }

  private func result(
    _ aggregate: Expression, by keys: [Expression], _ input: Batch, _ size: Int
  ) throws -> Outcome {
    let aggregation = try Aggregation(keys: keys, aggregates: [aggregate], over: input.schema)
    var chain = StageChain([Aggregate(try AggregatePlan(aggregation, mode: .append))])
    do {
      let result = try chain.run(input, epoch: 1, isFinal: true, size: size)
      let rows = result.batches.flatMap { batch in
        (0..<batch.rowCount).map { row -> JSON in
          let values = batch.columns.map { $0.value(row).golden($0.type) }
          return values.count == 1 ? values[0] : .array(values)
        }
      }
      return .rows(rows, chain.output.fields[keys.count].type)
    } catch let error as StreamError {
      return .error(error.message)
    }
  }

  private func difference(_ outcome: Outcome, _ expected: [JSON], _ entry: JSON) -> String? {
    let error = expected.first?["error"]?.string
    switch outcome {
    case .error(let message):
      return error.map { message.contains("[\($0)]") } ?? false ? nil : message
    case .rows(let rows, let type):
      if let error { return "gives \(rows), not the error \(error)" }
      if entry["type"]?.string != type.description { return "is of type \(type)" }
      let isSame =
        rows.count == expected.count && zip(rows, expected).allSatisfy { $0.isNear($1) }
      return isSame ? nil : "gives \(rows), not \(expected)"
    }
  }
}

extension Expression {
  fileprivate static func literal(_ text: String?) -> String { text.map { "'\($0)'" } ?? "NULL" }
}
