internal import Glibc
package import SystemPackage

/// A file that is to be read.
package struct InputFile: Sendable, Hashable {
  /// As the user wrote it, or behind the directory or the pattern that it was found by.
  package let path: FilePath
  /// nil for what is no regular file (a named pipe, a device): it is read as it comes.
  package let byteCount: Int64?
  /// When its contents last changed: ns since 1970.
  package let modified: Int64

  package init(path: FilePath, byteCount: Int64?, modified: Int64) {
    self.path = path
    self.byteCount = byteCount
    self.modified = modified
  }

  init(path: FilePath, status: Stat) {
    let time = status.st_mtim
    self.init(
      path: path, byteCount: status.type == .regular ? status.size : nil,
      modified: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }

  /// The path as people read it.
  package var name: String { path.string }

  /// By modification time, then by the bytes of the name.
  package static func isRead(_ left: InputFile, before right: InputFile) -> Bool {
    if left.modified != right.modified { return left.modified < right.modified }
    return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }
}
