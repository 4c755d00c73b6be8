internal import CProcess
package import Diagnostics
internal import Glibc
package import Scalars

/// What is said to a program and what it answers.
package protocol ProgramDialogue: AnyObject {
  /// Appends what is to be sent next, in pieces; appends nothing when all of it was sent.
  func send(into text: inout ByteText) throws

  /// Takes what the program has written.
  ///
  /// - Returns: whether more is expected of it.
  func receive(_ bytes: Span<UInt8>) throws -> Bool

  /// Nothing could be sent or received for a while.
  ///
  /// - Parameter milliseconds: since something was.
  /// - Returns: whether more is expected of the program.
  func wait(_ milliseconds: Int) throws -> Bool
}

/// Why a program answers no more.
package enum ProgramSilence: Error, Equatable {
  case ended(ProgramEnd)
  /// It runs, but has closed its standard output.
  case closedOutput(lastWords: String)
  /// It runs, but has closed its standard input, and says nothing.
  case closedInput(lastWords: String)
}

/// A shell command that runs beside us and that we talk with over its standard input and output.
///
/// Both are served by one thread that waits for whichever is ready, so that neither side can lock the
/// other up when pipes are full; nothing is gathered but what the dialogue holds.
package final class CoProcess {
  package let command: String
  private let variables: [String]
  private let watchGroup: (Int32) -> Void
  /// 0 when it does not run.
  private var process: pid_t = 0
  private(set) var input: Int32 = -1
  private(set) var output: Int32 = -1
  private var errors: ErrorOutput?
  private(set) var end: ProgramEnd?
  private var isMute = false
  private var unsent: [UInt8] = []
  private var sentCount = 0
  private var piece = [UInt8](repeating: 0, count: CoProcess.pieceBytes)

  private static let pieceBytes = 128 << 10
  private static let pipeBytes: Int32 = 1 << 20
  private static let briefMilliseconds: Int32 = 20
  static let waitMilliseconds: Int32 = 250
  private static let deafMilliseconds = 2_000
  private static let stopMilliseconds = 2_000

  /// - Parameters:
  ///   - command: for `sh -c`.
  ///   - variables: `NAME=value`, in front of our own environment.
  ///   - watchGroup: told the process group while it runs, then 0.
  package init(
    _ command: String, variables: [String] = [], watchGroup: @escaping (Int32) -> Void = { _ in }
  ) {
    self.command = command
    self.variables = variables
    self.watchGroup = watchGroup
  }

  deinit { stop() }

  package var isRunning: Bool { process != 0 }

  /// Its process group, which is the number of its first process; 0 when it does not run.
  package var group: Int32 { process }

  /// For one that does not run, and has not.
  package func start() throws(StreamError) {
    var toProgram = try PipeEnds()
    var fromProgram = try PipeEnds()
    var complaints = try PipeEnds()
    let shell = ShellCommand(command, variables: variables)
    process = try shell.start(
      input: toProgram.readingEnd, output: fromProgram.writer, errors: complaints.writer)
    input = toProgram.takeWriter()
    output = fromProgram.takeReader()
    complaints.closeWriter()
    let errors = ErrorOutput(complaints.takeReader())
    errors.begin()
    self.errors = errors
    for descriptor in [input, output] {
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      // Fewer changes between the two of us; more than it may have is no harm.
      process_widen_pipe(descriptor, CoProcess.pipeBytes)
    }
    watchGroup(process)
  }

  // MARK: - Talking

  /// Sends what the dialogue has to say, and returns when it expects nothing more.
  ///
  /// - Throws: ``ProgramSilence``, and what the dialogue throws.
  package func talk(_ dialogue: some ProgramDialogue) throws {
    unsent = []
    sentCount = 0
    var text = ByteText(capacity: CoProcess.pieceBytes * 2)
    var hasMore = true
    var isExpecting = true
    var last = Moment.now.uptime
    var isBrief = true
    while isExpecting {
      if hasMore, input >= 0, sentCount == unsent.count {
        try dialogue.send(into: &text)
        unsent = text.bytes
        sentCount = 0
        text.removeAll()
        hasMore = !unsent.isEmpty
      }
      let ready = poll(
        wantsInput: sentCount < unsent.count,
        for: isBrief ? CoProcess.briefMilliseconds : CoProcess.waitMilliseconds)
      if ready.output {
        isExpecting = try receive(dialogue)
      }
      if ready.input { try sendSome() }
      if ready.input || ready.output {
        last = Moment.now.uptime
        isBrief = true
      } else {
        isBrief = false
        let waited = Int(Moment.now.uptime - last) / 1000
        isExpecting = try dialogue.wait(waited)
        if isExpecting { try checkLife(waited) }
      }
    }
  }

  func poll(wantsInput: Bool, for milliseconds: Int32) -> (input: Bool, output: Bool) {
    var polled = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input, events: wantsInput ? Int16(POLLOUT) : 0, revents: 0),
    ]
    let count = unsafe Glibc.poll(&polled, 2, milliseconds)
    guard count > 0 else { return (false, false) }
    if !wantsInput, polled[1].revents & Int16(POLLERR) != 0 { closeInput() }
    return (wantsInput && polled[1].revents != 0, polled[0].revents != 0)
  }

  private func receive(_ dialogue: some ProgramDialogue) throws -> Bool {
    var isExpecting = true
    try takeSome { isExpecting = try dialogue.receive($0) }
    if output < 0 { throw silence(.output) }
    return isExpecting
  }

  private func sendSome() throws {
    let unsent = unsent
    let bytes = unsent.span
    sentCount += try unsafe sendSome(bytes.bytes.extracting(droppingFirst: sentCount))
  }

  /// - Returns: how many of the bytes were sent.
  func sendSome(_ bytes: RawSpan) throws -> Int {
    let written = unsafe bytes.withUnsafeBytes { unsafe write(input, $0.baseAddress, $0.count) }
    if written >= 0 { return written }
    switch errno {
    case EINTR, EAGAIN: break
    case EPIPE:
      // It may have answered before it went: that is read first.
      closeInput()
    default: throw fileError("cannot write to '\(command)'")
    }
    return 0
  }

  /// Takes what can be read; its output is closed at the end.
  func takeSome(_ take: (Span<UInt8>) throws -> Void) throws {
    let count = unsafe read(output, &piece, piece.count)
    if count < 0 {
      if errno == EINTR || errno == EAGAIN { return }
      throw fileError("cannot read what '\(command)' writes")
    }
    if count == 0 { return closeOutput() }
    let piece = piece
    try take(piece.span.extracting(first: count))
  }

  /// Bytes that it has written and nobody has read yet.
  package var hasUnread: Bool {
    guard isRunning else { return false }
    var polled = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    guard unsafe Glibc.poll(&polled, 1, 0) > 0 else { return false }
    return polled.revents & Int16(POLLIN) != 0
  }

  /// What it has written and nobody has read, at most 4 KiB of it; empty when there is nothing.
  package func takeUnread() -> [UInt8] {
    guard hasUnread else { return [] }
    let count = unsafe read(output, &piece, 4096)
    return count > 0 ? Array(piece[..<count]) : []
  }

  // MARK: - Ends

  /// Can be read from when the program has written something or has closed its standard output; -1 when
  /// it does not run, or its end was taken.
  package var answerDescriptor: Int32 { isRunning && !isMute ? output : -1 }

  /// For one that has nothing unread: notices that it says no more.
  ///
  /// - Returns: how it ended; nil when it runs.
  package func takeEndOfAnswers() -> ProgramEnd? {
    guard isRunning, poll(wantsInput: false, for: 0).output, !hasUnread else { return nil }
    isMute = true
    return reap(within: 1_000) ? end : nil
  }

  private enum Side { case input, output }

  /// Its end shows in its pipes, unless somebody that it has started holds them open.
  private func checkLife(_ waited: Int) throws {
    if reap(within: 0) { throw silence(.output) }
    if input < 0, waited >= CoProcess.deafMilliseconds { throw silence(.input) }
  }

  private func silence(_ side: Side) -> ProgramSilence {
    if reap(within: 1_000), let end { return .ended(end) }
    let words = errors?.recentWords ?? ""
    stop()
    return side == .input ? .closedInput(lastWords: words) : .closedOutput(lastWords: words)
  }

  func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  private func closeOutput() {
    if output >= 0 { close(output) }
    output = -1
  }

  /// Waits for its end.
  ///
  /// - Returns: whether it has ended.
  func reap(within milliseconds: Int) -> Bool {
    let deadline = Moment.now.uptime + Int64(milliseconds) * 1000
    while process != 0 {
      var status: Int32 = 0
      let found = unsafe waitpid(process, &status, WNOHANG)
      if found == process {
        note(ProgramStatus(status))
      } else if found < 0, errno != EINTR {
        // Somebody else has waited for it: how it ended is not known.
        note(.exited(0))
      } else {
        if Moment.now.uptime >= deadline { return false }
        usleep(1_000)
      }
    }
    return true
  }

  private func note(_ status: ProgramStatus) {
    process = 0
    watchGroup(0)
    end = ProgramEnd(status: status, lastWords: errors?.finish() ?? "")
    errors = nil
  }

  /// Tells it that nothing comes any more, and waits for its end.
  ///
  /// - Parameters:
  ///   - milliseconds: how long it may take; then it is stopped.
  ///   - surplus: given what it still writes.
  /// - Returns: how it ended; nil when it had to be stopped, or does not run.
  package func conclude(
    within milliseconds: Int, surplus: (Span<UInt8>) throws -> Void
  ) throws -> ProgramEnd? {
    guard isRunning else { return end }
    let deadline = Moment.now.uptime + Int64(milliseconds) * 1000
    do {
      return try finish(taking: surplus) {
        if Moment.now.uptime >= deadline { throw Overdue() }
      }
    } catch is Overdue {
      stop()
      return nil
    }
  }

  private struct Overdue: Error {}

  /// Ends it, if it runs: by the end of its input, then by SIGTERM, then by SIGKILL.
  package func stop() {
    closeInput()
    closeOutput()
    guard isRunning else { return }
    if reap(within: CoProcess.stopMilliseconds / 4) { return }
    let group = process
    for signal in [SIGTERM, SIGKILL] {
      kill(-group, signal)
      if reap(within: CoProcess.stopMilliseconds) { return }
    }
  }
}
