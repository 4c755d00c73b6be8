internal import Diagnostics
internal import Glibc
internal import Synchronization

/// How a program that was run for an epoch ended.
struct ProgramEnd {
  let status: ProgramStatus
  /// The last lines that it wrote to its standard error.
  let lastWords: String
}

enum ProgramStatus: Equatable {
  case exited(Int32)
  case killed(signal: Int32)

  init(_ status: Int32) {
    let signal = status & 0x7F
    self = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
  }
}

/// Runs a shell command for an epoch's rows.
struct EpochProgram {
  let command: String
  /// Inherited under its number, so that a lock on it is held as long as the program, or one that it
  /// has started, lives; nil if there is none.
  let lockDescriptor: Int32?
  /// Told the process group of the program while it runs, then 0.
  let watchGroup: (pid_t) -> Void

  /// - Parameters:
  ///   - input: its standard input.
  ///   - variables: `NAME=value`, in front of our own environment.
  func run(input: Int32, variables: [String]) throws(StreamError) -> ProgramEnd {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw fileError("cannot make a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let errors = ErrorOutput(ends[0])
    let process: pid_t
    do throws(StreamError) {
      defer { close(ends[1]) }
      process = try start(input: input, errors: ends[1], variables: variables)
    } catch {
      errors.finish()
      throw error
    }
    watchGroup(process)
    defer { watchGroup(0) }
    errors.begin()
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw fileError("cannot wait for a program") }
    }
    return ProgramEnd(status: ProgramStatus(status), lastWords: errors.finish())
  }

  private func start(
    input: Int32, errors: Int32, variables: [String]
  ) throws(StreamError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
    // To its own number: that takes the mark off that would close it.
    if let lockDescriptor {
      unsafe posix_spawn_file_actions_adddup2(&actions, lockDescriptor, lockDescriptor)
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var (none, ours) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe sigemptyset(&ours)
    for signal in [SIGPIPE, SIGXFSZ] { unsafe sigaddset(&ours, signal) }
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &ours)
    // A group of its own: Ctrl-C must not kill it before the pipeline has drained.
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var words = unsafe [strdup("sh"), strdup("-c"), strdup(command), nil]
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    let own = unsafe variables.map { unsafe strdup($0) }
    defer { for index in unsafe own.indices { unsafe free(own[index]) } }
    var environment = unsafe own + inheritedEnvironment(without: variables) + [nil]
    var process: pid_t = 0
    let code = unsafe posix_spawn(&process, "/bin/sh", &actions, &attributes, &words, &environment)
    guard code == 0 else { throw fileError("cannot run /bin/sh", code: code) }
    return process
  }

  /// Pointers into our own environment.
  @unsafe private func inheritedEnvironment(
    without variables: [String]
  ) -> [UnsafeMutablePointer<CChar>?] {
    let names = variables.map { $0.prefix { $0 != "=" } + "=" }
    var inherited: [UnsafeMutablePointer<CChar>?] = unsafe []
    var entry = unsafe environ
    while let variable = unsafe entry.pointee {
      let text = unsafe String(cString: variable)
      if !names.contains(where: { text.hasPrefix($0) }) { unsafe inherited.append(variable) }
      unsafe entry += 1
    }
    return unsafe inherited
  }
}

/// Passes on what a program writes to its standard error, and remembers the last of it.
private final class ErrorOutput: Sendable {
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
