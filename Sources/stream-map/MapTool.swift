package import ArgumentParser
import Diagnostics
import Expressions
import Operators
package import Toolkit
import Wire

/// Rows to rows, without memory.
package struct MapTool: StreamTool {
  package static let toolName = "stream-map"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Filter, compute, choose and explode the columns of a stream.",
    discussion: """
      Within one stage the order is explode, with, where, select, drop, limit, whatever the order of \
      the options; chain stages for another one. Expressions are Spark SQL's.
      """,
    examples: [
      ("rows that matter", "stream-source file access.csv | stream-map --where 'status >= 500'"),
      (
        "a row for each word",
        "stream-source file a.txt | stream-map --explode \"split(value, ' ') AS word\""
      ),
      ("new columns", "stream-source file a.csv | stream-map --with 'bytes / 1024 AS kib'"),
    ])

  /// For the executable.
  package static let entry = ToolEntry(toolName, MapTool.self)

  @Option(
    help: ArgumentHelp(
      "Make a row of each element of an array or a map, in a new column.", valueName: "expr AS name"
    ))
  var explode: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Add columns, or replace those of the same name; each may use those before it.",
      valueName: "expr AS name"))
  var with: [ArgumentText] = []

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp("Keep the rows for which this is true.", valueName: "expr"))
  var conditions: [ArgumentText] = []

  @Option(help: ArgumentHelp("Keep these columns; * stands for all.", valueName: "list"))
  var select: [ArgumentText] = []

  @Option(help: ArgumentHelp("Leave these columns out.", valueName: "names"))
  var drop: [String] = []

  @Option(
    help: ArgumentHelp(
      "End after so many rows of the whole query, as head does.", valueName: "rows"))
  var limit: Int?

  @OptionGroup package var common: CommonOptions

  package init() {}

  package func run() throws {
    let plan = try checkedPlan()
    try runEpochs { header, input in
      let stage = try MapStage(plan, input: input)
      return StagePlan(stage, shape: header.shape, options: planOptions.json)
    }
  }

  private func checkedPlan() throws -> MapPlan {
    var plan = MapPlan()
    plan.explode = try explode.map { try Expression.parse($0.text) }
    plan.with = try with.flatMap { try Expression.parseList($0.text) }
    plan.filter = try condition.map { try Expression.parse($0) }
    if !select.isEmpty { plan.select = try Expression.parseList(select.joinedList) }
    plan.drop = drop.flatMap { $0.split(separator: ",") }.map { trimmed($0) }
    if let limit, limit < 0 {
      throw StreamError(.usage, "--limit: expected a number of rows but found '\(limit)'")
    }
    plan.limit = limit
    return plan
  }

  /// All conditions have to hold. A single one stays as it was written, for the carets of errors.
  private var condition: String? {
    if conditions.count < 2 { return conditions.first?.text }
    return conditions.map { "(\($0.text))" }.joined(separator: " AND ")
  }

  private var planOptions: PlanOptions {
    PlanOptions()
      .adding("explode", explode?.text)
      .adding("with", with.map(\.text))
      .adding("where", conditions.map(\.text))
      .adding("select", select.map(\.text))
      .adding("drop", drop)
      .adding("limit", limit.map(String.init))
  }
}

private func trimmed(_ text: Substring) -> String {
  let start = text.drop { $0 == " " }
  return String(start.reversed().drop { $0 == " " }.reversed())
}
