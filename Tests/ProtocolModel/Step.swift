/// One thing that happens. A process is named by the id of its run.
enum Step: Hashable, Sendable {
  case start(changesPlan: Bool)
  case source(run: UInt8, source: Int, SourceStep)
  case stage(run: UInt8, StageStep)
  case sink(run: UInt8, SinkStep)
  /// Some processes of a run are lost: a bit for each source, 4 for the stage, 8 for the sink.
  case kill(run: UInt8, victims: UInt8)
  /// All processes are lost, and what was not durable may be; `choice` numbers the outcomes.
  case powerLoss(choice: Int)

  var isDisaster: Bool {
    switch self {
    case .kill, .powerLoss: true
    case .start, .source, .stage, .sink: false
    }
  }
}

enum SourceStep: Hashable, Sendable {
  case register
  case readCommits
  /// Opens an epoch and sends its rows; none for a heartbeat and for the final epoch.
  case open(row: UInt8, isFinal: Bool)
  case writeIntent
  case sendMarker
  case trim
  /// Has waited for a lock as long as a source does.
  case giveUp
  /// A signal: sends the end-of-stream mark between two epochs.
  case stop
}

enum StageStep: Hashable, Sendable {
  case lock
  case restore
  /// Takes the first epoch of an input and writes what it did.
  case write(input: UInt8)
  case send
  case trim
  /// The order log wants an epoch of an input that has ended.
  case voidOrder
  /// Finds that an input has ended without the end-of-stream mark.
  case noticeDeath
  case end
}

enum SinkStep: Hashable, Sendable {
  case lock
  case restore
  case skip
  case softCommit
  case stage
  case record
  case fsync
  /// The disk refuses.
  case failFsync
  case rename
  case fsyncDirectory
  case end
}

/// The sentences of a trace; empty while exploring, where nobody reads them.
struct Tale {
  private(set) var lines: [String]?

  static var silent: Tale { Tale(lines: nil) }
  static var told: Tale { Tale(lines: []) }

  mutating func say(_ line: @autoclosure () -> String) {
    lines?.append(line())
  }
}
