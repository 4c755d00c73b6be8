package import Columnar
package import Diagnostics
internal import Formats

/// Records of files or of a stream, as rows.
package final class RecordInput: MeasuredInput, RecordSchemaGiving {
  /// Of the rows.
  package let schema: Schema
  package var recordSchema: Schema { feed.record }
  package let isBounded: Bool
  /// How many bytes there are in all, before decompression; nil where nobody knows.
  package let byteCount: Int64?
  /// How many of them the rows so far have taken.
  package private(set) var consumedCount: Int64 = 0

  private let feed: RecordFeed
  private let workers: OrderedWorkers<FeedItem, FeedOutput>
  private let malformed: MalformedRecords
  private let notices: Notices
  private let threadCount: Int
  private var takenBytes = 0

  /// A smaller input is not worth a second thread.
  private static let parallelBytesMin = 1 << 20

  /// Opens the input and waits until its schema is known.
  package init(
    _ opener: InputOpener, plan: InputPlan, stop: StopSignal, notices: Notices
  ) throws(StreamError) {
    isBounded = opener.isBounded
    byteCount = opener.byteCount
    malformed = try MalformedRecords(plan, notices: notices)
    let feed = try RecordFeed(opener, plan: plan, stop: stop, notices: notices)
    self.feed = feed
    self.notices = notices
    threadCount = plan.threadCount
    schema =
      plan.wantsMetadata ? Schema(feed.output.fields + MetadataColumns.fields) : feed.output
    workers = OrderedWorkers(fetch: { try feed.next(until: $0) }, work: { $0.parsed() })
  }

  /// Malformed records so far.
  package var malformedCount: Int64 { malformed.count }

  package func next(until deadline: Deadline) throws -> InputEvent {
    while true {
      switch try workers.next(until: deadline) {
      case .item(.start(let name, let lineCount)): malformed.startFile(name, lineCount: lineCount)
      case .item(.end): return .fileEnd()
      case .item(.parsed(let parsed, let byteCount, let consumed)):
        consumedCount = consumed
        try malformed.take(parsed)
        goParallel(after: byteCount)
        return .rows(parsed.batch, byteCount: byteCount)
      case .nothingYet(let since): return .nothingYet(idleSince: since)
      case .end:
        try finish()
        return .end(isComplete: !feed.isStopped)
      }
    }
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
    try malformed.finish()
  }
}
