internal import Diagnostics
internal import Glibc

/// Runs a shell command for an epoch's rows.
struct EpochProgram {
  let command: String
  /// Inherited under its number, so that a lock on it is held as long as the program, or one that it
  /// has started, lives; nil if there is none.
  let lockDescriptor: Int32?
  /// Told the process group of the program while it runs, then 0.
  let watchGroup: (Int32) -> Void

  /// - Parameters:
  ///   - input: its standard input.
  ///   - variables: `NAME=value`, in front of our own environment.
  func run(input: Int32, variables: [String]) throws(StreamError) -> ProgramEnd {
    var ends = try PipeEnds()
    let errors = ErrorOutput(ends.takeReader())
    let shell = ShellCommand(command, variables: variables, kept: lockDescriptor)
    let process: pid_t
    do throws(StreamError) {
      process = try shell.start(input: input, errors: ends.writer)
    } catch {
      errors.finish()
      throw error
    }
    ends.closeWriter()
    watchGroup(process)
    defer { watchGroup(0) }
    errors.begin()
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw fileError("cannot wait for a program") }
    }
    return ProgramEnd(status: ProgramStatus(status), lastWords: errors.finish())
  }
}
