package import Diagnostics
package import JSONText

/// What a log holds.
package struct LogContents: Sendable {
  /// In the order in which they were written.
  package var records: [JSON]
  /// The whole lines that were read.
  package var byteCount: Int64
  /// Bytes behind them: a line that is being written, or one that a crash cut off.
  package var tailCount: Int64

  /// Reads a log.
  ///
  /// - Returns: nil where there is no file.
  /// - Throws: an I/O error that names file and line when something is damaged that was durable.
  package static func read(_ path: String) throws(StreamError) -> LogContents? {
    guard let bytes = try Disk.contents(of: path) else { return nil }
    return try LogContents(bytes, of: path)
  }

  /// - Parameter path: for errors.
  init(_ bytes: [UInt8], of path: String) throws(StreamError) {
    records = []
    var (start, lineNumber) = (0, 1)
    var damage: (offset: Int, line: Int)?
    byteCount = 0
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      let line = RecordLine(bytes[start..<end])
      if let line, let damage, line.durable > damage.offset {
        throw LogContents.damaged(path, line: damage.line)
      }
      if let line, damage == nil {
        if line.record != .null { records.append(line.record) }
        byteCount = Int64(end + 1)
      } else if line == nil, damage == nil {
        damage = (start, lineNumber)
      }
      start = end + 1
      lineNumber += 1
    }
    tailCount = Int64(bytes.count) - byteCount
  }

  private static func damaged(_ path: String, line: Int) -> StreamError {
    StreamError.damagedCheckpoint("a record does not match its checksum", at: "\(path):\(line)")
  }
}
