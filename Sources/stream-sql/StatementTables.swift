import ArgumentParser
import Diagnostics
import Tables
import Toolkit

/// Which tables a statement finds beside its input, and how they are read.
struct StatementTables: ParsableArguments {
  @Option(
    name: .customLong("table"),
    help: ArgumentHelp(
      "Read a file, or sqlite:FILE for a table in a database, into a table of this name. May be "
        + "repeated.",
      valueName: "name=file"))
  var tables: [ArgumentText] = []

  @Option(
    name: .customLong("table-format"),
    help: ArgumentHelp(
      "Read text, csv, json, arrow or parquet: all tables, or with NAME= before it one of several. Default: "
        + "what the ending of a file says.",
      valueName: "format"))
  var formats: [ArgumentText] = []

  @Option(
    name: .customLong("table-schema"),
    help: ArgumentHelp(
      "What the table holds, such as 'id bigint, name string', with NAME= before it if there are several. "
        + "Default: guessed from the first rows when the query starts for the first time.",
      valueName: "columns"))
  var schemas: [ArgumentText] = []

  @Option(
    name: .customLong("table-query"),
    help: ArgumentHelp(
      "sqlite: the SELECT whose rows are the table, with NAME= before it if there are several. Default: "
        + "the only table of the database.",
      valueName: "sql"))
  var queries: [ArgumentText] = []

  @Option(
    help: ArgumentHelp(
      "Read tables again when they have changed, but no more often than this, and between two epochs "
        + "alone. Default: once, at the start.",
      valueName: "duration"))
  var refresh: ArgumentText?

  /// - Throws: a usage error for what names no table, or two of a name.
  func requests() throws -> [(name: String, request: TableRequest)] {
    let places = try places()
    let names = places.map(\.name)
    let formats = try values(formats, "--table-format", names, isForAll: true)
    let schemas = try values(schemas, "--table-schema", names)
    let queries = try values(queries, "--table-query", names)
    if names.isEmpty, refresh != nil {
      throw StreamError(
        .usage, "--refresh: no table is named", hint: "--table products=products.csv")
    }
    return places.map { name, path in
      (
        name,
        TableRequest(path: path, format: formats[name], schema: schemas[name], query: queries[name])
      )
    }
  }

  private func places() throws -> [(name: String, path: String)] {
    var places: [(name: String, path: String)] = []
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
      guard !places.contains(where: { $0.name.lowercased() == name }) else {
        throw StreamError(.usage, "--table: two tables would be called '\(parts[0])'")
      }
      places.append((parts[0], parts[1]))
    }
    return places
  }

  /// What an option says of each table.
  ///
  /// - Parameter isForAll: a value without the name of a table holds for all of them.
  private func values(
    _ texts: [ArgumentText], _ option: String, _ names: [String], isForAll: Bool = false
  ) throws -> [String: String] {
    var values: [String: String] = [:]
    var general: String?
    for text in texts.map(\.text) {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      let name = names.first { $0.lowercased() == parts.first?.lowercased() && parts.count == 2 }
      guard values[name ?? ""] == nil, name != nil || general == nil else {
        throw StreamError(.usage, "\(option): given twice for one table: '\(text)'")
      }
      if let name { values[name] = parts[1] } else { general = text }
    }
    guard let general else { return values }
    if names.count == 1, !values.isEmpty {
      throw StreamError(.usage, "\(option): given twice for one table: '\(general)'")
    }
    guard names.count == 1 || isForAll && !names.isEmpty else {
      let example = names.first ?? "products"
      throw StreamError(
        .usage, names.isEmpty ? "\(option): no table is named" : "\(option): which table?",
        hint: names.isEmpty
          ? "--table \(example)=\(example).csv" : "\(option) '\(example)=\(general)'")
    }
    return values.merging(names.map { ($0, general) }) { own, _ in own }
  }

  func adding(to options: PlanOptions) -> PlanOptions {
    options.adding("table", tables.map(\.text)).adding("table-format", formats.map(\.text))
      .adding("table-schema", schemas.map(\.text)).adding("table-query", queries.map(\.text))
      .adding("refresh", refresh?.text)
  }
}
