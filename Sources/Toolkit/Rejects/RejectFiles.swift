internal import ArrowIPC
internal import Checkpoint
package import Columnar
package import Diagnostics
internal import Scalars

/// Rows that are kept apart with the epoch that they came in: `EPOCH.arrows`, each a whole Arrow
/// stream; of a stage with several inputs one for each, for their columns may differ.
///
/// The file of an epoch appears whole and durably before the epoch's marker goes on; when the epoch
/// is made again, so is the file.
package final class RejectFiles {
  package let directory: String
  private let inputs: [RejectSeries]

  /// - Parameters:
  ///   - isPrivate: it is part of a checkpoint, which nobody else may read.
  ///   - inputs: what the names of the files of each input begin with, where others share the
  ///     directory, and the schema of its rows.
  package init(
    _ directory: String, isPrivate: Bool, inputs: [(prefix: String, schema: Schema)]
  ) {
    self.directory = directory
    self.inputs = inputs.map { prefix, schema in
      RejectSeries(directory, prefix: prefix, mode: isPrivate ? 0o600 : 0o666, schema)
    }
  }

  /// For a stage with one input.
  package convenience init(
    _ directory: String, prefix: String = "", isPrivate: Bool, schema: Schema
  ) {
    self.init(directory, isPrivate: isPrivate, inputs: [(prefix, schema)])
  }

  /// Removes the files of epochs that are not there any more.
  ///
  /// - Parameter epoch: the last one that is.
  package func removeFiles(behind epoch: Int64) throws(StreamError) {
    for input in inputs { try input.removeFiles(behind: epoch) }
  }

  /// - Parameter input: which of the stage's inputs the rows came from, counted from 0.
  package func add(_ rows: Batch, of input: Int = 0) throws(StreamError) {
    try inputs[input].add(rows)
  }

  /// Makes the rows of an epoch durable.
  package func close(_ epoch: Int64) throws(StreamError) {
    for input in inputs { try input.close(epoch) }
  }

  /// The open epoch is void.
  package func discard() {
    for input in inputs { input.discard() }
  }
}

/// The files of rows with the same columns.
private final class RejectSeries {
  private let directory: String
  private let prefix: String
  private let mode: UInt32
  private let schema: Schema
  private var pending: [Batch] = []
  private var pendingRowCount = 0
  private var open: RejectStream?

  /// Few rows are rejected at a time: they are collected into batches of this many.
  private static let batchRowCount = 8_192

  init(_ directory: String, prefix: String, mode: UInt32, _ schema: Schema) {
    self.directory = directory
    self.prefix = prefix
    self.mode = mode
    self.schema = schema
  }

  func removeFiles(behind epoch: Int64) throws(StreamError) {
    for name in try Disk.names(in: directory) {
      guard name.hasPrefix(prefix), name.hasSuffix(".arrows"),
        let number = Int64(name.dropFirst(prefix.count).dropLast(".arrows".count)), number > epoch
      else { continue }
      try Disk.remove("\(directory)/\(name)", label: "rejects")
    }
    if Disk.exists(asidePath) { try Disk.remove(asidePath, label: "rejects.aside") }
  }

  func add(_ rows: Batch) throws(StreamError) {
    pending.append(rows)
    pendingRowCount += rows.rowCount
    if pendingRowCount >= RejectSeries.batchRowCount { try writePending() }
  }

  func close(_ epoch: Int64) throws(StreamError) {
    try writePending()
    guard let stream = open else { return }
    open = nil
    try stream.finish()
    try Disk.rename(
      asidePath, to: "\(directory)/\(prefix)\(zeroPadded(epoch, to: 6)).arrows", label: "rejects")
    try Disk.synchronizeDirectory(directory, label: "rejects")
  }

  func discard() {
    pending = []
    guard open != nil else { return }
    open = nil
    try? Disk.remove(asidePath, label: "rejects.aside")
  }

  private var asidePath: String { "\(directory)/.\(prefix)open.tmp" }

  private func writePending() throws(StreamError) {
    guard pendingRowCount > 0 else { return }
    let rows = Batch.concatenating(pending, schema: schema)
    (pending, pendingRowCount) = ([], 0)
    if open == nil { open = try makeStream() }
    try open?.write(rows)
  }

  private func makeStream() throws(StreamError) -> RejectStream {
    let directoryMode: UInt32 = mode == 0o600 ? 0o700 : 0o777
    // Of a checkpoint only the directory itself is sure to be there.
    if mode == 0o600 { try Disk.makeDirectory(Disk.parent(of: directory), mode: directoryMode) }
    try Disk.makeDirectory(directory, mode: directoryMode)
    try Disk.remove(asidePath, label: "rejects.aside")
    return try RejectStream(asidePath, mode: mode, schema)
  }
}

/// An Arrow stream that is written into a file.
private final class RejectStream {
  private var file: DiskFile
  private let bytes = MemorySink()
  private let stream: ArrowStreamWriter

  /// So much is collected before it is written.
  private static let pieceByteCount = 1 << 20

  init(_ path: String, mode: UInt32, _ schema: Schema) throws(StreamError) {
    file = try DiskFile(path, isNew: true, mode: mode, label: "rejects.aside")
    stream = ArrowStreamWriter(bytes)
    try encode { () throws(ArrowError) in try stream.begin(schema) }
  }

  func write(_ rows: Batch) throws(StreamError) {
    try encode { () throws(ArrowError) in
      try stream.write(rows, compression: .zstd(level: 1))
    }
    if bytes.count >= RejectStream.pieceByteCount { try flush() }
  }

  func finish() throws(StreamError) {
    try encode { () throws(ArrowError) in try stream.end() }
    try flush()
    try file.synchronize()
  }

  private func flush() throws(StreamError) {
    let piece = bytes.take()
    try file.append(unsafe piece.span.bytes)
  }

  private func encode(_ body: () throws(ArrowError) -> Void) throws(StreamError) {
    do throws(ArrowError) { try body() } catch {
      throw StreamError(.internal, "cannot keep the rows: \(error.message)", location: file.path)
    }
  }
}
