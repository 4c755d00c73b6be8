internal import Columnar
internal import Diagnostics
internal import Formats
internal import Glibc

/// Nobody reads what is written any more: no failure, the work just ends.
package struct OutputClosed: Error {
  package init() {}
}

/// Writes all bytes, waiting where the descriptor does not block.
///
/// - Parameter name: for errors, such as `'out.csv'` or `standard output`.
/// - Throws: ``OutputClosed``, or a `StreamError` of kind `.io`.
@unsafe func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, named name: String
) throws {
  var offset = 0
  while offset < bytes.count, let start = bytes.baseAddress {
    let written = unsafe write(descriptor, start + offset, bytes.count - offset)
    if written > 0 {
      offset += written
      continue
    }
    switch errno {
    case EINTR: continue
    case EPIPE: throw OutputClosed()
    case EAGAIN:
      var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = unsafe poll(&wanted, 1, -1)
    default: throw fileError("cannot write \(name)")
    }
  }
}

/// What the system said, in our words: `cannot write 'out.csv': no space left on device`.
func fileError(_ what: String, code: Int32 = errno, hint: String? = nil) -> StreamError {
  let reason = unsafe String(cString: strerror(code))
  let isUsage = [ENOENT, ENOTDIR, EACCES, EPERM, EISDIR, EROFS, ENAMETOOLONG, ELOOP].contains(code)
  return StreamError(
    isUsage ? .usage : .io, "\(what): \(reason.prefix(1).lowercased())\(reason.dropFirst())",
    hint: hint)
}

/// Records on their way to a descriptor: rendered into a buffer, written in large pieces.
final class RecordOutput {
  private let descriptor: Int32
  private let name: String
  private var writer: any RecordWriter
  private var bytes = MutableBuffer<UInt8>(capacity: RecordOutput.pieceBytes + (64 << 10))

  private static let pieceBytes = 256 << 10

  init(to descriptor: Int32, named name: String, _ writer: any RecordWriter) {
    self.descriptor = descriptor
    self.name = name
    self.writer = writer
  }

  func begin(_ schema: Schema) { writer.begin(schema, into: &bytes) }

  /// A huge batch is rendered in parts, so that its text need not fit the memory at once.
  func write(_ batch: Batch) throws {
    var row = 0
    while row < batch.rowCount {
      let end = min(row + 8192, batch.rowCount)
      try writer.write(batch[row..<end], into: &bytes)
      if bytes.count >= RecordOutput.pieceBytes { try flush() }
      row = end
    }
  }

  func flush() throws {
    if bytes.count == 0 { return }
    let count = bytes.count
    defer { bytes.removeAll() }
    let start = unsafe UnsafeRawPointer(bytes.pointer)
    try unsafe writeAll(
      UnsafeRawBufferPointer(start: start, count: count), to: descriptor, named: name)
  }

  /// Drops what is still in the buffer.
  func discard() { bytes.removeAll() }

  func end() throws {
    writer.end(into: &bytes)
    try flush()
  }
}

/// Rows that are taken back cannot be said in a file of records.
func refuseDeletion() -> StreamError {
  StreamError(
    .usage, "rows are taken back, which a file of records cannot say",
    hint: "use an aggregation in append or complete mode before the sink")
}
