internal import Diagnostics
internal import Glibc

/// The bytes of a connection. However it ends, what came before counts.
final class SocketBytes: ByteInput {
  let descriptor: Int32
  private(set) var consumedCount: Int64 = 0
  /// What broke the connection, in the system's words; nil when the peer has closed it.
  private(set) var failure: String?
  private let stop: StopSignal

  let mayWait = true

  /// - Parameter descriptor: closed with this.
  init(_ descriptor: Int32, stop: StopSignal) {
    self.descriptor = descriptor
    self.stop = stop
  }

  deinit { close(descriptor) }

  @unsafe
  func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
    while true {
      let count = unsafe recv(descriptor, room.baseAddress, room.count, 0)
      if count >= 0 {
        consumedCount += Int64(count)
        return count
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: _ = try wait(until: .never)
      default:
        failure = systemWords(errno)
        return 0
      }
    }
  }

  func wait(until deadline: Deadline) throws(StreamError) -> Bool {
    while true {
      var watched = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let now = deadline == .now ? 0 : Moment.now.uptime
      let count = unsafe poll(&watched, 2, deadline.milliseconds(from: now))
      if count > 0 { return watched[0].revents != 0 }
      if count == 0 { return false }
      guard errno == EINTR else {
        throw StreamError(.io, "cannot wait for a connection: \(systemWords(errno))")
      }
    }
  }

  var availableCount: Int {
    var count: Int32 = 0
    return unsafe ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
  }
}
