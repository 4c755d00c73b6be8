/// What a pipe carries.
enum Message: Hashable, Sendable {
  case header(Header)
  case rows(Rows)
  case marker(Ledger)
  /// The end-of-stream mark, only ever on a clean end.
  case end
}

/// The part of a header that recovery depends on.
struct Header: Hashable, Sendable {
  /// The ledger to resume after; epoch 0 when nothing has been committed.
  var resume: Ledger
  /// The run id of each source; 0 for one that is not among those before the stage.
  var runs: [UInt8]
}

/// A pipe between two processes of a run. Unbounded: a source stops at its bound of open epochs.
struct Pipe: Hashable, Sendable {
  var messages: [Message] = []
  var isWriterGone = false
  var isReaderGone = false

  /// Whether the reader has something that it can act on: rows alone wait for their marker.
  var isReady: Bool {
    messages.contains {
      if case .rows = $0 { false } else { true }
    }
  }

  /// Whether the reader will wait for ever: the writer has died.
  var isStarved: Bool { isWriterGone && !isReady }

  /// Whether the writer has died: there is no end-of-stream mark.
  var isBroken: Bool { isWriterGone && !messages.contains(.end) }

  /// The rows and the marker of the first epoch.
  var epoch: (rows: Rows, ledger: Ledger)? {
    var rows = Rows()
    for message in messages {
      switch message {
      case .rows(let more): rows.append(more)
      case .marker(let ledger): return (rows, ledger)
      case .header, .end: return nil
      }
    }
    return nil
  }

  mutating func removeEpoch() {
    guard
      let end = messages.firstIndex(where: {
        if case .marker = $0 { true } else { false }
      })
    else { return }
    messages.removeSubrange(...end)
  }

  var isAtEnd: Bool { messages.first == .end }
}

/// A process at the head of a pipe.
struct SourceProcess: Hashable, Sendable {
  enum Phase: Hashable, Sendable {
    case unstarted
    /// Holds its lock and has written its run id.
    case registered
    /// Between two epochs.
    case idle
    /// The rows of an epoch are sent, where it ends is only in memory.
    case open
    /// The intent is written.
    case recorded
    case gone
  }

  var phase = Phase.unstarted
  var position = Position()
  /// Where the open epoch ends.
  var cut = Position()

  var holdsLock: Bool { phase != .unstarted && phase != .gone }
}

/// The aggregate or the join.
struct StageProcess: Hashable, Sendable {
  enum Phase: Hashable, Sendable {
    /// Has not taken its lock, perhaps because it has slept since its run began.
    case waiting
    /// Holds its lock and has compared the run ids.
    case locked
    case idle
    /// The state version or the order entry of an epoch is appended, not fsynced. The epoch is the
    /// first one in the pipe of this input.
    case written(input: UInt8)
    case gone
  }

  var phase = Phase.waiting
  /// The last ledger that it has signed, or the one to resume after.
  var ledger = Ledger()
  /// The aggregate's row in an open window; 0: none.
  var held: UInt8 = 0

  var holdsLock: Bool { phase != .waiting && phase != .gone }
}

/// The sink.
struct SinkProcess: Hashable, Sendable {
  enum Phase: Hashable, Sendable {
    case waiting
    case locked
    case idle
    /// Everything is prepared; nothing is committed.
    case staged
    /// The commit record is appended to the log.
    case recorded
    /// The commit record is durable.
    case committed
    /// The file has its final name.
    case renamed
    case gone
  }

  var phase = Phase.waiting
  /// The last ledger seen.
  var ledger = Ledger()
  /// The last epoch that is committed: markers up to it are skipped.
  var committed: UInt8 = 0
  /// The last commit that is known to be durable in `commits.log`.
  var durable = Ledger()

  var holdsLock: Bool { phase != .waiting && phase != .gone }
}

/// The processes and pipes of one start of the pipeline.
struct Run: Hashable, Sendable {
  var id: UInt8
  /// Which plan this run was started with, as far as the sink's files show it.
  var format: UInt8
  var sources: [SourceProcess]
  /// Absent where a source is piped into the sink.
  var stage: StageProcess?
  var sink = SinkProcess()
  /// Whether a process has been killed or told to stop.
  var isDisturbed = false
  /// The pipe that each source writes, and then that of the stage.
  var pipes: [Pipe]

  init(id: UInt8, format: UInt8, shape: Model.Shape) {
    self.id = id
    self.format = format
    sources = Array(repeating: SourceProcess(), count: shape.sourceCount)
    stage = shape.hasStage ? StageProcess() : nil
    pipes = Array(repeating: Pipe(), count: shape.sourceCount + (shape.hasStage ? 1 : 0))
  }

  /// The pipe that the sink reads.
  var lastPipe: Int { pipes.count - 1 }

  var isGone: Bool {
    sink.phase == .gone && (stage?.phase ?? .gone) == .gone
      && sources.allSatisfy { $0.phase == .gone }
  }

  /// Loses a source: its lock is free, its reader sees the end of the pipe.
  mutating func endSource(_ source: Int) {
    sources[source] = SourceProcess(phase: .gone)
    pipes[source].isWriterGone = true
  }

  mutating func endStage() {
    stage = StageProcess(phase: .gone)
    for pipe in 0..<lastPipe { closeReader(pipe) }
    pipes[lastPipe].isWriterGone = true
  }

  mutating func endSink() {
    sink = SinkProcess(phase: .gone)
    closeReader(lastPipe)
  }

  private mutating func closeReader(_ pipe: Int) {
    pipes[pipe].messages = []
    pipes[pipe].isReaderGone = true
  }
}
