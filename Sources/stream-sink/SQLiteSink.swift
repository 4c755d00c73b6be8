import ArgumentParser
import Connectors
import Diagnostics
import SQLiteConnector
import Toolkit
import Wire

struct SQLiteSink: SinkKind {
  static let configuration = CommandConfiguration.tool(
    SinkTool.toolName, kind: "sqlite", abstract: "Keep records in a table of an SQLite database.",
    discussion: """
      FILE and the table are made if they are not there. Each epoch is one transaction: its rows are \
      added, or, where an aggregation sends updates, take the place of those of the same key, or, in \
      complete mode, of all rows.

      With a checkpoint every row takes effect exactly once: the table 'stream_tools_commits' holds \
      the query's progress and is written in the same transaction. A new database gets a write-ahead \
      log, so that readers do not wait; one that is there keeps its kind of journal. \
      --overwrite and --append say what the first run does with rows that are there; later runs go on.

      Integers and booleans are INTEGER, floats and doubles REAL (NaN is NULL), binary is BLOB, all \
      else TEXT: times in RFC 3339 with six digits of a second, so that they sort; decimals digit by \
      digit; nested values as JSON.
      """,
    examples: [
      (
        "events that a crash neither loses nor doubles",
        "stream-source file data/ --checkpoint ck | stream-sink sqlite events.db --table events"
      ),
      (
        "a table of counts that is kept up to date",
        "stream-source file data/ | stream-agg 'count(*) AS n' --by k --mode update "
          + "| stream-sink sqlite counts.db --table counts"
      ),
    ])

  @Argument(help: ArgumentHelp("The database.", valueName: "file"))
  var path: ArgumentText

  @Option(help: ArgumentHelp("The table.", valueName: "name"))
  var table: ArgumentText

  @Flag(help: "Replace the rows of the table.")
  var overwrite = false

  @Flag(help: "Add to the rows of the table.")
  var append = false

  @OptionGroup var sink: SinkOptions

  func choice() throws -> TargetChoice {
    let (path, table) = (path.text, table.text)
    if overwrite, append {
      throw StreamError(.usage, "--overwrite and --append exclude each other")
    }
    guard !path.isEmpty else { throw StreamError(.usage, "the path is empty") }
    guard !table.isEmpty else { throw StreamError(.usage, "--table: the name is empty") }
    guard !table.lowercased().hasPrefix("sqlite_"), table.lowercased() != "stream_tools_commits"
    else { throw StreamError(.usage, "--table: '\(table)' is not free for rows") }
    let existing: ExistingFiles = overwrite ? .overwrite : append ? .append : .refuse
    let options = PlanOptions(["sqlite", path]).adding("table", table)
      .adding("overwrite", overwrite).adding("append", append)
    let database = "database \(absolutePath(path))"
    return TargetChoice(
      identity: "table \(table) of \(database)", exclusive: database, options: options,
      guards: { header, _ in
        let keys = header.shape.keys.joined(separator: ", ")
        return [
          ("the output mode", "\(header.resultMode)"),
          ("the key", keys.isEmpty ? nil : keys),
        ]
      }
    ) { _, _ in SQLiteTarget(path: path, table: table, existing: existing) }
  }
}
