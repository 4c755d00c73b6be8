internal import Foundation
internal import Glibc

/// A program in a session of its own, with no signal blocked or ignored, as a shell starts it.
///
/// Foundation's `Process` hands down the signal mask of the thread that starts it, and a test's
/// threads block nearly all signals.
package struct ChildProcess {
  private let words: [String]
  private let environment: [String: String]
  private let files: [String]

  package init(
    _ words: [String], directory: String, environment: [String: String], input: String,
    output: String, errors: String
  ) {
    self.words = ["/usr/bin/env", "--chdir=\(directory)"] + words
    self.environment = environment
    files = [input, output, errors]
  }

  /// - Returns: the exit status, 128 and the number of the signal that ended it.
  package func run() throws -> Int32 {
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | 0x80  // POSIX_SPAWN_SETSID
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, file) in files.enumerated() {
      let mode = descriptor == 0 ? O_RDONLY : O_WRONLY | O_TRUNC
      unsafe posix_spawn_file_actions_addopen(&actions, Int32(descriptor), file, mode, 0)
    }
    let variables = environment.map { "\($0)=\($1)" }
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    var values = unsafe variables.map { unsafe strdup($0) } + [nil]
    defer {
      for index in unsafe arguments.indices { unsafe free(arguments[index]) }
      for index in unsafe values.indices { unsafe free(values[index]) }
    }
    var process: pid_t = 0
    let error = unsafe posix_spawn(&process, words[0], &actions, &attributes, &arguments, &values)
    guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EINVAL) }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    endSession(process)
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }

  /// Stops what it has left running.
  private func endSession(_ session: pid_t) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for name in names {
      guard let process = pid_t(name), getsid(process) == session else { continue }
      kill(process, SIGKILL)
    }
  }
}
