package import Diagnostics
internal import Glibc
internal import JSONText

/// A file that is written. Every change of it passes a ``CrashPoint``.
///
/// What was appended survives the death of the process; only what was synchronized survives the loss
/// of power.
package struct DiskFile: ~Copyable {
  package let path: String
  /// For crash points.
  private let label: String
  private let descriptor: Int32
  /// Bytes in the file.
  package private(set) var length: Int64

  /// - Parameters:
  ///   - isNew: it must not be there yet, else it may be.
  ///   - label: for crash points; the last part of the path if there is none.
  package init(
    _ path: String, isNew: Bool = false, mode: UInt32 = 0o600, label: String? = nil
  ) throws(StreamError) {
    self.path = path
    self.label = label ?? Disk.lastComponent(path)
    CrashPoint.pass("\(self.label):open")
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (isNew ? O_EXCL : 0)
    descriptor = unsafe open(path, flags, mode)
    guard descriptor >= 0 else { throw diskError("cannot write '\(path)'") }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let error = diskError("cannot write '\(path)'")
      close(descriptor)
      throw error
    }
    length = Int64(status.st_size)
    DiskTrace.note("open", [DiskTrace.path(path), DiskTrace.file(descriptor)])
  }

  deinit { close(descriptor) }

  /// The open descriptor, for looks at the file: nothing is written through it.
  package var rawDescriptor: Int32 { descriptor }

  /// Writes at the end; all of it, or, after an error, nothing.
  package mutating func append(_ bytes: RawSpan) throws(StreamError) {
    CrashPoint.pass("\(label):append")
    DiskTrace.note(
      "write",
      [
        DiskTrace.file(descriptor), JSON.Member("at", .integer(length)),
        JSON.Member("bytes", DiskTrace.hexadecimal(bytes)),
      ])
    if CrashPoint.isDue("\(label):append-half") {
      _ = unsafe bytes.withUnsafeBytes {
        unsafe pwrite(descriptor, $0.baseAddress, $0.count / 2, off_t(length))
      }
      CrashPoint.die()
    }
    if let code = Disk.write(bytes, to: descriptor, at: length) {
      // A disk that is full must not leave half a record behind.
      _ = ftruncate(descriptor, off_t(length))
      throw diskError("cannot write '\(path)'", code: code)
    }
    length += Int64(bytes.byteCount)
  }

  package mutating func append(_ bytes: [UInt8]) throws(StreamError) {
    try append(unsafe bytes.span.bytes)
  }

  /// Makes the contents durable. After an error nothing is known: never try again.
  package func synchronize() throws(StreamError) {
    CrashPoint.pass("\(label):sync")
    try Disk.synchronizeDescriptor(descriptor, path)
  }

  /// Cuts the file.
  package mutating func truncate(to count: Int64) throws(StreamError) {
    CrashPoint.pass("\(label):truncate")
    DiskTrace.note(
      "truncate", [DiskTrace.file(descriptor), JSON.Member("length", .integer(count))])
    while ftruncate(descriptor, off_t(count)) != 0 {
      guard errno == EINTR else { throw diskError("cannot cut '\(path)'") }
    }
    length = count
  }
}

extension Disk {
  /// Writes all bytes.
  ///
  /// - Returns: why it could not; nil when it could.
  static func write(_ bytes: RawSpan, to descriptor: Int32, at offset: Int64) -> Int32? {
    var written = 0
    while written < bytes.byteCount {
      let count = unsafe bytes.withUnsafeBytes { whole in
        unsafe pwrite(
          descriptor, whole.baseAddress.map { unsafe $0 + written }, whole.count - written,
          off_t(offset) + off_t(written))
      }
      if count > 0 {
        written += count
      } else if count == 0 {
        return ENOSPC
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }

  /// Puts a file in place of another, whole or not at all, durably.
  package static func replace(
    _ path: String, with bytes: [UInt8], mode: UInt32 = 0o600
  ) throws(StreamError) {
    let label = lastComponent(path)
    let aside = asideName(of: path)
    _ = unsafe unlink(aside)
    do throws(StreamError) {
      var file = try DiskFile(aside, isNew: true, mode: mode, label: "\(label).aside")
      try file.append(bytes)
      try file.synchronize()
    } catch {
      _ = unsafe unlink(aside)
      throw error
    }
    try rename(aside, to: path, label: label)
    try synchronizeDirectory(parent(of: path), label: label)
  }

  /// The hidden name under which a file is written before it takes its own.
  static func asideName(of path: String) -> String {
    "\(parent(of: path))/.\(lastComponent(path)).tmp"
  }
}
