package import Columnar

/// What a row group's statistics say of a column.
package struct ColumnBounds: Sendable, Equatable {
  /// No value is less, in the column's own type; nil where nobody knows. Of strings, it may be a
  /// prefix of the least.
  package var min: Value?
  /// No value is larger. NaN stands outside of the order, and is not told of.
  package var max: Value?
  package var nullCount: Int?
  /// Nulls are among them.
  package var valueCount: Int
}

extension RowGroup {
  /// The bounds of a column, or of a member of a struct.
  ///
  /// - Parameter path: names, from the column on.
  /// - Returns: nil for what is not there, or is no single value in each row.
  package func bounds(of path: [String]) -> ColumnBounds? {
    guard let leaf = leaf(path), case .leaf(let type, let column) = leaf.kind,
      metadata.columns.indices.contains(column)
    else { return nil }
    let chunk = metadata.columns[column]
    let reader = BoundReader(
      converter: LeafConverter(leaf: type, path: leaf.path), statistics: chunk.statistics)
    return ColumnBounds(
      min: reader.value(chunk.statistics.min), max: reader.value(chunk.statistics.max),
      nullCount: chunk.statistics.nullCount, valueCount: chunk.valueCount)
  }
}

/// Reads bounds as the pages of their columns are read.
private struct BoundReader {
  let converter: LeafConverter
  let statistics: ChunkStatistics

  func value(_ bytes: [UInt8]?) -> Value? {
    guard let bytes, isOrdered, let column = column(bytes), column.count == 1 else { return nil }
    let value = column.value(0)
    // Such a bound says nothing.
    if case .double(let double) = value, double.isNaN { return nil }
    return value == .null ? nil : value
  }

  private var leaf: LeafType { converter.leaf }

  /// Whether the order of the bounds is that of our values.
  private var isOrdered: Bool {
    switch leaf.conversion {
    case .int96, .void, .unread: return false
    default: break
    }
    if leaf.physical == .int96 { return false }
    guard statistics.isDeprecated else { return true }
    // Writers of old agreed on the order of signed numbers alone.
    switch (leaf.physical, leaf.conversion) {
    case (.int32, .narrowed(_, false)), (.int64, .unsignedLong): return false
    case (.int32, _), (.int64, _), (.float, _), (.double, _): return true
    default: return false
    }
  }

  private func column(_ bytes: [UInt8]) -> Column? {
    switch leaf.physical {
    case .boolean:
      guard bytes.count == 1 else { return nil }
      return Column([bytes[0] & 1 == 1])
    case .byteArray:
      var builder = ByteStringsBuilder(capacity: 1)
      builder.append(bytes)
      return try? converter.column(strings: builder.take())
    default:
      guard bytes.count == leaf.byteWidth else { return nil }
      return try? converter.column(fixed: Buffer(bytes), count: 1)
    }
  }
}
