internal import Glibc
package import SystemPackage

/// A file that is to be read.
package struct InputFile: Sendable, Hashable {
  /// Where it is.
  package let path: FilePath
  /// As people read it: as the user wrote it, or behind the directory or the pattern that it was
  /// found by.
  package let name: String
  /// nil for what is no regular file (a named pipe, a device): it is read as it comes.
  package let byteCount: Int64?
  /// When its contents last changed: ns since 1970.
  package let modified: Int64
  /// What tells it from another file that has taken its name; 0 where nobody knows.
  package let identity: Int64

  /// - Parameter name: nil for the path.
  package init(
    path: FilePath, name: String? = nil, byteCount: Int64?, modified: Int64, identity: Int64 = 0
  ) {
    self.path = path
    self.name = name ?? path.string
    self.byteCount = byteCount
    self.modified = modified
    self.identity = identity
  }

  init(path: FilePath, name: String? = nil, status: Stat) {
    let time = status.st_mtim
    self.init(
      path: path, name: name, byteCount: status.type == .regular ? status.size : nil,
      modified: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec),
      identity: Int64(truncatingIfNeeded: status.inode.rawValue))
  }

  /// What stands at a path now.
  ///
  /// - Returns: nil when nothing is there, or nothing that can be looked at.
  package init?(lookingAt path: FilePath, name: String? = nil) {
    guard let status = try? Stat(path) else { return nil }
    self.init(path: path, name: name, status: status)
  }

  /// The path by which the file is known for ever, from wherever it is named.
  package var absolutePath: FilePath { path.madeAbsolute() }

  /// The directory that it is in.
  package var absoluteDirectory: String { absolutePath.removingLastComponent().string }

  /// By modification time, then by the bytes of the name.
  package static func isRead(_ left: InputFile, before right: InputFile) -> Bool {
    if left.modified != right.modified { return left.modified < right.modified }
    return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }
}

extension FilePath {
  /// Behind the working directory, without `.` and `..`.
  package func madeAbsolute() -> FilePath {
    if isAbsolute { return lexicallyNormalized() }
    return FilePath.workingDirectory.pushing(self).lexicallyNormalized()
  }

  private static let workingDirectory: FilePath = {
    guard let path = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(path) }
    return unsafe FilePath(platformString: path)
  }()

  /// The directory that the path is in.
  var directory: FilePath {
    let parent = removingLastComponent()
    return parent.isEmpty ? "." : parent
  }
}
