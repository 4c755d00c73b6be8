internal import ArrowIPC
internal import Checkpoint
internal import Columnar
internal import Diagnostics

/// What kind of file of a state it is.
enum StateFileKind: Equatable {
  /// All rows of a version.
  case snapshot(Int64)
  /// The changes of each version after this one.
  case segment(after: Int64)
}

/// The versions of a file that are intact from its beginning on.
///
/// The rows are not looked at, only counted and checked against their checksums.
struct StateScan {
  /// Why there are no more.
  enum Stop: Equatable {
    /// The file ends behind the last version, or nobody asked for more.
    case done
    /// The file ends within a version: it is being written, or a crash cut it off.
    case torn(String)
    case damaged(String)
  }

  private(set) var layout: StateLayout?
  /// Ascending.
  private(set) var ends: [VersionEnd] = []
  /// Where the last version ends.
  private(set) var byteCount: Int64 = 0
  private(set) var stop = Stop.done

  /// - Parameter limit: versions of a segment above it are not looked at; nil to look at all.
  init(_ file: StateFile, _ kind: StateFileKind, through limit: Int64? = nil) {
    do throws(ArrowError) {
      let isSnapshot = if case .snapshot = kind { true } else { false }
      try scan(file, kind, through: isSnapshot ? nil : limit)
    } catch {
      if case .truncated = error {
        stop = .torn("the file ends in the middle of a version")
      } else {
        stop = .damaged(error.message)
      }
    }
  }

  private mutating func scan(
    _ file: StateFile, _ kind: StateFileKind, through limit: Int64?
  ) throws(ArrowError) {
    let stream = try file.stream()
    layout = StateLayout(schema: stream.schema, metadata: stream.metadata)
    guard layout != nil else { throw .malformed("its schema is not that of a state") }
    var rowCount: Int64 = 0
    while stream.byteCount < file.length {
      if let limit, let last = ends.last, last.version >= limit { return }
      let start = Int64(stream.byteCount)
      guard let batch = try stream.next() else {
        return try finish(kind, isAtEnd: stream.byteCount == file.length)
      }
      guard let text = batch.metadata.first(where: { $0.key == VersionEnd.key })?.value else {
        rowCount += Int64(batch.rowCount)
        continue
      }
      let mark = start..<Int64(stream.byteCount)
      let end = try verify(text, file, kind, mark)
      guard end.rowCount == rowCount, batch.rowCount == 0 else {
        throw .malformed("version \(end.version) does not have as many rows as it says")
      }
      ends.append(end)
      byteCount = Int64(stream.byteCount)
      rowCount = 0
    }
    if case .snapshot = kind { throw .truncated("no end-of-stream mark") }
    if byteCount < file.length { throw .truncated("no mark at the end") }
  }

  /// Checks a version by the mark at its end.
  private func verify(
    _ text: String, _ file: StateFile, _ kind: StateFileKind, _ mark: Range<Int64>
  ) throws(ArrowError) -> VersionEnd {
    var bytes = try file.bytes(mark)
    guard let (end, sum) = VersionEnd.parse(text),
      let digits = VersionEnd.place(of: sum, in: bytes)
    else { throw .malformed("a version ends in a mark that is none") }
    bytes.replaceSubrange(digits, with: VersionEnd.blank.utf8)
    let checksum = Checksum()
    try file.add(byteCount..<mark.lowerBound, to: checksum)
    unsafe checksum.add(bytes.span.bytes)
    guard end.byteCount == mark.lowerBound, checksum.text == sum else {
      throw .malformed("version \(end.version) does not match its checksum")
    }
    guard follows(end, kind) else {
      throw .malformed("version \(end.version) does not belong into this file")
    }
    return end
  }

  private func follows(_ end: VersionEnd, _ kind: StateFileKind) -> Bool {
    switch kind {
    case .snapshot(let version): ends.isEmpty && end.after == nil && end.version == version
    case .segment(let base):
      end.after == ends.last?.version ?? base && end.version > ends.last?.version ?? base
    }
  }

  /// An end-of-stream mark has come.
  private func finish(_ kind: StateFileKind, isAtEnd: Bool) throws(ArrowError) {
    guard case .snapshot = kind, !ends.isEmpty, isAtEnd else {
      throw .malformed("an end-of-stream mark stands where none belongs")
    }
  }
}

extension StateFile {
  /// Gives out the rows in front of an offset at which a version ends.
  func rows(
    through end: Int64, _ body: (Batch, _ isDeletion: Bool) throws -> Void
  ) throws {
    let stream = try reporting { () throws(ArrowError) in try self.stream() }
    while Int64(stream.byteCount) < end {
      let next = try reporting { () throws(ArrowError) in try stream.next() }
      guard let next, Int64(stream.byteCount) <= end else {
        throw damaged("the file has changed while it was read", path)
      }
      guard next.rowCount > 0 else { continue }
      let batch = try reporting { () throws(ArrowError) in try next.batch() }
      try body(batch, next.metadata.contains(StateFile.deletion))
    }
  }

  /// Marks rows whose keys are taken out of the state.
  static let deletion = KeyValue("stream.change", "delete")
  /// Says which version rows belong to.
  static let versionKey = "stream.state.version"

  private func reporting<Result>(
    _ body: () throws(ArrowError) -> Result
  ) throws(StreamError) -> Result {
    do throws(ArrowError) { return try body() } catch { throw damaged(error.message, path) }
  }
}

/// What the user reads when files of the state are not what they were.
func damaged(_ what: String, _ path: String) -> StreamError {
  StreamError.damagedCheckpoint(what, at: path)
}
