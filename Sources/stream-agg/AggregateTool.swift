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

      Behind stream-window a group has a window, too: the rows begin with window_start and \
      window_end.

      --mode says when rows are sent. append: once, when they can no longer change: a window when the \
      watermark has passed its end, all else when the input is complete; this is the default where \
      there is a watermark, or where it is known from the start that the input ends. update: after \
      each epoch the groups that changed; the default elsewhere. complete: after each epoch that \
      changed anything, all groups.
      """,
    examples: [
      ("how many of each", "stream-source file a.csv | stream-agg 'count(*) AS n' --by status"),
      (
        "the ten largest, as they grow",
        "… | stream-agg 'sum(bytes) AS b' --by host --mode complete --order-by 'b DESC' --limit 10"
      ),
      ("over all rows", "stream-source file a.csv | stream-agg 'avg(price), max(price)'"),
      (
        "the three most active of each minute",
        "… | stream-window --time ts --watermark 10s --size 1m | stream-agg 'count(*) AS n' "
          + "--by user --order-by 'n DESC' --limit 3"
      ),
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
    help: ArgumentHelp(
      "The order of the rows, in append mode of each window's; not in update mode.",
      valueName: "list"))
  var order: [ArgumentText] = []

  @Option(
    help: ArgumentHelp(
      "Send so many rows, in append mode of each window; not in update mode.", valueName: "count"))
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
      let time = try query.grouping(of: header, schema)
      let mode = try query.mode(for: header, time)
      let aggregation = try query.aggregation(over: schema, time)
      let plan = try AggregatePlan(
        aggregation, grouping: time.grouping, mode: mode, limit: query.limit,
        stateByteLimit: byteLimit)
      try query.refuseEqualNames(plan.output)
      var shape = header.shape
      shape.mode = OutputMode(mode)
      shape.keys = time.resultKeys(Array(plan.output.names.prefix(aggregation.keyCount)))
      shape.eventTime = nil
      shape.window = time.declaration?.json
      return StagePlan(
        time.operation(plan), shape: shape, options: options(mode),
        guards: guards(mode, plan.columnsUsed.sorted().map { schema.fields[$0] })
          .adding("the window", header.shape.window?.text))
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
