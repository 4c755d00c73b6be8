internal import Checkpoint
internal import Columnar
internal import Diagnostics
internal import Formats
internal import Glibc

/// A file that grows and may be closed in between, so that not too many are open at once.
final class GrowingFile {
  let path: String
  private let label: String
  /// What errors call it; nil for its path.
  private let shownName: String?
  private var file: DiskFile?
  private(set) var length: Int64 = 0

  /// Opens the file.
  ///
  /// - Parameters:
  ///   - isNew: it must not be there yet.
  ///   - shownName: what errors call it, such as `into 'out'`; nil for its path.
  init(
    _ path: String, isNew: Bool, label: String, shownAs shownName: String? = nil
  ) throws(StreamError) {
    self.path = path
    self.label = label
    self.shownName = shownName
    let file = try DiskFile(path, isNew: isNew, mode: 0o666, label: label)
    length = file.length
    self.file = consume file
  }

  func append(_ bytes: RawSpan) throws(StreamError) {
    do throws(StreamError) {
      try reopen()
      try file?.append(bytes)
    } catch {
      throw shown(error)
    }
    length += Int64(bytes.byteCount)
  }

  func synchronize() throws(StreamError) {
    do throws(StreamError) {
      try reopen()
      try file?.synchronize()
    } catch {
      throw shown(error)
    }
  }

  /// People know nothing of hidden names.
  private func shown(_ error: StreamError) -> StreamError {
    guard let shownName, let range = error.message.firstRange(of: "'\(path)'") else { return error }
    var error = error
    error.message.replaceSubrange(range, with: shownName)
    return error
  }

  func truncate(to count: Int64) throws(StreamError) {
    try reopen()
    try file?.truncate(to: count)
    length = count
  }

  /// Gives it the permissions of another file, if that is there.
  func keepMode(of other: String) {
    var status = stat()
    guard unsafe stat(other, &status) == 0, let descriptor = file?.rawDescriptor else { return }
    fchmod(descriptor, status.st_mode & 0o7777)
  }

  func close() { file = nil }

  private func reopen() throws(StreamError) {
    if file == nil { file = try DiskFile(path, label: label) }
  }
}

/// The parts of an open epoch, which nobody sees yet.
final class OpenParts {
  /// A part that is whole: its hidden name and its own, relative to the directory.
  struct Whole: Equatable {
    let aside: String
    let name: String
  }

  private final class Part {
    let directory: String
    let aside: String
    /// Among those of its directory.
    let number: Int
    let file: GrowingFile
    let output: RecordOutput
    var lastUse = 0
    /// What its writer keeps back, as it was counted last.
    var heldByteCount = 0
    var isInUse = false

    init(
      _ directory: String, aside: String, number: Int, _ file: GrowingFile,
      _ writer: any RecordWriter
    ) {
      self.directory = directory
      self.aside = aside
      self.number = number
      self.file = file
      output = RecordOutput(writer) { try file.append($0) }
    }

    var byteCount: Int64 { file.length + Int64(output.heldByteCount) }
  }

  private let root: String
  private let names: PartNames
  /// A part that is as long is closed and another one begun.
  private let byteCountMax: Int64?
  private let makeWriter: () throws -> any RecordWriter
  /// By directory: the part that its next rows go to.
  private var open: [String: Part] = [:]
  /// All parts, in the order in which they were begun.
  private var parts: [Part] = []
  private var counts: [String: Int] = [:]
  private var directories: Set<String> = [""]
  private var sequence = 0
  private var clock = 0
  /// What the writers of all open parts keep back, about.
  private var heldByteCount = 0
  /// Those whose files may be open.
  private var inUse: [Part] = []

  private static let openFileCountMax = 200
  private static let heldByteCountMax = 512 << 20

  init(
    in root: String, _ names: PartNames, byteCountMax: Int64?,
    makeWriter: @escaping () throws -> any RecordWriter
  ) {
    self.root = root
    self.names = names
    self.byteCountMax = byteCountMax
    self.makeWriter = makeWriter
  }

