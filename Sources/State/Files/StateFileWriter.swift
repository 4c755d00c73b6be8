internal import ArrowIPC
internal import Checkpoint
internal import Columnar
internal import Diagnostics
internal import Glibc

/// Writes versions into one file, in as few calls as it can.
final class StateFileWriter {
  let path: String
  private var file: DiskFile
  private let pending = PendingBytes()
  private let stream: ArrowStreamWriter
  private let checksum = Checksum()
  private let isNew: Bool
  /// Where the last version ends.
  private var endOffset: Int64
  /// Of the version that is being written.
  private var rowCount: Int64 = 0

  /// So much is collected before it is written.
  private static let pieceByteCount = 4 << 20
  /// Larger batches are cut, so that who reads them needs little memory.
  private static let batchRowCount = 16 << 10
  /// Compression makes smaller ones larger.
  private static let compressedByteCountMin = 1 << 10

  /// Makes a file. Its schema is written together with the first rows.
  init(creating path: String, label: String, _ layout: StateLayout) throws(StreamError) {
    self.path = path
    file = try DiskFile(path, isNew: true, label: label)
    isNew = true
    endOffset = 0
    stream = ArrowStreamWriter(pending)
    try begin(layout)
  }

  /// Goes on with a file behind a version of it; what comes after is cut off, durably.
  init(
    resuming path: String, at length: Int64, label: String, _ layout: StateLayout
  ) throws(StreamError) {
    self.path = path
    file = try DiskFile(path, label: label)
    isNew = false
    endOffset = length
    stream = ArrowStreamWriter(pending)
    try begin(layout)
    pending.removeAll()
    guard file.length > length else { return }
    try file.truncate(to: length)
    try file.synchronize()
  }

  private func begin(_ layout: StateLayout) throws(StreamError) {
    try encoding { () throws(ArrowError) in
      try stream.begin(layout.schema, metadata: layout.metadata)
    }
  }

  /// The bytes of all versions.
  var byteCount: Int64 { endOffset }

  /// Whether a version has been begun.
  var hasRows: Bool { rowCount > 0 }

  func write(_ batch: Batch, version: Int64, isDeletion: Bool) throws(StreamError) {
    var metadata = [KeyValue(StateFile.versionKey, "\(version)")]
    if isDeletion { metadata.append(StateFile.deletion) }
    for start in stride(from: 0, to: batch.rowCount, by: StateFileWriter.batchRowCount) {
      let end = min(batch.rowCount, start + StateFileWriter.batchRowCount)
      let part = batch[start..<end]
      let isSmall = part.byteCount < StateFileWriter.compressedByteCountMin
      try encoding { () throws(ArrowError) in
        try stream.write(part, metadata: metadata, compression: isSmall ? .none : .zstd(level: 1))
      }
      rowCount += Int64(part.rowCount)
      if pending.count >= StateFileWriter.pieceByteCount { try flush() }
    }
  }

  /// Ends a version with its checksum.
  ///
  /// - Parameters:
  ///   - after: the version before; nil in a snapshot.
  ///   - isLast: the file ends with it.
  func end(
    _ version: Int64, after: Int64?, schema: Schema, isLast: Bool = false
  ) throws(StreamError) {
    pending.addNew(to: checksum)
    let end = VersionEnd(
      version: version, after: after, byteCount: file.length + Int64(pending.count),
      rowCount: rowCount)
    let metadata = [
      KeyValue(StateFile.versionKey, "\(version)"), KeyValue(VersionEnd.key, end.blankText),
    ]
    let mark = pending.count
    try encoding { () throws(ArrowError) in
      try stream.write(Batch(empty: schema), metadata: metadata)
    }
    pending.addNew(to: checksum)
    pending.seal(markAt: mark, checksum.text)
    if isLast { try encoding { () throws(ArrowError) in try stream.end() } }
    try flush()
    checksum.reset()
    rowCount = 0
    endOffset = file.length
  }

  func synchronize() throws(StreamError) { try file.synchronize() }

  /// Takes back what was written of a version that did not come to its end.
  func revert() {
    pending.removeAll()
    try? file.truncate(to: endOffset)
    if isNew, endOffset == 0 { try? Disk.remove(path) }
  }

  private func flush() throws(StreamError) {
    pending.addNew(to: checksum)
    try file.append(pending.take())
  }

  private func encoding(_ body: () throws(ArrowError) -> Void) throws(StreamError) {
    do throws(ArrowError) {
      try body()
    } catch {
      throw StreamError(.internal, "cannot write the state: \(error.message)", location: path)
    }
  }
}

extension DiskFile {
  fileprivate mutating func append(_ bytes: Buffer<UInt8>) throws(StreamError) {
    try append(unsafe bytes.span.bytes)
  }
}

/// Messages that are not yet written.
private final class PendingBytes: ByteSink {
  private var bytes = MutableBuffer<UInt8>()
  /// So many are in the checksum.
  private var summedCount = 0

  var count: Int { bytes.count }

  @unsafe
  func write(_ pieces: [iovec]) throws(ArrowError) {
    for index in unsafe pieces.indices {
      guard let base = unsafe pieces[index].iov_base else { continue }
      unsafe bytes.append(
        from: base.assumingMemoryBound(to: UInt8.self), count: pieces[index].iov_len)
    }
  }

  /// Adds what came since the last call to a checksum.
  func addNew(to checksum: Checksum) {
    unsafe checksum.add(bytes.span.extracting(summedCount..<bytes.count).bytes)
    summedCount = bytes.count
  }

  /// Writes the checksum into the mark at the end.
  func seal(markAt start: Int, _ checksum: String) {
    let mark = (start..<bytes.count).map { bytes[$0] }
    guard let digits = VersionEnd.place(of: VersionEnd.blank, in: mark) else {
      preconditionFailure("a mark of ours has a place for its checksum")
    }
    for (index, digit) in zip(digits, checksum.utf8) { bytes[start + index] = digit }
  }

  func take() -> Buffer<UInt8> {
    summedCount = 0
    return bytes.take()
  }

  func removeAll() {
    summedCount = 0
    bytes.removeAll()
  }
}
