import ArgumentParser
import Columnar
import Connectors
import Diagnostics
import Expressions
import Formats
import SQLiteConnector
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

  private static let scheme = "sqlite:"

  /// - Throws: a usage error for options that do not go together, and for what is not there.
  func source(notices: Notices) throws -> any TableSource {
    guard let path = table?.text, !path.isEmpty else {
      throw StreamError(
        .usage, "no table named", hint: "--table devices.csv, or --table sqlite:devices.db")
    }
    let schema = try tableSchema.map { try Schema(parsing: $0) }
    if path.hasPrefix(TableOptions.scheme) {
      if tableFormat != nil {
        throw StreamError(.usage, "--table-format does not go with a table in a database")
      }
      return try SQLiteTable(
        path: String(path.dropFirst(TableOptions.scheme.count)), query: tableQuery?.text,
        schema: schema)
    }
    if tableQuery != nil {
      throw StreamError(
        .usage, "--table-query goes with a table in a database", hint: "--table sqlite:\(path)")
    }
    return try FileTable(path, plan(path, schema), notices: notices)
  }

  private func plan(_ path: String, _ schema: Schema?) throws -> InputPlan {
    guard
      let format = try tableFormat.map({ try Format(named: $0) }) ?? FileTable.format(ofPath: path)
    else {
      throw StreamError(
        .usage, "the name of '\(path)' does not say what is in it",
        hint: "--table-format csv, json, arrow, parquet or text")
    }
    if schema != nil, format.isBinary {
      throw StreamError(
        .usage,
        "--table-schema does not go with \(format.rawValue), which says what it holds")
    }
    var plan = InputPlan(format: format)
    plan.options.schema = schema
    plan.threadCount = try parseThreadCount(nil) ?? processorCount
    return plan
  }

  /// In µs; nil: the table is read once.
  func checkedRefresh(_ source: any TableSource) throws -> Int64? {
    guard let refresh else { return nil }
    let duration = try parseDuration(refresh.text, option: "--refresh")
    guard duration > 0 else {
      throw StreamError(
        .usage, "--refresh: '\(refresh.text)' is no time to wait", hint: "--refresh 60s")
    }
    guard source.canBeReadAgain else {
      throw StreamError(
        .usage, "'\(source.name)' is no regular file: it cannot be read again",
        hint: "leave --refresh out, or write it to a file first")
    }
    return duration
  }

  func adding(to options: PlanOptions) -> PlanOptions {
    options.adding("table", table?.text).adding("table-format", tableFormat)
      .adding("table-schema", tableSchema).adding("table-query", tableQuery?.text)
      .adding("refresh", refresh?.text)
  }
}
