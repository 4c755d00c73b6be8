import ArgumentParser
import Diagnostics
import Tables
import Toolkit

/// Which table to join with, and how it is read.
struct TableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Join with this table: a file, or sqlite:FILE for one in a database.", valueName: "file"))
  var table: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Read text, csv, json, arrow or parquet. Default: what the ending of the file says.",
      valueName: "format"))
  var tableFormat: String?

  @Option(
    help: ArgumentHelp(
      "What the table holds, such as 'id bigint, name string'. Default: guessed from the first rows "
        + "when the query starts for the first time.",
      valueName: "columns"))
  var tableSchema: String?

  @Option(
    help: ArgumentHelp(
      "sqlite: the SELECT whose rows are the table. Default: the only table of the database.",
      valueName: "sql"))
  var tableQuery: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Read the table again when it has changed, but no more often than this, and between two epochs "
        + "alone. Default: once, at the start.",
      valueName: "duration"))
  var refresh: ArgumentText?

  /// The first option that was given.
  var given: String? {
    let options = [
      ("--table", table != nil), ("--table-format", tableFormat != nil),
      ("--table-schema", tableSchema != nil), ("--table-query", tableQuery != nil),
      ("--refresh", refresh != nil),
    ]
    return options.first(where: \.1)?.0
  }

  /// - Throws: a usage error when no table is named.
  func request() throws -> TableRequest {
    guard let path = table?.text, !path.isEmpty else {
      throw StreamError(
        .usage, "neither a table nor another stream is named",
        hint: "--table devices.csv, --table sqlite:devices.db, or --stream <(stream-source …)")
    }
    return TableRequest(
      path: path, format: tableFormat, schema: tableSchema, query: tableQuery?.text)
  }

  func adding(to options: PlanOptions) -> PlanOptions {
    options.adding("table", table?.text).adding("table-format", tableFormat)
      .adding("table-schema", tableSchema).adding("table-query", tableQuery?.text)
      .adding("refresh", refresh?.text)
  }
}
