package import Diagnostics
internal import Glibc
package import JSONText

/// What one stage keeps: `lock`, `plan.json` and files of its own kind.
package struct StageDirectory: Sendable, Hashable {
  package let path: String
  /// Such as `main.agg`.
  package let id: String

  package init(path: String, id: String) {
    self.path = path
    self.id = id
  }

  /// The lock that a program which a sink has started inherits: it is let go when the program, and
  /// whatever it has started in turn, are gone.
  package var programLock: StageDirectory { StageDirectory(path: "\(path)/program", id: id) }

  package var planPath: String { "\(path)/plan.json" }
  package var lockPath: String { "\(path)/lock" }
  /// A source's run id.
  package var runPath: String { "\(path)/run" }
  /// A source's intents.
  package var intentsPath: String { "\(path)/intents.log" }
  /// A join's: the order of its epochs, and which table each was joined with.
  package var orderPath: String { "\(path)/order.log" }
  /// A sink's commits.
  package var commitsPath: String { "\(path)/commits.log" }
  package var statePath: String { "\(path)/state" }
  /// A join's: the tables that epochs were joined with.
  package var tablesPath: String { "\(path)/tables" }
  package var walPath: String { "\(path)/wal" }

  /// Makes the directory durably, if it is not there.
  package func make() throws(StreamError) {
    if Disk.isDirectory(path) { return }
    let stages = Disk.parent(of: path)
    try Disk.makeDirectory(stages)
    try Disk.makeDirectory(path)
  }

  /// The id of the source's run that holds or last held the checkpoint.
  package func runID() throws(StreamError) -> String? {
    try Document.read(runPath)?.string
  }

  package func plan() throws(StreamError) -> JSON? { try Document.read(planPath) }
}

/// Who holds a stage's lock, as far as one can read.
package struct LockHolder: Sendable, Equatable {
  package var process: Int32
  /// The run by source, once the stage knows it.
  package var runs: [String: String]

  init?(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self), let json = try? JSON(parsing: text),
      let process = json["process"]?.int64
    else { return nil }
    self.process = Int32(clamping: process)
    runs = [:]
    for run in json["runs"]?.members ?? [] { runs[run.key] = run.value.string }
  }
}

/// The lock of a stage: held as long as the object lives, let go by the system when the process
/// dies. The file is never removed.
package final class StageLock {
  private let descriptor: Int32
  private let path: String

  /// - Returns: nil when another process holds it.
  package init?(_ stage: StageDirectory) throws(StreamError) {
    path = stage.lockPath
    CrashPoint.pass("lock:open")
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw diskError("cannot open '\(path)'") }
    guard StageLock.lock(descriptor) else { return nil }
  }

  deinit { close(descriptor) }

  /// For a program that is to inherit the lock.
  package var rawDescriptor: Int32 { descriptor }

  private static func lock(_ descriptor: Int32, _ kind: Int32 = LOCK_EX) -> Bool {
    while flock(descriptor, kind | LOCK_NB) != 0 {
      guard errno == EINTR else { return false }
    }
    return true
  }

  /// Says in the file who holds it, and in which run: so a sink registers.
  package func declare(runs: [String: String]) throws(StreamError) {
    CrashPoint.pass("lock:declare")
    let members = runs.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
    let record: JSON = ["process": .integer(Int64(getpid())), "runs": .object(members)]
    let bytes = Array(record.text.utf8)
    if let code = Disk.write(unsafe bytes.span.bytes, to: descriptor, at: 0) {
      throw diskError("cannot write '\(path)'", code: code)
    }
    guard ftruncate(descriptor, off_t(bytes.count)) == 0 else {
      throw diskError("cannot write '\(path)'")
    }
  }

  /// Who holds the lock of a stage; nil when nobody does.
  package static func holder(of stage: StageDirectory) throws(StreamError) -> LockHolder? {
    let descriptor = unsafe open(stage.lockPath, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw diskError("cannot open '\(stage.lockPath)'")
    }
    // Closing it gives a lock back that was free.
    defer { close(descriptor) }
    // Shared, so that two who look do not take each other for a holder.
    if lock(descriptor, LOCK_SH) { return nil }
    let bytes = try Disk.contents(of: descriptor, from: 0, stage.lockPath, atMost: 1 << 20)
    return LockHolder(bytes) ?? LockHolder(Array("{\"process\":0}".utf8))
  }
}