  func write(_ batch: Batch, into directory: String = "") throws {
    let step = rowsAtOnce(batch)
    var row = 0
    while row < batch.rowCount {
      let end = min(row + step, batch.rowCount)
      let part = try part(in: directory, batch.schema)
      try part.output.write(batch[row..<end])
      count(part)
      row = end
      if let byteCountMax, part.byteCount >= byteCountMax { try finish(part) }
    }
    try boundMemory()
  }

  /// Takes note of what the part's writer keeps back now.
  private func count(_ part: Part) {
    let byteCount = part.output.writerByteCount
    heldByteCount += byteCount - part.heldByteCount
    part.heldByteCount = byteCount
  }

  /// Where formats keep rows back, many parts could keep very many.
  private func boundMemory() throws {
    if heldByteCount <= OpenParts.heldByteCountMax { return }
    // Some room is made, so that they need not all be looked at again with the next batch.
    for part in open.values.sorted(by: { $0.heldByteCount > $1.heldByteCount }) {
      if heldByteCount <= OpenParts.heldByteCountMax / 4 * 3 { return }
      try use(part)
      try part.output.writeHeld()
      count(part)
    }
  }

  /// Small enough a slice, so that a part is not much longer than it should be.
  private func rowsAtOnce(_ batch: Batch) -> Int {
    guard let byteCountMax, batch.rowCount > 0 else { return max(1, batch.rowCount) }
    let rowBytes = max(1, batch.byteCount / batch.rowCount)
    return max(1, min(8192, Int(clamping: byteCountMax) / rowBytes / 4))
  }

  private func part(in directory: String, _ schema: Schema) throws -> Part {
    clock += 1
    if let part = open[directory] {
      try use(part)
      return part
    }
    try makeRoom()
    try makeDirectory(directory)
    sequence += 1
    let aside = names.aside(sequence)
    let file = try GrowingFile(
      joined(joined(root, directory), aside), isNew: true, label: "part.aside",
      shownAs: "into '\(root)'")
    let part = Part(
      directory, aside: aside, number: counts[directory, default: 0], file, try makeWriter())
    counts[directory, default: 0] += 1
    try use(part)
    open[directory] = part
    parts.append(part)
    try part.output.begin(schema)
    return part
  }

  private func use(_ part: Part) throws {
    part.lastUse = clock
    if part.isInUse { return }
    try makeRoom()
    part.isInUse = true
    inUse.append(part)
  }

  /// Before one more file is opened: closes that which was not used for longest.
  private func makeRoom() throws {
    guard inUse.count >= OpenParts.openFileCountMax,
      let oldest = inUse.min(by: { $0.lastUse < $1.lastUse })
    else { return }
    try oldest.output.flush()
    rest(oldest)
  }

  private func rest(_ part: Part) {
    part.output.release()
    part.file.close()
    part.isInUse = false
    inUse.removeAll { $0 === part }
  }

  private func makeDirectory(_ directory: String) throws(StreamError) {
    if directories.contains(directory) { return }
    var made = ""
    for part in directory.split(separator: "/") {
      made = joined(made, String(part))
      if directories.insert(made).inserted {
        try Disk.makeDirectory("\(root)/\(made)", mode: 0o777)
      }
    }
  }

  /// No rows go to the part any more; its contents reach the disk.
  private func finish(_ part: Part) throws {
    open[part.directory] = nil
    try part.output.end()
    count(part)
    try part.file.synchronize()
    rest(part)
  }

  /// Ends the epoch: when the call returns, all parts and their hidden names are durable.
  func finish(epoch: Int64) throws -> [Whole] {
    for part in parts where open[part.directory] === part { try finish(part) }
    for directory in Set(parts.map(\.directory)).sorted() {
      try Disk.synchronizeDirectory(joined(root, directory), label: "part.aside")
    }
    let whole = parts.map { part in
      Whole(
        aside: joined(part.directory, part.aside),
        name: joined(part.directory, names.part(epoch: epoch, number: part.number)))
    }
    parts = []
    counts = [:]
    return whole
  }

  /// Drops the open epoch's parts.
  func discard() {
    for part in parts { removeFile(part.file.path) }
    parts = []
    inUse = []
    open = [:]
    counts = [:]
    heldByteCount = 0
  }
}
