internal import ArrowIPC
internal import Columnar

/// Takes columns out of the batches of one file.
struct ArrowProjection {
  let output: Schema
  /// nil for a column that the file lacks.
  let places: [ColumnPlace?]

  func batch(_ rows: ArrowBatch) throws(ArrowError) -> Batch {
    var columns: [Column] = []
    for (place, field) in zip(places, output.fields) {
      guard let place else {
        columns.append(.nulls(field.type, count: rows.rowCount))
        continue
      }
      var column = try rows.column(place.index)
      for member in place.members { column = column.member(member) }
      columns.append(column)
    }
    return Batch(schema: output, columns: columns, rowCount: rows.rowCount)
  }
}

extension Column {
  /// A field of a struct; null where the struct is.
  fileprivate func member(_ index: Int) -> Column {
    guard case .structure(let columns, _) = storage else { preconditionFailure("no struct") }
    let member = columns[index]
    guard let validity else { return member }
    return member.replacing(validity: member.validity.map { $0 & validity } ?? validity)
  }
}
