import Checkpoint
import Columnar
import Connectors
import Diagnostics
import Formats
import JSONText
import Parquet
import TestSupport
import Testing

/// A source that dies after every few epochs: what it keeps is the JSON of its intents.
private final class Query {
  let paths: [String]
  var plan: InputPlan
  let bounds: EpochBounds
  let directory: TemporaryDirectory
  var intents: [(input: JSON, rows: Int)] = []
  /// Of each epoch.
  var rows: [[[Value]]] = []
  var base: JSON?
  var trimmed = 0
  private var schema: Schema?

  init(
    _ paths: [String], _ plan: InputPlan, _ bounds: EpochBounds, _ directory: TemporaryDirectory
  ) {
    self.paths = paths
    self.plan = plan
    self.bounds = bounds
    self.directory = directory
  }

  var allRows: [[Value]] { rows.flatMap { $0 } }

  private func plan(after hasBegun: Bool) -> InputPlan {
    var plan = plan
    plan.keptSchema = schema
    plan.followsEarlierFiles = hasBegun
    plan.isCutByRows = bounds.rows != nil
    if let bytes = bounds.bytes { plan.limits.fullBytes = min(plan.limits.fullBytes, bytes) }
    return plan
  }

  private func rejects() throws -> MalformedRecords {
    try MalformedRecords(
      plan, notices: .none,
      epochs: EpochRejects(
        directory.path, stage: "main.source", lastEpoch: Int64(trimmed + intents.count)))
  }

  /// Goes on for so many epochs at most.
  ///
  /// - Returns: whether the input ended before.
  func run(epochs count: Int) throws -> Bool {
    let seen = SeenFiles()
    let finished = try FinishedFiles("\(directory.path)/files.log", base: base) { seen.insert($0) }
    _ = finished
    let history = try FileHistory(base, seen: seen)
    for intent in intents { try history.advance(past: intent.input) }
    var segments: [FileSegment] = []
    if let part = history.current {
      seen.insert(part.file.path)
      if let rest = try FileSegment(behind: part) { segments.append(rest) }
    }
    let listing = try FileListing(paths, without: seen, allowsNothing: history.hasBegun)
    segments += listing.files.map { FileSegment($0) }
    let malformed = try rejects()
    let journal = FileJournal(malformed: malformed)
    let input = try openRecords(
      InputOpener(FileList(segments), stop: .none), plan(after: history.hasBegun), .none, .none,
      journal, malformed)
    schema = input.record
    let output = Recorder(journal, number: Int64(trimmed + intents.count), limit: count)
    var clock = EpochClock(trigger: .availableNow, bounds: bounds, at: .now)
    clock.resume(behind: output.number, time: 0)
    var loop = EpochLoop(
      input, to: output, clock: clock, linger: 1000, time: SystemTime(stop: .none),
      endIsFinal: false)
    var ended = true
    do { try loop.run() } catch is Crash { ended = false }
    intents += output.intents
    rows += output.rows
    return ended
  }

  /// Drops intents, as a trim does.
  func trim(_ count: Int) throws {
    let seen = SeenFiles()
    for intent in intents {
      for part in try FileIntent(intent.input).parts { seen.insert(part.file.path) }
    }
    let finished = try FinishedFiles("\(directory.path)/files.log", base: base) { seen.insert($0) }
    let floor = try FileHistory(base, seen: seen, finished: finished)
    for intent in intents[..<count] { try floor.advance(past: intent.input) }
    base = try JSON(parsing: floor.makeBase().text)
    intents.removeFirst(count)
    trimmed += count
  }

  /// Makes an epoch again, by its place among the intents.
  func replay(_ index: Int) throws -> [[Value]] {
    let json = try JSON(parsing: intents[index].input.text)
    let epoch = Int64(trimmed + index + 1)
    let malformed = try rejects()
    let journal = FileJournal(malformed: malformed)
    try journal.expect(json)
    let segments = try FileIntent(json).parts.map { FileSegment($0, of: epoch) }
    var replayPlan = plan(after: true)
    replayPlan.limits.firstBytes = 3 + index % 50
    replayPlan.limits.fullBytes = 3 + index % 70
    let input = try openRecords(
      InputOpener(FileList(segments), stop: .none), replayPlan, .none, .none, journal, malformed)
    var rows: [[Value]] = []
    while true {
      switch try input.next(until: .never) {
      case .rows(let batch, _, let piece):
        rows += (0..<batch.rowCount).map { batch.row($0) }
        if let piece { try journal.take(piece) }
      case .passedOver(_, let piece): if let piece { try journal.take(piece) }
      case .fileEnd(let number): if let number { try journal.take(endOf: number) }
      case .nothingYet: continue
      case .end:
        #expect(try journal.close(SourceEpoch(number: epoch, time: 0)) == json)
        return rows
      }
    }
  }
}

private func utf16(_ bytes: [UInt8]) -> [UInt8] {
  String(decoding: bytes, as: UTF8.self).utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
}

private struct Crash: Error {}

