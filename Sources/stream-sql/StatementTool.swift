package import ArgumentParser
import Columnar
import Connectors
import Diagnostics
import Expressions
import Formats
import JSONText
import Operators
import SQLiteConnector
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
    name: .customLong("table"),
    help: ArgumentHelp(
      "Read a file into a table of this name, once in a run; its ending says the format. May be "
        + "repeated.",
      valueName: "name=file"))
  var tables: [ArgumentText] = []

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

  @OptionGroup(title: "Common options") package var common: CommonOptions

  package init() {}

  package func run() throws {
    let declared = try schema.map { try Schema(parsing: $0.text) }
    let files = try tableFiles()
    try prepareMemory()
    let log = try log()
    try runEpochs { header, input in
      try header.refuseUpdates(for: "a statement over each epoch")
      let tables = try files.map { try read($0, log) }
      let query = try EpochQuery(
        statement.text, over: input, tables: tables, declared: declared,
        memory: memory.map { "--memory \($0.text)" } ?? "half of the machine's")
      return StagePlan(
        EpochStatement(query), shape: shape(behind: header.shape, input, query), options: options)
    }
  }

  // MARK: - Options

  private func tableFiles() throws -> [(name: String, path: String)] {
    var files: [(name: String, path: String)] = []
    for table in tables {
      let parts = table.text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw StreamError(
          .usage, "--table: expected NAME=FILE but found '\(table.text)'",
          hint: "--table products=products.csv")
      }
      let name = parts[0].lowercased()
      if name == "input" || name.hasPrefix("sqlite_") {
        let reason =
          name == "input" ? "the rows of the epoch are" : "SQLite keeps such names for itself"
        throw StreamError(.usage, "--table: '\(parts[0])' is no name for a table: \(reason)")
      }
      guard !files.contains(where: { $0.name.lowercased() == name }) else {
        throw StreamError(.usage, "--table: two tables would be called '\(parts[0])'")
      }
      files.append((parts[0], parts[1]))
    }
    return files
  }

  private func read(_ table: (name: String, path: String), _ log: Log) throws -> EpochQuery.Table {
    guard let format = FileTable.format(ofPath: table.path) else {
      throw StreamError(
        .usage, "--table: the name of '\(table.path)' does not say what is in it",
        hint: "endings that do: .csv .tsv .json .ndjson .arrow .parquet .txt, or .csv.gz .csv.zst")
    }
    let plan = InputPlan(format: format)
    let file = try FileTable(table.path, plan, notices: Notices { log.warning($0, hint: $1) })
    return EpochQuery.Table(table.name, try file.open(known: nil, columns: nil))
  }

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
    PlanOptions([statement.text]).adding("table", tables.map(\.text))
      .adding("schema", schema?.text).adding("memory", memory?.text).json
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
