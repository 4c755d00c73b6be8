package import Columnar

/// Rows of a stream or a file as they came: a column is decoded when it is asked for, so a stage
/// that needs two columns of ten decompresses and checks only these.
///
/// Columns of uncompressed batches are views of the message.
package struct ArrowBatch: Sendable {
  package var rowCount: Int { body.rowCount }
  package var schema: Schema { plan.schema }
  /// The batch's own metadata.
  package let metadata: [KeyValue]
  /// How many bytes of the stream its message took.
  package var messageByteCount: Int { 8 + message.metadata.count + message.body.count }

  let plan: StreamPlan
  let body: BatchBody
  let dictionaries: Dictionaries
  let message: Message

  /// - Throws: what is wrong with the bytes of the column.
  package func column(_ index: Int) throws(ArrowError) -> Column {
    var decoder = ColumnDecoder(body: body, plan: plan, dictionaries: dictionaries)
    try decoder.move(to: index)
    let column = try decoder.column(plan.columns[index])
    guard column.count == rowCount else {
      throw .column(
        plan.columns[index].path, "expected \(rowCount) values but found \(column.count)")
    }
    return column
  }

  /// All columns.
  package func batch() throws(ArrowError) -> Batch {
    var columns: [Column] = []
    for index in plan.columns.indices { columns.append(try column(index)) }
    return Batch(schema: schema, columns: columns, rowCount: rowCount)
  }
}

extension ArrowBatch {
  init(
    _ message: Message, plan: StreamPlan, dictionaries: Dictionaries
  ) throws(ArrowError) {
    self.init(
      metadata: try message.header.metadata(), plan: plan,
      body: try BatchBody(message.header.content(), body: message.body, plan: plan),
      dictionaries: dictionaries, message: message)
  }
}
