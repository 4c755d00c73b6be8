internal import Checkpoint
package import Columnar
internal import Diagnostics
package import Formats
internal import Glibc
package import JSONText

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
/// `tail -f`; an epoch that fails is cut off again. With a checkpoint the file always grows, but in
/// complete mode, and a start cuts it back to the last commit.
package struct FileTarget: DurableTarget {
  private let path: String
  private let existing: ExistingFiles
  /// A format whose files are written in one piece: nothing can be added to them.
  private let wholeFormat: Format?
  private let makeWriter: (_ continuesFile: Bool) throws -> any RecordWriter
  private var way: Way = .unopened
  private var form: ResultForm?
  /// Rows that were written to a file that grows with a checkpoint.
  private var rowCount = 0

  private enum Way {
    case unopened
    case committed(CommittedFile)
    case committedWhole(ReplacedFile, pending: [Batch])
    case whole(AsideFile, RecordOutput)
    case replaced(Schema, WholeResult)
    case appended(AppendedFile)
  }

  /// - Parameters:
  ///   - wholeFormat: the format, if it has something at its end, so that nothing can be added to a
  ///     file. That appears once the input is whole; with a checkpoint all rows have to come in one
  ///     epoch.
  ///   - makeWriter: told whether records stand before those that it writes.
  package init(
    path: String, existing: ExistingFiles, wholeFormat: Format? = nil,
    makeWriter: @escaping (_ continuesFile: Bool) throws -> any RecordWriter
  ) {
    self.path = path
    self.existing = existing
    self.wholeFormat = wholeFormat
    self.makeWriter = makeWriter
  }

  package mutating func begin(_ form: ResultForm) throws {
    self.form = form
    let kind = PathKind(path)
    if isOnePiece, form.isDurable, form.mode != .complete, !form.isBounded { throw endless() }
    if form.isDurable, !kind.isSpecial { return }
    try check(kind, form)
    if case .special = kind {
      way = .appended(try AppendedFile(path, truncates: false, try makeWriter(false), form.schema))
    } else if form.mode == .complete {
      way = .replaced(form.schema, WholeResult())
    } else if !isOnePiece, existing == .append || !form.isBounded {
      let truncates = existing == .overwrite
      var continues = false
      if case .file(isEmpty: false) = kind { continues = !truncates }
      way = .appended(
        try AppendedFile(path, truncates: truncates, try makeWriter(continues), form.schema))
    } else {
      let file = try AsideFile(for: path)
      let output = RecordOutput(to: file.descriptor, named: "'\(path)'", try makeWriter(false))
      try output.begin(form.schema)
      way = .whole(file, output)
    }
  }

  private func check(_ kind: PathKind, _ form: ResultForm) throws {
    let directory = splitPath(path).directory
    if case .missing = kind, case .missing = PathKind(directory) {
      throw StreamError(
        .usage, "no directory '\(directory)'", hint: "mkdir -p \(shellQuoted(directory))")
    }
    if isOnePiece, existing == .append {
      throw StreamError(
        .usage, "'\(path)' cannot be appended to: its format has an end",
        hint: "--overwrite, or a directory")
    }
    if form.mode == .complete, existing == .append {
      throw StreamError(
        .usage, "complete mode replaces '\(path)' at each epoch, so it cannot be appended to",
        hint: "--overwrite")
    }
    if case .file = kind, existing == .refuse {
      throw StreamError(
        .usage, "'\(path)' exists already",
        hint: form.mode == .complete || isOnePiece
          ? "--overwrite replaces it" : "--overwrite replaces it, --append adds to it")
    }
  }

  package mutating func write(_ batch: Batch, isDeletion: Bool) throws {
    if isDeletion { throw refuseDeletion() }
    switch way {
    case .unopened: break
    case .committed(let file):
      rowCount += batch.rowCount
      try file.output.write(batch)
    case .committedWhole(let file, var pending):
      way = .unopened
      pending.append(batch)
      way = .committedWhole(file, pending: pending)
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
    case .unopened, .whole, .committed, .committedWhole: break
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
    try output.begin(schema)
    for batch in result.batches { try output.write(batch) }
    try output.end()
    try file.publish()
  }

  package mutating func flush() throws {
    switch way {
    case .appended(let file): try file.output.flush()
    case .committed(let file): try file.output.flush()
    case .unopened, .whole, .replaced, .committedWhole: break
    }
  }

  package mutating func discard() {
    switch way {
    case .unopened, .replaced, .committedWhole: break
    case .committed(let file): file.discard()
    case .whole(let file, _): file.discard()
    case .appended(let file): file.discard()
    }
  }

  package mutating func end() throws {
    switch way {
    case .unopened, .committed, .committedWhole: break
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

// MARK: - With a checkpoint

extension FileTarget {
  package mutating func resume(_ resume: TargetResume) throws -> TargetPosition {
    guard let form else { throw StreamError(.internal, "a target that has not begun") }
    let kind = PathKind(path)
    if kind.isSpecial { return .asCommitted }
    if case .directory = kind { throw StreamError(.usage, "'\(path)' is a directory") }
    if resume.isNew { try check(kind, form) }
    if form.mode == .complete {
      if let aside = resume.detail["aside"]?.string {
        try ReplacedFile.publish(path, aside: aside)
      }
      try removeAsides(form)
      way = .committedWhole(ReplacedFile(path, asideStem: asideStem(form)), pending: [])
    } else if resume.isNew || (isOnePiece && resume.detail["length"] == nil) {
      try removeAsides(form)
      way = .committed(try beginning(kind, form))
    } else {
      let file = try CommittedFile.resuming(
        path, resume.detail, try makeWriter(true), form.schema)
      try removeAsides(form)
      way = .committed(file)
    }
    return .asCommitted
  }

  private func beginning(_ kind: PathKind, _ form: ResultForm) throws -> CommittedFile {
    let directory = splitPath(path).directory
    guard unsafe access(directory, W_OK | X_OK) == 0 else {
      throw fileError("cannot write '\(path)'")
    }
    var base: Int64?
    if case .file(isEmpty: false) = kind, existing == .append {
      var status = stat()
      _ = unsafe stat(path, &status)
      base = Int64(status.st_size)
    }
    return try CommittedFile.beginning(
      path, aside: "\(asideStem(form))0.tmp", addingTo: base, try makeWriter(base != nil),
      form.schema)
  }

  /// The path of this run's hidden files, up to a number.
  private func asideStem(_ form: ResultForm) -> String {
    let (directory, name) = splitPath(path)
    let run = String(UInt32.random(in: .min ... .max), radix: 16)
    return "\(directory)/.\(name).\(form.queryTag)-\(run)-"
  }

  private func removeAsides(_ form: ResultForm) throws {
    let (directory, name) = splitPath(path)
    for other in try Disk.names(in: directory)
    where other.hasPrefix(".\(name).\(form.queryTag)-") && other.hasSuffix(".tmp") {
      try Disk.remove("\(directory)/\(other)", label: "file.aside")
    }
  }

  package mutating func prepare(_ epoch: TargetEpoch) throws -> JSON {
    switch way {
    case .committed(let file):
      if isOnePiece, !epoch.isFinal {
        guard rowCount == 0 else { throw severalEpochs() }
        return .object([])
      }
      return try file.prepare(isFinal: epoch.isFinal)
    case .committedWhole(var file, let pending):
      way = .unopened
      var detail: JSON = .object([])
      // A result that nobody ever sent is an empty one.
      let isMissing = !Disk.exists(path)
      if epoch.replacesResult || (epoch.isFinal && isMissing), let form {
        detail = try file.prepare(pending, form.schema, try makeWriter(false))
      }
      way = .committedWhole(file, pending: [])
      return detail
    case .unopened, .whole, .replaced, .appended:
      try commit(epoch)
      return .null
    }
  }

  package mutating func publish(_ epoch: TargetEpoch) throws {
    switch way {
    case .committed(let file):
      if isOnePiece, !epoch.isFinal { return }
      try file.publish()
    case .committedWhole(var file, let pending):
      try file.publish()
      way = .committedWhole(file, pending: pending)
    case .unopened, .whole, .replaced, .appended: break
    }
  }
}

// MARK: - Files in one piece

extension FileTarget {
  private var isOnePiece: Bool { wholeFormat != nil }

  private var directoryHint: String {
    let format = wholeFormat.map { " --format \($0.rawValue)" } ?? ""
    return "a directory gets a file for each epoch: "
      + "stream-sink file \(shellQuoted("\(directoryName)/"))\(format)"
  }

  private var directoryName: String {
    guard let dot = path.lastIndex(of: "."), dot > (path.lastIndex(of: "/") ?? path.startIndex)
    else { return path }
    return String(path[..<dot])
  }

  private func endless() -> StreamError {
    StreamError(
      .usage,
      "'\(path)' would never be whole: its format has an end, but with a checkpoint the input goes on",
      hint: "--final on the source ends it; \(directoryHint)")
  }

  private func severalEpochs() -> StreamError {
    StreamError(
      .usage,
      "'\(path)' cannot grow with a checkpoint: its format has an end, but more epochs follow",
      hint: directoryHint)
  }
}
