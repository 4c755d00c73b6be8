package import Columnar
internal import Glibc
package import JSONText
package import Wire

/// The stage that a pipeline begins with.
package struct SourceStage {
  /// Its id, such as `main.source`.
  package let id: String
  package let log: Log
  package let writer: WireWriter
  private let header: Header

  fileprivate init(id: String, log: Log, writer: WireWriter, header: Header) {
    self.id = id
    self.log = log
    self.writer = writer
    self.header = header
  }

  /// Sends the header: as soon as the schema is known, before there are rows.
  package func begin(_ schema: Schema, isBounded: Bool) throws {
    var header = header
    header.query.runs[id] = String(UInt64.random(in: .min ... .max), radix: 16)
    header.shape.isBounded = isBounded
    try writer.begin(header, schema)
  }
}

extension StreamTool {
  /// Runs a source.
  ///
  /// - Parameters:
  ///   - options: how the plan records the stage.
  ///   - body: sends the header and all epochs; the end-of-stream mark is sent behind it. Its errors
  ///     reach the user, and stop the stages behind.
  package func runSource(options: JSON, _ body: (SourceStage) throws -> Void) throws {
    let log = try log()
    let branch = try common.branchName()
    let compression = try common.compression()
    Signals.install(.source)
    unblockStopSignals()
    var output = try StageOutput()
    let writer = WireWriter(descriptor: output.descriptor, compression: compression)
    var header = Header()
    let stage = header.append(tool: Self.toolName, options: options, branch: branch)
    do {
      try body(SourceStage(id: stage, log: log, writer: writer, header: header))
      try writer.end()
    } catch {
      if let failure = failureFrame(for: error, stage: stage) { try? writer.write(failure) }
      _ = output.finish()
      throw ReportedError(error)
    }
    let status = output.finish()
    if status != 0 { throw ReportedError(SilentExit(status: status)) }
  }
}

/// A parent may have left them blocked; then nobody could stop the pipeline but by force.
private func unblockStopSignals() {
  var signals = sigset_t()
  unsafe sigemptyset(&signals)
  unsafe sigaddset(&signals, SIGINT)
  unsafe sigaddset(&signals, SIGTERM)
  unsafe sigprocmask(SIG_UNBLOCK, &signals, nil)
}
