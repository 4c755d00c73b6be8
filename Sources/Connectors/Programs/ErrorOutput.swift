internal import Glibc
internal import Synchronization

/// Passes on what a program writes to its standard error, and remembers the last of it.
final class ErrorOutput: Sendable {
  private let descriptor: Int32
  private let wakeUp: [Int32]
  private let tail = Mutex<[UInt8]>([])
  private let isDone = Mutex(true)
  private let lock = Lock()
  private let done: Condition

  private static let tailBytesMax = 4096

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    done = Condition(lock)
    var ends: [Int32] = [-1, -1]
    if unsafe pipe(&ends) == 0 {
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }
    wakeUp = ends
  }

  deinit {
    close(descriptor)
    for end in wakeUp where end >= 0 { close(end) }
  }

  func begin() {
    isDone.withLock { $0 = false }
    let hasThread = startThread { [self] in
      pass()
      lock.withLock {
        isDone.withLock { $0 = true }
        done.broadcast()
      }
    }
    if !hasThread { isDone.withLock { $0 = true } }
  }

  /// The program has ended: takes what is still in the pipe.
  ///
  /// - Returns: its last lines.
  @discardableResult
  func finish() -> String {
    var byte: UInt8 = 1
    if wakeUp[1] >= 0 { _ = unsafe write(wakeUp[1], &byte, 1) }
    lock.withLock {
      while !isDone.withLock({ $0 }) { done.wait() }
    }
    return recentWords
  }

  /// The last lines so far.
  var recentWords: String {
    let text = String(decoding: tail.withLock { $0 }, as: UTF8.self)
    return text.split(separator: "\n").suffix(3).joined(separator: "; ")
  }

  private func pass() {
    var piece = [UInt8](repeating: 0, count: 4096)
    var polled = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wakeUp[0], events: Int16(POLLIN), revents: 0),
    ]
    while true {
      // Programs that it has left behind may hold the pipe open: its own end counts.
      let count = unsafe poll(&polled, 2, -1)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      if polled[0].revents == 0 { return }
      let length = unsafe read(descriptor, &piece, piece.count)
      if length < 0, errno == EINTR { continue }
      guard length > 0 else { return }
      try? unsafe piece.withUnsafeBytes {
        try unsafe writeAll(
          UnsafeRawBufferPointer(rebasing: $0[..<length]), to: 2, named: "standard error")
      }
      tail.withLock { $0 = ($0 + piece[..<length]).suffix(ErrorOutput.tailBytesMax) }
    }
  }
}
