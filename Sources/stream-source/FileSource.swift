import ArgumentParser
import Connectors
import Diagnostics
import Glibc
import Toolkit

struct FileSource: SourceKind {
  static let configuration = CommandConfiguration.tool(
    SourceTool.toolName, kind: "file", abstract: "Read files, and those that appear.",
    discussion: """
      A PATH is a file, a directory (its files, but neither its directories nor names that begin \
      with '.' or '_') or a pattern such as 'logs/*.csv'. Files are read in the order of their \
      modification, then of their names. Endings that tell the format: .csv .tsv .json .ndjson \
      .jsonl .arrow .arrows .parquet .txt .log, with .gz or .zst behind them where they are \
      compressed (but .parquet, which is compressed in itself).

      CSV files with headers go by name: a column that a later file lacks is null, one that the \
      first file lacks is left out.

      With a checkpoint each file is read once, by its path, and a run reads what is new. What the \
      records of the first run held holds for all. Files should not change once they are there: \
      write them elsewhere, and move them.
      """,
    examples: [
      ("a file", "stream-source file access.csv | stream-sink"),
      (
        "a day's logs, some fields",
        "stream-source file 'logs/2026-01-01/*.json.gz' --columns 'ts, user.id AS uid'"
      ),
      (
        "an hour out of a month of Parquet files",
        "stream-source file 'events/*.parquet' --where \"ts >= '2026-01-07 12:00' AND ts < "
          + "'2026-01-07 13:00'\""
      ),
      ("an epoch for each file", "stream-source file data/ --format csv --max-files 1"),
      (
        "files as they come, each exactly once",
        "stream-source file incoming/ --format json --follow --checkpoint state | stream-sink file out/"
      ),
    ])

  @Argument(help: ArgumentHelp("Files, directories, patterns in quotes.", valueName: "path"))
  var paths: [ArgumentText] = []

  @OptionGroup(title: "Epochs") var epochs: EpochOptions

  @Option(help: ArgumentHelp("Let an epoch have at most so many bytes.", valueName: "size"))
  var maxBytes: ArgumentText?

  @Option(help: ArgumentHelp("Let an epoch have at most so many files.", valueName: "count"))
  var maxFiles: ArgumentText?

  @Flag(
    help: """
      Go on as files appear: those that are moved there at once, others when their writer closes \
      them.
      """)
  var follow = false

  @Option(
    help: ArgumentHelp(
      "What becomes of files once their rows are committed: off (they stay), delete or archive.",
      valueName: "policy"))
  var cleanSource: String?

  @Option(
    help: ArgumentHelp("Where archived files go, under their names.", valueName: "directory"))
  var archiveDir: ArgumentText?

  @OptionGroup(title: "Records") var records: RecordOptions<AnyFormat>
  @OptionGroup(title: "Checkpoint") var checkpoint: CheckpointOptions
  @OptionGroup(title: "Common options") var common: CommonOptions

  func run() throws {
    let paths = paths.map(\.text)
    guard !paths.isEmpty else {
      throw StreamError(
        .usage, "no path named", hint: "\(Self.toolName) file data.csv, or a pattern: 'data/*.csv'")
    }
    let request = try checkpoint.request(PlanGuards())
    let run = FileRun(
      paths: paths, records: records, epochs: epochs, trigger: try epochs.checkedTrigger(),
      bounds: try checkedBounds(), cleaning: try cleaning(hasCheckpoint: request != nil),
      follows: follow)
    try refuseContradictions(run)
    let options = epochs.adding(to: PlanOptions(["file"] + paths))
      .adding("max-bytes", maxBytes?.text).adding("max-files", maxFiles?.text)
      .adding("follow", follow).adding("clean-source", cleanSource)
      .adding("archive-dir", archiveDir?.text)
    if let request {
      releaseStandardInput(unlessAmong: [])
      try runSource(options: records.adding(to: options).json, checkpoint: request) { stage in
        if let checkpoint = stage.checkpoint { try run.resume(stage, checkpoint) }
      }
    } else if follow {
      releaseStandardInput(unlessAmong: [])
      try runSource(options: records.adding(to: options).json) { stage in
        try run.follow(stage)
      }
    } else {
      let files = try listed(paths)
      let plan = try records.checked { try FileEnding.commonFormat(of: files) }
      releaseStandardInput(unlessAmong: files)
      try runSource(options: records.adding(to: options, format: plan.format).json) { stage in
        try run.run(stage, files, plan)
      }
    }
  }

  private func refuseContradictions(_ run: FileRun) throws {
    guard follow else { return }
    if epochs.final {
      throw StreamError(.usage, "--follow and --final exclude each other: the input never ends")
    }
    if run.trigger == .availableNow {
      throw StreamError(
        .usage, "--follow and --trigger available-now exclude each other: the input never ends")
    }
  }

  private func cleaning(hasCheckpoint: Bool) throws -> FileCleaner.Way? {
    let policies = ["off", "delete", "archive"]
    let policy = cleanSource ?? "off"
    guard policies.contains(policy) else {
      throw StreamError(
        .usage, "--clean-source: expected 'off', 'delete' or 'archive' but found '\(policy)'")
    }
    guard (policy == "archive") == (archiveDir != nil) else {
      throw StreamError(.usage, "--clean-source archive and --archive-dir DIR go together")
    }
    if policy == "off" { return nil }
    guard hasCheckpoint else {
      throw StreamError(
        .usage, "--clean-source \(policy): without a checkpoint nobody knows what is committed",
        hint: "--checkpoint DIR")
    }
    return archiveDir.map { .archive(directory: $0.text) } ?? .delete
  }

  private func listed(_ paths: [String]) throws -> [InputFile] {
    let log = try log()
    let listing = try FileListing(paths)
    if let repeated = listing.repeated.first {
      log.warning("'\(repeated)' is named more than once; it is read once")
    }
    return listing.files
  }

  private func checkedBounds() throws -> EpochBounds {
    var bounds = try epochs.checkedBounds()
    bounds.bytes = try maxBytes.map { try positiveByteCount($0, "--max-bytes") }
    bounds.files = try epochs.count(maxFiles, "--max-files")
    return bounds
  }
}

/// The value of an option that counts bytes, at least one.
func positiveByteCount(_ text: ArgumentText, _ option: String) throws -> Int {
  let count = try parseByteCount(text.text, option: option)
  guard count > 0 else {
    throw StreamError(.usage, "\(option): expected at least one byte but found '\(text.text)'")
  }
  return Int(count)
}
