package import ArgumentParser
import Checkpoint
import Columnar
import Connectors
import Diagnostics
import Expressions
import JSONText
import Operators
import Tables
package import Toolkit
import Wire

/// Rows beside those that belong to them.
package struct JoinTool: StreamTool {
  package static let toolName = "stream-join"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Join a stream with a table, or with another stream.",
    discussion: """
      --table: the table is read into memory when the query starts. Each row of the stream comes out \
      beside every row of the table that matches it, in the order of the stream, then of the table.

      --stream: rows of both streams wait for their partners, and a pair comes out with the later of \
      its rows. When both have a watermark and the condition says how far apart the times may be, \
      rows are forgotten as soon as no partner can come.

      Expressions are those of Spark SQL; in --on, l stands for the stream on standard input, r for \
      the table or the other stream.

      --type says which rows come out. inner: pairs. left: rows of the left side without a match, \
      too, beside nulls. semi, anti: rows of the left side that have a match, or none, as they are. \
      right, full: rows of the right side without a match, too. Those without a match come out when \
      it is certain that they have none: of a table at the end of an input that is known to end, of \
      a stream when the watermark says so.
      """,
    examples: [
      (
        "what is known of each device",
        "stream-source file log.csv | stream-join --table devices.csv --on device"
      ),
      (
        "names that differ, and a table that changes",
        "… | stream-join --table sqlite:shop.db --table-query 'SELECT id, price FROM items' "
          + "--on 'l.item = r.id' --refresh 60s"
      ),
      ("those that are on no list", "… | stream-join --table block.csv --on ip --type anti"),
      (
        "what was clicked within a minute",
        "… | stream-window --time ts --watermark 1m | stream-join "
          + "--stream <(… --name clicks | stream-window --time ts --watermark 1m) --on 'l.ad = r.ad "
          + "AND r.ts BETWEEN l.ts AND l.ts + INTERVAL 60 SECONDS'"
      ),
    ])

  /// For the executable.
  package static let entry = ToolEntry(toolName, JoinTool.self)

  @Option(
    help: ArgumentHelp(
      "Names of columns that both sides have, such as 'id'; or a condition, such as 'l.id = r.key AND "
        + "l.n > r.low'.",
      valueName: "names or condition"))
  var on: ArgumentText

  @Option(
    help: ArgumentHelp(
      "Which rows come out: inner (the default), left, right, full, semi or anti.",
      valueName: "type"))
  var type: String?

  @Option(
    name: .customLong("prefix-right"),
    help: ArgumentHelp(
      "What to put in front of the name of a column of the right side, if the left side has one of that "
        + "name. Default: _right behind it.",
      valueName: "prefix"))
  var prefix: String?

  @OptionGroup(title: "Table") var table: TableOptions
  @OptionGroup(title: "Other stream") var stream: StreamOptions
  @OptionGroup(title: "Common options") package var common: CommonOptions

  package init() {}

  /// What the checkpoint calls the table.
  private static let tableName = "table"

  package func run() throws {
    let type = try joinType()
    if let path = try otherStream() { return try runStreamJoin(type, with: path) }
    try runTableJoin(type)
  }

  private func runTableJoin(_ type: JoinType) throws {
    let log = try log()
    let source = try table.request().source(log)
    let refresh = try TableRequest.refresh(table.refresh?.text, [source])
    if refresh != nil, type.keepsUnmatchedRight {
      throw StreamError(
        .usage,
        "a \(type.rawValue) join sends the rows of the table that nothing has matched, so the table "
          + "must not change: --refresh does not go with it")
    }
    try runEpochs { header, schema in
      let shape = try InputShape(header, type: type, isRefreshed: refresh != nil)
      let known = try TableColumns.known(
        behind: header, tool: Self.toolName, branch: try common.branchName())
      let first = try withTableOptions {
        try source.open(known: known[JoinTool.tableName], columns: nil)
      }
      let condition = try JoinCondition(
        parsing: on.text, left: schema, right: first.schema, rightName: "the table")
      var plan = try TableJoinPlan(
        type, on: condition, left: schema, right: first.schema, prefix: prefix)
      plan.isOneToOne = shape.isOneToOne
      try shape.check(plan)
      let lookUp = LookUpTable(source, first, plan)
      let versions = TableVersions(
        [(JoinTool.tableName, lookUp)], refresh: refresh, isPinned: type.keepsUnmatchedRight,
        log: log)
      let joined = JoinedTable(lookUp, versions)
      let operation: any Operator =
        type.keepsUnmatchedRight ? OuterTableJoin(plan, joined) : TableJoin(plan, joined)
      var stage = StagePlan(
        operation, shape: header.shape, options: options(type), guards: guards(plan))
      stage.opening = { place in try withTableOptions { try versions.open(place) } }
      return stage
    }
  }

  private func joinType() throws -> JoinType {
    guard let type else { return .inner }
    guard let known = JoinType(rawValue: type) else {
      let names = JoinType.allCases.map(\.rawValue)
      let meant = nearest(to: type, among: names).map { " (did you mean '\($0)'?)" } ?? ""
      throw StreamError(
        .usage, "no join type '\(type)'\(meant); types: \(names.joined(separator: ", "))")
    }
    return known
  }

  /// What is remembered of the table's rows: which have been matched.
  private func guards(_ plan: TableJoinPlan) -> PlanGuards {
    let isKept = plan.type.keepsUnmatchedRight
    let guards = PlanGuards().adding(
      "--type", isKept ? "right or full" : "inner, left, semi or anti")
    return isKept ? guards.adding("--on", on.text) : guards
  }

  private func options(_ type: JoinType) -> JSON {
    table.adding(to: PlanOptions()).adding("on", on.text).adding("type", type.rawValue)
      .adding("prefix-right", prefix).json
  }
}
