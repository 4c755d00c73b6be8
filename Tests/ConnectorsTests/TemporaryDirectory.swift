import Glibc
import TestSupport

/// A directory of its own for a test, removed with its contents at the end.
final class TemporaryDirectory {
  private let scratch = ScratchDirectory()

  var path: String { scratch.path }

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
