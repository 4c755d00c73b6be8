package import Columnar

/// How a file is laid out.
package struct ParquetLayout: Sendable {
  package var compression = PageCompression.zstd(level: 1)
  /// A row group ends when it has as many rows …
  package var groupRowCount = 1 << 20
  /// … or takes as many bytes.
  package var groupByteCount = 128 << 20
  /// Each page has one.
  package var hasChecksums = true

  package init() {}
}

/// Writes a Parquet file: pages of version 1, dictionaries where they are worth it, statistics and
/// checksums.
///
/// What is in memory is a row group, compressed.
package final class ParquetWriter {
  private let schema: Schema
  private let layout: ParquetLayout
  private var metadata = FileMetadata()
  private let chunks: [ChunkWriter]
  /// Where the next byte goes.
  private var offset = 0
  /// Of the open row group.
  private var rowCount = 0

  /// What is appended at once, so that pages do not become much longer than they should.
  private static let sliceRowCount = 16_384
  private static let sliceByteCount = 8 << 20

  /// - Throws: `.unsupported` for a column of a type that a Parquet file cannot hold.
  package init(_ schema: Schema, _ layout: ParquetLayout = ParquetLayout()) throws(ParquetError) {
    self.schema = schema
    self.layout = layout
    let elements = try SchemaEncoder(schema).elements
    metadata.schema = elements
    metadata.createdBy = "stream-tools"
    let compressor = PageCompressor(layout.compression)
    let (columns, _) = try SchemaDecoder.decode(elements)
    let leaves = columns.flatMap(\.leaves)
    let physical = elements.filter { $0.physical != nil }
    chunks = zip(leaves, zip(physical, leafPaths(elements))).map { leaf, described in
      ChunkWriter(
        leaf.type, described.0, path: described.1, repetitionMax: leaf.levels.slotRepetition,
        definitionMax: leaf.levels.definition, compressor, hasChecksums: layout.hasChecksums)
    }
  }

  /// Bytes that wait in memory, about.
  package var heldByteCount: Int { chunks.reduce(0) { $0 + $1.byteCount } }

  /// Writes what a file begins with.
  package func begin(into output: inout MutableBuffer<UInt8>) {
    let magic = ParquetFile.magic
    output.append(contentsOf: magic.span)
    offset = magic.count
  }

  /// Writes a batch, now or later.
  ///
  /// - Precondition: it has the writer's schema.
  /// - Throws: `.column` when values are too long for a page. Then the file is of no use any more.
  package func write(
    _ batch: Batch, into output: inout MutableBuffer<UInt8>
  ) throws(ParquetError) {
    precondition(batch.schema == schema)
    let fitting = batch.rowCount * ParquetWriter.sliceByteCount / max(1, batch.byteCount)
    let step = max(1, min(fitting, ParquetWriter.sliceRowCount))
    var row = 0
    while row < batch.rowCount {
      let room = layout.groupRowCount - rowCount
      let end = min(batch.rowCount, row + min(room, step))
      try append(batch[row..<end])
      row = end
      if rowCount >= layout.groupRowCount || heldByteCount >= layout.groupByteCount {
        endGroup(into: &output)
      }
    }
  }

  private func append(_ batch: Batch) throws(ParquetError) {
    var shredder = Shredder()
    for column in batch.columns { shredder.append(column) }
    for (leaf, chunk) in zip(shredder.leaves, chunks) { try chunk.append(leaf) }
    rowCount += batch.rowCount
  }

  /// Writes the rows so far.
  package func endGroup(into output: inout MutableBuffer<UInt8>) {
    if rowCount == 0 { return }
    var group = RowGroupMetadata()
    group.rowCount = rowCount
    for chunk in chunks {
      let before = output.count
      let written = chunk.finish(at: offset, into: &output)
      offset += output.count - before
      group.byteCount += written.uncompressedByteCount
      group.columns.append(written)
    }
    metadata.rowGroups.append(group)
    metadata.rowCount += rowCount
    rowCount = 0
  }

  /// Writes what is left, and the footer.
  package func end(into output: inout MutableBuffer<UInt8>) {
    endGroup(into: &output)
    let (footer, magic) = (metadata.encoded, ParquetFile.magic)
    output.append(contentsOf: footer.span)
    output.append(littleEndian: UInt64(footer.count), width: 4)
    output.append(contentsOf: magic.span)
    offset += footer.count + 8
  }
}

/// The names on the way to each leaf, groups of lists among them.
private func leafPaths(_ elements: [SchemaElement]) -> [[String]] {
  var paths: [[String]] = []
  /// Groups that are open: their names, and how many of their fields are to come.
  var open: [(name: String, left: Int)] = []
  for element in elements.dropFirst() {
    let path = open.map(\.name) + [element.name]
    if !open.isEmpty { open[open.count - 1].left -= 1 }
    if element.physical == nil {
      open.append((element.name, element.childCount))
    } else {
      paths.append(path)
    }
    while let last = open.last, last.left == 0 { open.removeLast() }
  }
  return paths
}
