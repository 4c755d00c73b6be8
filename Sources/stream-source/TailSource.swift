import ArgumentParser
import Checkpoint
import Columnar
import Connectors
import Diagnostics
import Formats
import Toolkit

struct TailSource: SourceKind {
  static let configuration = CommandConfiguration.tool(
    SourceTool.toolName, kind: "tail", abstract: "Read lines as they are appended to files.",
    discussion: """
      A FILE is a path or a pattern in quotes such as 'logs/*.log'. A path that is not there yet is \
      waited for; files that appear and match a pattern are picked up. A line is taken when its end \
      has come. It goes on until it is stopped.

      Files may be rotated, by renaming or by copying and cutting off, also while the source is \
      down: with a checkpoint it finds what it had not read in the files beside it, whose names \
      begin with that of the file (x.log.1, x.log-20260101, x.log.2.gz, x.log.3.zst). It warns when \
      that is not possible. What is written between the copy and the cut of copytruncate is in \
      neither file. A pattern should leave rotated files out.
      """,
    examples: [
      (
        "errors of all services, each once",
        "stream-source tail 'logs/*.log' --checkpoint ck | stream-map --where \"value LIKE "
          + "'%ERROR%'\" | stream-sink file errors.jsonl"
      ),
      (
        "what has come since the last time, from cron",
        "stream-source tail app.json --trigger available-now --checkpoint ck | stream-sink stdout"
      ),
      ("only what comes from now on", "stream-source tail access.csv --from end | stream-sink"),
    ])

  @Argument(help: ArgumentHelp("Files, patterns in quotes.", valueName: "file"))
  var paths: [ArgumentText] = []

  @Option(
    help: ArgumentHelp(
      "Where files are begun that are there at the first start: beginning (the default) or end.",
      valueName: "place"))
  var from: String?

  @OptionGroup(title: "Epochs") var epochs: EpochOptions

  @Option(help: ArgumentHelp("Let an epoch have at most so many bytes.", valueName: "size"))
  var maxBytes: ArgumentText?

  @OptionGroup(title: "Records") var records: RecordOptions<LineFormat>
  @OptionGroup(title: "Checkpoint") var checkpoint: CheckpointOptions
  @OptionGroup(title: "Common options") var common: CommonOptions

  func run() throws {
    let paths = paths.map(\.text)
    guard !paths.isEmpty else {
      throw StreamError(
        .usage, "no file named", hint: "\(Self.toolName) tail app.log, or a pattern: 'logs/*.log'")
    }
    let start = try checkedStart()
    let trigger = try epochs.checkedTrigger()
    guard !epochs.final || trigger == .availableNow else {
      throw StreamError(
        .usage, "--final: files that are followed have no end",
        hint: "read what is there now: --trigger available-now --final")
    }
    let plan = try checkedPlan(paths)
    var bounds = try epochs.checkedBounds()
    bounds.bytes = try maxBytes.map { try positiveByteCount($0, "--max-bytes") }
    let options = records.adding(
      to: epochs.adding(to: PlanOptions(["tail"] + paths)).adding("from", from)
        .adding("max-bytes", maxBytes?.text), format: plan.format)
    releaseStandardInput(unlessAmong: [])
    let request = try checkpoint.request(guards(plan))
    try runSource(options: options.json, checkpoint: request) { stage in
      let run = TailRun(
        stage: stage, paths: paths, plan: plan.bounded(by: bounds), start: start, trigger: trigger,
        bounds: bounds, isFinal: epochs.final)
      try run.run()
    }
  }

  /// What makes a place in a file mean something else, or the rows from there on.
  private func guards(_ plan: InputPlan) -> PlanGuards {
    let guards = PlanGuards().adding("the kind of source", "tail")
      .adding("--format", plan.format.rawValue).adding("--encoding", plan.encoding.rawValue)
    guard plan.format == .csv else { return guards }
    return guards.adding("--header", "\(plan.options.hasHeader)")
      .adding("--delimiter", records.delimiter)
  }

  private func checkedStart() throws -> TailStart {
    guard let from else { return .beginning }
    guard let start = TailStart(rawValue: from) else {
      throw StreamError(.usage, "--from: expected 'beginning' or 'end' but found '\(from)'")
    }
    return start
  }

