internal import Checkpoint
internal import Columnar
internal import Diagnostics
internal import Formats
internal import Glibc
internal import JSONText

/// A file that grows from commit to commit, while others may read it.
///
/// The commit's record holds its length, and a start cuts it back to that. Until the first commit the
/// rows are in a hidden file beside it: a start that fails leaves nothing behind, and touches nothing
/// that was there.
final class CommittedFile {
  let output: RecordOutput
  private let path: String
  /// Where the rows go: the file itself, or the hidden one of the first epoch.
  private let place: Place
  private var committedLength: Int64
  /// How the first epoch's rows come to the file; nil behind its commit.
  private var first: FirstCommit?
  private var isPrepared = false

  /// Exchanged when the rows go somewhere else.
  private final class Place {
    var file: GrowingFile
    init(_ file: GrowingFile) { self.file = file }
  }

  private struct FirstCommit {
    let aside: String
    /// The length of the file that the rows are added to; nil when the hidden file takes its place.
    let base: Int64?
  }

  private static let label = "file"

  private init(
    _ path: String, _ file: GrowingFile, committedLength: Int64, first: FirstCommit?,
    _ writer: any RecordWriter
  ) {
    self.path = path
    let place = Place(file)
    self.place = place
    self.committedLength = committedLength
    self.first = first
    output = RecordOutput(writer) { try place.file.append($0) }
  }

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - aside: the path of the hidden file.
  ///   - base: the length of the file whose rows stay; nil for one that is new or is replaced.
  static func beginning(
    _ path: String, aside: String, addingTo base: Int64?, _ writer: any RecordWriter,
    _ schema: Schema
  ) throws -> CommittedFile {
    let file = try GrowingFile(aside, isNew: true, label: "\(label).aside", shownAs: "'\(path)'")
    file.keepMode(of: path)
    let committed = CommittedFile(
      path, file, committedLength: 0, first: FirstCommit(aside: aside, base: base), writer)
    try committed.output.begin(schema)
    return committed
  }

  /// Goes on with a file where the last commit has left it.
  ///
  /// - Parameters:
  ///   - detail: what ``prepare(isFinal:)`` has returned.
  ///   - writer: one that continues a file.
  static func resuming(
    _ path: String, _ detail: JSON, _ writer: any RecordWriter, _ schema: Schema
  ) throws -> CommittedFile {
    guard var length = detail["length"]?.int64, length >= 0 else {
      throw StreamError(.io, "the checkpoint is damaged: a commit has no length of '\(path)'")
    }
    if let aside = detail["aside"]?.string {
      let base = detail["base"]?.int64
      try finishFirst(path, aside: "\(splitPath(path).directory)/\(aside)", base: base)
      length += base ?? 0
    }
    let found = try size(of: path, expecting: length)
    guard found >= length else {
      throw StreamError(
        .io, "'\(path)' has \(found) bytes, but \(length) were committed",
        hint: "restore the file, or begin anew with another --checkpoint directory")
    }
    let file = try GrowingFile(path, isNew: false, label: label)
    if found > length { try file.truncate(to: length) }
    let committed = CommittedFile(path, file, committedLength: length, first: nil, writer)
    try committed.output.begin(schema)
    return committed
  }

  private static func size(of path: String, expecting length: Int64) throws(StreamError) -> Int64 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      throw StreamError(
        .io, "'\(path)' is gone, but \(length) bytes of it were committed",
        hint: "restore the file, or begin anew with another --checkpoint directory")
    }
    return Int64(status.st_size)
  }

  /// Puts the first epoch's rows where they belong, durably. It can be repeated.
  private static func finishFirst(
    _ path: String, aside: String, base: Int64?
  ) throws(StreamError) {
    let directory = splitPath(path).directory
    guard Disk.exists(aside) else { return }
    if let base {
      let file = try GrowingFile(path, isNew: false, label: label)
      guard file.length >= base else {
        throw StreamError(.io, "'\(path)' has become shorter while rows were added to it")
      }
      if file.length > base { try file.truncate(to: base) }
      try append(contentsOf: aside, to: file)
      try file.synchronize()
      try Disk.remove(aside, label: "\(label).aside")
    } else {
      try Disk.rename(aside, to: path, label: label)
    }
    try Disk.synchronizeDirectory(directory, label: label)
  }

  private static func append(
    contentsOf path: String, to file: GrowingFile
  ) throws(StreamError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw diskError("cannot read '\(path)'") }
    defer { close(descriptor) }
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw diskError("cannot read '\(path)'") }
      if count == 0 { return }
      try file.append(unsafe piece.span.extracting(first: count).bytes)
    }
  }

  /// Makes the rows durable.
  ///
  /// - Parameter isFinal: nothing follows; what stands behind the last record is written too.
  /// - Returns: the length, for the commit's record.
  func prepare(isFinal: Bool) throws -> JSON {
    if isFinal { try output.end() } else { try output.flush() }
    isPrepared = true
    let length = place.file.length
    guard let first else {
      if length != committedLength { try place.file.synchronize() }
      return ["length": .integer(length)]
    }
    try place.file.synchronize()
    let (directory, name) = splitPath(first.aside)
    try Disk.synchronizeDirectory(directory, label: "\(CommittedFile.label).aside")
    var detail: JSON = ["length": .integer(length), "aside": .string(name)]
    if let base = first.base { detail["base"] = .integer(base) }
    return detail
  }

  /// The commit's record is durable.
  func publish() throws {
    if let first {
      let rows = place.file
      try CommittedFile.finishFirst(path, aside: first.aside, base: first.base)
      rows.close()
      place.file = try GrowingFile(path, isNew: false, label: CommittedFile.label)
      self.first = nil
    }
    committedLength = place.file.length
    isPrepared = false
  }

  /// Takes the open epoch's rows back, unless their commit may have reached the disk.
  func discard() {
    output.discard()
    if isPrepared { return }
    if let first { removeFile(first.aside) } else { try? place.file.truncate(to: committedLength) }
  }
}

/// A file that is replaced whole by commits.
struct ReplacedFile {
  private let path: String
  private let asideStem: String
  private var sequence = 0
  private var prepared: String?

  /// - Parameter asideStem: the path of hidden files, up to a number of theirs.
  init(_ path: String, asideStem: String) {
    self.path = path
    self.asideStem = asideStem
  }

  /// Writes the file to come under a hidden name.
  ///
  /// - Returns: that name, for the commit's record.
  mutating func prepare(
    _ batches: [Batch], _ schema: Schema, _ writer: any RecordWriter
  ) throws -> JSON {
    sequence += 1
    let aside = "\(asideStem)\(sequence).tmp"
    let file = try GrowingFile(aside, isNew: true, label: "file.aside", shownAs: "'\(path)'")
    file.keepMode(of: path)
    let output = RecordOutput(writer) { try file.append($0) }
    try output.begin(schema)
    for batch in batches { try output.write(batch) }
    try output.end()
    try file.synchronize()
    let (directory, name) = splitPath(aside)
    try Disk.synchronizeDirectory(directory, label: "file.aside")
    prepared = name
    return ["aside": .string(name)]
  }

  mutating func publish() throws {
    if let prepared { try ReplacedFile.publish(path, aside: prepared) }
    prepared = nil
  }

  /// What a commit says. It can be repeated.
  static func publish(_ path: String, aside name: String) throws(StreamError) {
    let directory = splitPath(path).directory
    let aside = "\(directory)/\(name)"
    guard Disk.exists(aside) else { return }
    try Disk.rename(aside, to: path, label: "file")
    try Disk.synchronizeDirectory(directory, label: "file")
  }
}
