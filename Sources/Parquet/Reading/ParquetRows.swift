package import Columnar

/// Rows of a file, batch by batch, of the columns that are asked for; what these do not need is not
/// read.
///
/// A batch never spans row groups. What is in memory is a page of each column, and the batch.
package final class ParquetRows {
  package static let batchRowCount = 16_384

  private let file: ParquetFile
  private let columns: [SchemaNode]
  /// Those that are still to be read.
  private var groups: ArraySlice<Int>
  private let decompressor = PageDecompressor()
  private var current: GroupReader?

  /// Rows of the file that were read or passed over: at the end, all of them.
  package private(set) var position = 0

  /// - Parameters:
  ///   - columns: of the file, or members of its structs.
  ///   - groups: the row groups that are read, ascending; nil for all.
  /// - Throws: `.unsupported` when a column is of a type that is not read.
  package init(
    _ file: ParquetFile, columns: [SchemaNode], groups: [Int]? = nil
  ) throws(ParquetError) {
    for column in columns {
      if let unread = column.unread {
        throw .unsupported(
          column: unread.path, "has the Parquet type \(unread.type), which is not read")
      }
    }
    self.file = file
    self.columns = columns
    self.groups = (groups ?? Array(file.rowGroups.indices))[...]
  }

  package var schema: Schema { Schema(columns.map { Field($0.name, $0.type) }) }

  /// - Returns: nil at the end; else a row at least.
  package func next() throws(ParquetError) -> Batch? {
    try next(ParquetRows.batchRowCount)
  }

  private func next(_ rowCountMax: Int) throws(ParquetError) -> Batch? {
    while true {
      if let group = current {
        if let batch = try group.next(rowCountMax) {
          position += batch.rowCount
          return Batch(schema: schema, columns: batch.columns, rowCount: batch.rowCount)
        }
        current = nil
      }
      guard let number = groups.popFirst() else {
        position = file.rowCount
        return nil
      }
      let group = file.rowGroups[number]
      position = group.rows.lowerBound
      current = try GroupReader(group.metadata, columns, file.bytes, decompressor)
    }
  }

  /// Goes on to a row of the file, before any was read; row groups that end before it are not read
  /// at all.
  package func skip(to row: Int) throws(ParquetError) {
    groups = groups.drop { file.rowGroups[$0].rows.upperBound <= row }
    position = min(row, groups.first.map { file.rowGroups[$0].rows.lowerBound } ?? row)
    while position < row {
      guard try next(min(row - position, ParquetRows.batchRowCount)) != nil else { return }
    }
  }
}

/// The rows of a row group.
private final class GroupReader {
  private enum Part {
    case flat(FlatLeafReader)
    case nested(SchemaNode, [(column: Int, reader: NestedLeafReader)])
  }

  private var parts: [Part] = []
  private var readers: [any LeafReader] = []
  private var rowsLeft: Int

  init(
    _ group: RowGroupMetadata, _ columns: [SchemaNode], _ file: FileBytes,
    _ decompressor: PageDecompressor
  ) throws(ParquetError) {
    rowsLeft = group.rowCount
    let byteCountMax = LeafLimits.byteCount(
      leafCount: columns.reduce(0) { $0 + $1.leaves.count })
    for node in columns {
      if let column = node.column, node.levels.definition <= 1, node.levels.slotRepetition == 0 {
        let reader = FlatLeafReader(
          try ChunkPages(group.columns[column], of: node, file, decompressor),
          byteCountMax: byteCountMax)
        parts.append(.flat(reader))
        readers.append(reader)
        continue
      }
      var leaves: [(column: Int, reader: NestedLeafReader)] = []
      for leaf in node.leaves {
        guard let column = leaf.column else { continue }
        let reader = NestedLeafReader(
          try ChunkPages(group.columns[column], of: leaf, file, decompressor),
          byteCountMax: byteCountMax)
        leaves.append((column, reader))
        readers.append(reader)
      }
      parts.append(.nested(node, leaves))
    }
  }

  /// - Returns: nil at the end.
  func next(_ wanted: Int) throws(ParquetError) -> (columns: [Column], rowCount: Int)? {
    var count = min(wanted, rowsLeft)
    if count == 0 { return nil }
    // A column whose strings are long decides for all.
    for reader in readers {
      try reader.fill(count)
      count = min(count, reader.rowCount)
    }
    guard count > 0 else {
      throw .truncated("a column has fewer rows than its row group")
    }
    rowsLeft -= count
    var columns: [Column] = []
    for part in parts {
      switch part {
      case .flat(let reader): columns.append(reader.take(count))
      case .nested(let node, let leaves):
        var entries: [Int: LeafEntries] = [:]
        for leaf in leaves { entries[leaf.column] = leaf.reader.take(count) }
        let column = try Assembler(entries: entries).column(node)
        guard column.count == count else {
          throw .malformed("the column '\(node.path)' does not have the rows of its row group")
        }
        columns.append(column)
      }
    }
    return (columns, count)
  }
}
