internal import Checkpoint
internal import Columnar
package import Diagnostics
internal import Formats
package import JSONText
internal import SystemPackage

/// How a file, or a part of it, begins to be read.
package struct FileStart: Sendable {
  /// By which its pieces know it.
  package var number: Int
  package var segment: FileSegment
  /// Where its first record begins: behind the header.
  package var position: Int64
  /// Line ends before that.
  package var lineCount: Int64
  package var headerSum: String?
  /// Places are counted in rows.
  package var isRows = false
  /// It is compressed, or not encoded as UTF-8.
  package var isDecoded = false
}

/// Who keeps account of the files that an input reads.
package protocol FileObserver: AnyObject {
  /// A file begins; pieces with its number follow, in their order.
  func begin(_ start: FileStart) throws(StreamError)
}

/// Notes which parts of which files an epoch has taken in.
package final class FileJournal: InputJournal, FileObserver {
  private let malformed: MalformedRecords?
  /// Gets to know the files that were read to their end, with their epoch.
  private let cleaner: FileCleaner?
  private var parts: [FilePart] = []
  private var number = -1
  /// Of the file that is being read, while it has no part in the open epoch.
  private var next: FilePart?
  private let checksum = Checksum()
  private var expected: (intent: FileIntent, json: JSON)?

  /// - Parameter malformed: where malformed records go; they are kept with the epochs.
  package init(malformed: MalformedRecords? = nil, cleaner: FileCleaner? = nil) {
    self.malformed = malformed
    self.cleaner = cleaner
  }

  /// The next epoch is made again.
  ///
  /// - Parameter json: that of the intent.
  package func expect(_ json: JSON) throws { expected = (try FileIntent(json), json) }

  package func begin(_ start: FileStart) throws(StreamError) {
    let file = start.segment.file
    let path = file.absolutePath
    guard let text = String(validating: path) else {
      throw StreamError(
        .usage, "'\(file.name)' is not UTF-8: a checkpoint cannot name it", hint: "rename it")
    }
    var part = FilePart(
      InputFile(
        path: path, name: file.name == text ? nil : file.name, byteCount: file.byteCount,
        modified: file.modified, identity: file.identity),
      from: start.position)
    part.line = start.lineCount
    part.headerSum = start.headerSum
    (part.isRows, part.isDecoded) = (start.isRows, start.isDecoded)
    number = start.number
    next = part
    checksum.reset()
  }

  package func take(_ piece: InputPiece) throws {
    guard piece.file == number else {
      throw StreamError(.internal, "a piece of file \(piece.file) came among those of \(number)")
    }
    openPart(at: piece.offset)
    let last = parts.count - 1
    parts[last].to = piece.end
    if !parts[last].isRows {
      parts[last].lineCount += Int64(count(of: 0x0A, in: piece.bytes))
      checksum.add(unsafe piece.bytes.span.bytes)
    }
    try malformed?.take(piece)
  }

  package func take(endOf file: Int) throws {
    guard file == number else {
      throw StreamError(.internal, "file \(file) ended within file \(number)")
    }
    openPart(at: nil)
    parts[parts.count - 1].isEnd = true
    endPart()
    number = -1
    next = nil
  }

  /// - Parameter offset: of the first piece, which need not be where the file begins: a byte order
  ///   mark belongs to none.
  private func openPart(at offset: Int64?) {
    guard var part = next else { return }
    if let offset {
      part.from = offset
      part.to = offset
    }
    parts.append(part)
    next = nil
  }

  private func endPart() {
    guard let last = parts.indices.last, !parts[last].isRows else { return }
    parts[last].sum = checksum.text
    checksum.reset()
  }

  package func close(_ epoch: SourceEpoch) throws -> JSON {
    if number >= 0, next == nil, let part = parts.last {
      endPart()
      var following = part
      following.from = part.to
      following.line = part.line + part.lineCount
      following.lineCount = 0
      following.sum = nil
      next = following
    }
    let intent = FileIntent(parts)
    parts = []
    try malformed?.closeEpoch(epoch.number)
    cleaner?.wait(for: intent.parts.filter(\.isEnd), of: epoch.number)
    guard let expected else { return intent.json }
    self.expected = nil
    number = -1
    next = nil
    try verify(intent, is: expected.intent, epoch.number)
    return expected.json
  }

  private func verify(
    _ intent: FileIntent, is expected: FileIntent, _ epoch: Int64
  ) throws(StreamError) {
    for (index, part) in expected.parts.enumerated() {
      if index < intent.parts.count, intent.parts[index].isSame(as: part) { continue }
      throw FileSegment(part, of: epoch).notWhatItWas()
    }
    guard intent.parts.count == expected.parts.count else {
      throw StreamError(.internal, "epoch \(epoch) was made again of more files than it had")
    }
  }
}
