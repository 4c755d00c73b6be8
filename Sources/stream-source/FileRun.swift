import Checkpoint
import Columnar
import Connectors
import Diagnostics
import Formats
import JSONText
import Toolkit

/// A run of a source that reads files, as its command line asks for it.
struct FileRun {
  let paths: [String]
  let records: RecordOptions
  let epochs: EpochOptions
  let trigger: Trigger
  let bounds: EpochBounds
  let cleaning: FileCleaner.Way?

  /// Reads what is there without a checkpoint.
  ///
  /// - Parameter files: what the paths name.
  func run(_ stage: SourceStage, _ files: [InputFile], _ plan: InputPlan) throws {
    let stop = StopSignal(descriptor: Signals.wakeUp)
    let input = try openRecords(
      InputOpener(files: files, stop: stop), plan.bounded(by: bounds), stop, stage.notices)
    let isBounded = input.isBounded || epochs.final || trigger == .availableNow
    try stage.begin(input.schema, isBounded: isBounded)
    try loop(stage, input, plan, stop, resumption: nil)
  }

  /// Goes on where the last commit was.
  func resume(_ stage: SourceStage, _ checkpoint: SourceCheckpoint) throws {
    let stop = StopSignal(descriptor: Signals.wakeUp)
    let state = try FileState(stage, checkpoint, cleaning: cleaning)
    let supply = try state.supply(paths)
    let plan = try plan(checkpoint, state, supply.files)
    let malformed = try MalformedRecords(
      plan, notices: stage.notices,
      epochs: EpochRejects(
        checkpoint.directory.path, stage: stage.id, lastEpoch: checkpoint.lastIntent))
    let journal = FileJournal(malformed: malformed, cleaner: state.cleaner)
    let input = try openRecords(
      InputOpener(supply.list, stop: stop), plan, stop, stage.notices, journal, malformed)
    try stage.begin(
      input.schema, records: input.record, isBounded: epochs.final, guards: guards(plan))
    let resumption = try Resumption(checkpoint, journal: journal, cleaner: state.cleaner) {
      try state.floor($0)
    }
    try resumption.clean()
    try loop(stage, input, plan, stop, resumption: resumption) { output, clock in
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
    _ stage: SourceStage, _ input: any MeasuredInput, _ plan: InputPlan, _ stop: StopSignal,
    resumption: Resumption?,
    replaying: (WireOutput, inout EpochClock) throws -> Void = { _, _ in }
  ) throws {
    let (summary, time) = (Summary(), SystemTime(stop: stop))
    let isDurable = resumption != nil
    var clock = EpochClock(trigger: trigger, bounds: bounds, at: time.now, isPaced: isDurable)
    try replaying(WireOutput(stage, summary: summary, resumption: resumption), &clock)
    var loop = EpochLoop(
      input,
      to: WireOutput(stage, input: input, summary: summary, resumption: resumption),
      clock: clock, linger: plan.limits.linger, time: time,
      endIsFinal: !isDurable || epochs.final)
    try loop.run()
    stage.log.info(summary.text(stage.id, input))
  }
}

// MARK: - The plan

extension FileRun {
  private static let formatGuard = "the format"

  /// - Parameter files: that are to be read.
  private func plan(
    _ checkpoint: SourceCheckpoint, _ state: FileState, _ files: [InputFile]
  ) throws -> InputPlan {
    let former = checkpoint.formerGuard(Self.formatGuard).flatMap { Format(rawValue: $0) }
    var plan = try records.checked {
      if files.isEmpty { return former ?? FileEnding.format(ofPaths: paths) }
      return try FileEnding.commonFormat(of: files)
    }
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

/// What earlier runs have read of the files.
private struct FileState {
  /// The names that are not to be read again.
  let seen = SeenFiles()
  let cleaner: FileCleaner?
  private let stage: SourceStage
  private let checkpoint: SourceCheckpoint
  private let finished: FinishedFiles
  /// Of all epochs, those to be replayed too.
  private let history: FileHistory

  init(
    _ stage: SourceStage, _ checkpoint: SourceCheckpoint, cleaning: FileCleaner.Way?
  ) throws {
    self.stage = stage
    self.checkpoint = checkpoint
    let seen = seen
    finished = try FinishedFiles(checkpoint.stage.path + "/files.log", base: checkpoint.base) {
      seen.insert($0)
    }
    history = try FileHistory(checkpoint.base, seen: seen)
    cleaner = cleaning.map { FileCleaner($0, seen: seen, notices: stage.notices) }
    for intent in checkpoint.committed {
      try history.advance(past: intent.input)
      let ended = try FileIntent(intent.input).parts.filter(\.isEnd)
      cleaner?.wait(for: ended, of: intent.epoch)
    }
    for intent in checkpoint.replays { try history.advance(past: intent.input) }
    cleaner?.freeNames()
  }

  var hasBegun: Bool { history.hasBegun }

  /// Up to the last commit.
  func committed() throws -> FileHistory {
    let committed = try FileHistory(checkpoint.base, seen: SeenFiles())
    for intent in checkpoint.committed { try committed.advance(past: intent.input) }
    return committed
  }

  /// The history that bases are made of.
  func floor(_ base: JSON?) throws -> FileHistory {
    try FileHistory(base, seen: seen, finished: finished)
  }

  /// What is to be read: the rest of the file that was begun, then those that are there and new.
  func supply(_ paths: [String]) throws -> (list: FileList, files: [InputFile]) {
    var segments: [FileSegment] = []
    if let part = history.current {
      seen.insert(part.file.path)
      if let rest = try FileSegment(behind: part) { segments.append(rest) }
    }
    let listing = try FileListing(paths, without: seen, allowsNothing: hasBegun)
    if let repeated = listing.repeated.first {
      stage.log.warning("'\(repeated)' is named more than once; it is read once")
    }
    for file in listing.files {
      guard file.byteCount != nil else { throw StreamError.notAgain(file) }
      seen.insert(file.absolutePath)
      segments.append(FileSegment(file))
    }
    let files = segments.map(\.file)
    try cleaner?.prepare(Set(files.map(\.absoluteDirectory)))
    return (FileList(segments), files)
  }
}

extension StreamError {
  fileprivate static func notAgain(_ file: InputFile) -> StreamError {
    StreamError(
      .usage, "'\(file.name)' is no regular file: it cannot be read again after a crash",
      hint: "read it as standard input, which is kept: stream-source --checkpoint DIR < \(file.name)")
  }
}
