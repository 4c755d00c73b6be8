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

/// Records on their way out: rendered into a buffer, handed on in large pieces.
final class RecordOutput {
  private let emit: (RawSpan) throws -> Void
  private var writer: any RecordWriter
  private var bytes: MutableBuffer<UInt8>

  private static let pieceBytes = 256 << 10

  /// - Parameter emit: takes a piece, whole.
  init(_ writer: any RecordWriter, emit: @escaping (RawSpan) throws -> Void) {
    self.emit = emit
    self.writer = writer
    bytes = MutableBuffer()
  }

  convenience init(to descriptor: Int32, named name: String, _ writer: any RecordWriter) {
    self.init(writer) { piece in
      try unsafe piece.withUnsafeBytes { try unsafe writeAll($0, to: descriptor, named: name) }
    }
  }

  /// Bytes that were not handed on.
  var heldByteCount: Int { bytes.count + writer.heldByteCount }

  func begin(_ schema: Schema) throws { try writer.begin(schema, into: &bytes) }

  /// Bytes that the writer keeps back, about.
  var writerByteCount: Int { writer.heldByteCount }

  /// Hands on what the writer keeps back.
  func writeHeld() throws {
    writer.writeHeld(into: &bytes)
    try flush()
  }

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
    defer { bytes.removeAll() }
    try emit(unsafe bytes.span.bytes)
  }

  /// Gives the buffer's memory back; it must be empty.
  func release() { bytes = MutableBuffer() }

  /// Drops what is still in the buffer.
  func discard() { bytes.removeAll() }

  /// Writes what stands behind the last record.
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
