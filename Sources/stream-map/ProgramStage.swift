import Columnar
import Connectors
import Diagnostics
import Expressions
import Formats
import Operators
import Toolkit
import Wire

/// Rows go through a program, an epoch at a time.
final class ProgramStage: PatientOperator {
  let output: Schema
  private let program: RowProgram

  init(_ program: RowProgram, output: Schema) {
    self.program = program
    self.output = output
  }

  var isAbandoned: () -> Bool {
    get { program.isAbandoned }
    set { program.isAbandoned = newValue }
  }

  func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch, emit: (Batch, Change) throws -> Void
  ) throws {
    if change == .delete {
      throw StreamError(.data, "rows are taken back, which the program cannot be told")
    }
    try passing { try program.process(batch, epoch: epoch.number) { try emit($0, .insert) } }
  }

  func finish(_ end: EpochEnd, emit: (Batch, Change) throws -> Void) throws -> EpochOutcome {
    try passing { try program.finish { try emit($0, .insert) } }
    return EpochOutcome()
  }

  private func passing(_ body: () throws -> Void) throws {
    do { try body() } catch is RowProgram.Abandoned { throw WireError.closed }
  }
}

extension MapTool {
  /// Runs the stage with a program.
  func run(_ command: String) throws {
    guard onlyCounts, limit == nil else {
      throw StreamError(
        .usage, "--exec stands alone in its stage",
        hint: "stream-map --where … | stream-map --exec …")
    }
    guard command.contains(where: { !$0.isWhitespace }) else {
      throw StreamError(.usage, "--exec: the command is empty")
    }
    let format = try execFormat.map { try Format(named: $0) } ?? .json
    if format == .parquet {
      throw StreamError(
        .usage, "--exec-format: Parquet cannot go through a pipe", hint: "--exec-format arrow")
    }
    if noHeader, format != .csv {
      throw StreamError(
        .usage, "--no-header goes with CSV, but the format is \(format.rawValue)")
    }
    let declared = try schema.map { try Schema(parsing: $0.text) }
    var program: RowProgram?
    defer { program?.stop() }
    try runEpochs { header, input in
      try header.refuseUpdates(for: "a program")
      let output = declared ?? input
      let exchange = RowProgram(
        command, query: header.query.id, rows: input, answers: try answers(format, output),
        watchGroup: { Signals.secondSignalKills(group: $0) }, makeWriter: { try makeWriter(format) }
      )
      program = exchange
      return StagePlan(
        ProgramStage(exchange, output: output), shape: header.shape.behindProgram(writing: output),
        options: options)
    }
  }

  func refuseOptionsOfExec() throws {
    let given = [
      execFormat.map { _ in "--exec-format" }, schema.map { _ in "--schema" },
      noHeader ? "--no-header" : nil,
    ].compactMap { $0 }
    guard let option = given.first else { return }
    throw StreamError(.usage, "\(option) goes with --exec")
  }

  private func answers(_ format: Format, _ output: Schema) throws -> any RowAnswers {
    if format == .arrow { return ArrowAnswers(schema: output, directory: temporaryDirectory) }
    var options = ReadOptions()
    options.hasHeader = !noHeader
    return try RecordAnswers(format, options, schema: output)
  }

  private func makeWriter(_ format: Format) throws -> any RecordWriter {
    if format == .arrow { return ArrowRecords(isCompressed: false) }
    var options = WriteOptions()
    options.hasHeader = !noHeader
    return try Formats.makeWriter(format, options)
  }
}
