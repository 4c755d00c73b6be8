internal import Checkpoint
package import Columnar
internal import Connectors
internal import Diagnostics
internal import JSONText
internal import Toolkit
package import Wire

/// What the columns of tables were found to be when the query first started: later versions are read
/// as that.
package enum TableColumns {
  private static func path(in stage: StageDirectory) -> String { "\(stage.tablesPath)/schema.json" }

  /// What was found by earlier runs of a stage that is to be the next one of a stream.
  ///
  /// - Returns: by the names of the tables; nothing without a checkpoint.
  package static func known(
    behind header: Header, tool: String, branch: String?
  ) throws -> [String: Schema] {
    guard let path = header.query.checkpoint else { return [:] }
    var plan = header
    let stage = plan.append(tool: tool, options: .object([]), branch: branch)
    return try read(in: CheckpointDirectory.open(path).stage(stage))
  }

  static func read(in stage: StageDirectory) throws -> [String: Schema] {
    guard let record = try Document.read(path(in: stage)) else { return [:] }
    var schemas: [String: Schema] = [:]
    for member in record.members ?? [] { schemas[member.key] = Schema(member.value) }
    guard let members = record.members, members.count == schemas.count else {
      throw StreamError(
        .io, "the checkpoint is damaged: these are no columns", location: path(in: stage),
        hint: "restore the directory from a copy, or begin again with an empty one")
    }
    return schemas
  }

  static func write(_ schema: Schema, of table: String, in stage: StageDirectory) throws {
    var schemas = try read(in: stage)
    if schemas[table] == schema { return }
    schemas[table] = schema
    let members = schemas.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value.json) }
    try Document.write(.object(members), to: path(in: stage))
  }
}

/// Where columns of a table that are wanted stand in what is read of it.
package struct ColumnPlaces {
  private let schema: Schema
  /// nil for one that is not wanted.
  private let places: [Int?]

  /// - Parameters:
  ///   - schema: of the table, as it is known.
  ///   - columns: of these.
  ///   - found: the schema of what is read.
  ///   - name: for errors.
  /// - Throws: a usage error when a column is not there, or of another type.
  package init(
    _ schema: Schema, columns: [Int], in found: Schema, of name: String
  ) throws {
    self.schema = schema
    var places: [Int?] = schema.fields.map { _ in nil }
    for column in columns {
      let field = schema.fields[column]
      guard let place = found.fields.firstIndex(where: { $0.name == field.name }) else {
        throw StreamError(
          .usage, "the table has no column '\(field.name)' any more, but the query needs it",
          location: name, hint: "columns: \(found.names.joined(separator: ", "))")
      }
      let type = found.fields[place].type
      guard type == field.type else {
        throw StreamError(
          .usage, "'\(field.name)' is of type \(type) in the table, but was of type \(field.type)",
          location: name)
      }
      places[column] = place
    }
    self.places = places
  }

  /// With something in the place of each column that is not wanted.
  package func widened(_ batch: Batch) -> Batch {
    let columns = places.map { place in
      place.map { batch.columns[$0] } ?? Column(.void, .void(count: batch.rowCount))
    }
    return Batch(schema: schema, columns: columns, rowCount: batch.rowCount)
  }
}
