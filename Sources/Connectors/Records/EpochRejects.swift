internal import Checkpoint
package import Diagnostics
internal import Scalars

/// Malformed records, kept with the epochs that their bytes belong to: `EPOCH.ndjson`.
///
/// The file of an epoch appears whole and durably, before the epoch's intent is written; when the
/// epoch is made again, so is the file.
package final class EpochRejects {
  package let directory: String
  /// Records that are on their way into an epoch.
  private var waiting: [(line: [UInt8], file: Int, offset: Int64)] = []
  /// Those of the open epoch that are not written yet.
  private var pending: [UInt8] = []
  private var file: DiskFile?

  private static let pendingByteCountMax = 64 << 10

  /// - Parameters:
  ///   - checkpoint: its directory.
  ///   - stage: the source's id.
  ///   - lastEpoch: that has an intent; what was kept of later ones is void.
  package init(
    _ checkpoint: String, stage: String, lastEpoch: Int64
  ) throws(StreamError) {
    directory = "\(checkpoint)/rejects/\(stage)"
    for name in try Disk.names(in: directory) {
      guard name.hasSuffix(".ndjson"), let epoch = Int64(name.dropLast(".ndjson".count)),
        epoch > lastEpoch
      else { continue }
      try Disk.remove("\(directory)/\(name)")
    }
  }

  /// - Parameters:
  ///   - line: the record as it is to be kept.
  ///   - file: the number of its file.
  ///   - offset: where it begins in it, in bytes.
  func add(_ line: [UInt8], file: Int, offset: Int64) { waiting.append((line, file, offset)) }

  func take(_ piece: InputPiece) throws(StreamError) {
    let count = waiting.prefix { $0.file == piece.file && $0.offset < piece.end }.count
    try take(first: count)
  }

  func takeAll() throws(StreamError) { try take(first: waiting.count) }

  private func take(first count: Int) throws(StreamError) {
    if count == 0 { return }
    for record in waiting[..<count] { pending += record.line }
    waiting.removeFirst(count)
    if pending.count >= Self.pendingByteCountMax { try writePending() }
  }

  func close(_ epoch: Int64) throws(StreamError) {
    if pending.isEmpty, file == nil { return }
    try writePending()
    try file?.synchronize()
    file = nil
    let name = "\(zeroPadded(epoch, to: 6)).ndjson"
    try Disk.rename(asidePath, to: "\(directory)/\(name)", label: "rejects")
    try Disk.synchronizeDirectory(directory, label: "rejects")
  }

  private var asidePath: String { "\(directory)/.open.tmp" }

  private func writePending() throws(StreamError) {
    if file == nil {
      try Disk.makeDirectory(Disk.parent(of: directory))
      try Disk.makeDirectory(directory)
      try Disk.remove(asidePath, label: "rejects")
      file = try DiskFile(asidePath, isNew: true, label: "rejects.aside")
    }
    try file?.append(pending)
    pending.removeAll(keepingCapacity: true)
  }
}
