import Columnar
import Expressions

/// A manual page with an entry for each function of a category where its source says
/// `.\" functions CATEGORY`, for each one over many rows where it says `.\" aggregates`, and for each
/// group of those that are left out where it says `.\" refusals`.
///
/// What an example over one row gives is computed here, and stands in the table for one over many;
/// the tests compare both with what Spark makes of them.
struct FunctionPage {
  private static let mark = ".\\\" functions "
  private static let aggregateMark = ".\\\" aggregates"
  private static let refusalMark = ".\\\" refusals"

  /// - Parameter source: mdoc.
  func rendered(_ source: String) throws -> String {
    var rest = Set(Function.Category.allCases)
    var lines: [String] = []
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(FunctionPage.mark) {
        let name = line.dropFirst(FunctionPage.mark.count)
        guard let category = Function.Category(rawValue: String(name)),
          rest.remove(category) != nil
        else { throw FileFailure(description: "'\(line)': no such category, or twice") }
        lines += try entries(of: category)
      } else if line == FunctionPage.aggregateMark {
        lines += aggregates
      } else if line == FunctionPage.refusalMark {
        lines += refusals
      } else {
        lines.append(String(line))
      }
    }
    let forgotten = rest.filter { category in
      FunctionTable.functions.contains { $0.category == category }
    }
    guard forgotten.isEmpty else {
      throw FileFailure(description: "the page of functions leaves out \(forgotten)")
    }
    return lines.joined(separator: "\n")
  }

  private func entries(of category: Function.Category) throws -> [String] {
    let functions = FunctionTable.functions.filter { $0.category == category }
    let entries = try functions.sorted { $0.usage < $1.usage }.flatMap { function in
      entry(function.usage, function.summary, function.names)
        + [".Dl \(roff(function.example)) = \(roff(try result(of: function.example)))"]
    }
    return [".Bl -tag -width indent"] + entries + [".El"]
  }

  private var aggregates: [String] {
    let definitions = AggregateFunction.allCases.map(\.definition)
    let entries = definitions.sorted { $0.usage < $1.usage }.flatMap { definition in
      entry(definition.usage, definition.summary, definition.names)
        + [".Dl \(roff(definition.example)) = \(roff(definition.result))"]
    }
    let rows = AggregateDefinition.exampleRows.split(separator: "\n").map { roff(String($0)) }
    return [".Bd -literal -offset indent"] + rows + [".Ed"] + [".Bl -tag -width indent"] + entries
      + [".El"]
  }

  private var refusals: [String] {
    let entries = Refusal.all.sorted { $0.topic < $1.topic }.flatMap { refusal in
      [
        ".It \(roff(refusal.topic))",
        roff("\(refusal.names.joined(separator: ", ")): \(refusal.reason)"),
      ]
    }
    return [".Bl -tag -width indent"] + entries + [".El"]
  }

  private func entry(_ usage: String, _ summary: String, _ names: [String]) -> [String] {
    let name = usage.prefix { $0 != "(" }
    let others = names.filter { $0 != name }.joined(separator: ", ")
    let text = others.isEmpty ? summary : "\(summary); also called \(others)"
    return [".It Li \"\(roff(usage))\"", roff(text)]
  }

  /// The value of an expression over no columns, as a literal where SQL has one, else as JSON.
  private func result(of example: String) throws -> String {
    let (value, type) = try evaluate(example)
    switch (value, type) {
    case (.null, _): return "NULL"
    case (_, .array), (_, .map), (_, .structure):
      if try Expression.parse(example).bind(to: Schema([])).typeName == "interval" { break }
      guard
        case .string(let json) = try evaluate(
          "to_json(\(example), map('ignoreNullFields', 'false'))"
        ).value
      else { return "NULL" }
      return json
    case (.string(let text), .string): return "'\(text.replacing("'", with: "''"))'"
    case (.binary(let bytes), _):
      return "X'"
        + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
        + "'"
    default: break
    }
    guard case .string(let text) = try evaluate("CAST(\(example) AS STRING)").value else {
      return "NULL"
    }
    return text
  }

  private func evaluate(_ example: String) throws -> (value: Value, type: DataType) {
    let schema = Schema([])
    let bound = try Expression.parse(example).bind(to: schema)
    let row = Batch(schema: schema, columns: [], rowCount: 1)
    let context = EvaluationContext(now: 0)
    return (try bound.evaluate(over: row, context: context).value(0), bound.type)
  }

  /// As it is to be typed: some systems turn plain quotes and dashes into typographic ones.
  private func roff(_ text: String) -> String {
    let escaped = text.map { character in
      switch character {
      case "\\": "\\e"
      case "\"": "\\(dq"
      case "'": "\\(aq"
      case "`": "\\(ga"
      case "^": "\\(ha"
      case "~": "\\(ti"
      case "-": "\\-"
      case "…": "..."
      default: String(character)
      }
    }.joined()
    let spaced = escaped.replacing("  ", with: "\\ \\ ")
    return spaced.hasPrefix(".") ? "\\&" + spaced : spaced
  }
}
