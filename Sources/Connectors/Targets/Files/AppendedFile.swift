internal import Columnar
internal import Formats
internal import Glibc

/// A file that grows while it is read by others, without a checkpoint; or a pipe or a device.
final class AppendedFile {
  let output: RecordOutput
  private let path: String
  private let descriptor: Int32
  private let isRegular: Bool
  private let isOurs: Bool
  /// Bytes up to the end of the last epoch.
  private var committedLength: off_t
  private var hasCommitted = false

  init(_ path: String, truncates: Bool, _ writer: any RecordWriter, _ schema: Schema) throws {
    self.path = path
    if case .missing = PathKind(path) { isOurs = true } else { isOurs = false }
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (truncates ? O_TRUNC : 0)
    descriptor = unsafe open(path, flags, 0o666)
    guard descriptor >= 0 else { throw fileError("cannot write '\(path)'") }
    var status = stat()
    isRegular = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    committedLength = status.st_size
    output = RecordOutput(to: descriptor, named: "'\(path)'", writer)
    try output.begin(schema)
  }

  deinit { close(descriptor) }

  func commit() throws {
    try output.flush()
    hasCommitted = true
    guard isRegular else { return }
    var status = stat()
    if unsafe fstat(descriptor, &status) == 0 { committedLength = status.st_size }
  }

  func discard() {
    output.discard()
    guard isRegular else { return }
    if isOurs, !hasCommitted { removeFile(path) } else { ftruncate(descriptor, committedLength) }
  }

  func end() throws {
    try output.end()
    if isRegular, fsync(descriptor) != 0 { throw fileError("cannot write '\(path)'") }
  }
}
