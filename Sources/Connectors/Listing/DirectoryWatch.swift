internal import Diagnostics
internal import Glibc
internal import SystemPackage

/// Tells what happens in directories, by inotify.
final class DirectoryWatch {
  /// Something of that name has come into a directory, or was closed by who wrote it.
  struct Event {
    let watch: Int32
    let name: String
    let isDirectory: Bool
    /// It was made where it stands: whoever writes it may not be done.
    let isNew: Bool
  }

  /// What a look has found.
  struct News {
    var events: [Event] = []
    /// Some were lost, or a directory is gone: one has to look at everything again.
    var isIncomplete = false
  }

  let descriptor: Int32

  init() throws(StreamError) {
    descriptor = inotify_init1(O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw DirectoryWatch.failure("cannot watch directories") }
  }

  deinit { close(descriptor) }

  /// - Returns: the number that events bear; nil when there is no such directory.
  func add(_ path: FilePath) throws(StreamError) -> Int32? {
    let mask = UInt32(
      IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF)
    let number = unsafe path.withPlatformString {
      unsafe inotify_add_watch(descriptor, $0, mask | UInt32(IN_ONLYDIR))
    }
    if number >= 0 { return number }
    switch errno {
    case ENOENT, ENOTDIR: return nil
    case ENOSPC:
      throw StreamError(
        .io, "cannot watch '\(path)': the user watches too many directories",
        hint: "sysctl fs.inotify.max_user_watches=1000000")
    default: throw DirectoryWatch.failure("cannot watch '\(path)'")
    }
  }

  private static func failure(_ what: String) -> StreamError {
    StreamError(.io, "\(what): \(Errno(rawValue: errno).words)")
  }

  /// What has happened since the last look; does not wait.
  func news() throws(StreamError) -> News {
    var news = News()
    var room = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe room.withUnsafeMutableBytes {
        unsafe read(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return news }
      guard count > 0 else { throw DirectoryWatch.failure("cannot watch directories") }
      DirectoryWatch.parse(room[..<count], into: &news)
    }
  }

  /// An event is a watch, a mask, a cookie and the length of the name that follows, 4 bytes each.
  private static func parse(_ bytes: ArraySlice<UInt8>, into news: inout News) {
    var rest = bytes
    func word(_ index: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(rest[rest.startIndex + index * 4 + $1]) << UInt32(8 * $1) }
    }
    while rest.count >= 16 {
      let (watch, mask, length) = (Int32(bitPattern: word(0)), word(1), Int(word(3)))
      guard rest.count >= 16 + length else { return }
      let name = rest.dropFirst(16).prefix(length).prefix { $0 != 0 }
      rest = rest.dropFirst(16 + length)
      let lost = UInt32(IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)
      if mask & lost != 0 {
        news.isIncomplete = true
        continue
      }
      guard let text = String(validating: name, as: UTF8.self) else {
        news.isIncomplete = true
        continue
      }
      news.events.append(
        Event(
          watch: watch, name: text, isDirectory: mask & UInt32(IN_ISDIR) != 0,
          isNew: mask & UInt32(IN_CREATE) != 0))
    }
  }
}
