package import Columnar
internal import Diagnostics
package import Formats

/// A shell command that an epoch's rows go through: they are records on its standard input, and the
/// records on its standard output are the rows that go on.
///
/// It is started for the first rows of an epoch and reads until they end, so it must be told nothing
/// of other epochs to do the same work for one that has to be done again.
package final class RowProgram {
  /// Whether nobody reads the rows that go on; then ``Abandoned`` is thrown.
  package var isAbandoned: () -> Bool = { false }

  private let command: String
  private let query: String
  private let schema: Schema
  private let answers: any RowAnswers
  private let makeWriter: () throws -> any RecordWriter
  private let watchGroup: (Int32) -> Void
  private var work: Work?
  private var bytes = MutableBuffer<UInt8>()

  /// As many rows are rendered at once.
  private static let rowsAtOnce = 8_192

  /// Nobody reads what goes on.
  package struct Abandoned: Error {}

  private struct Work {
    let process: CoProcess
    let epoch: Int64
    var writer: any RecordWriter
  }

  /// - Parameters:
  ///   - command: for `sh -c`.
  ///   - query: the id that it is told.
  ///   - schema: of the rows that it is given.
  ///   - watchGroup: told the process group of a program while it runs, then 0.
  package init(
    _ command: String, query: String?, rows schema: Schema, answers: any RowAnswers,
    watchGroup: @escaping (Int32) -> Void, makeWriter: @escaping () throws -> any RecordWriter
  ) {
    self.command = command
    self.query = query ?? ""
    self.schema = schema
    self.answers = answers
    self.watchGroup = watchGroup
    self.makeWriter = makeWriter
  }

  // MARK: - Epochs

  /// - Parameter emit: given rows that go on.
  package func process(_ batch: Batch, epoch: Int64, emit: (Batch) throws -> Void) throws {
    var row = 0
    while row < batch.rowCount {
      let end = min(row + RowProgram.rowsAtOnce, batch.rowCount)
      try send(epoch, emit) { writer in try writer.write(batch[row..<end], into: &bytes) }
      row = end
    }
  }

  /// The epoch has no more rows.
  package func finish(emit: (Batch) throws -> Void) throws {
    guard let epoch = work?.epoch else { return }
    try send(epoch, emit) { writer in writer.end(into: &bytes) }
    guard let work else { return }
    self.work = nil
    let end = try reading(work) {
      try work.process.finish(
        taking: { try answers.take($0, emit: emit) }, pausing: pause)
    }
    guard end.status == .exited(0) else { throw failure(end, work.epoch) }
    try reading(work) { try answers.end(emit: emit) }
  }

  /// Ends the program, if one runs.
  package func stop() { work?.process.stop() }

  private func send(
    _ epoch: Int64, _ emit: (Batch) throws -> Void,
    _ render: (inout any RecordWriter) throws -> Void
  ) throws {
    var work = try work ?? start(epoch)
    try render(&work.writer)
    self.work = work
    let text = bytes.take()
    try reading(work) {
      let bytes = text.span
      try unsafe work.process.pass(
        bytes.bytes, taking: { try answers.take($0, emit: emit) }, pausing: pause)
    }
  }

  private func start(_ epoch: Int64) throws -> Work {
    let process = CoProcess(
      command, variables: ["STREAM_EPOCH=\(epoch)", "STREAM_QUERY=\(query)"], watchGroup: watchGroup
    )
    var writer = try makeWriter()
    try writer.begin(schema, into: &bytes)
    try process.start()
    return Work(process: process, epoch: epoch, writer: writer)
  }

  private func pause() throws {
    if isAbandoned() { throw Abandoned() }
  }

  // MARK: - Errors

  private func reading<Result>(_ work: Work, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let fault as RowAnswerFault {
      work.process.stop()
      let line = fault.line.map { "line \($0) of " } ?? ""
      let text = fault.text.isEmpty ? "" : ": \(fault.text.shortened)"
      throw StreamError(
        .data,
        "\(line)what '\(command.shortened)' has written in epoch \(work.epoch) is not understood: "
          + "\(fault.message)\(text)",
        hint: "--schema says what comes back, --exec-format how")
    }
  }

  private func failure(_ end: ProgramEnd, _ epoch: Int64) -> StreamError {
    let words = end.lastWords.isEmpty ? "" : ": \(end.lastWords)"
    // That is what grep says when no line is what it looks for.
    let isSilent = end.status == .exited(1) && end.lastWords.isEmpty
    return StreamError(
      end.status.isNoCommand ? .usage : .unavailable,
      "'\(command.shortened)' \(end.status.phrase) in epoch \(epoch)\(words)",
      hint: isSilent ? "if 1 only says that there was nothing: … || [ $? = 1 ]" : nil)
  }
}
