package import Columnar
internal import Diagnostics
internal import Glibc
package import JSONText
package import Wire

/// The end of a pipeline: takes epochs in, whole or not at all.
package protocol EpochSink {
  mutating func begin(_ header: Header, _ schema: Schema) throws

  mutating func write(_ rows: RowFrame) throws

  /// Makes the rows since the last commit take effect.
  mutating func commit(_ ledger: Ledger) throws

  /// The input has nothing more for now.
  mutating func flush() throws

  /// The run has failed, or nobody reads any more: the open epoch is void.
  mutating func discard()

  /// The stream has ended as it should.
  mutating func end() throws
}

extension StreamTool {
  /// Runs the stage that ends a pipeline.
  ///
  /// - Parameters:
  ///   - options: how the plan records the stage.
  ///   - explains: prints the plan and ends; nothing runs.
  ///   - makeSink: called once the stream's header is known.
  package func runSink(
    options: JSON, explains: Bool, _ makeSink: (Header, Schema) throws -> any EpochSink
  ) throws {
    let log = try log()
    let branch = try common.branchName()
    _ = try common.compression()
    Signals.install(.stage)
    do {
      let reader = try openUpstream(for: Self.toolName)
      var header = reader.header
      let stage = header.append(tool: Self.toolName, options: options, branch: branch)
      if explains { return print(PlanTree(header, reader.schema).text) }
      var sink = try makeSink(header, reader.schema)
      try sink.begin(header, reader.schema)
      var loop = SinkLoop(stage, from: reader, log: log)
      do {
        try loop.run(into: &sink)
      } catch {
        loop.progress.erase()
        sink.discard()
        throw error
      }
      log.info(loop.summary)
    } catch {
      throw ReportedError(error)
    }
  }
}

private struct SinkLoop {
  private let stage: String
  private let reader: WireReader
  private var rowCount: Int64 = 0
  private var epochCount = 0
  private let start = monotonicMicroseconds()
  var progress: Progress

  init(_ stage: String, from reader: WireReader, log: Log) {
    self.stage = stage
    self.reader = reader
    progress = Progress(isWanted: log.verbosity >= 0 && log.format == .text)
  }

  mutating func run(into sink: inout any EpochSink) throws {
    while let frame = try reader.next() {
      switch frame {
      case .rows(let rows):
        try sink.write(rows)
        rowCount += Int64(rows.rowCount)
        progress.add(rows: rows.rowCount)
      case .marker(let ledger):
        try sink.commit(ledger)
        epochCount += 1
        progress.note(ledger)
      case .failure(let failure): throw WireError.failed(failure)
      }
      if !reader.hasBufferedFrame, try !reader.waitForInput(milliseconds: 0) { try sink.flush() }
    }
    progress.erase()
    try sink.end()
  }

  var summary: String {
    let seconds = Double(monotonicMicroseconds() - start) / 1e6
    let rate = seconds > 0.001 ? " (\(grouped(Int64(Double(rowCount) / seconds))) rows/s)" : ""
    return "\(stage): \(counted(rowCount, "row")) in \(counted(Int64(epochCount), "epoch")), "
      + "\(shortSeconds(seconds))\(rate)"
  }
}
