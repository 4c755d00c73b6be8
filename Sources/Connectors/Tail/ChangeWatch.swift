internal import Glibc

/// What happened to a watched file or directory.
struct WatchEvent {
  /// nil: some events were lost, so that all have to be looked at.
  let watch: Int32?
  /// Whether it was more than growth: a name or a writer came or went.
  let isOfName: Bool
}

/// The system's notices of changes. Where it gives none, nothing is ever reported: one looks once a
/// second all the same.
@safe final class ChangeWatch {
  /// For `poll`; -1 where there is none.
  let descriptor: Int32
  // SAFETY: freed by `deinit`; events are written by the system and lie within what it wrote.
  private let room: UnsafeMutableRawBufferPointer

  private static let fileMask =
    IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF | IN_CLOSE_WRITE
  private static let directoryMask = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR

  init() {
    descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    unsafe room = .allocate(byteCount: 64 << 10, alignment: 8)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    unsafe room.deallocate()
  }

  /// Watches a file that is open, whatever becomes of its name.
  func add(_ file: OpenedFile) -> Int32 {
    unsafe inotify_add_watch(
      descriptor, "/proc/self/fd/\(file.descriptor)", UInt32(bitPattern: Self.fileMask))
  }

  /// Watches for files that appear in a directory.
  func add(directory: String) -> Int32 {
    unsafe inotify_add_watch(descriptor, directory, UInt32(bitPattern: Self.directoryMask))
  }

  func remove(_ watch: Int32) {
    if watch >= 0 { inotify_rm_watch(descriptor, watch) }
  }

  /// What happened since the last call.
  func events() -> [WatchEvent] {
    var events: [WatchEvent] = []
    while descriptor >= 0 {
      let count = unsafe read(descriptor, room.baseAddress, room.count)
      guard count > 0 else { break }
      var start = 0
      while start + 16 <= count {
        let watch = unsafe room.load(fromByteOffset: start, as: Int32.self)
        let mask = unsafe room.load(fromByteOffset: start + 4, as: UInt32.self)
        let length = unsafe room.load(fromByteOffset: start + 12, as: UInt32.self)
        let isLost = mask & UInt32(bitPattern: Int32(IN_Q_OVERFLOW)) != 0
        let isOfName = mask & ~UInt32(bitPattern: IN_MODIFY) != 0
        events.append(WatchEvent(watch: isLost ? nil : watch, isOfName: isOfName))
        start += 16 + Int(length)
      }
    }
    return events
  }
}
