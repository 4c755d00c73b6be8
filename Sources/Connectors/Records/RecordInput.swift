package import Columnar
package import Diagnostics
internal import Formats

/// Records of files or of a stream, as rows.
package final class RecordInput: MeasuredInput {
  /// Of the rows.
  package let schema: Schema
  /// What a record holds: given, kept from an earlier run, or inferred from the first file.
  package let record: Schema
  package let isBounded: Bool
  /// How many bytes there are in all, before decompression; nil where nobody knows.
  package let byteCount: Int64?
  /// How many of them the rows so far have taken.
  package private(set) var consumedCount: Int64 = 0

  private let feed: RecordFeed
  private let workers: OrderedWorkers<FeedItem, FeedOutput>
  private let malformed: MalformedRecords
  private let ownsMalformed: Bool
  private let observer: (any FileObserver)?
  private let notices: Notices
  private let threadCount: Int
  private var takenBytes = 0

  /// A smaller input is not worth a second thread.
  private static let parallelBytesMin = 1 << 20

  /// Opens the input and waits until its schema is known.
  ///
  /// - Parameters:
  ///   - observer: gets to know the files; then rows come with their pieces.
  ///   - malformed: shared with other inputs; who made it lets it tell at the end how many there
  ///     were. nil: as the plan says.
  package init(
    _ opener: InputOpener, plan: InputPlan, stop: StopSignal, notices: Notices,
    observer: (any FileObserver)? = nil, malformed: MalformedRecords? = nil
  ) throws(StreamError) {
    isBounded = opener.isBounded
    byteCount = opener.byteCount
    ownsMalformed = malformed == nil
    if let malformed {
      self.malformed = malformed
    } else {
      self.malformed = try MalformedRecords(plan, notices: notices)
    }
    self.observer = observer
    let feed = try RecordFeed(
      opener, plan: plan, stop: stop, notices: notices, needsPlaces: observer != nil)
    self.feed = feed
    self.notices = notices
    threadCount = plan.threadCount
    record = feed.record
    schema =
      plan.wantsMetadata ? Schema(feed.output.fields + MetadataColumns.fields) : feed.output
    workers = OrderedWorkers(fetch: { try feed.next(until: $0) }, work: { $0.parsed() })
  }

  /// Malformed records so far.
  package var malformedCount: Int64 { malformed.count }

  package func next(until deadline: Deadline) throws -> InputEvent {
    while true {
      switch try workers.next(until: deadline) {
      case .item(.start(let start, let lineCount)):
        malformed.startFile(start?.segment.file.name, lineCount: lineCount)
        if let start { try observer?.begin(start) }
      case .item(.end(let number)): return .fileEnd(observer == nil ? nil : number)
      case .item(.parsed(let parsed, let block)): return try take(parsed, block)
      case .nothingYet(let since): return .nothingYet(idleSince: since)
      case .end:
        try finish()
        return .end(isComplete: !feed.isStopped)
      }
    }
  }

  private func take(_ parsed: ParsedBlock, _ item: FeedBlock) throws -> InputEvent {
    let block = item.block
    consumedCount = item.consumedCount
    try malformed.take(parsed, of: block, file: item.number)
    goParallel(after: block.bytes.count)
    var piece: InputPiece?
    if observer != nil {
      piece = InputPiece(
        file: item.number, offset: block.offset, bytes: block.bytes,
        rowOffsets: parsed.rowOffsets)
    }
    return .rows(parsed.batch, byteCount: block.bytes.count, piece: piece)
  }

  private func goParallel(after byteCount: Int) {
    takenBytes += byteCount
    guard threadCount > 1, workers.threadCount == 0, takenBytes >= Self.parallelBytesMin,
      feed.isBusy
    else { return }
    workers.startThreads(threadCount, capacity: threadCount + 2)
  }

  private func finish() throws(StreamError) {
    if feed.unfinishedCount > 0 {
      notices.warn(
        "stopped within a record: its first \(feed.unfinishedCount) bytes were not taken", nil)
    }
    if ownsMalformed { try malformed.finish() }
  }
}
