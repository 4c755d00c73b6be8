package import Checkpoint
internal import Diagnostics
package import JSONText
package import Wire

/// Where the loop of a stage gets its frames from.
package protocol EpochInput: AnyObject {
  /// What came in front of the frames.
  var header: Header { get }

  /// With which the rows of the first epoch are judged; nil: nothing is late.
  var resumeWatermark: Int64? { get }

  /// Waits for the next frame.
  ///
  /// - Parameter output: where nobody reads any more, waiting is pointless.
  /// - Returns: nil at the end of the stream.
  func next(for output: WireWriter) throws -> Frame?

  /// With which the rows of the epoch behind this one are judged.
  ///
  /// - Parameters:
  ///   - marker: as it came.
  ///   - ledger: as the stage sent it on.
  func watermark(behind marker: Ledger, sent ledger: Ledger) -> Int64?

  /// Of several inputs those that nothing more comes of, in this run or a later one.
  var completeInputs: Set<Int> { get }

  /// Adds what is to be remembered of the inputs to what the stage remembers besides.
  func memo(adding memo: JSON?) -> JSON?
}

extension EpochInput {
  package var completeInputs: Set<Int> { [] }
}

extension WireReader: EpochInput {
  package var resumeWatermark: Int64? { header.resumePoint?.watermark }

  package func next(for output: WireWriter) throws -> Frame? {
    if !hasBufferedFrame { try waitForInput(unlessClosed: output) }
    return try next()
  }

  package func watermark(behind marker: Ledger, sent ledger: Ledger) -> Int64? { ledger.watermark }

  package func memo(adding memo: JSON?) -> JSON? { memo }
}

