package import ArgumentParser
import Columnar
import Diagnostics
import Expressions
import JSONText
import Operators
package import Toolkit
import Wire

/// Rows to rows, without memory.
package struct MapTool: StreamTool {
  package static let toolName = "stream-map"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Select, filter, compute and explode: rows to rows, without memory.",
    discussion: """
      Within one stage the order is explode, with, where, select, drop, limit; chain stages for \
      another order. Expressions are those of Spark SQL.

      With --exec the rows go through a program instead: the shell runs CMD for each epoch that has \
      rows, with them on its standard input, and the rows that it writes to its standard output go on \
      when it has ended with status 0. STREAM_EPOCH and STREAM_QUERY are in its environment. After a \
      crash an epoch goes through CMD again, so it should make the same of the same rows.
      """,
    examples: [
      ("some rows", "stream-source file a.csv | stream-map --where 'status >= 500'"),
      ("a computed column", "stream-source file a.csv | stream-map --with 'bytes / 1024 AS kb'"),
      (
        "a row for each word",
        "stream-source | stream-map --explode \"split(value, ' ') AS word\""
      ),
      (
        "columns to rows",
        "stream-source file a.csv | "
          + "stream-map --explode \"stack(2, 'in', n_in, 'out', n_out) AS (way, n)\""
      ),
      (
        "through a program of one's own",
        "stream-source file log.txt | stream-map --exec 'sed s/ERROR/error/' --exec-format text"
      ),
    ])

  /// For the executable.
  package static let entry = ToolEntry(toolName, MapTool.self)

  @Option(
    help: ArgumentHelp(
      "Make a row of each element of an array or a map; also posexplode(a), inline(array of structs) "
        + "and stack(count, a, b, …), the first two also with _outer.", valueName: "expr AS name"))
  var explode: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Add a column, or replace the one of that name; may be repeated, and may be a list.",
      valueName: "expr AS name"))
  var with: [ArgumentText] = []

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp("Keep the rows for which this is true.", valueName: "condition"))
  var condition: [ArgumentText] = []

  @Option(help: ArgumentHelp("Send these columns, in this order.", valueName: "list"))
  var select: [ArgumentText] = []

  @Option(help: ArgumentHelp("Leave these columns out.", valueName: "a,b"))
  var drop: [ArgumentText] = []

  @Option(help: ArgumentHelp("End after so many rows.", valueName: "count"))
  var limit: ArgumentText?

  @Option(
    help: ArgumentHelp("Send the rows of each epoch through what the shell runs.", valueName: "cmd")
  )
  var exec: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "How CMD reads and writes rows: json (a line each, the default), csv, text or arrow.",
      valueName: "format"))
  var execFormat: String?

  @Option(
    help: ArgumentHelp(
      "The columns of the rows that CMD writes (default: those that it reads).",
      valueName: "columns"))
  var schema: ArgumentText?

  @Flag(name: .customLong("no-header"), help: "CSV of CMD: no names of columns, neither way.")
  var noHeader = false

  @OptionGroup(title: "Common options") package var common: CommonOptions

  package init() {}

  package func run() throws {
    if let exec { return try run(exec.text) }
    try refuseOptionsOfExec()
    let plan = try checked()
    try runEpochs { header, schema in
      if plan.limit != nil, header.shape.mode == .complete {
        throw StreamError(
          .usage,
          "--limit would end the query after its first result, which is sent whole each time",
          hint: "stream-agg … --order-by 'n DESC' --limit 10")
      }
      let operation: any Operator =
        onlyCounts ? Limit(plan.limit, schema) : try MapStage(plan, input: schema)
      return StagePlan(
        operation, shape: try ShapeBehind(plan, schema).shape(header.shape), options: options)
    }
  }

  /// Whether rows pass as they are, perhaps not all of them.
  var onlyCounts: Bool {
    explode == nil && with.isEmpty && condition.isEmpty && select.isEmpty && drop.isEmpty
  }

  private func checked() throws -> MapPlan {
    var plan = MapPlan()
    plan.explode = try explode.map { try Expression.parse($0.text) }
    plan.with = try with.flatMap { try Expression.parseList($0.text) }
    plan.filter = try Expression.parse(allOf: condition.map(\.text))
    if !select.isEmpty { plan.select = try select.flatMap { try Expression.parseList($0.text) } }
    plan.drop = drop.flatMap { $0.text.split(separator: ",") }.map { name in
      let trimmed = name.trimmingPrefix { $0 == " " }
      return String(trimmed.reversed().drop { $0 == " " }.reversed())
    }
    plan.limit = try limit.map { Int(try parseCount($0.text, option: "--limit")) }
    return plan
  }

  var options: JSON {
    PlanOptions().adding("explode", explode?.text).adding("with", with.map(\.text))
      .adding("where", condition.map(\.text)).adding("select", select.map(\.text))
      .adding("drop", drop.map(\.text)).adding("limit", limit?.text)
      .adding("exec", exec?.text).adding("exec-format", execFormat).adding("schema", schema?.text)
      .adding("no-header", noHeader).json
  }
}
