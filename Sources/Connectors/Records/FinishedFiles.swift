internal import Checkpoint
package import Diagnostics
internal import Glibc
package import JSONText
package import SystemPackage

/// The names of the files whose intents were dropped: `files.log`, a JSON string a line.
///
/// It is only appended to, and durable before a base says how much of it counts: what stands behind
/// that was written by a run that died before its base, and is cut off. The base has the checksum of
/// the whole, so that damage is found.
package final class FinishedFiles {
  private let path: String
  private var file: DiskFile?
  private var count: Int64 = 0
  private let checksum = Checksum()

  /// Reads what is there.
  ///
  /// - Parameters:
  ///   - path: of the log.
  ///   - base: of the intents; nil: nothing in the log counts.
  ///   - take: gets every name.
  /// - Throws: an I/O error when the log is not what the base says.
  package init(
    _ path: String, base: JSON?, _ take: (FilePath) -> Void
  ) throws(StreamError) {
    self.path = path
    guard let base = base?["finished"] else { return }
    guard let count = base["count"]?.int64, let byteCount = base["bytes"]?.int64,
      let sum = base["sum"]?.string, count >= 0, byteCount >= 0
    else { throw damaged() }
    if byteCount > 0 { try read(byteCount, take) }
    guard self.count == count, checksum.text == sum else { throw damaged() }
  }

  /// What the base says of it.
  package var json: JSON {
    [
      "count": .integer(count), "bytes": .integer(checksum.byteCount),
      "sum": .string(checksum.text),
    ]
  }

  /// Adds names; they are durable when the call returns.
  package func append(_ paths: [FilePath]) throws(StreamError) {
    if paths.isEmpty { return }
    if file == nil { try open() }
    var bytes: [UInt8] = []
    for path in paths {
      bytes += JSON.string(path.string).text.utf8
      bytes.append(0x0A)
    }
    try file?.append(bytes)
    try file?.synchronize()
    checksum.add(unsafe bytes.span.bytes)
    count += Int64(paths.count)
  }

  private func open() throws(StreamError) {
    let isNew = !Disk.exists(path)
    var file = try DiskFile(path)
    if file.length > checksum.byteCount { try file.truncate(to: checksum.byteCount) }
    if isNew { try Disk.synchronizeDirectory(Disk.parent(of: path)) }
    self.file = consume file
  }

  private func damaged() -> StreamError {
    StreamError.damagedCheckpoint("the names of the files that were read do not match", at: path)
  }
}

// MARK: - Reading

extension FinishedFiles {
  private static let chunkByteCount = 256 << 10
  /// The system has no longer paths.
  private static let lineByteCountMax = 64 << 10

  private func read(_ byteCount: Int64, _ take: (FilePath) -> Void) throws(StreamError) {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw damaged() }
    defer { close(descriptor) }
    var left = byteCount
    var line: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: Self.chunkByteCount)
    while left > 0 {
      let limit = Int(min(left, Int64(chunk.count)))
      let taken = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, limit)
      }
      if taken < 0, errno == EINTR { continue }
      guard taken > 0 else { throw damaged() }
      checksum.add(unsafe chunk.span.bytes.extracting(0..<taken))
      left -= Int64(taken)
      try split(chunk[..<taken], &line, take)
    }
    guard line.isEmpty else { throw damaged() }
  }

  private func split(
    _ bytes: ArraySlice<UInt8>, _ line: inout [UInt8], _ take: (FilePath) -> Void
  ) throws(StreamError) {
    var start = bytes.startIndex
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      line += bytes[start..<end]
      guard let text = String(validating: line, as: UTF8.self),
        let name = (try? JSON(parsing: text))?.string, !name.utf8.contains(0)
      else { throw damaged() }
      take(FilePath(name))
      count += 1
      line.removeAll(keepingCapacity: true)
      start = end + 1
    }
    line += bytes[start...]
    guard line.count <= Self.lineByteCountMax else { throw damaged() }
  }
}
