package import ArgumentParser
import Columnar
import Diagnostics
import Expressions
import JSONText
import Operators
package import Toolkit
import Wire

/// Groups a stream and keeps aggregates of each group.
package struct AggregateTool: StreamTool {
  package static let toolName = "stream-agg"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Group rows and compute aggregates of each group.",
    discussion: """
      Sends one row for each group: the columns of --by, then the aggregates. Expressions are those \
      of Spark SQL; FILTER (WHERE …) and DISTINCT go with every aggregate.

      --mode says when rows are sent. append: once, when the input is complete; this is the default \
      where it is known from the start that the input ends. update: after each epoch the groups that \
      changed; the default elsewhere. complete: after each epoch that changed anything, all groups.
      """,
    examples: [
      ("how many of each", "stream-source file a.csv | stream-agg 'count(*) AS n' --by status"),
      (
        "the ten largest, as they grow",
        "… | stream-agg 'sum(bytes) AS b' --by host --mode complete --order-by 'b DESC' --limit 10"
      ),
      ("over all rows", "stream-source file a.csv | stream-agg 'avg(price), max(price)'"),
    ])

  /// For the executable.
  package static let entry = ToolEntry(toolName, AggregateTool.self)

  @Argument(
    help: ArgumentHelp("Aggregates, such as 'sum(price) AS total'.", valueName: "aggregates"))
  var aggregates: [ArgumentText]

  @Option(
    name: .customLong("by"),
    help: ArgumentHelp("Columns or expressions to group by.", valueName: "list"))
  var keys: [ArgumentText] = []

  @Option(help: ArgumentHelp("When to send rows: append, update or complete.", valueName: "mode"))
  var mode: String?

  @Option(
    help: ArgumentHelp("Send the groups for which this is true.", valueName: "condition"))
  var having: ArgumentText?

  @Option(
    name: .customLong("order-by"),
    help: ArgumentHelp("The order of the rows; not in update mode.", valueName: "list"))
  var order: [ArgumentText] = []

  @Option(help: ArgumentHelp("Send so many rows; not in update mode.", valueName: "count"))
  var limit: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Stop with an error when the state takes more memory than this (default: half of the "
        + "machine's).", valueName: "size"))
  var stateMemory: ArgumentText?

  @OptionGroup(title: "Common options") package var common: CommonOptions

  package init() {}

  package func run() throws {
    let query = try AggregateQuery(self)
    let byteLimit = try parseStateMemory(stateMemory?.text)
    try runEpochs { header, schema in
      let mode = try query.mode(for: header)
      let aggregation = try query.aggregation(over: schema)
      let plan = try AggregatePlan(
        aggregation, mode: mode, limit: query.limit, stateByteLimit: byteLimit)
      try query.refuseEqualNames(plan.output)
      var shape = header.shape
      shape.mode = OutputMode(mode)
      shape.keys = Array(plan.output.names.prefix(aggregation.keyCount))
      shape.eventTime = nil
      return StagePlan(
        Aggregate(plan), shape: shape, options: options(mode),
        guards: guards(mode, aggregation.columnsUsed.sorted().map { schema.fields[$0] }))
    }
  }

  /// What the state is made of: its keys, its aggregates and what they read.
  private func guards(_ mode: AggregateMode, _ fields: [Field]) -> PlanGuards {
    PlanGuards().adding("--by", keys.isEmpty ? nil : keys.joinedList)
      .adding("the list of aggregates", aggregates.joinedList).adding("--mode", mode.rawValue)
      .adding(typesOf: fields)
  }

  private func options(_ mode: AggregateMode) -> JSON {
    PlanOptions(aggregates.map(\.text)).adding("by", keys.map(\.text))
      .adding("mode", mode.rawValue).adding("having", having?.text)
      .adding("order-by", order.map(\.text)).adding("limit", limit?.text)
      .adding("state-memory", stateMemory?.text).json
  }
}

extension OutputMode {
  fileprivate init(_ mode: AggregateMode) {
    self =
      switch mode {
      case .append: .append
      case .update: .update
      case .complete: .complete
      }
  }
}
