package import Columnar

/// Turns batches into bytes, appended to a buffer that the caller empties.
package protocol RecordWriter {
  /// What stands before the first record of a file or a stream, such as CSV's header.
  ///
  /// - Throws: a usage error when the format cannot hold the schema.
  mutating func begin(_ schema: Schema, into bytes: inout MutableBuffer<UInt8>) throws

  mutating func write(_ batch: Batch, into bytes: inout MutableBuffer<UInt8>) throws

  /// What stands behind the last record.
  mutating func end(into bytes: inout MutableBuffer<UInt8>)

  /// Bytes that the writer keeps back, about.
  var heldByteCount: Int { get }

  /// Writes what is kept back, where the format allows to.
  mutating func writeHeld(into bytes: inout MutableBuffer<UInt8>)
}

extension RecordWriter {
  package var heldByteCount: Int { 0 }
  package mutating func writeHeld(into bytes: inout MutableBuffer<UInt8>) {}
}
