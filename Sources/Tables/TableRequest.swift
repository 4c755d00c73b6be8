internal import Columnar
package import Connectors
internal import Diagnostics
internal import Expressions
internal import Formats
internal import SQLiteConnector
package import Toolkit

/// What a command line says of a table: where it is, and how it is read.
package struct TableRequest {
  /// A file, a pattern, or `sqlite:` and a database.
  package let path: String
  package let format: String?
  package let schema: String?
  /// Of a table in a database.
  package let query: String?

  private static let scheme = "sqlite:"

  package init(path: String, format: String?, schema: String?, query: String?) {
    self.path = path
    self.format = format
    self.schema = schema
    self.query = query
  }

  /// - Throws: a usage error for options that do not go together, and for what is not there.
  package func source(_ log: Log) throws -> any TableSource {
    let columns = try schema.map { try Schema(parsing: $0) }
    if path.hasPrefix(TableRequest.scheme) {
      if format != nil {
        throw StreamError(.usage, "--table-format does not go with a table in a database")
      }
      return try SQLiteTable(
        path: String(path.dropFirst(TableRequest.scheme.count)), query: query, schema: columns)
    }
    if query != nil {
      throw StreamError(
        .usage, "--table-query goes with a table in a database", hint: "--table sqlite:\(path)")
    }
    let notices = Notices { log.warning($0, hint: $1?.namingTableOptions) }
    return try FileTable(path, plan(columns), notices: notices)
  }

  private func plan(_ columns: Schema?) throws -> InputPlan {
    guard let format = try format.map({ try Format(named: $0) }) ?? FileTable.format(ofPath: path)
    else {
      throw StreamError(
        .usage, "the name of '\(path)' does not say what is in it",
        hint: "--table-format csv, json, arrow, parquet or text")
    }
    if columns != nil, format.isBinary {
      throw StreamError(
        .usage, "--table-schema does not go with \(format.rawValue), which says what it holds")
    }
    var plan = InputPlan(format: format)
    plan.options.schema = columns
    plan.threadCount = try parseThreadCount(nil) ?? processorCount
    return plan
  }

  /// How often to look whether tables have changed, in µs; nil: they are read once.
  ///
  /// - Parameter refresh: the option's value.
  package static func refresh(_ refresh: String?, _ sources: [any TableSource]) throws -> Int64? {
    guard let refresh else { return nil }
    let duration = try parseDuration(refresh, option: "--refresh")
    guard duration > 0 else {
      throw StreamError(
        .usage, "--refresh: '\(refresh)' is no time to wait", hint: "--refresh 60s")
    }
    for source in sources where !source.canBeReadAgain {
      throw StreamError(
        .usage, "'\(source.name)' is no regular file: it cannot be read again",
        hint: "leave --refresh out, or write it to a file first")
    }
    return duration
  }
}

/// What the inputs of sources advise goes by other names where they are tables.
package func withTableOptions<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch var error as StreamError {
    error.hint = error.hint?.namingTableOptions
    throw error
  }
}

extension String {
  fileprivate var namingTableOptions: String {
    replacing("--schema", with: "--table-schema").replacing("--format", with: "--table-format")
  }
}
