import Glibc

/// A directory of its own for a test, removed with its contents at the end.
final class TemporaryDirectory {
  let path: String

  init() {
    var template = Array(("/tmp/connectors-" + String(repeating: "X", count: 6)).utf8CString)
    path = unsafe template.withUnsafeMutableBufferPointer {
      unsafe String(cString: mkdtemp($0.baseAddress!))
    }
  }

  deinit { remove(path) }

  private func remove(_ path: String) {
    if let stream = unsafe opendir(path) {
      while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
          unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        if name != ".", name != ".." { remove("\(path)/\(name)") }
      }
      unsafe closedir(stream)
      unsafe rmdir(path)
    } else {
      unsafe unlink(path)
    }
  }

  /// Writes a file, with its directories.
  ///
  /// - Parameter modified: seconds since 1970.
  @discardableResult
  func write(_ name: String, _ text: String = "", modified: Int = 1_000_000) -> String {
    write(name, bytes: Array(text.utf8), modified: modified)
  }

  @discardableResult
  func write(_ name: String, bytes: [UInt8], modified: Int = 1_000_000) -> String {
    let file = "\(path)/\(name)"
    var directory = path
    for part in name.split(separator: "/").dropLast() {
      directory += "/\(part)"
      unsafe mkdir(directory, 0o755)
    }
    let descriptor = unsafe open(file, O_CREAT | O_TRUNC | O_WRONLY, 0o644)
    var written = 0
    while written < bytes.count {
      written += unsafe bytes[written...].withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
    }
    close(descriptor)
    let time = timespec(tv_sec: modified, tv_nsec: 0)
    _ = unsafe utimensat(AT_FDCWD, file, [time, time], 0)
    return file
  }
}
