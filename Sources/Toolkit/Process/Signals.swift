package import Glibc
internal import Synchronization

/// What SIGINT and SIGTERM do to a stage.
///
/// They reach every process of a pipeline at once. So only the source acts on the first one: it
/// closes its epoch and ends the stream. The other stages let it pass and drain; a second signal, 2 s
/// later or more, stops any of them at once.
package enum Signals {
  package enum Role: Sendable {
    case source
    case stage
  }

  /// Call once, early. A signal that was ignored from the start (`nohup`, a shell's `&`) stays so.
  package static func install(_ role: Role) {
    if role == .source, wakeUp < 0 { openWakeUpPipe() }
    for signal in [SIGINT, SIGTERM] { catchSignal(signal) }
    unblock()
  }

  /// Who started us may have blocked them in a thread of its own, and so, by inheritance, in us.
  private static func unblock() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in [SIGINT, SIGTERM] { unsafe sigaddset(&set, signal) }
    unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
  }

  /// A source should close its epoch and end its stream.
  package static var isStopRequested: Bool { firstSignalTime.load(ordering: .relaxed) != 0 }

  /// Becomes readable with the first signal, for `poll` beside a source's input; -1 in other stages.
  package static var wakeUp: Int32 { readEnd.load(ordering: .relaxed) }

  /// Tells the source to take what its input holds and to end, as the first signal does.
  package static func requestStop() {
    let descriptor = writeEnd.load(ordering: .relaxed)
    var byte: UInt8 = 1
    if descriptor >= 0 { _ = unsafe write(descriptor, &byte, 1) }
  }

  /// The process group of a program that works for this stage: the second signal kills it too.
  ///
  /// - Parameter group: 0 when there is none any more.
  package static func secondSignalKills(group: pid_t) {
    childGroup.store(group, ordering: .relaxed)
  }

  private static func openWakeUpPipe() {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    readEnd.store(ends[0], ordering: .relaxed)
    writeEnd.store(ends[1], ordering: .relaxed)
  }

  private static func catchSignal(_ signal: Int32) {
    var action = sigaction()
    unsafe sigaction(signal, nil, &action)
    // SAFETY: SIG_IGN is compared as an address, never called.
    let current = unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
    let ignored = unsafe unsafeBitCast(SIG_IGN, to: UInt.self)
    if current == ignored { return }
    unsafe action.__sigaction_handler.sa_handler = receive
    // Reads and writes go on after the first signal.
    action.sa_flags = SA_RESTART
    unsafe sigaction(signal, &action, nil)
  }
}

/// Monotonic milliseconds; 0 before the first signal.
private let firstSignalTime = Atomic<Int64>(0)
private let readEnd = Atomic<Int32>(-1)
private let writeEnd = Atomic<Int32>(-1)
private let childGroup = Atomic<pid_t>(0)
private let repeatDelayMilliseconds: Int64 = 2_000

/// Runs inside a signal handler: atomics and async-signal-safe calls only.
private func receive(_ signal: Int32) {
  let savedErrno = errno
  var now = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &now)
  let milliseconds = Int64(now.tv_sec) &* 1_000 &+ Int64(now.tv_nsec) / 1_000_000 &+ 1
  let (isFirst, first) = firstSignalTime.compareExchange(
    expected: 0, desired: milliseconds, ordering: .relaxed)
  if isFirst {
    let descriptor = writeEnd.load(ordering: .relaxed)
    var byte: UInt8 = 1
    if descriptor >= 0 { _ = unsafe write(descriptor, &byte, 1) }
  } else if milliseconds &- first >= repeatDelayMilliseconds {
    let group = childGroup.load(ordering: .relaxed)
    if group > 0 { kill(-group, SIGKILL) }
    Glibc.signal(signal, SIG_DFL)
    raise(signal)
  }
  errno = savedErrno
}
