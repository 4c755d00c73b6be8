internal import Checkpoint
package import Columnar
package import Connectors
package import JSONText
package import Toolkit
package import Wire

/// Targets at the end of a stream: one commit for all of them.
///
/// The commit's record holds for each target `{"target","since","epoch","detail"}`: which one it is,
/// the epoch behind which it was added, the last one that it was given, and what it said of that.
package struct TargetSink: EpochSink {
  package let guards: PlanGuards
  private var slots: [Slot]
  private let warn: (String) -> Void

  private struct Slot {
    let identity: String
    var target: any Target
    /// The epoch behind which it was added.
    var since: Int64 = 0
    /// The last epoch that it holds: it is not given rows of it again.
    var epoch: Int64 = 0
    var detail: JSON = .null

    var record: JSON {
      [
        "target": .string(identity), "since": .integer(since), "epoch": .integer(epoch),
        "detail": detail,
      ]
    }
  }

  /// - Parameters:
  ///   - guards: what must not change between two runs on one checkpoint.
  ///   - warn: tells people of a target that is no longer there.
  package init(
    _ targets: [(identity: String, target: any Target)], guards: PlanGuards,
    warn: @escaping (String) -> Void
  ) {
    slots = targets.map { Slot(identity: $0.identity, target: $0.target) }
    self.guards = guards
    self.warn = warn
  }

  package mutating func begin(_ header: Header, _ schema: Schema) throws {
    let form = ResultForm(header, schema)
    try forEach { slot in try slot.target.begin(form) }
  }

  // MARK: - Taking up

  package mutating func resume(_ resume: SinkResume) throws -> SinkPosition {
    let records = resume.commit?.targets ?? []
    warnOfMissing(records)
    var ledgers: [JSON?] = []
    var behind: Int64?
    for index in slots.indices {
      switch try take(index, up: resume, records) {
      case .asCommitted: ledgers.append(nil)
      case .ahead(let ledger, let detail):
        slots[index].epoch = ledger["epoch"]?.safeInteger ?? slots[index].epoch
        slots[index].detail = detail
        ledgers.append(ledger)
      case .behind(let epoch): behind = min(behind ?? epoch, epoch)
      }
    }
    if let behind { return .behind(epoch: behind) }
    // As long as one target lacks the epoch it is made again, and the others skip it.
    let ahead = ledgers.compactMap { $0 }.sorted {
      ($0["epoch"]?.safeInteger ?? 0) < ($1["epoch"]?.safeInteger ?? 0)
    }
    guard ahead.count == slots.count, let ledger = ahead.first else { return .asCommitted }
    return .ahead(CommitRecord(ledger: ledger, targets: slots.map(\.record)))
  }

  private mutating func take(
    _ index: Int, up resume: SinkResume, _ records: [JSON]
  ) throws -> TargetPosition {
    let identity = slots[index].identity
    let record = records.first { $0["target"]?.string == identity }
    let committed = resume.commit?.epoch ?? 0
    slots[index].since = record?["since"]?.int64 ?? committed
    slots[index].epoch = record?["epoch"]?.safeInteger ?? committed
    slots[index].detail = record?["detail"] ?? .null
    guard var durable = slots[index].target as? any DurableTarget else { return .asCommitted }
    defer { slots[index].target = durable }
    return try durable.resume(
      TargetResume(
        query: resume.query, stage: resume.stage, epoch: slots[index].epoch,
        detail: slots[index].detail, isNew: record == nil, directory: resume.directory.path))
  }

  private func warnOfMissing(_ records: [JSON]) {
    let known = Set(slots.map(\.identity))
    for record in records {
      guard let identity = record["target"]?.string, !known.contains(identity) else { continue }
      warn("\(identity) is no target any more: it gets no further rows")
    }
  }

  // MARK: - Epochs

  package mutating func write(_ rows: RowFrame) throws {
    let batch = try rows.batch()
    try forEach { slot in
      if rows.stamp.number <= slot.epoch { return }
      try slot.target.write(batch, isDeletion: rows.isDeletion)
    }
  }

  package mutating func commit(_ ledger: Ledger) throws {
    let epoch = TargetEpoch(ledger)
    try forEach { slot in try slot.target.commit(epoch) }
  }

  package mutating func prepare(_ ledger: Ledger) throws -> [JSON] {
    let epoch = TargetEpoch(ledger)
    try forEach { slot in
      if epoch.number <= slot.epoch { return }
      if var durable = slot.target as? any DurableTarget {
        defer { slot.target = durable }
        slot.detail = try durable.prepare(epoch)
      } else {
        try slot.target.commit(epoch)
      }
      slot.epoch = epoch.number
    }
    return slots.map(\.record)
  }

  package mutating func publish(_ ledger: Ledger) throws {
    let epoch = TargetEpoch(ledger)
    try forEach { slot in
      guard var durable = slot.target as? any DurableTarget else { return }
      defer { slot.target = durable }
      try durable.publish(epoch)
    }
  }

  package mutating func flush() throws { try forEach { slot in try slot.target.flush() } }

  package mutating func discard() { for index in slots.indices { slots[index].target.discard() } }

  package mutating func end() throws { try forEach { slot in try slot.target.end() } }

  /// A reader that went away ends the pipeline as a closed pipe between stages does.
  private mutating func forEach(_ call: (inout Slot) throws -> Void) throws {
    for index in slots.indices {
      do { try call(&slots[index]) } catch is OutputClosed { throw WireError.closed }
    }
  }
}

extension ResultForm {
  init(_ header: Header, _ schema: Schema) {
    let shape = header.shape
    self.init(
      schema: schema, mode: header.resultMode, keys: shape.keys, isBounded: shape.isBounded,
      queryTag: header.query.tag, branch: header.plan.last?.branch ?? "main",
      lacksKeys: header.lacksKeys, isDurable: header.query.checkpoint != nil,
      query: header.query.identifier,
      stage: header.plan.last?.stage ?? "main.sink")
  }
}

extension Header {
  var resultMode: ResultForm.Mode {
    switch shape.mode {
    case nil, .append: .append
    case .update: .update
    case .complete: .complete
    }
  }

  /// An aggregation has grouped its rows, and a stage behind it has dropped what tells them apart.
  fileprivate var lacksKeys: Bool {
    guard shape.mode != nil, shape.keys.isEmpty else { return false }
    let isGrouped = plan.contains { $0.tool == "stream-agg" && $0.options["by"] != nil }
    return isGrouped || shape.window != nil
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
