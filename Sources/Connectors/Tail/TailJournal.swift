internal import Checkpoint
internal import Columnar
internal import Diagnostics
package import JSONText

/// Writes down which bytes of which followed files each epoch took, and how far all of them are
/// read at its end.
package final class TailJournal: InputJournal {
  private struct Tracked {
    var position: TailPosition
    var window: TailWindow
    var isFingerprinted: Bool
  }

  private struct Piece {
    let file: Int
    let from: Int64
    var to: Int64
    /// How many line ends it holds.
    var lines: Int64
  }

  /// By number: files of a path follow one another in that order.
  private var tracked: [Int: Tracked] = [:]
  /// Files that are not followed any more; of those the open epoch took something.
  private var gone: [TailPosition] = []
  private var pieces: [Piece] = []
  private let sum = Checksum()
  private let malformed: MalformedRecords?
  /// The intent of the epoch that is made again.
  private var replayed: JSON?

  /// - Parameter malformed: where malformed records go; they are kept with the epochs.
  package init(malformed: MalformedRecords? = nil) { self.malformed = malformed }

  /// How many pieces the open epoch has: a measure for the length of its intent.
  var pieceCount: Int { pieces.count }

  /// The epoch of this intent is to be made again: files are where they were.
  func replay(_ input: JSON) { replayed = input }

  // MARK: - Files

  func add(_ position: TailPosition, window: TailWindow) {
    tracked[position.file] = Tracked(position: position, window: window, isFingerprinted: true)
  }

  func move(_ file: Int, to path: String) { tracked[file]?.position.path = path }

  func note(modified: Int64, of file: Int) { tracked[file]?.position.modified = modified }

  /// It is not followed any more.
  func remove(_ file: Int) {
    guard pieces.contains(where: { $0.file == file }), var position = position(of: file) else {
      tracked[file] = nil
      return
    }
    position.isGone = true
    gone.append(position)
    tracked[file] = nil
  }

  private func position(of file: Int) -> TailPosition? {
    guard var entry = tracked[file] else { return nil }
    if !entry.isFingerprinted {
      entry.position.note(entry.window)
      entry.isFingerprinted = true
      tracked[file] = entry
    }
    return entry.position
  }

  // MARK: - Epochs

  package func take(_ piece: InputPiece) throws {
    try malformed?.take(piece)
    let end = piece.end
    let lines = lineCount(piece.bytes)
    unsafe sum.add(piece.bytes.span.bytes)
    if let last = pieces.last, last.file == piece.file, last.to == piece.offset {
      pieces[pieces.count - 1].to = end
      pieces[pieces.count - 1].lines += lines
    } else {
      pieces.append(Piece(file: piece.file, from: piece.offset, to: end, lines: lines))
    }
    guard replayed == nil, var entry = tracked[piece.file] else { return }
    if entry.position.offset == 0 { dropFinished(before: entry.position) }
    entry.position.offset = end
    entry.position.lines += lines
    entry.window.append(piece.bytes)
    entry.isFingerprinted = false
    tracked[piece.file] = entry
  }

  /// Once a file has been begun, those before it are not needed to find it.
  private func dropFinished(before position: TailPosition) {
    for entry in tracked.values
    where entry.position.isFinished && entry.position.path == position.path
      && entry.position.file < position.file
    {
      remove(entry.position.file)
    }
  }

  package func take(endOf file: Int) { tracked[file]?.position.isFinished = true }

  package func close(_ epoch: SourceEpoch) throws -> JSON {
    defer {
      pieces.removeAll(keepingCapacity: true)
      gone.removeAll()
      sum.reset()
      replayed = nil
    }
    try malformed?.closeEpoch(epoch.number)
    let pieces = pieces.map { piece -> JSON in
      [
        "file": .integer(Int64(piece.file)), "from": .integer(piece.from), "to": .integer(piece.to),
        "lines": .integer(piece.lines),
      ]
    }
    return [
      "pieces": .array(pieces), "files": replayed?["files"] ?? .array(files),
      "bytes": .integer(sum.byteCount), "sum": .string(sum.text),
    ]
  }

  private var files: [JSON] {
    let followed = tracked.keys.sorted().compactMap { position(of: $0) }
    return (gone + followed).map(\.json)
  }
}

private func lineCount(_ bytes: Buffer<UInt8>) -> Int64 {
  let span = bytes.span
  var count: Int64 = 0
  for index in 0..<span.count where span[index] == 0x0A { count &+= 1 }
  return count
}

/// How far followed files have been read: where they were at the end of the last epoch.
package final class TailHistory: InputHistory {
  /// In the order of their numbers.
  private(set) var positions: [TailPosition] = []
  /// Whether there were epochs.
  package private(set) var hasBegun = false

  /// - Parameter base: nil for none.
  package init(_ base: JSON?) throws {
    if let base { try advance(past: base) }
  }

  package func advance(past input: JSON) throws {
    positions = try TailHistory.files(of: input).filter { !$0.isGone }
    hasBegun = true
  }

  package func makeBase() -> JSON { ["files": .array(positions.map(\.json))] }

  static func files(of input: JSON) throws(StreamError) -> [TailPosition] {
    guard let files = input["files"]?.array else {
      throw StreamError.damagedCheckpoint("this is no place in followed files")
    }
    var positions: [TailPosition] = []
    for file in files { positions.append(try TailPosition(file)) }
    return positions
  }
}
