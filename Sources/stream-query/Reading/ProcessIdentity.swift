import CProcess
package import Checkpoint
package import Diagnostics
import Glibc

/// A process that was seen to hold a stage's lock, and stays that process: its number may go to
/// another one when it ends, the descriptor may not.
package struct ProcessIdentity: ~Copyable {
  package let process: Int32
  private let descriptor: Int32

  /// - Returns: nil when the process has gone, or does not hold the lock.
  package init?(_ process: Int32, holding stage: StageDirectory) {
    guard process > 1 else { return nil }
    let descriptor = process_open(process)
    guard descriptor >= 0 else { return nil }
    // Looked at only now: a process that took the number later is not the one of the descriptor.
    guard ProcessIdentity.holds(process, stage.lockPath) else {
      close(descriptor)
      return nil
    }
    self.process = process
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// - Returns: false when it has gone meanwhile.
  package func send(_ signal: Int32) throws(StreamError) -> Bool {
    if process_signal(descriptor, signal) == 0 { return true }
    if errno == ESRCH { return false }
    throw StreamError(
      .usage, "process \(process) belongs to another user",
      hint: "sudo stream-query stop DIR")
  }

  /// Whether the process has the file open and locked, as /proc tells.
  private static func holds(_ process: Int32, _ path: String) -> Bool {
    var wanted = stat()
    guard unsafe stat(path, &wanted) == 0 else { return false }
    let directory = "/proc/\(process)"
    for number in (try? Disk.names(in: "\(directory)/fd")) ?? [] {
      var status = stat()
      guard unsafe stat("\(directory)/fd/\(number)", &status) == 0,
        status.st_ino == wanted.st_ino, status.st_dev == wanted.st_dev,
        let bytes = try? Disk.contents(of: "\(directory)/fdinfo/\(number)", atMost: 1 << 16)
      else { continue }
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      if lines.contains(where: { $0.hasPrefix("lock:") && $0.contains("FLOCK") }) { return true }
    }
    return false
  }
}
