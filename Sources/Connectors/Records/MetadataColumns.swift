internal import Columnar
internal import Diagnostics

/// The columns of `--metadata`.
struct MetadataColumns: Sendable {
  /// nil for standard input.
  let file: String?

  static let fields = [Field("_file", .string), Field("_offset", .bigint)]

  /// - Throws: a usage error when a column has the name of one of these.
  static func refuseTakenNames(in schema: Schema) throws(StreamError) {
    guard let taken = fields.first(where: { schema.index(of: $0.name) != nil }) else { return }
    throw StreamError(
      .usage, "--metadata: there is a column '\(taken.name)' already",
      hint: "give that another name: --columns '\(taken.name) AS other'")
  }

  /// - Parameters:
  ///   - offsets: where each row begins in its block.
  ///   - blockOffset: where the block begins in its file, after decompression.
  func appended(to batch: Batch, offsets: Buffer<Int64>?, blockOffset: Int64) -> Batch {
    let count = batch.rowCount
    let file = Column(.string, repeating: file.map { .string($0) } ?? .null, count: count)
    let offset: Column
    if let offsets {
      let values = Buffer<Int64>(count: count) { output in
        for row in 0..<count { output.append(offsets[row] &+ blockOffset) }
      }
      offset = Column(.bigint, .int64(values))
    } else {
      offset = .nulls(.bigint, count: count)
    }
    return Batch(
      schema: Schema(batch.schema.fields + Self.fields), columns: batch.columns + [file, offset],
      rowCount: count)
  }
}