/// Several inputs as one stream: each epoch whole, in the order in which their markers arrived, under
/// numbers of its own. An epoch's rows wait for its marker, unless all other inputs are complete.
package final class MergedInputs: EpochInput {
  /// With the stage at the end of its plan.
  package let header: Header
  private let feed: InputFeed
  private let inputs: [InputHeader]
  private var ledgers: LedgerMerge
  /// nil without a checkpoint.
  private let order: InputOrder?
  private let keeping: OrderKeeping?
  private var epochsSinceTrim = 0
  private var isEnded: [Bool]
  /// The epoch whose rows are being given out.
  private var current: OpenEpoch?
  package private(set) var completeInputs: Set<Int>

  private struct OpenEpoch {
    let input: Int
    let stamp: EpochStamp
    /// As the input has it, where the marker is yet to come.
    var awaited: EpochStamp?
    /// A frame that was taken already.
    var first: Frame?
  }

  /// - Parameters:
  ///   - header: as it is sent.
  ///   - ledgers: how far the inputs had come before this run.
  ///   - keeping: where the order of the epochs is kept; nil without a checkpoint.
  package init(
    _ header: Header, _ inputs: [InputHeader], from feed: InputFeed, behind ledgers: LedgerMerge,
    keeping: OrderKeeping?
  ) throws {
    self.header = header
    self.inputs = inputs
    self.feed = feed
    self.keeping = keeping
    self.ledgers = ledgers
    isEnded = inputs.map { _ in false }
    completeInputs = Set(inputs.indices.filter { ledgers.isComplete($0) })
    order = try keeping.map { try InputOrder($0.directory, resuming: ledgers.epoch) }
    if let keeping { feed.spool(in: keeping.directory.path) }
  }

  package var resumeWatermark: Int64? { ledgers.watermark }

  package func watermark(behind marker: Ledger, sent ledger: Ledger) -> Int64? { marker.watermark }

  package func memo(adding memo: JSON?) -> JSON? {
    if order == nil { return memo }
    var memo = memo ?? .object([])
    memo[MergedMemo.key] = ledgers.memo
    return memo
  }

  package func next(for output: WireWriter) throws -> Frame? {
    if current == nil { current = try begin(output) }
    guard let epoch = current else { return nil }
    let input = epoch.input
    let frame = try epoch.first ?? nextFrame(of: epoch, output)
    current?.first = nil
    if let awaited = epoch.awaited, let stamp = frame.stamp, stamp != awaited {
      throw StreamError(.data, "damaged record stream: epoch \(awaited.number) has no marker")
    }
    switch frame {
    case .rows(let rows): return .rows(rows.restamped(epoch.stamp, input: input))
    case .failure(let failure): throw WireError.failed(failure)
    case .marker(let marker):
      current = nil
      try trim()
      let merged = ledgers.merge(marker, of: input, isForeign: inputs[input].isForeign)
      if ledgers.isComplete(input) { completeInputs.insert(input) }
      return .marker(merged)
    }
  }

  private func nextFrame(of epoch: OpenEpoch, _ output: WireWriter) throws -> Frame {
    if epoch.awaited == nil { return try feed.nextFrame(of: epoch.input) }
    guard let frame = try feed.nextFrame(ofLast: epoch.input, unlessClosed: output) else {
      throw StreamError(.internal, "an epoch without a marker")
    }
    return frame
  }

  // MARK: - The order

  /// - Returns: the epoch that is next; nil when all inputs have ended.
  private func begin(_ output: WireWriter) throws -> OpenEpoch? {
    if let again = try beginAgain(output) { return again }
    while isEnded.contains(false) {
      if let input = lastInput {
        if let epoch = try beginWithoutMarker(input, output) { return epoch }
        continue
      }
      let arrival = try feed.nextArrival(of: nil, unlessClosed: output)
      guard case .marker(let marker) = arrival.kind else {
        isEnded[arrival.input] = true
        continue
      }
      if ledgers.isComplete(arrival.input) {
        try skipEpoch(of: arrival.input)
        continue
      }
      return try begin(marker.stamp, of: arrival.input)
    }
    return nil
  }

  /// - Parameter inner: the epoch as its input has it.
  private func begin(_ inner: EpochStamp, of input: Int) throws -> OpenEpoch {
    let stamp = ledgers.stamp(for: inner)
    try keeping?.recordPlan()
    try order?.append(
      InputOrder.Entry(
        epoch: stamp.number, input: ledgers.id(of: input), inputEpoch: inner.number))
    return OpenEpoch(input: input, stamp: stamp)
  }

  /// The input that is left when all others are complete: the next epoch is its, whenever it ends.
  private var lastInput: Int? {
    let open = inputs.indices.filter { !completeInputs.contains($0) }
    return open.count == 1 && !isEnded[open[0]] ? open[0] : nil
  }

  /// - Returns: nil at the end of the input.
  private func beginWithoutMarker(_ input: Int, _ output: WireWriter) throws -> OpenEpoch? {
    guard let frame = try feed.nextFrame(ofLast: input, unlessClosed: output) else {
      isEnded[input] = true
      return nil
    }
    if case .failure(let failure) = frame { throw WireError.failed(failure) }
    guard let inner = frame.stamp else { return nil }
    var epoch = try begin(inner, of: input)
    (epoch.awaited, epoch.first) = (inner, frame)
    return epoch
  }

  /// A stage before this one may have ended its stream early, which its source knows nothing of and
  /// begins to read again.
  private func skipEpoch(of input: Int) throws {
    while true {
      if case .marker = try feed.nextFrame(of: input) { return }
    }
  }

  /// An epoch that an earlier run began and did not commit.
  private func beginAgain(_ output: WireWriter) throws -> OpenEpoch? {
    guard let order, let entry = order.entry(of: ledgers.epoch + 1) else { return nil }
    guard let input = ledgers.input(withID: entry.input) else { throw notInOrder(entry) }
    let arrival =
      isEnded[input] ? nil : try feed.nextArrival(of: input, unlessClosed: output)
    guard let arrival, case .marker(let marker) = arrival.kind else {
      isEnded[input] = true
      try order.cut(from: entry.epoch)
      return nil
    }
    guard marker.epoch == entry.inputEpoch else { throw notInOrder(entry) }
    return OpenEpoch(input: input, stamp: ledgers.stamp(for: marker.stamp))
  }

  private func notInOrder(_ entry: InputOrder.Entry) -> StreamError {
    StreamError.damagedCheckpoint(
      "epoch \(entry.epoch) was epoch \(entry.inputEpoch) of "
        + "\(entry.input), which does not come", at: keeping?.directory.orderPath)
  }

  /// So often a look is taken at how far the sink has come.
  private static let epochsPerTrim = 64

  private func trim() throws {
    epochsSinceTrim += 1
    guard let order, let keeping, epochsSinceTrim >= MergedInputs.epochsPerTrim else { return }
    epochsSinceTrim = 0
    guard let floor = try keeping.floor(),
      let epoch = InputOrder.epoch(
        of: keeping.directory.id, in: floor)
    else { return }
    try order.trim(to: epoch)
  }
}

/// Where the order of the epochs of several inputs is kept.
package struct OrderKeeping {
  /// The stage's, which holds its lock.
  package let directory: StageDirectory
  /// Called before something is noted.
  package let recordPlan: () throws -> Void
  /// The ledger of the last commit that is known to be durable; nil before the first.
  package let floor: () throws -> JSON?

  package init(
    directory: StageDirectory, recordPlan: @escaping () throws -> Void,
    floor: @escaping () throws -> JSON?
  ) {
    self.directory = directory
    self.recordPlan = recordPlan
    self.floor = floor
  }

  init(_ files: StageFiles) {
    self.init(directory: files.directory, recordPlan: files.recordPlan) {
      try files.durableCommit()?.ledger
    }
  }
}
