package import ArgumentParser
import Columnar
import Diagnostics
import Expressions
import JSONText
import Operators
import SQLiteConnector
import Tables
package import Toolkit
import Wire

/// A statement of SQLite's over the rows of each epoch.
package struct StatementTool: StreamTool {
  package static let toolName = "stream-sql"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Run an SQL statement over the rows of each epoch.",
    discussion: """
      The rows of an epoch are the table input; at the end of the epoch the statement runs, and its \
      rows go on in their order. Nothing is kept from one epoch to the next. The SQL is SQLite's, \
      with window functions, WITH and JSON; the other tools' expressions are Spark's.

      A column of input or of a --table keeps its type, a CAST says one, and counts and ranks are \
      bigint; of any other column --schema says the type.

      Behind an aggregation in complete mode each epoch has the whole result, and so has what comes \
      out.
      """,
    examples: [
      (
        "the three best-selling products of each category in each minute",
        "… | stream-agg 'sum(price) AS sold' --by category,product --mode append | stream-sql "
          + "'SELECT * FROM (SELECT *, rank() OVER (PARTITION BY window_start, category "
          + "ORDER BY sold DESC) AS place FROM input) WHERE place <= 3' --schema 'place bigint'"
      ),
      (
        "names from a file",
        "… | stream-sql 'SELECT i.*, p.name FROM input i LEFT JOIN products p USING (id)' "
          + "--table products=products.csv"
      ),
    ])

  /// For the executable.
  package static let entry = ToolEntry(toolName, StatementTool.self)

  @Argument(
    help: ArgumentHelp(
      "One statement that reads: SELECT, WITH … SELECT or VALUES.", valueName: "statement"))
  var statement: ArgumentText

  @Option(
    help: ArgumentHelp(
      "The types of columns that come out, such as 'total double, last timestamp'; others are as "
        + "without it.", valueName: "columns"))
  var schema: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Stop with an error when an epoch takes more memory than this (default: half of the "
        + "machine's).", valueName: "size"))
  var memory: ArgumentText?

  @OptionGroup(title: "Tables") var tables: StatementTables
  @OptionGroup(title: "Common options") package var common: CommonOptions

  package init() {}

  package func run() throws {
    let declared = try schema.map { try Schema(parsing: $0.text) }
    let log = try log()
    let requests = try tables.requests()
    try prepareMemory()
    let sources = try requests.map { ($0.name, try $0.request.source(log)) }
    let refresh = try TableRequest.refresh(tables.refresh?.text, sources.map(\.1))
    try runEpochs { header, input in
      try header.refuseUpdates(for: "a statement over each epoch")
      let known = try TableColumns.known(
        behind: header, tool: Self.toolName, branch: try common.branchName())
      let tables = try withTableOptions {
        try sources.map { try StatementTable($0, $1, known: known[$0]) }
      }
      let query = try EpochQuery(
        statement.text, over: input, tables: tables.map { .init($0.name, $0.schema) },
        declared: declared,
        memory: memory.map { "--memory \($0.text)" } ?? "half of the machine's")
      for table in tables { table.query = query }
      let versions = TableVersions(
        tables.map { ($0.name, $0) }, refresh: refresh, log: log)
      var stage = StagePlan(
        EpochStatement(query, tables.isEmpty ? nil : versions),
        shape: shape(behind: header.shape, input, query), options: options)
      if !tables.isEmpty {
        stage.opening = { place in try withTableOptions { try versions.open(place) } }
      }
      return stage
    }
  }

  // MARK: - Options

  private func prepareMemory() throws {
    let byteCount =
      try memory.map { try parseByteCount($0.text, option: "--memory") }
      ?? Int64(memoryByteCount / 2)
    // What SQLite takes before the first row.
    let least = 1 << 20
    guard byteCount >= least else {
      throw StreamError(
        .usage, "--memory: expected at least 1M but found '\(memory?.text ?? "")'")
    }
    EpochQuery.prepareProcess(memoryByteCount: Int(byteCount))
  }

  private var options: JSON {
    tables.adding(to: PlanOptions([statement.text])).adding("schema", schema?.text)
      .adding("memory", memory?.text).json
  }

  /// A key tells no row from another any more; the event time stays where its column does.
  private func shape(behind before: Shape, _ input: Schema, _ query: EpochQuery) -> Shape {
    var shape = before
    shape.keys = []
    if let time = before.eventTime {
      let place = query.output.index(of: time)
      let isKept = place.map { query.inputColumns[$0] == input.index(of: time) } ?? false
      if !isKept || input.index(of: time) == nil { shape.eventTime = nil }
    }
    return shape
  }
}