  private func checkedPlan(_ paths: [String]) throws -> InputPlan {
    for path in paths where Packing(fileName: path) != nil {
      throw StreamError(
        .usage, "'\(path)' is compressed, and nothing is appended to it",
        hint: "\(Self.toolName) file '\(path)'")
    }
    let plan = try records.checked { try commonFormat(of: paths) }
    guard !plan.format.isBinary else {
      throw StreamError(.usage, "tail reads lines, but the format is \(plan.format.rawValue)")
    }
    guard [.utf8, .latin1, .windows1252].contains(plan.encoding) else {
      throw StreamError(
        .usage,
        "--encoding: tail reads utf-8, latin1 and windows-1252, but found "
          + "'\(plan.encoding.rawValue)'")
    }
    return plan
  }

  private func commonFormat(of paths: [String]) throws -> Format {
    let formats = paths.map { FileEnding(of: $0).format ?? .text }
    for (path, format) in zip(paths, formats) where format != formats[0] {
      throw StreamError(
        .usage,
        "files of several formats: '\(paths[0])' is \(formats[0].rawValue), '\(path)' is "
          + "\(format.rawValue)", hint: "say what all are: --format \(formats[0].rawValue)")
    }
    return formats.first ?? .text
  }
}

/// A run of the source, from its header to its end.
private struct TailRun {
  let stage: SourceStage
  let paths: [String]
  let plan: InputPlan
  let start: TailStart
  let trigger: Trigger
  let bounds: EpochBounds
  let isFinal: Bool

  func run() throws {
    let stop = StopSignal(descriptor: Signals.wakeUp)
    let history = try TailHistory(stage.checkpoint?.base)
    for intent in stage.checkpoint?.committed ?? [] { try history.advance(past: intent.input) }
    var plan = plan
    plan.keepsRejects = stage.checkpoint != nil
    plan.followsEarlierFiles = history.hasBegun
    let files = try TailSet(
      paths, plan: plan, from: start, isBounded: trigger == .availableNow, stop: stop,
      notices: stage.notices)
    var record = plan.options.schema ?? formerRecord
    // Nothing is known of the records of a query that has no epoch yet.
    let isOpen = record == nil
    if isOpen {
      try files.open(behind: history, nil)
      record = try files.inferRecord()
    }
    let malformed = try MalformedRecords(plan, notices: stage.notices, epochs: rejects())
    let records = try TailRecords(
      plan, record: record ?? Schema([]), malformed: malformed, notices: stage.notices)
    let filter = try plan.filter?.bound(to: records.schema)
    try stage.begin(records.schema, records: record, isBounded: isBounded)
    let journal = TailJournal(malformed: malformed)
    try loop(files, records, filter, history, journal, stop, isOpen: isOpen)
  }

  private var isBounded: Bool { isFinal || (trigger == .availableNow && stage.checkpoint == nil) }

  private var formerRecord: Schema? {
    if let kept = stage.checkpoint?.records, !kept.fields.isEmpty { return kept }
    return plan.format == .text ? TextParser.recordSchema : nil
  }

  private func rejects() throws -> EpochRejects? {
    guard let checkpoint = stage.checkpoint else { return nil }
    return try EpochRejects(
      checkpoint.directory.path, stage: stage.id, lastEpoch: checkpoint.lastIntent)
  }

  private func loop(
    _ files: TailSet, _ records: TailRecords, _ filter: (any BoundRowFilter)?,
    _ history: TailHistory, _ journal: TailJournal,
    _ stop: StopSignal, isOpen: Bool
  ) throws {
    let (summary, time) = (Summary(), SystemTime(stop: stop))
    let isDurable = stage.checkpoint != nil
    var clock = EpochClock(trigger: trigger, bounds: bounds, at: time.now, isPaced: isDurable)
    var resumption: Resumption?
    if let checkpoint = stage.checkpoint {
      let resumed = try Resumption(checkpoint, journal: journal) { try TailHistory($0) }
      try resumed.replayAll(
        to: WireOutput(stage, filter: filter, summary: summary, resumption: resumed),
        history: history, &clock
      ) { try TailReplay($0, records, journal) }
      resumption = resumed
    }
    if isOpen {
      files.keepAccount(in: journal)
    } else {
      try files.open(behind: history, isDurable ? journal : nil)
    }
    let input = TailInput(files, records)
    var loop = EpochLoop(
      input,
      to: WireOutput(
        stage, input: input, filter: filter, summary: summary, resumption: resumption),
      clock: clock, linger: plan.limits.linger, time: time, endIsFinal: !isDurable || isFinal)
    try loop.run()
    stage.log.info(summary.text(stage.id, input))
  }
}
