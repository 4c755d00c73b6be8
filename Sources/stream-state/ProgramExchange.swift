package import Columnar
import Connectors
package import Diagnostics
import Formats
package import Operators
package import Toolkit
import Wire

/// A program that keeps state of its own: a shell command that is told a line for each key and answers
/// with a line. It is started for the first rows and runs until the input ends.
package final class ProgramExchange: KeyedProgram {
  package var isAbandoned: () -> Bool = { false }

  private let process: CoProcess
  private let parser: JSONAnswerParser
  private let log: Log
  private var epoch = ProgramEpoch(number: 0, time: 0, watermark: nil)
  private var rows: [JSONRowWriter] = []
  private var hasStarted = false
  private var hasWarned = false

  /// How long a program may take to end.
  static let endMilliseconds = 10_000
  /// How long it may say nothing without a word to the user.
  private static let silentMilliseconds = 10_000

  /// - Parameters:
  ///   - command: for `sh -c`.
  ///   - query: the id that it is told.
  ///   - schema: of the rows that it answers with.
  ///   - log: for what people should look at, although the work goes on.
  package init(
    _ command: String, query: String?, rows schema: Schema, _ log: Log
  ) throws(StreamError) {
    process = CoProcess(
      command, variables: ["STREAM_QUERY=\(query ?? "")", "PYTHONUNBUFFERED=1"],
      watchGroup: { Signals.secondSignalKills(group: $0) })
    parser = try JSONAnswerParser(
      JSONAnswerParser.Names(value: "state", rows: "rows", others: ["key"] + CallLines.tailNames),
      rows: schema)
    self.log = log
  }

  private var name: String { "'\(process.command.shortened)'" }

  // MARK: - Epochs

  package func begin(_ epoch: ProgramEpoch, rows: [Batch]) throws {
    self.epoch = epoch
    if hasStarted {
      try refuseUnasked()
    } else {
      // After the plan was shown nobody reads on.
      if isAbandoned() { throw WireError.closed }
      try process.start()
      hasStarted = true
    }
    self.rows = rows.map { JSONRowWriter($0) }
  }

  package func answer(_ calls: ProgramCalls, take: (ProgramAnswers) throws -> Void) throws {
    try withoutActuallyEscaping(take) { take in
      let dialogue = CallDialogue(
        CallLines(calls, in: epoch, rows: rows), count: calls.count, parser, take: take
      ) { [self] in try pause($0) }
      do {
        do {
          try process.talk(dialogue)
        } catch let silence as ProgramSilence {
          // What it said before it went may tell why.
          try dialogue.readAnswers()
          throw error(silence, key: dialogue.openKey)
        }
      } catch let fault as CallDialogue.Fault {
        throw error(fault, key: dialogue.openKey)
      }
    }
  }

  package func endEpoch() throws {
    rows = []
    try refuseUnasked()
  }

  /// Nothing may come that was not asked for.
  private func refuseUnasked() throws {
    let bytes = process.takeUnread()
    if !bytes.isEmpty { throw unasked(bytes) }
  }

  private func pause(_ milliseconds: Int) throws {
    if isAbandoned() { throw WireError.closed }
    guard milliseconds >= ProgramExchange.silentMilliseconds, !hasWarned else { return }
    hasWarned = true
    log.warning(
      "\(name) has not answered for \(milliseconds / 1000) s",
      hint: "if it waits for more, let it write each answer out at once: print(…, flush=True), "
        + "awk's fflush(), jq --unbuffered, stdbuf -oL")
  }

  // MARK: - The end

  package func conclude() throws {
    guard hasStarted else { return }
    var surplus: [UInt8] = []
    let end = try process.conclude(within: ProgramExchange.endMilliseconds) { bytes in
      for index in bytes.indices where surplus.count < 400 { surplus.append(bytes[index]) }
    }
    if !surplus.isEmpty { throw unasked(surplus) }
    guard let end else {
      return log.warning(
        "\(name) had not ended \(ProgramExchange.endMilliseconds / 1000) s behind the end of its "
          + "input, and was stopped")
    }
    // It has answered all that it was asked: nothing is lost.
    guard end.status != .exited(0) else { return }
    log.warning("\(name) has answered everything, but \(end.status.phrase)\(words(end.lastWords))")
  }

  /// Ends the program, if it runs.
  package func stop() { process.stop() }

  // MARK: - Errors

  private func unasked(_ bytes: [UInt8]) -> StreamError {
    let line = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).first ?? []
    return error(.surplus(String(decoding: line, as: UTF8.self).shortened), key: "")
  }

  private func error(_ fault: CallDialogue.Fault, key: String) -> StreamError {
    switch fault {
    case .wrong(let fault):
      let text = String(decoding: fault.text.prefix(400), as: UTF8.self).shortened
      let line = fault.text.isEmpty ? "" : ": \(text)"
      return StreamError(
        .data,
        "the answer of \(name) for \(key) in epoch \(epoch.number) is not understood: "
          + "\(fault.message)\(line)",
        hint: #"an answer is a line such as {"state":5,"rows":[{"n":5}]}"#)
    case .surplus(let text):
      return StreamError(
        .data, "\(name) has written more than it was asked for: '\(text)'",
        hint: "one line for each line that it reads; what is for people goes to standard error")
    case .tooLong:
      return StreamError(
        .data,
        "the answer of \(name) for \(key) in epoch \(epoch.number) is longer than "
          + "\(AnswerLines.lineBytesMax >> 20) MiB")
    }
  }

  private func error(_ silence: ProgramSilence, key: String) -> StreamError {
    let when = "in epoch \(epoch.number), before it had answered for \(key)"
    switch silence {
    case .ended(let end):
      return StreamError(
        end.status.isNoCommand ? .usage : .unavailable,
        "\(name) \(end.status.phrase) \(when)\(words(end.lastWords))")
    case .closedOutput(let last):
      return StreamError(
        .unavailable, "\(name) has closed its standard output \(when)\(words(last))")
    case .closedInput(let last):
      return StreamError(
        .unavailable, "\(name) has closed its standard input \(when)\(words(last))")
    }
  }

  private func words(_ text: String) -> String { text.isEmpty ? "" : ": \(text)" }
}

extension KeyedState: PatientOperator {
  package var isAbandoned: () -> Bool {
    get { program.isAbandoned }
    set { program.isAbandoned = newValue }
  }
}
