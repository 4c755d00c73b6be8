internal import Checkpoint
package import Columnar
internal import Diagnostics
package import Formats
internal import Glibc
package import JSONText

/// Records on the standard input of a program that is run for each epoch; status 0 commits.
///
/// With a checkpoint it is run at least once for each epoch, and again with the same number and the
/// same rows for one that was not committed.
package struct ExecTarget: DurableTarget {
  private let command: String
  private let retryCountMax: Int
  private let watchGroup: (Int32) -> Void
  private let makeWriter: () throws -> any RecordWriter
  private var form: ResultForm?
  private var query = ""
  private var spoolDirectory = environmentText("TMPDIR") ?? "/tmp"
  private var lock: StageLock?
  private var open: (spool: EpochSpool, output: RecordOutput)?
  private var rowCount = 0

  private static let firstDelayMilliseconds: UInt32 = 100
  private static let delayMillisecondsMax: UInt32 = 10_000
  private static let lockPatienceMilliseconds = 10_000

  /// - Parameters:
  ///   - command: for `sh -c`.
  ///   - retryCountMax: how often a program that failed is run again.
  ///   - watchGroup: told the process group of a program while it runs, then 0.
  package init(
    _ command: String, retryCountMax: Int, watchGroup: @escaping (Int32) -> Void = { _ in },
    makeWriter: @escaping () throws -> any RecordWriter
  ) {
    self.command = command
    self.retryCountMax = retryCountMax
    self.watchGroup = watchGroup
    self.makeWriter = makeWriter
  }

  package mutating func begin(_ form: ResultForm) throws {
    self.form = form
    query = form.query
  }

  package mutating func resume(_ resume: TargetResume) throws -> TargetPosition {
    query = resume.query
    spoolDirectory = resume.directory
    let stage = StageDirectory(path: resume.directory, id: resume.stage).programLock
    try Disk.makeDirectory(stage.path)
    var waited = 0
    while lock == nil {
      lock = try StageLock(stage)
      if lock != nil { break }
      guard waited < ExecTarget.lockPatienceMilliseconds else {
        throw StreamError(
          .unavailable, "a program that an earlier run has started is still at work",
          hint: "stop it, or wait until it has ended")
      }
      usleep(5_000)
      waited += 5
    }
    return .asCommitted
  }

  // MARK: - Epochs

  package mutating func write(_ batch: Batch, isDeletion: Bool) throws {
    if isDeletion { throw refuseDeletion() }
    guard batch.rowCount > 0 else { return }
    rowCount += batch.rowCount
    try opened().output.write(batch)
  }

  private mutating func opened() throws -> (spool: EpochSpool, output: RecordOutput) {
    if let open { return open }
    guard let form else { throw StreamError(.internal, "a target that has not begun") }
    let spool = try EpochSpool(directory: spoolDirectory)
    let output = RecordOutput(try makeWriter()) { try spool.append($0) }
    try output.begin(form.schema)
    open = (spool, output)
    return (spool, output)
  }

  package mutating func commit(_ epoch: TargetEpoch) throws {
    if rowCount == 0, !epoch.replacesResult { return }
    let (spool, output) = try opened()
    try output.end()
    try run(spool, epoch)
    drop()
  }

  package mutating func prepare(_ epoch: TargetEpoch) throws -> JSON {
    try commit(epoch)
    return .null
  }

  package mutating func publish(_ epoch: TargetEpoch) {}

  package mutating func discard() { drop() }

  private mutating func drop() {
    open = nil
    rowCount = 0
  }

  private func run(_ spool: EpochSpool, _ epoch: TargetEpoch) throws {
    let program = EpochProgram(
      command: command, lockDescriptor: lock?.rawDescriptor, watchGroup: watchGroup)
    let variables = [
      "STREAM_EPOCH=\(epoch.number)", "STREAM_ROWS=\(rowCount)", "STREAM_QUERY=\(query)",
      "STREAM_STAGE=\(form?.stage ?? "")",
    ]
    var delay = ExecTarget.firstDelayMilliseconds
    var attempt = 0
    while true {
      CrashPoint.pass("exec:run")
      let input = try spool.reader()
      defer { close(input) }
      let end = try program.run(input: input, variables: variables)
      CrashPoint.pass("exec:ended")
      guard let failure = failure(end, epoch, attempts: attempt + 1) else { return }
      if attempt >= retryCountMax || failure.kind == .usage { throw failure }
      usleep(delay * 1000)
      delay = min(delay * 2, ExecTarget.delayMillisecondsMax)
      attempt += 1
    }
  }

  /// - Returns: nil when the program has done its work.
  private func failure(_ end: ProgramEnd, _ epoch: TargetEpoch, attempts: Int) -> StreamError? {
    if end.status == .exited(0) { return nil }
    let kind: StreamError.Kind = end.status.isNoCommand ? .usage : .unavailable
    let times = attempts == 1 ? "" : " \(attempts) times"
    let words = end.lastWords.isEmpty ? "" : ": \(end.lastWords)"
    return StreamError(
      kind,
      "'\(command)' has failed\(times) for epoch \(epoch.number): it \(end.status.phrase)\(words)")
  }
}

private func environmentText(_ name: String) -> String? {
  guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
  return unsafe String(cString: value)
}
