import Columnar
import Diagnostics

/// What is said of rows that no operator of the query has given out.
func stateDamage(_ reason: String) -> StreamError {
  StreamError(.io, "the state cannot be restored: \(reason)")
}

/// - Throws: an I/O error that names the first difference.
func checkStateSchema(_ found: Schema, _ wanted: Schema) throws {
  guard found != wanted else { return }
  let pairs = zip(found.fields, wanted.fields)
  guard let (field, expected) = pairs.first(where: { $0 != $1 }) else {
    throw stateDamage("it has \(found.fields.count) columns, not \(wanted.fields.count)")
  }
  throw stateDamage(
    "it has the column '\(field.name) \(field.type)' where this query keeps "
      + "'\(expected.name) \(expected.type)'")
}
