package import Columnar
internal import Diagnostics
internal import Formats
package import JSONText

/// The rows of an epoch once more, from files that may have been rotated meanwhile.
package final class TailReplay: RowInput {
  package let schema: Schema
  package let isBounded = true

  private let records: TailRecords
  private let files: [Int: TailPosition]
  private var pieces: ArraySlice<JSON>
  /// Line ends in the pieces of each file.
  private var lineCounts: [Int: Int64] = [:]
  private var opened: [Int: Source] = [:]
  private var current: Current?

  /// A file that is read again.
  private struct Source {
    let bytes: any ByteInput
    var cursor: RecordCursor
    var offset: Int64
  }

  private struct Current {
    let file: Int
    let from: Int64
    let reader: BlockReader
  }

  /// - Parameters:
  ///   - input: of the epoch's intent.
  ///   - journal: to which the epoch is going to be closed.
  package init(_ input: JSON, _ records: TailRecords, _ journal: TailJournal) throws {
    self.records = records
    schema = records.schema
    pieces = (input["pieces"]?.array ?? [])[...]
    let positions = try TailHistory.files(of: input)
    files = Dictionary(positions.map { ($0.file, $0) }) { first, _ in first }
    for piece in pieces {
      guard let file = piece["file"]?.int64, let count = piece["lines"]?.int64 else { continue }
      lineCounts[Int(truncatingIfNeeded: file), default: 0] &+= count
    }
    journal.replay(input)
  }

  package func next(until deadline: Deadline) throws -> InputEvent {
    while true {
      guard let current else {
        guard let piece = pieces.popFirst() else { return .end(isComplete: true) }
        try begin(piece)
        continue
      }
      switch try current.reader.next(until: .never) {
      case .item(let block): return try rows(of: block, current)
      case .nothingYet: continue
      case .end: self.current = nil
      }
    }
  }

  private func rows(of block: CutBlock, _ current: Current) throws -> InputEvent {
    guard var source = opened[current.file] else { return .end(isComplete: false) }
    let event = try records.rows(of: block, at: current.from + block.offset, &source.cursor)
    source.offset = current.from + block.offset + Int64(block.bytes.count)
    opened[current.file] = source
    return event
  }

  private func begin(_ piece: JSON) throws {
    guard let number = piece["file"]?.int64, let from = piece["from"]?.int64,
      let to = piece["to"]?.int64, 0 <= from, from <= to, let file = Int(exactly: number),
      let position = files[file], to <= position.offset
    else { throw StreamError.damagedCheckpoint("this is no piece of a file") }
    let source = try opened[file] ?? open(position)
    opened[file] = source
    guard source.offset <= from else {
      throw StreamError.damagedCheckpoint("pieces of a file overlap")
    }
    let bytes = PartialInput(
      source.bytes, skipping: from - source.offset, count: to - from,
      tooShort: { .formerFile(position.path) })
    let reader = BlockReader(bytes, limits: records.plan.limits) { _ in 0 }
    reader.cutBlocks(for: source.cursor.parser)
    current = Current(file: file, from: from, reader: reader)
  }

  private func open(_ position: TailPosition) throws -> Source {
    guard let place = position.find() else { throw StreamError.formerFile(position.path) }
    let limits = records.plan.limits
    var head: TailHead?
    if records.plan.hasHeaders {
      let reader = BlockReader(try place.bytes(), limits: limits) { _ in 0 }
      let peek = try reader.peek(
        Int(clamping: min(position.offset, Int64(limits.recordBytesMax))), patience: 0)
      head = try TailHead(peek.bytes, isWhole: false, records.plan, name: position.path)
    }
    let cursor = try records.cursor(
      position.file, name: position.path, head: head,
      lines: max(0, position.lines &- (lineCounts[position.file] ?? 0)))
    return Source(bytes: try place.bytes(), cursor: cursor, offset: 0)
  }
}

/// Where the bytes of a file are found.
private enum Place {
  case path(String)
  case sibling(Sibling)

  /// From the first on.
  func bytes() throws(StreamError) -> any ByteInput {
    switch self {
    case .path(let path): return try plain(path)
    case .sibling(let sibling):
      guard let packing = sibling.packing else { return try plain(sibling.path) }
      return try PackedBytes(sibling.path, packing)
    }
  }

  private func plain(_ path: String) throws(StreamError) -> any ByteInput {
    guard let file = try? OpenedFile(path) else {
      throw StreamError(.io, "'\(path)' was there a moment ago")
    }
    let bytes = GrowingBytes(file, from: 0, window: TailWindow(), name: path)
    bytes.isEnded = true
    return bytes
  }
}

extension TailPosition {
  /// The file, under its path or as a sibling.
  fileprivate func find() -> Place? {
    if let file = try? OpenedFile(path), file.status.byteCount >= offset, fits(file),
      span > 0 || file.status.identity == identity
    {
      return .path(path)
    }
    return Siblings(of: path).find(self).map { .sibling($0) }
  }
}

extension StreamError {
  fileprivate static func formerFile(_ path: String) -> StreamError {
    StreamError(
      .data,
      "the input is not what it was: what was read of '\(path)' is neither there nor in a rotated "
        + "file beside it",
      hint: "put the former file back, or begin anew with another --checkpoint directory")
  }
}
