internal import CProcess
internal import Glibc

/// What every tool does first.
func prepareProcess() {
  // A closed downstream shows as EPIPE, where the loop can tell it from a failure.
  signal(SIGPIPE, SIG_IGN)
  // So does a file that may not grow any more.
  signal(SIGXFSZ, SIG_IGN)
  // Buffers of a batch come and go: kept in the heap they are reused warm, where blocks of their own
  // would be mapped, faulted in page by page and unmapped for each batch.
  process_keep_freed_memory(32 << 20, 256 << 20)
  openStandardDescriptors()
}

/// A tool started with a closed standard descriptor must not write a message into the file that got
/// its number.
private func openStandardDescriptors() {
  for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
    _ = unsafe open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY)
  }
}

/// The path of this executable.
func ownExecutable() -> String? {
  unsafe withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { room in
    guard let start = room.baseAddress else { return nil }
    let length = unsafe readlink("/proc/self/exe", start, room.count)
    guard length > 0 else { return nil }
    return unsafe String(decoding: room[..<length], as: UTF8.self)
  }
}
