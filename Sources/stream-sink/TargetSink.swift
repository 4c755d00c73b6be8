import Checkpoint
import Columnar
import Connectors
import JSONText
import Toolkit
import Wire

/// A target at the end of a stream.
struct TargetSink: EpochSink {
  let guards: PlanGuards
  private var target: any Target

  /// - Parameter guards: what must not change between two runs on one checkpoint.
  init(_ target: any Target, guards: PlanGuards = PlanGuards()) {
    self.target = target
    self.guards = guards
  }

  mutating func begin(_ header: Header, _ schema: Schema) throws {
    let form = ResultForm(header, schema)
    try forwarding { target in try target.begin(form) }
  }

  mutating func resume(_ resume: SinkResume) throws -> SinkPosition {
    guard var durable = target as? any DurableTarget else { return .asCommitted }
    defer { target = durable }
    let position = try durable.resume(
      TargetResume(
        query: resume.query, stage: resume.stage, epoch: resume.commit?.epoch ?? 0,
        detail: resume.commit?.targets.first ?? .null, directory: resume.directory.path))
    switch position {
    case .asCommitted: return .asCommitted
    case .ahead(let ledger, let detail):
      return .ahead(CommitRecord(ledger: ledger, targets: [detail]))
    case .behind(let epoch): return .behind(epoch: epoch)
    }
  }

  mutating func write(_ rows: RowFrame) throws {
    let batch = try rows.batch()
    try forwarding { target in try target.write(batch, isDeletion: rows.isDeletion) }
  }

  mutating func commit(_ ledger: Ledger) throws {
    try forwarding { target in try target.commit(TargetEpoch(ledger)) }
  }

  mutating func prepare(_ ledger: Ledger) throws -> [JSON] {
    guard var durable = target as? any DurableTarget else {
      try commit(ledger)
      return [.null]
    }
    defer { target = durable }
    return [try durable.prepare(TargetEpoch(ledger))]
  }

  mutating func publish(_ ledger: Ledger) throws {
    guard var durable = target as? any DurableTarget else { return }
    defer { target = durable }
    try durable.publish(TargetEpoch(ledger))
  }

  mutating func flush() throws { try forwarding { target in try target.flush() } }

  mutating func discard() { target.discard() }

  mutating func end() throws { try forwarding { target in try target.end() } }

  /// A reader that went away ends the pipeline as a closed pipe between stages does.
  private mutating func forwarding(_ call: (inout any Target) throws -> Void) throws {
    do { try call(&target) } catch is OutputClosed { throw WireError.closed }
  }
}

extension ResultForm {
  init(_ header: Header, _ schema: Schema) {
    let shape = header.shape
    let mode: ResultForm.Mode =
      switch shape.mode {
      case nil, .append: .append
      case .update: .update
      case .complete: .complete
      }
    self.init(
      schema: schema, mode: mode, keys: shape.keys, isBounded: shape.isBounded,
      queryTag: header.query.tag, branch: header.plan.last?.branch ?? "main",
      isDurable: header.query.checkpoint != nil)
  }
}

extension TargetEpoch {
  init(_ ledger: Ledger) {
    self.init(
      number: ledger.epoch, replacesResult: ledger.replaces, isFinal: ledger.isFinal,
      ledger: ledger.json)
  }
}

/// Rows that are not even decoded.
struct UndecodedRows: EpochSink {
  var guards: PlanGuards { PlanGuards() }
  func resume(_ resume: SinkResume) -> SinkPosition { .asCommitted }
  func prepare(_ ledger: Ledger) -> [JSON] { [] }
  func publish(_ ledger: Ledger) {}
  func begin(_ header: Header, _ schema: Schema) {}
  func write(_ rows: RowFrame) {}
  func commit(_ ledger: Ledger) {}
  func flush() {}
  func discard() {}
  func end() {}
}

extension QueryIdentity {
  /// Eight letters and digits that tell this query's files from those of others: of its id, else of
  /// this run.
  var tag: String {
    let id = id ?? runs.min { $0.key < $1.key }?.value ?? ""
    let letters = id.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(8)
    if letters.count == 8 { return String(letters) }
    let random = String(UInt32.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 8 - random.count) + random
  }
}
