import Checkpoint
import Columnar
import Connectors
import Diagnostics
import Formats
import Toolkit

/// A run of a source that reads files, as its command line asks for it.
struct FileRun {
  let paths: [String]
  let records: RecordOptions<AnyFormat>
  let epochs: EpochOptions
  let trigger: Trigger
  let bounds: EpochBounds
  let cleaning: FileCleaner.Way?
  /// Goes on as files appear.
  let follows: Bool

  /// Reads what is there without a checkpoint.
  ///
  /// - Parameter files: what the paths name.
  func run(_ stage: SourceStage, _ files: [InputFile], _ plan: InputPlan) throws {
    let stop = StopSignal(descriptor: Signals.wakeUp)
    let input = try openRecords(
      InputOpener(files: files, stop: stop), plan.bounded(by: bounds), stop, stage.notices)
    let filter = try plan.filter?.bound(to: input.schema)
    let isBounded = input.isBounded || epochs.final || trigger == .availableNow
    try stage.begin(input.schema, isBounded: isBounded)
    try loop(stage, input, plan, filter, stop, resumption: nil)
  }

  /// Reads what is there and what comes, without a checkpoint.
  func follow(_ stage: SourceStage) throws {
    let stop = StopSignal(descriptor: Signals.wakeUp)
    let formats = FormatCheck(isNamed: records.format != nil, former: nil)
    let watch = try FileWatch(paths, behind: nil, seen: SeenFiles(), stop: stop) {
      file throws(StreamError) in try formats.check(file)
    }
    let plan = try records.checked { try formats.format(of: watch) }.bounded(by: bounds)
    let input = try openRecords(
      InputOpener(watch, stop: stop), plan, stop, stage.notices)
    let filter = try plan.filter?.bound(to: input.schema)
    try stage.begin(input.schema, isBounded: false)
    try loop(stage, input, plan, filter, stop, resumption: nil)
  }

  /// Goes on where the last commit was.
  func resume(_ stage: SourceStage, _ checkpoint: SourceCheckpoint) throws {
    let stop = StopSignal(descriptor: Signals.wakeUp)
    let state = try FileState(checkpoint, cleaning: cleaning, notices: stage.notices)
    let files = try files(stage, checkpoint, state, stop)
    let plan = try plan(checkpoint, state, files.format)
    let malformed = try MalformedRecords(
      plan, notices: stage.notices,
      epochs: EpochRejects(
        checkpoint.directory.path, stage: stage.id, lastEpoch: checkpoint.lastIntent))
    let journal = FileJournal(malformed: malformed, cleaner: state.cleaner)
    let input = try openRecords(
      InputOpener(files.supply, stop: stop), plan, stop, stage.notices, journal, malformed)
    let filter = try plan.filter?.bound(to: input.schema)
    try stage.begin(
      input.schema, records: input.record, isBounded: epochs.final,
      endsByItself: !follows && trigger != .availableNow, guards: guards(plan))
    let resumption = try Resumption(checkpoint, journal: journal, cleaner: state.cleaner) {
      try state.floor($0)
    }
    try resumption.clean()
    try loop(stage, input, plan, filter, stop, resumption: resumption) { output, clock in
      try replay(stage, resumption, state, plan, journal, malformed, to: output, &clock)
    }
    try malformed.finish()
    guard state.cleaner != nil else { return }
    try stage.awaitCommits()
    try resumption.clean()
  }

  private func replay(
    _ stage: SourceStage, _ resumption: Resumption, _ state: FileState, _ plan: InputPlan,
    _ journal: FileJournal, _ malformed: MalformedRecords, to output: WireOutput,
    _ clock: inout EpochClock
  ) throws {
    var replays = resumption.checkpoint.replays.makeIterator()
    try resumption.replayAll(to: output, history: state.committed(), &clock) { json in
      let epoch = replays.next()?.epoch ?? 0
      try journal.expect(json)
      let segments = try FileIntent(json).parts.map { FileSegment($0, of: epoch) }
      return try openRecords(
        InputOpener(FileList(segments), stop: .none), plan, .none, stage.notices, journal,
        malformed)
    }
  }

