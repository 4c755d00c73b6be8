package import Diagnostics
internal import Glibc
package import JSONText

/// A record of a log, and what its line says of the disk.
package struct LogEntry {
  /// null in a line that only says how much is durable.
  package let record: JSON
  /// Where its line begins and ends in the file.
  package let place: Range<Int64>
  /// The length of the file that was on the disk when the line was written.
  package let durableLength: Int64
}

/// Reads a log that another process writes, as it grows.
package final class LogFollower {
  private let path: String
  private var descriptor: Int32 = -1
  private var inode: ino_t = 0
  /// Bytes of whole lines that were read.
  private var offset: Int64 = 0

  package init(_ path: String) { self.path = path }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Whether something has been written since the last look. Costs one call of the system.
  package var hasNews: Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return false }
    return status.st_ino != inode || Int64(status.st_size) > offset
  }

  /// The records since the last call; when the log was compacted meanwhile, all that it holds.
  ///
  /// Lines that are not whole, or not yet, are left for later.
  package func news() throws(StreamError) -> [LogEntry] {
    guard hasNews, try reopenIfReplaced() else { return [] }
    let bytes = try Disk.contents(of: descriptor, from: offset, path, atMost: 1 << 30)
    var entries: [LogEntry] = []
    var start = 0
    while let end = bytes[start...].firstIndex(of: 0x0A), let line = RecordLine(bytes[start..<end])
    {
      let place = offset + Int64(start)..<offset + Int64(end) + 1
      entries.append(LogEntry(record: line.record, place: place, durableLength: line.durable))
      start = end + 1
    }
    offset += Int64(start)
    return entries
  }

  private func reopenIfReplaced() throws(StreamError) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return false }
    if descriptor >= 0, status.st_ino == inode { return true }
    if descriptor >= 0 { close(descriptor) }
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0 else {
      inode = 0
      return false
    }
    inode = status.st_ino
    offset = 0
    return true
  }
}
