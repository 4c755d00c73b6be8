internal import Glibc
internal import SystemPackage

/// What stands in a directory.
struct Directory {
  /// The entries that are not hidden, in no order.
  var entries: [FilePath] = []
  /// How many entries were left out because their names begin with `.` or `_`, as unfinished and
  /// administrative files' names do. `.` and `..` do not count.
  var hiddenCount = 0

  init(at path: FilePath) throws(Errno) {
    guard let stream = unsafe path.withPlatformString({ unsafe opendir($0) }) else {
      throw Errno(rawValue: errno)
    }
    defer { unsafe closedir(stream) }
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      // SAFETY: `d_name` ends with a zero byte and lives until the next `readdir`.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe FilePath(platformString: $0)
        }
      }
      append(name, of: path)
    }
    guard errno == 0 else { throw Errno(rawValue: errno) }
  }

  private mutating func append(_ name: FilePath, of directory: FilePath) {
    let text = name.string
    if text == "." || text == ".." { return }
    if text.hasPrefix(".") || text.hasPrefix("_") {
      hiddenCount += 1
    } else {
      entries.append(directory.appending(name.components))
    }
  }
}