/// Keeps what is sent; dies after so many epochs.
private final class Recorder: EpochOutput {
  private let journal: FileJournal
  private let limit: Int
  let number: Int64
  var intents: [(input: JSON, rows: Int)] = []
  var rows: [[[Value]]] = []
  private var open: [[Value]] = []

  init(_ journal: FileJournal, number: Int64, limit: Int) {
    self.journal = journal
    self.number = number
    self.limit = limit
  }

  func take(_ piece: InputPiece, in epoch: SourceEpoch) throws { try journal.take(piece) }
  func take(endOf file: Int) throws { try journal.take(endOf: file) }

  func write(_ batch: Batch, in epoch: SourceEpoch) throws {
    open += (0..<batch.rowCount).map { batch.row($0) }
  }

  func close(_ epoch: SourceEpoch, idle: Int64, isFinal: Bool) throws {
    let json = try journal.close(epoch)
    intents.append((try JSON(parsing: json.text), epoch.rows))
    rows.append(open)
    open = []
    if intents.count == limit { throw Crash() }
  }
}

private func undisturbed(
  _ paths: [String], _ plan: InputPlan, rejects: String
) throws -> [[Value]] {
  var plan = plan
  plan.rejectsPath = rejects
  let input = try RecordInput(
    InputOpener(files: FileListing(paths).files, stop: .none), plan: plan, stop: .none,
    notices: .none)
  var rows: [[Value]] = []
  while true {
    switch try input.next(until: .never) {
    case .rows(let batch, _, _): rows += (0..<batch.rowCount).map { batch.row($0) }
    case .end: return rows
    default: continue
    }
  }
}

/// Some files of a format, with all that makes reading them hard.
private struct Sample: Sendable, CustomTestStringConvertible {
  let name: String
  let format: Format
  let encoding: TextEncoding
  let pack: @Sendable ([UInt8]) -> [UInt8]
  let ending: String

  init(
    _ name: String, _ format: Format, ending: String, encoding: TextEncoding = .utf8,
    pack: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }
  ) {
    (self.name, self.format, self.ending, self.encoding) = (name, format, ending, encoding)
    self.pack = pack
  }

  var testDescription: String { name }

  static let all = [
    Sample("csv", .csv, ending: "csv"),
    Sample("csv without a header", .csv, ending: "csv"),
    Sample("json", .json, ending: "json"),
    Sample("text", .text, ending: "txt"),
    Sample("text with a byte order mark", .text, ending: "txt"),
    Sample("gzip", .csv, ending: "csv.gz", pack: { gzipped($0) }),
    Sample("gzip by its contents", .text, ending: "txt", pack: { gzipped($0) }),
    Sample("zstd", .json, ending: "json.zst", pack: { zstandard($0) }),
    Sample("utf-16", .csv, ending: "csv", encoding: .utf16, pack: { utf16($0) }),
  ]

  var plan: InputPlan {
    var options = ReadOptions()
    options.hasHeader = name != "csv without a header"
    if format != .text {
      options.schema = Schema([Field("n", .bigint), Field("s", .string)])
    }
    var plan = InputPlan(format: format, options: options)
    plan.encoding = encoding
    plan.wantsMetadata = true
    return plan
  }

  func write(in directory: TemporaryDirectory, _ random: inout SplitMix64) -> [String] {
    (0..<1 + Int(random.next() % 5)).map { index in
      let text = contents(&random)
      return directory.write(
        "in/\(index).\(ending)", bytes: pack(Array(text.utf8)), modified: index / 2)
    }
  }

  private func contents(_ random: inout SplitMix64) -> String {
    if random.next() % 5 == 0 { return "" }
    var text = name.hasSuffix("mark") ? "\u{FEFF}" : ""
    if plan.options.hasHeader, format == .csv { text += "n,s\n" }
    for row in 0..<Int(random.next() % 12) {
      let word = String(repeating: "ä", count: Int(random.next() % 9))
      switch (format, random.next() % 6) {
      case (.csv, 0): text += "x\(row),bad\n"
      case (.csv, 1): text += "\(row),\"a\n\(word),\"\"\n\"\n"
      case (.csv, 2): text += "\n"
      case (.csv, _): text += "\(row),\(word)\n"
      case (.json, 0): text += "{\"n\":\"x\"}\n"
      case (.json, 1): text += " \n"
      case (.json, _): text += "{\"n\":\(row),\"s\":\"\(word)\\n\"}\n"
      default: text += "\(row)\(word)\n"
      }
    }
    // The last record may lack its line end.
    if random.next() % 2 == 0, text.hasSuffix("\n") { text.removeLast() }
    return text
  }
}

/// Numbers, each twice, five rows in a group.
private func parquetFile(rowCount: Int, from first: Int) throws -> [UInt8] {
  let number = Field("n", .bigint)
  let schema = Schema([number, Field("s", .structure([number]))])
  let numbers = Column((first..<first + rowCount).map { Int64($0) as Int64? })
  var layout = ParquetLayout()
  layout.groupRowCount = 5
  let writer = try ParquetWriter(schema, layout)
  var bytes = MutableBuffer<UInt8>()
  writer.begin(into: &bytes)
  try writer.write(
    Batch(
      schema: schema,
      columns: [numbers, Column(schema.fields[1].type, .structure([numbers], count: rowCount))]),
    into: &bytes)
  writer.end(into: &bytes)
  return bytes.take().elements
}

