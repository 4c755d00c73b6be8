import Columnar
import Connectors
import Diagnostics
import Operators
import Tables

/// The table of a join.
final class LookUpTable: VersionedTable {
  let source: any TableSource
  private let plan: TableJoinPlan
  /// What is kept of a version: the columns that the join needs.
  private let columns: [Int]
  /// Opened already, to look at its columns.
  private var first: (any TableReading)?

  private var present: JoinTable?
  /// In use in place of the present one.
  private var former: (version: String, table: JoinTable)?

  init(_ source: any TableSource, _ first: any TableReading, _ plan: TableJoinPlan) {
    self.source = source
    self.plan = plan
    columns = plan.rightColumnsUsed.sorted()
    self.first = first
    let isPart = columns.count < plan.right.fields.count
    if isPart, source.canBeReadAgain { self.first = nil }
  }

  var schema: Schema { plan.right }

  private var keptSchema: Schema { Schema(columns.map { schema.fields[$0] }) }

  func read(needsVersion: Bool) throws -> (rowCount: Int, version: String?) {
    let names = columns.map { schema.fields[$0].name }
    let reading = try first ?? source.open(known: schema, columns: names)
    first = nil
    let places = try ColumnPlaces(schema, columns: columns, in: reading.schema, of: source.name)
    var digest = TableDigest(keptSchema)
    var builder = JoinTableBuilder(plan, name: source.name, keepsAll: needsVersion)
    while let batch = try reading.next() {
      let rows = places.widened(batch)
      if needsVersion {
        digest.add(
          Batch(
            schema: keptSchema, columns: columns.map { rows.columns[$0] }, rowCount: rows.rowCount))
      }
      try builder.append(rows)
    }
    let table = try builder.finish()
    present = table
    return (table.rows.rowCount, needsVersion ? digest.text : nil)
  }

  func read(_ version: String, from kept: KeptTable) throws { present = try table(version, kept) }

  private func table(_ version: String, _ kept: KeptTable) throws -> JoinTable {
    var batches: [Batch] = []
    var places: ColumnPlaces?
    try kept.read(
      version: version,
      begin: { places = try ColumnPlaces(schema, columns: columns, in: $0, of: kept.path) },
      { batches.append($0) })
    var builder = JoinTableBuilder(plan, name: kept.path, keepsAll: true)
    for batch in batches { try builder.append(places?.widened(batch) ?? batch) }
    return try builder.finish()
  }

  func keepPresent(in kept: KeptTable) throws {
    guard let rows = present?.rows else { return }
    try kept.write(keptSchema) { try rows.forEachBatch(columns: columns, $0) }
  }

  func usePresent() { former = nil }

  func use(_ version: String, from kept: KeptTable) throws {
    if former?.version == version { return }
    former = nil
    former = (version, try table(version, kept))
  }

  /// The one that is in use.
  func inUse() throws -> JoinTable {
    guard let table = former?.table ?? present else {
      throw StreamError(.internal, "a table that was not read")
    }
    return table
  }
}
