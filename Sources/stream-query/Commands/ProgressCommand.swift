import ArgumentParser
import Checkpoint
import Diagnostics
import Glibc
import JSONText
import Toolkit
import Wire

struct ProgressCommand: ParsableCommand {
  static let configuration = CommandConfiguration.tool(
    QueryTool.toolName, kind: "progress", abstract: "Show the last commits.",
    discussion: """
      A line an epoch: its number, when the source began it, the rows that it read, how many a \
      second that were since the epoch before, the rows that the sink wrote, how long the sink had \
      it, the rows of state, and the watermark. With --json an object that has the names of Spark's \
      StreamingQueryProgress; what is not known is null. Epochs without rows that changed nothing \
      are left out.
      """,
    examples: [
      ("the last commit", "stream-query progress ck"),
      (
        "each commit as it comes, for another program",
        "stream-query progress ck --follow --json | jq .inputRowsPerSecond"
      ),
    ])

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "directory"))
  var checkpoint: String

  @Option(
    help: ArgumentHelp("So many commits, if they are kept (default: 1).", valueName: "number"))
  var last: ArgumentText?

  @Flag(help: "Go on with each commit as it comes, until the query has ended.")
  var follow = false

  @OptionGroup var options: QueryOptions

  func run() throws {
    let count = try last.map { try parseCount($0.text, option: "--last", atLeast: 1) } ?? 1
    let files = try QueryFiles(checkpoint)
    var listing = CommitListing(printsJSON: options.json)
    let records = try files.commits()
    let shown = records.filter { !$0.isSoft }.suffix(Int(clamping: count))
    try listing.skip(records, before: shown.first?.epoch)
    try listing.add(records.filter { $0.epoch >= shown.first?.epoch ?? .max }, files)
    if follow { return try followOn(files, &listing, behind: records.last?.epoch ?? 0) }
    if shown.isEmpty { say("'\(checkpoint)' has no commit yet", options) }
  }

  private static let intervalMicroseconds: UInt32 = 100_000

  private func followOn(
    _ files: QueryFiles, _ listing: inout CommitListing, behind epoch: Int64
  ) throws {
    var (epoch, follower): (Int64, LogFollower?) = (epoch, nil)
    while true {
      // Looked at first: what was committed before the end is then read below.
      let state = try QueryState(files, last: listing.last)
      if follower == nil, let sink = try files.directory.sink() {
        follower = LogFollower(sink.commitsPath)
      }
      let news = try follower?.news().compactMap { CommitRecord($0.record) } ?? []
      let records = news.filter { $0.epoch > epoch }
      try listing.add(records, files)
      epoch = max(epoch, records.last?.epoch ?? 0)
      if !state.isRunning {
        let isFinal = listing.last?.ledger["final"]?.bool ?? false
        return say("the query has ended\(isFinal ? ": its input is complete" : "")", options)
      }
      usleep(ProgressCommand.intervalMicroseconds)
    }
  }
}

/// Prints commits in their order.
private struct CommitListing {
  let printsJSON: Bool
  private(set) var last: CommitRecord?
  private var previous: Ledger?
  private var context: ReportContext?
  private var hasHeader = false

  init(printsJSON: Bool) { self.printsJSON = printsJSON }

  /// Takes note of what came before the first that is shown.
  mutating func skip(_ records: [CommitRecord], before epoch: Int64?) throws {
    guard let record = records.last(where: { $0.epoch < epoch ?? .max }) else { return }
    previous = try EpochReport.ledger(of: record)
    last = record
  }

  mutating func add(_ records: [CommitRecord], _ files: QueryFiles) throws {
    if records.isEmpty { return }
    let context = try ReportContext(files)
    for record in records {
      let report = try EpochReport(record, behind: previous, context)
      previous = report.ledger
      if record.isSoft { continue }
      last = record
      if printsJSON {
        try printLine(report.json)
        continue
      }
      if !hasHeader { try printLine(EpochReport.table.header) }
      hasHeader = true
      try printLine(EpochReport.table.line(report.cells))
    }
  }
}
