package import Diagnostics
internal import Glibc
internal import JSONText

/// Changes to names on the disk.
///
/// A name is durable only when its directory was synchronized: see ``synchronizeDirectory(_:)``.
package enum Disk {
  /// - Parameter label: of the crash points; the last part of the new name if there is none.
  package static func rename(
    _ old: String, to new: String, label: String? = nil
  ) throws(StreamError) {
    CrashPoint.pass("\(label ?? lastComponent(new)):rename")
    DiskTrace.note(
      "rename", [DiskTrace.path(old), DiskTrace.path(new, as: "to")])
    guard unsafe Glibc.rename(old, new) == 0 else {
      throw diskError("cannot rename '\(old)' to '\(new)'")
    }
  }

  /// Takes a file away, if it is there.
  package static func remove(_ path: String, label: String? = nil) throws(StreamError) {
    CrashPoint.pass("\(label ?? lastComponent(path)):remove")
    DiskTrace.note("remove", [DiskTrace.path(path)])
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw diskError("cannot remove '\(path)'")
    }
  }

  /// Makes names in a directory durable.
  package static func synchronizeDirectory(
    _ path: String, label: String? = nil
  ) throws(StreamError) {
    CrashPoint.pass("\(label ?? lastComponent(path)):sync-directory")
    DiskTrace.note("sync-directory-begin", [DiskTrace.path(path)])
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw diskError("cannot open directory '\(path)'") }
    defer { close(descriptor) }
    while fsync(descriptor) != 0 {
      guard errno == EINTR else { throw diskError("cannot write directory '\(path)'") }
    }
    DiskTrace.note("sync-directory-end", [DiskTrace.path(path)])
  }

  /// Makes a directory and its name durable; fine if it is there.
  ///
  /// - Parameter mode: of a new one.
  /// - Returns: whether it is new.
  @discardableResult
  package static func makeDirectory(
    _ path: String, mode: UInt32 = 0o700
  ) throws(StreamError) -> Bool {
    CrashPoint.pass("\(lastComponent(path)):make-directory")
    DiskTrace.note("make-directory", [DiskTrace.path(path)])
    guard unsafe mkdir(path, mode) == 0 else {
      if errno == EEXIST, isDirectory(path) { return false }
      throw diskError("cannot make directory '\(path)'")
    }
    try synchronizeDirectory(parent(of: path))
    return true
  }

  /// Synchronizes a file that another process writes.
  package static func synchronize(fileAt path: String) throws(StreamError) {
    CrashPoint.pass("\(lastComponent(path)):sync-foreign")
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw diskError("cannot read '\(path)'") }
    defer { close(descriptor) }
    try synchronizeDescriptor(descriptor, path)
  }

  static func synchronizeDescriptor(_ descriptor: Int32, _ path: String) throws(StreamError) {
    DiskTrace.note("sync-begin", [DiskTrace.file(descriptor)])
    while fdatasync(descriptor) != 0 {
      // After another error the system may have dropped the pages and would call them clean.
      guard errno == EINTR else { throw diskError("cannot write '\(path)'") }
    }
    DiskTrace.note("sync-end", [DiskTrace.file(descriptor)])
  }

  // MARK: - Looking

  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  /// The names in a directory but `.` and `..`, in no order; none where there is no directory.
  package static func names(in path: String) throws(StreamError) -> [String] {
    guard let directory = unsafe opendir(path) else {
      if errno == ENOENT { return [] }
      throw diskError("cannot read directory '\(path)'")
    }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      // SAFETY: `d_name` ends with a zero byte and lives until the next `readdir`.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// The bytes of a file; nil where there is none.
  ///
  /// - Parameter limit: a longer one is an error.
  package static func contents(
    of path: String, atMost limit: Int = 1 << 30
  ) throws(StreamError) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw diskError("cannot read '\(path)'")
    }
    defer { close(descriptor) }
    return try contents(of: descriptor, from: 0, path, atMost: limit)
  }

  static func contents(
    of descriptor: Int32, from start: Int64, _ path: String, atMost limit: Int
  ) throws(StreamError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe pread(descriptor, $0.baseAddress, $0.count, off_t(start) + off_t(bytes.count))
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw diskError("cannot read '\(path)'") }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw StreamError(.io, "'\(path)' is longer than \(limit) bytes")
      }
    }
  }

  /// `c` of `a/b/c`.
  package static func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// `a/b` of `a/b/c`; `.` of a bare name.
  package static func parent(of path: String) -> String {
    var trimmed = path[...]
    while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }
}

/// What the system said, in our words: `cannot write 'a': no space left on device`.
package func diskError(_ what: String, code: Int32 = errno) -> StreamError {
  let reason = unsafe String(cString: strerror(code))
  return StreamError(.io, "\(what): \(reason.prefix(1).lowercased())\(reason.dropFirst())")
}
