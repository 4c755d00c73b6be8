package import Columnar

/// Rows of a file, batch by batch, of the columns that are asked for; what these do not need is not
/// read.
///
/// A batch never spans row groups. What is in memory is a page of each column, and the batch.
package final class ParquetRows {
  package static let batchRowCount = 16_384

  private let file: ParquetFile
  private let columns: [SchemaNode]
  private let groups: [Int]
  private let decompressor = PageDecompressor()
  private var nextGroup = 0
  private var current: GroupReader?

  /// - Parameters:
  ///   - columns: of the file, or members of its structs.
  ///   - groups: the row groups that are read, in this order; nil for all.
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
    self.groups = groups ?? Array(file.rowGroups.indices)
  }

  package var schema: Schema { Schema(columns.map { Field($0.name, $0.type) }) }

  /// - Returns: nil at the end; else a row at least.
  package func next() throws(ParquetError) -> Batch? {
    while true {
      if let group = current {
        if let batch = try group.next(ParquetRows.batchRowCount) {
          return Batch(schema: schema, columns: batch.columns, rowCount: batch.rowCount)
        }
        current = nil
      }
      guard nextGroup < groups.count else { return nil }
      let group = file.rowGroups[groups[nextGroup]]
      nextGroup += 1
      current = try GroupReader(group.metadata, columns, file.bytes, decompressor)
    }
  }

  /// Passes over rows, of which whole row groups are not read at all.
  package func skip(_ count: Int) throws(ParquetError) {
    var left = count
    while left > 0 {
      if let group = current {
        guard let batch = try group.next(min(left, ParquetRows.batchRowCount)) else {
          current = nil
          continue
        }
        left -= batch.rowCount
      } else if nextGroup < groups.count, file.rowGroups[groups[nextGroup]].rowCount <= left {
        left -= file.rowGroups[groups[nextGroup]].rowCount
        nextGroup += 1
      } else if nextGroup < groups.count {
        let group = file.rowGroups[groups[nextGroup]]
        nextGroup += 1
        current = try GroupReader(group.metadata, columns, file.bytes, decompressor)
      } else {
        return
      }
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
