internal import Connectors
package import JSONText
package import Wire

/// Takes in what comes while a stage is still getting ready, so that the stages before it need not
/// wait: up to a bound.
package final class ReadAhead: EpochInput, @unchecked Sendable {
  private let reader: WireReader
  private let byteCountMax: Int
  private let lock = Lock()
  private let hasEnded: Condition
  // These are guarded by the lock until the thread has ended.
  private var isRunning = false
  private var isStopped = false
  private var heldByteCount = 0
  /// What has come, the last first once the thread has ended; nil is the end of the stream.
  private var frames: [Result<Frame?, any Error>] = []

  /// How often to look whether the stage is ready.
  private static let patienceMilliseconds = 2

  /// Begins at once. The reader is the thread's until ``finish()``.
  package init(_ reader: WireReader, byteCountMax: Int = 32 << 20) {
    self.reader = reader
    self.byteCountMax = byteCountMax
    hasEnded = Condition(lock)
    isRunning = true
    if !startThread({ self.read() }) { isRunning = false }
  }

  private func read() {
    defer {
      lock.withLock {
        isRunning = false
        hasEnded.broadcast()
      }
    }
    while lock.withLock({ !isStopped && heldByteCount < byteCountMax }) {
      let frame: Result<Frame?, any Error>
      do {
        guard
          try reader.hasBufferedFrame
            || reader.waitForInput(milliseconds: Self.patienceMilliseconds)
        else { continue }
        frame = .success(try reader.next())
      } catch {
        frame = .failure(error)
      }
      let isLast = lock.withLock {
        frames.append(frame)
        if case .success(.rows(let rows)?) = frame { heldByteCount += rows.byteCount }
        return frame.isLast
      }
      if isLast { return }
    }
  }

  /// The stage is ready: it reads itself from now on.
  package func finish() {
    lock.withLock {
      isStopped = true
      while isRunning { hasEnded.wait() }
      frames.reverse()
    }
  }

  // MARK: - The stage's side

  package var header: Header { reader.header }

  package var resumeWatermark: Int64? { reader.resumeWatermark }

  package func next(for output: WireWriter) throws -> Frame? {
    guard let frame = frames.popLast() else { return try reader.next(for: output) }
    return try frame.get()
  }

  package func watermark(behind marker: Ledger, sent ledger: Ledger) -> Int64? { ledger.watermark }

  package func memo(adding memo: JSON?) -> JSON? { memo }
}

extension Result<Frame?, any Error> {
  /// Whether nothing may be read behind it.
  fileprivate var isLast: Bool {
    switch self {
    case .success(.rows), .success(.marker): false
    case .success(.failure), .success(nil), .failure: true
    }
  }
}
