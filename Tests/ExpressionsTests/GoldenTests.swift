import Columnar
import Diagnostics
import Expressions
import Glibc
import JSONText
import Testing

@Suite("Spark's results")
struct GoldenTests {
  static let schema = """
    i bigint, j bigint, x double, y double, s string, t string, b boolean, ts timestamp, d date, \
    arr array<bigint>, tags array<string>, st struct<a:bigint,b:string>
    """
  static let context = EvaluationContext(now: 1_772_366_400_000_000)

  @Test("are ours, but for the exceptions, each of which has its reason")
  func agrees() throws {
    let schema = try Schema(parsing: GoldenTests.schema)
    let table = try GoldenFile.table("expressions-input.ndjson", schema)
    var tally: [String: (passed: Int, total: Int)] = [:]
    var surprises: [String] = []
    for entry in try GoldenFile("expressions.ndjson").entries {
      let problem = GoldenTests.problem(entry, over: table)
      tally[entry.category, default: (0, 0)].total += 1
      if problem == nil { tally[entry.category, default: (0, 0)].passed += 1 }
      switch (problem, goldenExceptions[entry.expression]) {
      case (nil, nil), (_?, _?): break
      case (let problem?, nil):
        surprises.append("\(entry.category): \(entry.expression): \(problem)")
      case (nil, _?): surprises.append("\(entry.expression) passes: take it off the exceptions")
      }
    }
    let passed = tally.values.reduce(0) { $0 + $1.passed }
    let total = tally.values.reduce(0) { $0 + $1.total }
    print("golden expressions: \(passed) of \(total) pass")
    for (category, count) in tally.sorted(by: { $0.key < $1.key }) {
      print("  \(category): \(count.passed) of \(count.total)")
    }
    for surprise in surprises { print("golden: \(surprise)") }
    #expect(surprises.isEmpty)
  }

  /// What differs from the reference; nil when nothing does.
  static func problem(_ entry: GoldenFile.Entry, over table: Batch) -> String? {
    let bound: BoundExpression
    do {
      bound = try Expression.parse(entry.expression).bind(to: table.schema)
    } catch let error as StreamError {
      return entry.error == nil ? "refused: \(error.message)" : nil
    } catch {
      return "\(error)"
    }
    if entry.type == nil { return "not refused as \(entry.error ?? "?")" }
    if let name = entry.name, name != bound.name { return "is called \(bound.name)" }
    if entry.type != bound.typeName { return "is \(bound.typeName), not \(entry.type ?? "?")" }
    let form = GoldenForm(typeName: bound.typeName)
    var firstFailure: Int?
    for row in 0..<table.rowCount {
      let expected = entry.values?[row] ?? .object([.init("error", .string(entry.error ?? "?"))])
      let actual = value(bound, table[row..<row + 1], form)
      if expected["error"] != nil, firstFailure == nil { firstFailure = row }
      let isSameError = expected["error"]?.string != nil && actual["error"] == expected["error"]
      guard isSameError || isSame(actual, expected) else {
        return "row \(row): \(actual.text), not \(expected.text)"
      }
    }
    return wholeProblem(bound, table, firstFailure)
  }

  private static func value(_ bound: BoundExpression, _ row: Batch, _ form: GoldenForm) -> JSON {
    do {
      return form.json(try bound.evaluate(over: row, context: context).value(0), bound.type)
    } catch let error as EvaluationError {
      return .object([.init("error", .string(error.errorClass))])
    } catch {
      return .string("\(error)")
    }
  }

  /// A value as a text, in which NaN equals itself; its sign means nothing.
  private static func written(_ value: Value) -> String {
    if case .double(let number) = value, number.isNaN { return "NaN" }
    return "\(value)"
  }

  /// All rows at once must give what each row gives alone.
  private static func wholeProblem(
    _ bound: BoundExpression, _ table: Batch, _ firstFailure: Int?
  ) -> String? {
    do {
      let rows = try bound.evaluate(over: table, context: context)
      if firstFailure != nil { return "no row fails when all are computed at once" }
      for row in 0..<table.rowCount {
        let alone = try bound.evaluate(over: table[row..<row + 1], context: context)
        guard written(alone.value(0)) == written(rows.value(row)) else {
          return "row \(row) differs among others"
        }
      }
      return nil
    } catch let error as EvaluationError {
      return error.row == firstFailure
        ? nil : "row \(error.row) fails first, not \(firstFailure ?? -1)"
    } catch {
      return "\(error)"
    }
  }
}