  private func loop(
    _ stage: SourceStage, _ input: any MeasuredInput, _ plan: InputPlan,
    _ filter: (any BoundRowFilter)?, _ stop: StopSignal, resumption: Resumption?,
    replaying: (WireOutput, inout EpochClock) throws -> Void = { _, _ in }
  ) throws {
    let (summary, time) = (Summary(), SystemTime(stop: stop))
    let isDurable = resumption != nil
    var clock = EpochClock(trigger: trigger, bounds: bounds, at: time.now, isPaced: isDurable)
    try replaying(
      WireOutput(stage, filter: filter, summary: summary, resumption: resumption), &clock)
    var loop = EpochLoop(
      input,
      to: WireOutput(
        stage, input: input, filter: filter, summary: summary, resumption: resumption),
      clock: clock, linger: plan.limits.linger, time: time,
      endIsFinal: !isDurable || epochs.final)
    try loop.run()
    stage.log.info(summary.text(stage.id, input))
  }
}

// MARK: - What to read

extension FileRun {
  /// What is to be read, and how one gets to know its format.
  private struct Files {
    let supply: any FileSupply
    let format: () throws -> Format
  }

  private static let formatGuard = "the format"

  /// The rest of the file that was begun, then those that are there and new, or that come.
  private func files(
    _ stage: SourceStage, _ checkpoint: SourceCheckpoint, _ state: FileState, _ stop: StopSignal
  ) throws -> Files {
    let former = checkpoint.formerGuard(Self.formatGuard).flatMap { Format(rawValue: $0) }
    let rest = try state.rest()
    if follows {
      let formats = FormatCheck(isNamed: records.format != nil, former: former)
      let watch = try FileWatch(paths, behind: rest, seen: state.seen, stop: stop) {
        file throws(StreamError) in try formats.check(file)
      }
      try state.cleaner?.prepare(paths, watch.directories)
      state.cleaner?.offer = { watch.offer($0) }
      return Files(supply: watch) { try formats.format(of: watch) }
    }
    let listing = try FileListing(paths, without: state.seen, allowsNothing: state.hasBegun)
    if let repeated = listing.repeated.first {
      stage.log.warning("'\(repeated)' is named more than once; it is read once")
    }
    for file in listing.files {
      guard file.byteCount != nil else { throw StreamError.notAgain(file) }
      state.seen.insert(file.absolutePath)
    }
    let segments = (rest.map { [$0] } ?? []) + listing.files.map { FileSegment($0) }
    let files = segments.map(\.file)
    try state.cleaner?.prepare(paths, Set(files.map(\.absoluteDirectory)))
    return Files(supply: FileList(segments)) {
      if files.isEmpty { return former ?? FileEnding.format(ofPaths: paths) }
      return try FileEnding.commonFormat(of: files)
    }
  }

  private func plan(
    _ checkpoint: SourceCheckpoint, _ state: FileState, _ format: () throws -> Format
  ) throws -> InputPlan {
    var plan = try records.checked(inferred: format)
    plan.keptSchema = checkpoint.records.flatMap { $0.fields.isEmpty ? nil : $0 }
    plan.followsEarlierFiles = state.hasBegun
    plan.isCutByRows = bounds.rows != nil
    plan.keepsRejects = true
    return plan.bounded(by: bounds)
  }

  /// What makes a place in a file mean something else, or the rows from there on.
  ///
  /// The delimiter is among them: a quote counts at the beginning of a field alone, so that the
  /// delimiter decides where records end.
  private func guards(_ plan: InputPlan) -> PlanGuards {
    var guards = PlanGuards().adding("the kind of source", "file")
      .adding(Self.formatGuard, plan.format.rawValue)
      .adding("--encoding", plan.encoding.rawValue)
    if plan.format == .csv {
      guards = guards.adding("--header", "\(plan.options.hasHeader)")
        .adding("--delimiter", records.delimiter)
    }
    return guards
  }
}

extension FormatCheck {
  /// Waits for the first file, if need be.
  fileprivate func format(of watch: FileWatch) throws -> Format {
    if let format { return format }
    return try watch.peek() == nil ? .text : format ?? .text
  }
}

extension StreamError {
  fileprivate static func notAgain(_ file: InputFile) -> StreamError {
    StreamError(
      .usage, "'\(file.name)' is no regular file: it cannot be read again after a crash",
      hint: "read it as standard input: stream-source --checkpoint DIR < \(file.name)")
  }
}
