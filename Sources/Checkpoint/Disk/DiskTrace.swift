internal import Diagnostics
internal import Glibc
internal import JSONText

/// A record of every change that is made to the disk, for tests that let the power fail.
///
/// `STREAM_DISK_TRACE=FILE` appends a JSON line a step to a file: what was written where, what was
/// renamed, and when an fsync began and ended. From any prefix of it one can make the directories
/// that a loss of power at that moment might have left.
enum DiskTrace {
  static let isActive = path != nil
  private static let path = environment("STREAM_DISK_TRACE")

  /// - Parameter members: of the step, behind its name and the process.
  static func note(_ step: String, _ members: @autoclosure () -> [JSON.Member]) {
    guard let path else { return }
    let first = [
      JSON.Member("step", .string(step)), JSON.Member("process", .integer(Int64(getpid()))),
    ]
    appendLine(JSON.object(first + members()).text, to: path)
  }

  /// - Parameter path: is noted as an absolute one.
  static func path(_ path: String, as key: String = "path") -> JSON.Member {
    let whole = path.hasPrefix("/") ? path : "\(workingDirectory())/\(path)"
    let parts = whole.split(separator: "/").filter { $0 != "." }
    return JSON.Member(key, .string("/" + parts.joined(separator: "/")))
  }

  /// What tells an open file from others, whatever its name has become.
  static func file(_ descriptor: Int32) -> JSON.Member {
    var status = stat()
    _ = unsafe fstat(descriptor, &status)
    return JSON.Member("file", .integer(Int64(bitPattern: UInt64(status.st_ino))))
  }

  static func hexadecimal(_ bytes: RawSpan) -> JSON {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.byteCount * 2)
    for offset in 0..<bytes.byteCount {
      let byte = bytes[offset]
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return .string(String(decoding: text, as: UTF8.self))
  }
}

extension RawSpan {
  subscript(offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < byteCount)
    // SAFETY: the offset is within the span.
    return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
  }
}
