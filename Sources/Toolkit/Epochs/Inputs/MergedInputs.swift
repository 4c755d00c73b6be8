internal import Checkpoint
internal import Diagnostics
internal import JSONText
internal import Wire

/// Where the loop of a stage gets its frames from.
protocol EpochInput: AnyObject {
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

  /// Adds what is to be remembered of the inputs to what the stage remembers besides.
  func memo(adding memo: JSON?) -> JSON?
}

extension WireReader: EpochInput {
  var resumeWatermark: Int64? { header.resumePoint?.watermark }

  func next(for output: WireWriter) throws -> Frame? {
    if !hasBufferedFrame { try waitForInput(unlessClosed: output) }
    return try next()
  }

  func watermark(behind marker: Ledger, sent ledger: Ledger) -> Int64? { ledger.watermark }

  func memo(adding memo: JSON?) -> JSON? { memo }
}

/// Several inputs as one stream: each epoch whole, in the order in which their markers arrived, under
/// numbers of its own.
final class MergedInputs: EpochInput {
  /// With the stage at the end of its plan.
  let header: Header
  private let feed: InputFeed
  private let inputs: [InputHeader]
  private var ledgers: LedgerMerge
  /// nil without a checkpoint.
  private let order: InputOrder?
  private let files: StageFiles?
  private var commits: CommitView?
  private var epochsSinceTrim = 0
  private var isEnded: [Bool]
  /// The epoch whose rows are being given out.
  private var current: (input: Int, stamp: EpochStamp)?

  /// - Parameters:
  ///   - header: as it is sent.
  ///   - files: of the stage, which has joined the run; nil without a checkpoint.
  init(
    _ header: Header, _ inputs: [InputHeader], from feed: InputFeed, policy: WatermarkPolicy,
    files: StageFiles?
  ) throws {
    self.header = header
    self.inputs = inputs
    self.feed = feed
    self.files = files
    isEnded = inputs.map { _ in false }
    ledgers = try LedgerMerge(stage: header.plan.last?.stage ?? "", policy: policy, inputs)
    order = try files.map { [ledgers] in
      try InputOrder($0.directory, resuming: ledgers.epoch)
    }
    if let files { feed.spool(in: files.directory.path) }
  }

  var resumeWatermark: Int64? { ledgers.watermark }

  func watermark(behind marker: Ledger, sent ledger: Ledger) -> Int64? { marker.watermark }

  func memo(adding memo: JSON?) -> JSON? {
    if order == nil { return memo }
    var memo = memo ?? .object([])
    memo[MergedMemo.key] = ledgers.memo
    return memo
  }

  func next(for output: WireWriter) throws -> Frame? {
    if current == nil { current = try begin(output) }
    guard let (input, stamp) = current else { return nil }
    switch try feed.nextFrame(of: input) {
    case .rows(let rows): return .rows(rows.restamped(stamp, input: input))
    case .failure(let failure): throw WireError.failed(failure)
    case .marker(let marker):
      current = nil
      try trim()
      return .marker(ledgers.merge(marker, of: input, isForeign: inputs[input].isForeign))
    }
  }

  // MARK: - The order

  /// - Returns: the epoch that is next; nil when all inputs have ended.
  private func begin(_ output: WireWriter) throws -> (Int, EpochStamp)? {
    if let again = try beginAgain(output) { return again }
    while isEnded.contains(false) {
      let arrival = try feed.nextArrival(of: nil, unlessClosed: output)
      guard case .marker(let marker) = arrival.kind else {
        isEnded[arrival.input] = true
        continue
      }
      let stamp = ledgers.stamp(for: marker)
      try files?.recordPlan()
      try order?.append(
        InputOrder.Entry(
          epoch: stamp.number, input: ledgers.id(of: arrival.input), inputEpoch: marker.epoch))
      return (arrival.input, stamp)
    }
    return nil
  }

  /// An epoch that an earlier run began and did not commit.
  private func beginAgain(_ output: WireWriter) throws -> (Int, EpochStamp)? {
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
    return (input, ledgers.stamp(for: marker))
  }

  private func notInOrder(_ entry: InputOrder.Entry) -> StreamError {
    StreamError(
      .io,
      "the checkpoint is damaged: epoch \(entry.epoch) was epoch \(entry.inputEpoch) of "
        + "\(entry.input), which does not come",
      location: files?.directory.orderPath,
      hint: "restore the directory from a copy, or begin again with an empty one")
  }

  /// So often a look is taken at how far the sink has come.
  private static let epochsPerTrim = 64

  private func trim() throws {
    epochsSinceTrim += 1
    guard let order, let files, epochsSinceTrim >= MergedInputs.epochsPerTrim else { return }
    epochsSinceTrim = 0
    if commits == nil, let sink = try files.checkpoint.sink() { commits = CommitView(sink) }
    try commits?.refresh()
    let part = commits?.floor?.ledger["stages"]?[files.directory.id]
    guard let floor = part?["memo"]?[MergedMemo.key]?["epoch"]?.int64 else { return }
    try order.trim(to: floor)
  }
}
