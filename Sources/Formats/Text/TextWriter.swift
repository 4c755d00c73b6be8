package import Columnar

/// Writes a line for each row: a single column as it is, more of them with tabs in between.
///
/// Nothing is quoted: a text that holds a line end or a tab is read back as something else.
package struct TextWriter: RecordWriter {
  package init() {}

  package mutating func begin(_ schema: Schema, into bytes: inout MutableBuffer<UInt8>) {}

  package mutating func write(_ batch: Batch, into bytes: inout MutableBuffer<UInt8>) throws {
    for part in batch.parts {
      writeRows(
        part.columns.map(columnText), rowCount: part.rowCount, delimiter: UInt8(ascii: "\t"),
        into: &bytes)
    }
  }

  package mutating func end(into bytes: inout MutableBuffer<UInt8>) {}
}

extension Batch {
  /// The rows in runs that stay in the cache while their columns are put side by side.
  var parts: [Batch] {
    let size = 8192
    return stride(from: 0, to: rowCount, by: size).map { self[$0..<min($0 + size, rowCount)] }
  }
}
