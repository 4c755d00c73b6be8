package import Diagnostics
internal import SystemPackage

/// A file that is to be read, or a part of it.
package struct FileSegment: Sendable {
  package var file: InputFile
  /// Where the part begins: bytes after decompression; rows in Arrow files.
  package var start: Int64 = 0
  /// Where it ends; nil: with the file.
  package var end: Int64?
  /// Line ends of the file before the part, for the places of errors.
  package var lineCount: Int64 = 0
  /// Whether the file is read to its end with this part.
  package var endsFile = true
  /// The checksum of the header that an earlier part was read with; nil: not known.
  package var headerSum: String?
  /// Places are counted in rows.
  private var isRows = false
  /// The epoch that is made again; nil for what was never read before.
  package var epoch: Int64?

  package init(_ file: InputFile) { self.file = file }

  /// The part that an intent names.
  ///
  /// - Parameter epoch: that of the intent.
  package init(_ part: FilePart, of epoch: Int64) {
    file = part.file
    (start, end) = (part.from, part.to)
    lineCount = part.line
    endsFile = part.isEnd
    isRows = part.isRows
    headerSum = part.headerSum
    self.epoch = epoch
  }

  /// What follows a part, to the end of the file.
  ///
  /// - Returns: nil when the file has vanished, and nothing of it is missing.
  /// - Throws: a data error when it has vanished, and there was more to read.
  package init?(behind part: FilePart) throws(StreamError) {
    start = part.to
    lineCount = part.line &+ part.lineCount
    isRows = part.isRows
    headerSum = part.headerSum
    if let found = InputFile(lookingAt: part.file.path, name: part.file.name) {
      file = found
      // Rows have no checksum.
      if part.isRows, found.byteCount != part.file.byteCount || found.modified != part.file.modified
      {
        throw notWhatItWas()
      }
    } else if part.wasAtEnd {
      return nil
    } else {
      throw StreamError(
        .data, "'\(part.file.name)' is gone, but only its first \(part.to) \(part.unit) were read",
        hint: "put it back, or begin anew with another --checkpoint directory")
    }
  }

  var isPart: Bool { start > 0 || end != nil }

  /// The error when the file does not hold any more what was read of it.
  func notWhatItWas() -> StreamError { lost("is not what it was") }

  /// The error when the file is not there any more.
  func gone() -> StreamError { lost("is gone") }

  private func lost(_ what: String) -> StreamError {
    let consequence =
      epoch.map { "epoch \($0) cannot be made again" }
      ?? "its first \(start) \(isRows ? "rows" : "bytes") were read already"
    return StreamError(
      .data, "'\(file.name)' \(what): \(consequence)",
      hint: "put the former file back, or begin anew with another --checkpoint directory")
  }

  /// - Throws: a data error when the file of an epoch that is made again was written since then.
  func checkUnchanged() throws(StreamError) {
    guard epoch != nil else { return }
    guard let now = InputFile(lookingAt: file.path) else { throw gone() }
    guard now.modified == file.modified, now.byteCount == file.byteCount else {
      throw notWhatItWas()
    }
  }
}

/// Gives out, one after the other, what is to be read.
package protocol FileSupply: AnyObject, Sendable {
  /// Whether it is known that it ends by itself, and with it every file.
  var isBounded: Bool { get }
  /// How many bytes there are in all, before decompression; nil where nobody knows.
  var byteCount: Int64? { get }

  /// Waits until there is something. Called by one thread at a time.
  func next(until deadline: Deadline) throws(StreamError) -> Supply<FileSegment>
}

/// Files that are known from the start.
package final class FileList: FileSupply, @unchecked Sendable {
  private let segments: [FileSegment]
  // SAFETY: used by one thread at a time.
  private var position = 0

  package init(_ segments: [FileSegment]) { self.segments = segments }

  package var isBounded: Bool { segments.allSatisfy { $0.file.byteCount != nil } }

  package var byteCount: Int64? {
    segments.reduce(0) { sum, segment in
      sum.flatMap { sum in segment.file.byteCount.map { sum + $0 } }
    }
  }

  package func next(until deadline: Deadline) -> Supply<FileSegment> {
    guard position < segments.count else { return .end }
    position += 1
    return .item(segments[position - 1])
  }
}