private func isWanted(_ value: Value, _ range: ClosedRange<Int64>) -> Bool {
  if case .integer(let number) = value { range.contains(number) } else { false }
}

/// Wants rows by a number of theirs; what is read goes out all the same.
private struct Wanted: RowFilter, BoundRowFilter {
  let path: [String]
  let range: ClosedRange<Int64>

  func bound(to schema: Schema) -> any BoundRowFilter { self }

  func condition(over schema: Schema) -> RowCondition {
    .all([
      .column(ColumnCondition(path, .greaterOrEqual, .integer(range.lowerBound))),
      .column(ColumnCondition(path, .lessOrEqual, .integer(range.upperBound))),
    ])
  }

  func rows(of batch: Batch, in epoch: SourceEpoch) -> Batch { batch }
}

@Suite("A source of files that dies again and again")
struct FileResumeTests {
  let directory = TemporaryDirectory()

  @Test("gives what an undisturbed one gives", arguments: Sample.all, 0..<24 as Range<UInt64>)
  private func random(sample: Sample, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let paths = sample.write(in: directory, &random)
    let rejects = "\(directory.path)/rejects.ndjson"
    let expected = try undisturbed(paths, sample.plan, rejects: rejects)
    var plan = sample.plan
    plan.limits.firstBytes = 1 + Int(random.next() % 60)
    plan.limits.fullBytes = plan.limits.firstBytes + Int(random.next() % 60)
    plan.threadCount = 1 + Int(seed % 2)
    var bounds = EpochBounds()
    switch seed % 3 {
    case 0: bounds.rows = 1 + Int(random.next() % 7)
    case 1: bounds.bytes = 1 + Int(random.next() % 40)
    default: bounds.files = 1
    }
    let query = Query(paths, plan, bounds, directory)
    var isEnded = false
    for _ in 0..<400 where !isEnded {
      isEnded = try query.run(epochs: 1 + Int(random.next() % 3))
      for index in query.intents.indices {
        #expect(try query.replay(index) == query.rows[query.trimmed + index])
      }
      if random.next() % 3 == 0 {
        try query.trim(Int(random.next() % UInt64(query.intents.count + 1)))
      }
    }
    #expect(isEnded)
    #expect(query.allRows == expected)
    #expect(try keptRejects() == Disk.contents(of: rejects))
    let epochs = query.rows.count
    // One more run has nothing to do.
    #expect(try query.run(epochs: 1))
    #expect(query.rows.count == epochs)
  }

  /// Row groups that hold no row that is wanted are in an epoch like others, so that a run that wants
  /// other rows makes the same epochs.
  @Test("gives what an undisturbed one gives of Parquet files", arguments: 0..<40 as Range<UInt64>)
  func parquet(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let paths = try (0..<1 + Int(random.next() % 3)).map { index in
      try directory.write(
        "in/\(index).parquet",
        bytes: parquetFile(rowCount: Int(random.next() % 50), from: index * 50),
        modified: index)
    }
    var plan = InputPlan(format: .parquet)
    plan.wantsMetadata = random.next() % 2 == 0
    let low = Int64(random.next() % 120)
    plan.options.columns = try ColumnSelection.parse("s.n AS m, n")
    var wanting = plan
    wanting.filter = Wanted(path: [random.next() % 2 == 0 ? "m" : "n"], range: low...low + 30)
    var bounds = EpochBounds()
    if random.next() % 2 == 0 {
      bounds.rows = 1 + Int(random.next() % 13)
    } else {
      bounds.files = 1
    }
    let queries = [Query(paths, plan, bounds, directory), Query(paths, wanting, bounds, directory)]
    for query in queries {
      var runCount = 0
      while try !query.run(epochs: 1 + Int(random.next() % 3)) { runCount += 1 }
      #expect(runCount < 200)
    }
    #expect(queries[0].intents.map(\.input.text) == queries[1].intents.map(\.input.text))
    #expect(queries[0].intents.map(\.rows) == queries[1].intents.map(\.rows))
    let all = queries[0].allRows
    let kept = queries[1].allRows
    #expect(kept.count <= all.count && kept == all.filter { kept.contains($0) })
    #expect(all.filter { isWanted($0[1], low...low + 30) }.allSatisfy { kept.contains($0) })
    for index in queries[1].intents.indices {
      #expect(try queries[1].replay(index) == queries[1].rows[index])
    }
    // What is wanted may change between an epoch and its repetition.
    queries[1].plan = plan
    for index in queries[1].intents.indices {
      #expect(try queries[1].replay(index) == queries[0].rows[index])
    }
  }

  private func keptRejects() throws -> [UInt8] {
    let kept = "\(directory.path)/rejects/main.source"
    return try Disk.names(in: kept).sorted().flatMap { name in
      #expect(name.hasSuffix(".ndjson"))
      return try Disk.contents(of: "\(kept)/\(name)") ?? []
    }
  }
}
