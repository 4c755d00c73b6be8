package import Columnar
internal import Diagnostics
internal import Glibc
package import Wire

extension StreamTool {
  /// Runs a stage that has further inputs besides standard input: headers, epochs, end.
  ///
  /// - Parameters:
  ///   - paths: of the further inputs: files, FIFOs, `/dev/fd/…`.
  ///   - policy: whose watermark holds.
  ///   - plan: makes the operator, a ``MergingOperator``, of the headers of all inputs, with the
  ///     names that people know them by, and the header of all together.
  package func runMergedEpochs(
    _ paths: [String], policy: WatermarkPolicy,
    _ plan: (Header, [(name: String, header: Header, schema: Schema)]) throws -> StagePlan
  ) throws {
    let tool = Self.toolName
    let feed = try InputFeed()
    defer { feed.close() }
    try runEpochs { branch in
      var openers: [@Sendable () throws -> WireReader] = [{ try openUpstream(for: tool) }]
      for path in paths { openers.append { try openInput(path) } }
      let inputs = try feed.open(openers)
      let names = ["standard input"] + paths.map { "'\($0)'" }
      let named = zip(names, inputs).map { ($0, $1.header, $1.schema) }
      var header = try Header.merging(named.map { ($0.0, $0.1) })
      let plan = try plan(header, named)
      let stage = header.append(
        tool: tool, options: plan.options, branch: branch,
        otherInput: inputs.dropFirst().flatMap(\.header.plan), isPinned: true)
      let ledgers = try LedgerMerge(stage: stage, policy: policy, inputs)
      let ids = LedgerMerge.ids(of: inputs)
      let own = zip(ids, inputs).map { id, input in
        StageInput(branch: String(id.prefix { $0 != "." }), schema: input.schema)
      }
      return OpenedStage(header, plan, own) { header, keeping in
        try MergedInputs(
          header, inputs, from: feed, behind: ledgers,
          keeping: keeping.files.map { OrderKeeping($0) })
      }
    }
  }
}

/// A further input of a stage; opening a FIFO waits for its writer.
func openInput(_ path: String) throws -> WireReader {
  var descriptor: Int32
  repeat {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  } while descriptor < 0 && errno == EINTR
  guard descriptor >= 0 else {
    let reason = unsafe String(cString: strerror(errno))
    throw StreamError(.usage, "cannot read '\(path)': \(reason.lowercased())")
  }
  return try WireReader(descriptor: descriptor, name: "'\(path)'")
}
