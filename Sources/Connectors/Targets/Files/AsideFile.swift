internal import Diagnostics
internal import Glibc

/// A file that is written under a hidden name and appears under its own, whole, or not at all.
final class AsideFile {
  let descriptor: Int32
  private let path: String
  private let aside: String
  private var isOpen = true

  /// - Throws: a `StreamError` that names the file.
  init(for path: String) throws {
    self.path = path
    let (directory, name) = splitPath(path)
    aside = "\(directory)/.\(name).\(getpid()).tmp"
    removeFile(aside)
    descriptor = unsafe open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw fileError("cannot write '\(path)'") }
    keepMode()
  }

  /// A file that is replaced keeps its permissions.
  private func keepMode() {
    var status = stat()
    if unsafe stat(path, &status) == 0 { fchmod(descriptor, status.st_mode & 0o7777) }
  }

  /// Contents reach the disk before the name that refers to them.
  func publish() throws {
    guard fsync(descriptor) == 0 else { throw fileError("cannot write '\(path)'") }
    isOpen = false
    guard close(descriptor) == 0 else { throw fileError("cannot write '\(path)'") }
    guard unsafe rename(aside, path) == 0 else { throw fileError("cannot write '\(path)'") }
    try synchronizeDirectory(splitPath(path).directory)
  }

  func discard() {
    guard isOpen else { return }
    isOpen = false
    close(descriptor)
    removeFile(aside)
  }

  deinit { discard() }
}

/// `a/b` and `c` of `a/b/c`; `.` for a bare name.
func splitPath(_ path: String) -> (directory: String, name: String) {
  guard let slash = path.lastIndex(of: "/") else { return (".", path) }
  let directory = slash == path.startIndex ? "/" : String(path[..<slash])
  return (directory, String(path[path.index(after: slash)...]))
}

/// Takes a file away, if it is there.
func removeFile(_ path: String) { _ = unsafe unlink(path) }

/// Makes names in a directory durable.
func synchronizeDirectory(_ path: String) throws {
  let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw fileError("cannot open directory '\(path)'") }
  defer { close(descriptor) }
  // Some file systems cannot do it; then there is nothing to wait for.
  guard fsync(descriptor) == 0 || errno == EINVAL else {
    throw fileError("cannot write directory '\(path)'")
  }
}

enum PathKind {
  case missing
  case file(isEmpty: Bool)
  case directory
  /// A pipe, a device, a socket.
  case special

  init(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      self = .missing
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file(isEmpty: status.st_size == 0)
    case S_IFDIR: self = .directory
    default: self = .special
    }
  }

  var isSpecial: Bool {
    if case .special = self { true } else { false }
  }
}
