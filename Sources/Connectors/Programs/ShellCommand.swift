internal import Diagnostics
internal import Glibc

/// How a program ended.
package struct ProgramEnd: Sendable, Equatable {
  package let status: ProgramStatus
  /// The last lines that it wrote to its standard error.
  package let lastWords: String
}

package enum ProgramStatus: Sendable, Equatable {
  case exited(Int32)
  case killed(signal: Int32)

  /// - Parameter status: as `waitpid` gives it.
  init(_ status: Int32) {
    let signal = status & 0x7F
    self = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
  }

  /// `ended with status 1`, `was killed by signal 9`.
  package var phrase: String {
    switch self {
    case .exited(let status): "ended with status \(status)"
    case .killed(let signal): "was killed by signal \(signal)"
    }
  }

  /// What the shell says of a command that is not there, or cannot be run.
  package var isNoCommand: Bool { self == .exited(126) || self == .exited(127) }
}

/// Both ends of a pipe, closed in programs that are started and with this value.
struct PipeEnds: ~Copyable {
  private var reader: Int32
  private(set) var writer: Int32

  init() throws(StreamError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw fileError("cannot make a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reader, writer) = (ends[0], ends[1])
  }

  deinit {
    for end in [reader, writer] where end >= 0 { close(end) }
  }

  var readingEnd: Int32 { reader }

  /// The caller closes it from now on.
  mutating func takeReader() -> Int32 {
    defer { reader = -1 }
    return reader
  }

  /// The caller closes it from now on.
  mutating func takeWriter() -> Int32 {
    defer { writer = -1 }
    return writer
  }

  mutating func closeWriter() {
    if writer >= 0 { close(writer) }
    writer = -1
  }
}

/// Starts `sh -c` in a process group of its own: Ctrl-C must not kill it before the pipeline has
/// drained.
struct ShellCommand {
  let command: String
  /// `NAME=value`, in front of our own environment.
  let variables: [String]
  /// A descriptor that it inherits under its number.
  let kept: Int32?

  init(_ command: String, variables: [String], kept: Int32? = nil) {
    self.command = command
    self.variables = variables
    self.kept = kept
  }

  /// - Parameters:
  ///   - input: its standard input.
  ///   - output: its standard output; nil for our own.
  ///   - errors: its standard error.
  func start(
    input: Int32, output: Int32? = nil, errors: Int32
  ) throws(StreamError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    if let output { unsafe posix_spawn_file_actions_adddup2(&actions, output, 1) }
    unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
    // To its own number: that takes the mark off that would close it.
    if let kept { unsafe posix_spawn_file_actions_adddup2(&actions, kept, kept) }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var (none, ours) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe sigemptyset(&ours)
    for signal in [SIGPIPE, SIGXFSZ] { unsafe sigaddset(&ours, signal) }
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &ours)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var words = unsafe [strdup("sh"), strdup("-c"), strdup(command), nil]
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    let own = unsafe variables.map { unsafe strdup($0) }
    defer { for index in unsafe own.indices { unsafe free(own[index]) } }
    var environment = unsafe own + inheritedEnvironment() + [nil]
    var process: pid_t = 0
    let code = unsafe posix_spawn(&process, "/bin/sh", &actions, &attributes, &words, &environment)
    guard code == 0 else { throw fileError("cannot run /bin/sh", code: code) }
    return process
  }

  /// Pointers into our own environment.
  @unsafe private func inheritedEnvironment() -> [UnsafeMutablePointer<CChar>?] {
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
