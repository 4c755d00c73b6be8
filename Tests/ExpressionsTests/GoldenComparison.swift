import Columnar
import Diagnostics
import Expressions
import JSONText

/// How our results for an expression of the reference file differ from Spark's.
enum GoldenComparison {
  static let schema = """
    i bigint, j bigint, x double, y double, s string, t string, b boolean, ts timestamp, d date, \
    arr array<bigint>, tags array<string>, st struct<a:bigint,b:string>
    """
  static let context = EvaluationContext(now: 1_772_366_400_000_000)

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
  static func written(_ value: Value) -> String {
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
