internal import Diagnostics
internal import Glibc
internal import SystemPackage

/// Which file it is on this machine, as long as it is there: numbers of deleted files are used again.
struct FileIdentity: Hashable, Sendable {
  let device: Int64
  let inode: Int64
}

/// What the system says of a file.
struct FileStatus: Sendable {
  let identity: FileIdentity
  let byteCount: Int64
  /// When its contents last changed: ns since 1970.
  let modified: Int64
  let isRegular: Bool
  /// Whether it has no name any more.
  let isUnlinked: Bool

  /// - Returns: nil when there is nothing under the name, or nothing that we may see.
  init?(at path: String) {
    var status = Glibc.stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init(of descriptor: Int32) throws(Errno) {
    var status = Glibc.stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw Errno(rawValue: errno) }
    self.init(status)
  }

  private init(_ status: Glibc.stat) {
    identity = FileIdentity(
      device: Int64(truncatingIfNeeded: status.st_dev),
      inode: Int64(truncatingIfNeeded: status.st_ino))
    byteCount = Int64(status.st_size)
    let time = status.st_mtim
    modified = Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isUnlinked = status.st_nlink == 0
  }
}

/// A file that is open for reading.
final class OpenedFile {
  let descriptor: Int32
  let status: FileStatus

  /// - Throws: why it cannot be opened; `EISDIR` for what is no regular file.
  init(_ path: String) throws(Errno) {
    // A pipe without a writer must not make us wait.
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard opened >= 0 else { throw Errno(rawValue: errno) }
    let status: FileStatus
    do throws(Errno) {
      status = try FileStatus(of: opened)
      guard status.isRegular else { throw .isDirectory }
    } catch {
      close(opened)
      throw error
    }
    descriptor = opened
    self.status = status
  }

  deinit { close(descriptor) }

  /// The bytes at a place, as many of them as are there.
  func bytes(_ range: Range<Int64>) -> [UInt8] {
    guard range.lowerBound >= 0, range.count <= Int.max / 2 else { return [] }
    return unsafe Array(unsafeUninitializedCapacity: range.count) { room, count in
      while count < range.count {
        let added = unsafe pread(
          descriptor, room.baseAddress.map { unsafe $0 + count }, range.count - count,
          off_t(range.lowerBound) + count)
        if added < 0, errno == EINTR { continue }
        guard added > 0 else { return }
        count += added
      }
    }
  }

  /// Whether some process has it open for writing; nil when the system does not tell.
  ///
  /// A lease for reading is granted only when there is none. It is given back at once; should a
  /// writer come in between, it is told by a signal that nobody minds.
  var hasWriter: Bool? {
    _ = fcntl(descriptor, setSignal, SIGURG)
    if fcntl(descriptor, setLease, F_RDLCK) == 0 {
      _ = fcntl(descriptor, setLease, F_UNLCK)
      return false
    }
    return errno == EAGAIN ? true : nil
  }
}

/// `F_SETLEASE` and `F_SETSIG`, which the C library hides from Swift.
private let setLease: Int32 = 1024
private let setSignal: Int32 = 10
