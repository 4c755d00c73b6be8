package import Columnar

/// Turns batches into bytes, appended to a buffer that the caller empties.
package protocol RecordWriter {
  /// What stands before the first record of a file or a stream, such as CSV's header.
  mutating func begin(_ schema: Schema, into bytes: inout MutableBuffer<UInt8>)

  mutating func write(_ batch: Batch, into bytes: inout MutableBuffer<UInt8>) throws

  /// What stands behind the last record.
  mutating func end(into bytes: inout MutableBuffer<UInt8>)
}
