import Columnar
import Connectors
import Diagnostics
import Operators

/// A table in memory, ready to be joined with.
struct LoadedTable {
  let table: JoinTable
  /// What its contents are known by; nil where nobody asks.
  let version: String?
}

/// Reads a table as a join needs it.
final class TableLoader {
  let source: any TableSource
  let plan: TableJoinPlan
  /// What is kept of a version: the columns that the join needs.
  let columns: [Int]
  /// Opened already, to look at its columns.
  private var first: (any TableReading)?

  init(_ source: any TableSource, _ first: any TableReading, _ plan: TableJoinPlan) {
    self.source = source
    self.plan = plan
    columns = plan.rightColumnsUsed.sorted()
    self.first = first
    let isPart = columns.count < plan.right.fields.count
    if isPart, source.canBeReadAgain { self.first = nil }
  }

  /// Reads the table as it is now.
  ///
  /// - Parameter needsVersion: its version is to be told.
  func load(needsVersion: Bool) throws -> LoadedTable {
    let names = columns.map { plan.right.fields[$0].name }
    let reading = try first ?? source.open(known: plan.right, columns: names)
    first = nil
    let places = try places(in: reading.schema, of: source.name)
    var digest = TableDigest(Schema(columns.map { plan.right.fields[$0] }))
    var builder = JoinTableBuilder(plan, name: source.name, keepsAll: needsVersion)
    while let batch = try reading.next() {
      let rows = widened(batch, places)
      if needsVersion {
        digest.add(
          Batch(
            schema: Schema(columns.map { plan.right.fields[$0] }),
            columns: columns.map { rows.columns[$0] }, rowCount: rows.rowCount))
      }
      try builder.append(rows)
    }
    return LoadedTable(
      table: try builder.finish(), version: needsVersion ? digest.text : nil)
  }

  /// Reads a version that was kept.
  func load(_ version: String, from kept: KeptTable) throws -> LoadedTable {
    var batches: [Batch] = []
    var places: [Int?] = []
    try kept.read(
      version: version,
      begin: { places = try self.places(in: $0, of: kept.path) }, { batches.append($0) })
    var builder = JoinTableBuilder(plan, name: kept.path, keepsAll: true)
    for batch in batches { try builder.append(widened(batch, places)) }
    return LoadedTable(table: try builder.finish(), version: version)
  }

  /// For each column of the table where it is in what was read; nil for one that is not needed.
  private func places(in schema: Schema, of name: String) throws -> [Int?] {
    var places: [Int?] = plan.right.fields.map { _ in nil }
    for column in columns {
      let field = plan.right.fields[column]
      guard let place = schema.fields.firstIndex(where: { $0.name == field.name }) else {
        throw StreamError(
          .usage, "the table has no column '\(field.name)' any more, but the query needs it",
          location: name, hint: "columns: \(schema.names.joined(separator: ", "))")
      }
      let found = schema.fields[place].type
      guard found == field.type else {
        throw StreamError(
          .usage, "'\(field.name)' is of type \(found) in the table, but was of type \(field.type)",
          location: name)
      }
      places[column] = place
    }
    return places
  }

  /// With something in the place of each column that is not needed.
  private func widened(_ batch: Batch, _ places: [Int?]) -> Batch {
    let columns = places.map { place in
      place.map { batch.columns[$0] } ?? Column(.void, .void(count: batch.rowCount))
    }
    return Batch(schema: plan.right, columns: columns, rowCount: batch.rowCount)
  }
}
