import Columnar
import Connectors
import Diagnostics
import Formats
import Glibc
import JSONText
import Testing

/// Filled by one thread.
private final class Warnings: @unchecked Sendable {
  var messages: [String] = []
}

/// A source that follows files, its checkpoint and its sink, in one: it can be killed at any time.
final class Follower {
  private let told = Warnings()
  /// The intents of all epochs that were closed, and their rows.
  private(set) var intents: [JSON] = []
  private(set) var epochs: [[String]] = []
  /// So many of them are committed.
  private(set) var committedCount = 0
  private var open: [String] = []
  private(set) var isEnded = false

  private let paths: [String]
  private let plan: InputPlan
  private let start: TailStart
  private let isBounded: Bool
  private let limits: TailLimits
  private var journal: TailJournal?
  private var input: TailInput?

  init(
    _ paths: [String], plan: InputPlan = InputPlan(format: .text),
    from start: TailStart = .beginning,
    isBounded: Bool = false, limits: TailLimits = TailLimits()
  ) {
    (self.paths, self.plan, self.start) = (paths, plan, start)
    (self.isBounded, self.limits) = (isBounded, limits)
  }

  var warnings: [String] { told.messages }

  /// All rows, in their order; columns with commas in between.
  var rows: [String] { epochs.flatMap { $0 } + open }

  /// Begins a run: epochs that were not committed are made again, and have to be what they were.
  func begin() throws {
    let history = try TailHistory(nil)
    for intent in intents[..<committedCount] { try history.advance(past: intent) }
    let notices = Notices { [told] message, _ in told.messages.append(message) }
    let schema = plan.options.schema ?? TextParser.recordSchema
    let malformed = try MalformedRecords(plan, notices: notices)
    let records = try TailRecords(
      plan, record: schema, malformed: malformed, notices: notices)
    let journal = TailJournal(malformed: malformed)
    for (number, intent) in intents.enumerated().dropFirst(committedCount) {
      let replay = try TailReplay(intent, records, journal)
      var rows: [String] = []
      while case .rows(let batch, _, let piece) = try replay.next(until: .never) {
        if let piece { try journal.take(piece) }
        rows += texts(batch)
      }
      #expect(rows == epochs[number])
      #expect(try journal.close(SourceEpoch(number: 1, time: 0)) == intent)
      try history.advance(past: intent)
    }
    let files = try TailSet(
      paths, plan: plan, from: start, isBounded: isBounded, limits: limits, stop: .none,
      notices: notices)
    try files.open(behind: history, journal)
    self.journal = journal
    isEnded = false
    input = TailInput(files, records)
  }

  /// Takes what is there, or at most so many batches of it.
  func take(batches: Int = .max) throws {
    guard let input, let journal else { return }
    for _ in 0..<batches {
      switch try input.next(until: .now) {
      case .rows(let batch, _, let piece):
        if let piece { try journal.take(piece) }
        open += texts(batch)
      case .fileEnd(let file): if let file { journal.take(endOf: file) }
      case .passedOver: continue
      case .nothingYet: return
      case .end:
        isEnded = true
        return
      }
    }
  }

  /// Takes what is there until there are so many rows in all.
  ///
  /// Tests that start programs have descriptors of this process open for a moment, so that a rotated
  /// file seems to have a writer.
  func take(upTo count: Int) throws {
    let end = Moment.now.uptime + 20_000_000
    try take()
    while rows.count < count, Moment.now.uptime < end {
      usleep(2_000)
      try take()
    }
  }

  /// Closes the epoch.
  func close() throws {
    guard let journal else { return }
    let intent = try journal.close(SourceEpoch(number: 1, time: 0))
    intents.append(try JSON(parsing: intent.text))
    epochs.append(open)
    open = []
  }

  func commit() { committedCount = intents.count }

  /// Commits some of the epochs that are open.
  func commit(_ count: Int) { committedCount = min(intents.count, committedCount + count) }

  func crash() {
    input = nil
    journal = nil
    open = []
  }

  /// Closes and commits all, dies, and begins again.
  func restart() throws {
    try close()
    commit()
    crash()
    try begin()
  }

  /// Changes what the checkpoint holds.
  func edit(_ body: (inout JSON) -> Void) {
    body(&intents[intents.count - 1])
  }

  private func texts(_ batch: Batch) -> [String] {
    (0..<batch.rowCount).map { row in
      batch.columns.map { column in
        switch column.value(row) {
        case .string(let text): text
        case .null: "null"
        case .integer(let number): "\(number)"
        case let other: "\(other)"
        }
      }
      .joined(separator: ",")
    }
  }
}

/// Somebody who writes logs and rotates them.
struct LogWriter {
  let path: String

  func append(_ text: String) {
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    #expect(unsafe write(descriptor, bytes, bytes.count) == bytes.count)
  }

  func run(_ command: String) { #expect(unsafe system("cd '\(directory)' && \(command)") == 0) }

  func rename(to name: String) { #expect(unsafe Glibc.rename(path, "\(directory)/\(name)") == 0) }

  var directory: String { String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) }
  var name: String { String(path.split(separator: "/").last ?? "") }

  /// Gives all former files the next number.
  func shift() {
    run(
      """
      for n in $(seq 30 -1 1); do for e in '' .gz .zst; do
        if [ -e \(name).$n$e ]; then mv \(name).$n$e \(name).$((n + 1))$e; fi; done; done
      """)
  }

  func rotate() {
    shift()
    rename(to: "\(name).1")
  }

  func copyAndCut() {
    shift()
    run("cp -p \(name) \(name).1 && : > \(name)")
  }
}
