package import Columnar

/// A Parquet file, whose footer says where its columns are. Apache Parquet, "File Format".
package final class ParquetFile {
  static let magic = Array("PAR1".utf8)
  private static let encryptedMagic = Array("PARE".utf8)

  /// The columns of the file. Those that are not read are of type `void`, see
  /// ``SchemaNode/unread``.
  package let columns: [SchemaNode]
  package let rowCount: Int
  package let rowGroups: [RowGroup]

  let bytes: FileBytes

  /// - Parameter descriptor: of a regular file; stays the caller's.
  /// - Throws: `ParquetError.foreign` when it does not begin as a Parquet file does.
  package convenience init(descriptor: Int32) throws(ParquetError) {
    try self.init(FileBytes(descriptor: descriptor))
  }

  /// A file that is in memory.
  package convenience init(_ bytes: Buffer<UInt8>) throws(ParquetError) {
    try self.init(FileBytes(bytes))
  }

  private init(_ bytes: FileBytes) throws(ParquetError) {
    self.bytes = bytes
    let metadata = try FileMetadata(ParquetFile.footer(bytes))
    guard !metadata.isEncrypted else { throw .unread("is encrypted") }
    let (columns, chunkCount) = try SchemaDecoder.decode(metadata.schema)
    var rowCount = 0
    var rowGroups: [RowGroup] = []
    for group in metadata.rowGroups {
      guard group.columns.count == chunkCount else {
        throw .malformed(
          "a row group has \(group.columns.count) columns, but the schema \(chunkCount)")
      }
      rowGroups.append(RowGroup(group, columns, firstRow: rowCount))
      rowCount += group.rowCount
      guard rowCount <= metadata.rowCount else { break }
    }
    guard rowCount == metadata.rowCount else {
      throw .malformed("its row groups do not have the \(metadata.rowCount) rows that it claims")
    }
    self.columns = columns
    self.rowCount = rowCount
    self.rowGroups = rowGroups
  }

  package var schema: Schema { Schema(columns.map { Field($0.name, $0.type) }) }

  package var byteCount: Int { bytes.byteCount }

  /// How many bytes were read so far.
  package var consumedCount: Int64 { bytes.consumedCount }

  /// At the end stand the metadata, their length in 4 bytes, and the magic bytes.
  private static func footer(_ file: FileBytes) throws(ParquetError) -> Buffer<UInt8> {
    let start = try file.read(0..<min(4, file.byteCount)).elements
    if start == encryptedMagic { throw .unread("is encrypted") }
    guard start == magic else { throw .foreign(start) }
    guard file.byteCount >= 12 else { throw .truncated("it has no footer") }
    let tail = try file.read(file.byteCount - 8..<file.byteCount)
    guard tail.elements.suffix(4) == magic[...] else { throw .truncated("it has no footer") }
    let length = Int(Buffer<UInt32>(tail, byteOffset: 0, count: 1)?[0] ?? 0)
    guard length > 0, length <= file.byteCount - 12 else {
      throw .malformed("its footer claims to have \(length) bytes")
    }
    return try file.read(file.byteCount - 8 - length..<file.byteCount - 8)
  }
}

/// Rows that a file keeps together, column by column.
package struct RowGroup: Sendable {
  let metadata: RowGroupMetadata
  private let columns: [SchemaNode]
  private let firstRow: Int

  /// - Parameter firstRow: counted in the file.
  init(_ metadata: RowGroupMetadata, _ columns: [SchemaNode], firstRow: Int) {
    self.metadata = metadata
    self.columns = columns
    self.firstRow = firstRow
  }

  /// Which rows of the file these are.
  package var rows: Range<Int> { firstRow..<firstRow + rowCount }

  package var rowCount: Int { metadata.rowCount }

  /// Before compression.
  package var byteCount: Int { metadata.byteCount }

  /// The column or member that a path of names leads to.
  func leaf(_ path: [String]) -> SchemaNode? {
    guard let first = path.first, var node = columns.first(where: { $0.name == first }) else {
      return nil
    }
    for name in path.dropFirst() {
      guard case .structure(let fields) = node.kind,
        let member = fields.first(where: { $0.name == name })
      else { return nil }
      node = member
    }
    return node.column == nil ? nil : node
  }
}
