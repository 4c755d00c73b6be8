package import Columnar
internal import Diagnostics
package import Formats
internal import Glibc

/// What becomes of files that are there already.
package enum ExistingFiles: Sendable {
  case refuse
  case overwrite
  case append
}

/// Records in one file.
///
/// A bounded input's file appears when it is whole; so does, epoch by epoch, the result of complete
/// mode. The rows of an endless input are appended as they come, so that they can be followed with
/// `tail -f`; an epoch that fails is cut off again.
package struct FileTarget: Target {
  private let path: String
  private let existing: ExistingFiles
  private let makeWriter: (_ continuesFile: Bool) throws -> any RecordWriter
  private var way: Way = .unopened

  private enum Way {
    case unopened
    case whole(AsideFile, RecordOutput)
    case replaced(Schema, WholeResult)
    case appended(AppendedFile)
  }

  /// - Parameter makeWriter: told whether records stand before those that it writes.
  package init(
    path: String, existing: ExistingFiles,
    makeWriter: @escaping (_ continuesFile: Bool) throws -> any RecordWriter
  ) {
    self.path = path
    self.existing = existing
    self.makeWriter = makeWriter
  }

  package mutating func begin(_ form: ResultForm) throws {
    let kind = PathKind(path)
    try check(kind, form)
    if case .special = kind {
      way = .appended(try AppendedFile(path, truncates: false, try makeWriter(false), form.schema))
    } else if form.mode == .complete {
      way = .replaced(form.schema, WholeResult())
    } else if existing == .append || !form.isBounded {
      let truncates = existing == .overwrite
      var continues = false
      if case .file(isEmpty: false) = kind { continues = !truncates }
      way = .appended(
        try AppendedFile(path, truncates: truncates, try makeWriter(continues), form.schema))
    } else {
      let file = try AsideFile(for: path)
      let output = RecordOutput(to: file.descriptor, named: "'\(path)'", try makeWriter(false))
      output.begin(form.schema)
      way = .whole(file, output)
    }
  }

  private func check(_ kind: PathKind, _ form: ResultForm) throws {
    let directory = splitPath(path).directory
    if case .missing = kind, case .missing = PathKind(directory) {
      throw StreamError(.usage, "no directory '\(directory)'", hint: "mkdir -p \(directory)")
    }
    if form.mode == .complete, existing == .append {
      throw StreamError(
        .usage, "complete mode replaces '\(path)' at each epoch, so it cannot be appended to",
        hint: "--overwrite")
    }
    if case .file = kind, existing == .refuse {
      throw StreamError(
        .usage, "'\(path)' exists already",
        hint: form.mode == .complete
          ? "--overwrite replaces it" : "--overwrite replaces it, --append adds to it")
    }
  }

  package mutating func write(_ batch: Batch, isDeletion: Bool) throws {
    if isDeletion { throw refuseDeletion() }
    switch way {
    case .unopened: break
    case .whole(_, let output): try output.write(batch)
    case .replaced(let schema, var result):
      way = .unopened
      result.add(batch)
      way = .replaced(schema, result)
    case .appended(let file): try file.output.write(batch)
    }
  }

  package mutating func commit(_ epoch: TargetEpoch) throws {
    switch way {
    case .unopened, .whole: break
    case .replaced(let schema, var result):
      result.commit(epoch)
      way = .replaced(schema, result)
      if epoch.replacesResult { try replace(result, schema) }
    case .appended(let file): try file.commit()
    }
  }

  private func replace(_ result: WholeResult, _ schema: Schema) throws {
    let file = try AsideFile(for: path)
    let output = RecordOutput(to: file.descriptor, named: "'\(path)'", try makeWriter(false))
    output.begin(schema)
    for batch in result.batches { try output.write(batch) }
    try output.end()
    try file.publish()
  }

  package mutating func flush() throws {
    if case .appended(let file) = way { try file.output.flush() }
  }

  package mutating func discard() {
    switch way {
    case .unopened, .replaced: break
    case .whole(let file, _): file.discard()
    case .appended(let file): file.discard()
    }
  }

  package mutating func end() throws {
    switch way {
    case .unopened: break
    case .whole(let file, let output):
      try output.end()
      try file.publish()
    case .replaced(let schema, let result):
      // A result that nobody ever sent is an empty one.
      if case .missing = PathKind(path) { try replace(result, schema) }
    case .appended(let file): try file.end()
    }
  }
}

/// A file that grows while it is read by others.
private final class AppendedFile {
  let output: RecordOutput
  private let path: String
  private let descriptor: Int32
  private let isRegular: Bool
  private let isOurs: Bool
  /// Bytes up to the end of the last epoch.
  private var committedLength: off_t
  private var hasCommitted = false

  init(_ path: String, truncates: Bool, _ writer: any RecordWriter, _ schema: Schema) throws {
    self.path = path
    if case .missing = PathKind(path) { isOurs = true } else { isOurs = false }
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (truncates ? O_TRUNC : 0)
    descriptor = unsafe open(path, flags, 0o666)
    guard descriptor >= 0 else { throw fileError("cannot write '\(path)'") }
    var status = stat()
    isRegular = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    committedLength = status.st_size
    output = RecordOutput(to: descriptor, named: "'\(path)'", writer)
    output.begin(schema)
  }

  deinit { close(descriptor) }

  func commit() throws {
    try output.flush()
    hasCommitted = true
    guard isRegular else { return }
    var status = stat()
    if unsafe fstat(descriptor, &status) == 0 { committedLength = status.st_size }
  }

  func discard() {
    output.discard()
    guard isRegular else { return }
    if isOurs, !hasCommitted { removeFile(path) } else { ftruncate(descriptor, committedLength) }
  }

  func end() throws {
    try output.end()
    if isRegular, fsync(descriptor) != 0 { throw fileError("cannot write '\(path)'") }
  }
}
