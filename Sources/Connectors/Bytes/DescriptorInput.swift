package import Diagnostics
internal import Glibc
internal import SystemPackage

/// The bytes of a file, a pipe, a socket or a terminal.
package final class DescriptorInput: ByteInput {
  /// Closed with the input, if that has opened it.
  let descriptor: Int32
  private let ownsDescriptor: Bool
  /// For messages.
  private let name: String
  private let stop: StopSignal
  package let mayWait: Bool
  package private(set) var consumedCount: Int64 = 0

  /// Opens a file.
  ///
  /// - Throws: a usage error when it is not there or cannot be read.
  package init(opening file: InputFile, stop: StopSignal = .none) throws(StreamError) {
    do throws(Errno) {
      descriptor = try Self.open(file.path)
    } catch {
      throw .unreadable(file.path, error)
    }
    ownsDescriptor = true
    name = file.name
    self.stop = stop
    mayWait = !Self.isRegular(descriptor)
    if !mayWait { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
  }

  /// Reads from a descriptor that others opened and close.
  package init(descriptor: Int32, name: String, stop: StopSignal = .none) {
    self.descriptor = descriptor
    ownsDescriptor = false
    self.name = name
    self.stop = stop
    mayWait = !Self.isRegular(descriptor)
    // A writer that is ahead of us sleeps less often. Where it is not allowed, it is only slower.
    if mayWait { _ = fcntl(descriptor, setPipeSize, 1 << 20) }
  }

  deinit {
    if ownsDescriptor { close(descriptor) }
  }

  private static func open(_ path: FilePath) throws(Errno) -> Int32 {
    while true {
      let descriptor = unsafe path.withPlatformString {
        unsafe Glibc.open($0, O_RDONLY | O_CLOEXEC)
      }
      if descriptor >= 0 { return descriptor }
      guard errno == EINTR else { throw Errno(rawValue: errno) }
    }
  }

  package static func isRegular(_ descriptor: Int32) -> Bool {
    (try? Stat(FileDescriptor(rawValue: descriptor)).type) == .regular
  }
}

extension DescriptorInput {
  /// How many bytes a regular file still has from where it is read on; nil for what is none.
  package static func byteCountLeft(_ descriptor: Int32) -> Int64? {
    guard let status = try? Stat(FileDescriptor(rawValue: descriptor)), status.type == .regular
    else { return nil }
    return max(0, status.size - max(0, Int64(lseek(descriptor, 0, SEEK_CUR))))
  }

  /// The first bytes of a regular file, wherever it is read at the moment.
  func firstBytes(_ count: Int) throws(StreamError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    while true {
      let taken = unsafe bytes.withUnsafeMutableBytes {
        unsafe pread(descriptor, $0.baseAddress, $0.count, 0)
      }
      if taken >= 0 { return Array(bytes[..<taken]) }
      guard errno == EINTR else { throw failure() }
    }
  }

  /// Goes on from there.
  ///
  /// - Returns: false when the regular file is shorter.
  func seek(to offset: Int64) throws(StreamError) -> Bool {
    guard let status = try? Stat(FileDescriptor(rawValue: descriptor)) else { throw failure() }
    guard offset <= status.size else { return false }
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw failure() }
    return true
  }

  @unsafe package func read(
    into room: UnsafeMutableRawBufferPointer
  ) throws(StreamError) -> Int {
    while true {
      let count = unsafe Glibc.read(descriptor, room.baseAddress, room.count)
      if count >= 0 {
        consumedCount += Int64(count)
        return count
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: _ = try wait(until: .never)
      case EISDIR: throw StreamError(.usage, "'\(name)' is a directory")
      default: throw failure()
      }
    }
  }

  package func wait(until deadline: Deadline) throws(StreamError) -> Bool {
    guard mayWait else { return true }
    while true {
      var watched = InlineArray<2, pollfd>(repeating: pollfd())
      watched[0] = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      watched[1] = pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0)
      let now = deadline == .now ? 0 : Moment.now.uptime
      let milliseconds = deadline.milliseconds(from: now)
      var span = watched.mutableSpan
      let count = unsafe span.withUnsafeMutableBufferPointer {
        unsafe poll($0.baseAddress, 2, milliseconds)
      }
      // Not the data alone: a hang-up or an error is for `read` to tell.
      if count > 0 { return watched[0].revents != 0 }
      if count == 0 { return false }
      guard errno == EINTR else { throw failure() }
    }
  }

  package var availableCount: Int {
    guard mayWait else { return 0 }
    var count: Int32 = 0
    let status = unsafe ioctl(descriptor, UInt(FIONREAD), &count)
    return status == 0 ? Int(count) : 0
  }

  private func failure() -> StreamError {
    let reason = Errno(rawValue: errno)
    return StreamError(.io, "cannot read '\(name)': \(reason.words)")
  }
}

/// `F_SETPIPE_SZ`, which the C library hides from Swift.
private let setPipeSize: Int32 = 1031

extension StopSignal {
  package var isRequested: Bool {
    guard descriptor >= 0 else { return false }
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&watched, 1, 0) > 0
  }

  /// Lets time pass until then, less when the signal comes.
  package func pause(until deadline: Deadline) {
    while !isRequested {
      let milliseconds = deadline.milliseconds(from: Moment.now.uptime)
      if milliseconds == 0 { return }
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&watched, 1, milliseconds)
    }
  }
}
