internal import CSQLite
internal import Columnar
internal import Diagnostics

/// A table in memory that batches are put into.
final class InputTable {
  let name: String
  let schema: Schema
  private let database: Database
  private var insertion: Statement?
  private var deletion: Statement?
  /// Those that get their values; the others are null.
  private var columns: [Int] = []

  /// Texts for so many rows at a time.
  private static let sliceRows = 16_384

  /// Makes the table.
  ///
  /// - Throws: a usage error when SQLite cannot have such columns.
  init(_ name: String, _ schema: Schema, in database: Database) throws(StreamError) {
    self.name = name
    self.schema = schema
    self.database = database
    guard !schema.fields.isEmpty else { throw StreamError(.usage, "'\(name)' has no columns") }
    var seen: [String: String] = [:]
    for column in schema.names {
      if let other = seen.updateValue(column, forKey: column.lowercased()) {
        throw StreamError(
          .usage,
          "'\(name)' has the columns '\(other)' and '\(column)', which SQLite takes for one",
          hint: "stream-map --select '*, \(column) AS other' --drop \(column)")
      }
    }
    let definitions = schema.fields.map { "\(quotedName($0.name)) \($0.type.affinity)" }
    do throws(StreamError) {
      try database.run(
        "CREATE TABLE \(quotedName(name)) (\(definitions.joined(separator: ", ")))")
    } catch  where error.kind == .data {
      throw StreamError(.usage, "SQLite cannot have the table '\(name)': \(database.said)")
    }
  }

  /// - Parameter columns: those that are looked at.
  func prepare(_ columns: [Int]) throws(StreamError) {
    self.columns = columns
    let names = columns.map { quotedName(schema.fields[$0].name) }
    let places = columns.map { _ in "?" }
    let row =
      columns.isEmpty
      ? "DEFAULT VALUES"
      : "(\(names.joined(separator: ", "))) VALUES (\(places.joined(separator: ", ")))"
    insertion = try database.statement("INSERT INTO \(quotedName(name)) \(row)")
    deletion = try database.statement("DELETE FROM \(quotedName(name))")
  }

  func insert(_ batch: Batch) throws(StreamError) {
    var start = 0
    while start < batch.rowCount {
      let end = min(start + InputTable.sliceRows, batch.rowCount)
      try insertSlice(batch[start..<end])
      start = end
    }
  }

  private func insertSlice(_ batch: Batch) throws(StreamError) {
    guard let insertion else { throw StreamError(.internal, "a table that is not prepared") }
    let bound = columns.map { BoundColumn(batch.columns[$0], for: .functions) }
    for row in 0..<batch.rowCount {
      for index in bound.indices {
        do throws(StreamError) {
          try bound[index].bind(row, to: insertion, at: Int32(truncatingIfNeeded: index &+ 1))
        } catch  where error.kind == .data {
          let column = schema.fields[columns[index]].name
          throw StreamError(.data, "'\(column)': \(error.message)")
        }
      }
      try insertion.run()
    }
  }

  func removeAll() throws(StreamError) { try deletion?.run() }
}

extension DataType {
  /// What a column for SQLite's functions is declared as. Decimals are texts that are compared as
  /// numbers, intervals are numbers.
  fileprivate var affinity: String {
    switch self {
    case .decimal: "TEXT COLLATE \(decimalCollation)"
    case .dayTimeInterval, .yearMonthInterval: "INTEGER"
    default: declaration
    }
  }
}
