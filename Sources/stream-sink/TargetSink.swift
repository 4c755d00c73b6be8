import Columnar
import Connectors
import Toolkit
import Wire

/// A target at the end of a stream.
struct TargetSink: EpochSink {
  private var target: any Target

  init(_ target: any Target) { self.target = target }

  mutating func begin(_ header: Header, _ schema: Schema) throws {
    let shape = header.shape
    let mode: ResultForm.Mode =
      switch shape.mode {
      case nil, .append: .append
      case .update: .update
      case .complete: .complete
      }
    let form = ResultForm(
      schema: schema, mode: mode, keys: shape.keys, isBounded: shape.isBounded,
      queryTag: header.query.tag, branch: header.plan.last?.branch ?? "main")
    try forwarding { target in try target.begin(form) }
  }

  mutating func write(_ rows: RowFrame) throws {
    let batch = try rows.batch()
    try forwarding { target in try target.write(batch, isDeletion: rows.isDeletion) }
  }

  mutating func commit(_ ledger: Ledger) throws {
    let epoch = TargetEpoch(
      number: ledger.epoch, replacesResult: ledger.replaces, isFinal: ledger.isFinal)
    try forwarding { target in try target.commit(epoch) }
  }

  mutating func flush() throws { try forwarding { target in try target.flush() } }

  mutating func discard() { target.discard() }

  mutating func end() throws { try forwarding { target in try target.end() } }

  /// A reader that went away ends the pipeline as a closed pipe between stages does.
  private mutating func forwarding(_ call: (inout any Target) throws -> Void) throws {
    do { try call(&target) } catch is OutputClosed { throw WireError.closed }
  }
}

/// Rows that are not even decoded.
struct UndecodedRows: EpochSink {
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
