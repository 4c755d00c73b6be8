package import Diagnostics
package import JSONText

/// A log that this process writes: it holds the lock of the stage whose log it is.
///
/// Opening it writes it anew, so that all of it is durable before it is used: what was read may have
/// been in the page cache only.
package final class RecordLog {
  package let path: String
  private var file: DiskFile
  private var durableLength: Int64

  /// - Parameter records: what the file holds from now on.
  package init(_ path: String, holding records: [JSON]) throws(StreamError) {
    self.path = path
    file = try RecordLog.write(records, to: path)
    durableLength = file.length
  }

  package var byteCount: Int64 { file.length }

  /// Adds a record; it survives the death of the process.
  package func append(_ record: JSON) throws(StreamError) {
    try file.append(RecordLine.bytes(record, durable: durableLength))
  }

  /// Makes all records durable.
  package func synchronize() throws(StreamError) {
    let length = file.length
    try file.synchronize()
    durableLength = length
  }

  /// Adds a line that only says how much is durable, for those who drop something on the strength
  /// of it.
  package func declareDurable() throws(StreamError) { try append(.null) }

  /// Keeps these records alone. When it fails, the log is what it was.
  package func compact(to records: [JSON]) throws(StreamError) {
    file = try RecordLog.write(records, to: path)
    durableLength = file.length
  }

  /// Write aside, fsync, rename, fsync of the directory; then the new file is appended to.
  private static func write(
    _ records: [JSON], to path: String
  ) throws(StreamError) -> DiskFile {
    var bytes: [UInt8] = []
    for record in records { bytes += RecordLine.bytes(record, durable: Int64(bytes.count)) }
    try Disk.replace(path, with: bytes)
    return try DiskFile(path)
  }
}

/// A file that holds one record, replaced as a whole.
package enum Document {
  package static func write(_ record: JSON, to path: String) throws(StreamError) {
    try Disk.replace(path, with: RecordLine.bytes(record, durable: 0))
  }

  /// - Returns: nil where there is no file.
  /// - Throws: an I/O error when it is damaged.
  package static func read(_ path: String) throws(StreamError) -> JSON? {
    guard let bytes = try Disk.contents(of: path, atMost: 64 << 20) else { return nil }
    guard bytes.last == 0x0A, let line = RecordLine(bytes.dropLast()) else {
      throw StreamError.damagedCheckpoint("the file does not match its checksum", at: path)
    }
    return line.record
  }
}
