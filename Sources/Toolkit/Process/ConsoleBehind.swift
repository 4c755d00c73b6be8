internal import Diagnostics
internal import Glibc

/// Where a stage's stream goes: its standard output, or, when that is a terminal, a console that is
/// started behind the stage.
///
/// Nobody ever sees binary on a terminal.
package struct StageOutput: ~Copyable {
  /// For the writer.
  package let descriptor: Int32
  private var console: pid_t?

  /// - Parameter branch: not used by the console; the stage's own options apply to the stage alone.
  package init() throws {
    guard isatty(1) != 0 else {
      descriptor = 1
      return
    }
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw StageOutput.failure("pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    console = try StageOutput.spawnConsole(readingFrom: ends[0])
    close(ends[0])
    descriptor = ends[1]
  }

  /// Closes the stream and waits for a console behind it.
  ///
  /// - Returns: the console's exit status; 0 when there is none.
  package mutating func finish() -> Int32 {
    guard let process = console else { return 0 }
    console = nil
    close(descriptor)
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { return 0 }
    }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  private static func spawnConsole(readingFrom input: Int32) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    var words = unsafe [strdup("stream-sink"), strdup("console"), nil]
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    var process: pid_t = 0
    let result = unsafe posix_spawn(&process, "/proc/self/exe", &actions, nil, &words, environ)
    guard result == 0 else { throw failure("stream-sink", code: result) }
    return process
  }

  private static func failure(_ what: String, code: Int32 = errno) -> StreamError {
    let reason = unsafe String(cString: strerror(code))
    return StreamError(.internal, "cannot start a table for the terminal: \(what): \(reason)")
  }
}
