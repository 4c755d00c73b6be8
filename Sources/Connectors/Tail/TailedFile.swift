internal import Columnar
internal import Diagnostics
internal import Formats

/// A file that is read as it grows.
final class TailedFile {
  /// What came of an attempt to read.
  enum Step {
    case rows(InputEvent)
    /// There is no whole record at present.
    case nothing
    /// It was read to the very end.
    case ended
    /// Somebody cut it off; what stands in it now is something else.
    case replaced
  }

  /// Where it was found; what is read is told by it.
  let number: Int
  /// The followed path that it belongs to.
  private(set) var path: String
  let identity: FileIdentity
  /// nil for one that is compressed.
  let growing: GrowingBytes?
  /// By which its changes are told; -1 for none.
  var watch: Int32 = -1
  /// Since when it has not changed: µs of uptime.
  private(set) var quietSince: Int64
  /// Whether it has been looked at in this round.
  var hasTurn = false

  private let reader: BlockReader
  /// When one that does not grow was changed: ns since 1970.
  private let modified: Int64
  private let start: Int64
  private var taken: Int64 = 0
  private var window: TailWindow
  private var cursor: RecordCursor?
  private let firstLines: Int64
  private let limits: BlockLimits
  private let headSource: HeadSource

  /// Where the header of a file is read that is not read from its beginning.
  private enum HeadSource {
    case reader
    case file(OpenedFile)
    case packed(String, Packing)
  }

  /// - Parameters:
  ///   - position: whole records end there.
  ///   - window: the bytes before it.
  init(
    _ file: OpenedFile, at position: TailPosition, window: TailWindow, limits: BlockLimits,
    now: Int64
  ) {
    let bytes = GrowingBytes(file, from: position.offset, window: window, name: position.path)
    (growing, number, path) = (bytes, position.file, position.path)
    modified = file.status.modified
    (identity, start, firstLines) = (file.status.identity, position.offset, position.lines)
    (self.window, self.limits, quietSince) = (window, limits, now)
    headSource = position.offset == 0 ? .reader : .file(file)
    reader = BlockReader(bytes, limits: limits) { _ in 0 }
  }

  /// One that was compressed when it was rotated.
  ///
  /// - Returns: nil when it ends before the position.
  init?(
    packed sibling: Sibling, _ packing: Packing, at position: TailPosition, limits: BlockLimits
  ) throws(StreamError) {
    let bytes = try PackedBytes(sibling.path, packing)
    guard let window = try bytes.skip(position.offset) else { return nil }
    (growing, number, path) = (nil, position.file, position.path)
    modified = sibling.status.modified
    (identity, start) = (sibling.status.identity, position.offset)
    (firstLines, quietSince) = (position.lines, 0)
    (self.window, self.limits) = (window, limits)
    headSource = position.offset == 0 ? .reader : .packed(sibling.path, packing)
    reader = BlockReader(bytes, limits: limits) { _ in 0 }
  }

  /// Behind the records that were given out.
  var position: TailPosition {
    var position = TailPosition(file: number, path: path, identity: identity)
    position.offset = start + taken
    position.lines = cursor?.lines ?? firstLines
    position.modified = growing?.modified ?? modified
    position.note(window)
    return position
  }

  var lastBytes: TailWindow { window }

  /// Bytes behind the last whole record that have been read.
  var unfinishedCount: Int64 { growing.map { $0.position - start - taken } ?? 0 }

  func move(to path: String) { self.path = path }

  /// Looks how far it can be read for now.
  func beginTurn(now: Int64) throws(StreamError) {
    hasTurn = true
    if try growing?.refresh() == true { quietSince = now }
  }

  /// Nobody writes any more: reads on to the end.
  func end() { growing?.isEnded = true }

  func next(_ records: TailRecords) throws -> Step {
    if growing?.isReplaced == true { return .replaced }
    do {
      if cursor == nil, let step = try begin(records) { return step }
      switch try reader.next(until: .now) {
      case .item(let block): return .rows(try rows(of: block, records))
      case .nothingYet: return .nothing
      case .end: return .ended
      }
    } catch {
      if growing?.isReplaced == true { return .replaced }
      throw (error as? StreamError)?.located(in: path) ?? error
    }
  }

  /// What it goes on with, to guess what it holds: at least a record, behind the header if there is
  /// one.
  ///
  /// - Returns: nil when there is no whole record yet.
  func sample(_ plan: InputPlan) throws(StreamError) -> (Buffer<UInt8>, TailHead?)? {
    let head = try head(plan)
    if plan.hasHeaders, head == nil { return nil }
    let behind = start == 0 ? head?.byteCount ?? 0 : 0
    let peek = try reader.peek(
      SchemaSampler.sampleBytesMax + behind, until: .now, patience: limits.linger)
    let skipped = start == 0 && head == nil ? byteOrderMarkLength(peek.bytes) : behind
    let records = peek.bytes[min(skipped, peek.bytes.count)..<peek.bytes.count]
    return records.elements.contains(0x0A) ? (records, head) : nil
  }

  // MARK: - Records

  /// Makes the parser, for which the header has to be known.
  private func begin(_ records: TailRecords) throws -> Step? {
    var found: TailHead?
    if records.plan.hasHeaders {
      found = try head(records.plan)
      if found == nil { return growing?.isEnded ?? true ? .ended : .nothing }
    }
    let cursor = try records.cursor(number, name: path, head: found, lines: firstLines)
    reader.cutBlocks(for: cursor.parser)
    self.cursor = cursor
    return nil
  }

  private func rows(of block: CutBlock, _ records: TailRecords) throws -> InputEvent {
    guard var cursor else { return .nothingYet(idleSince: nil) }
    let event = try records.rows(of: block, at: start + block.offset, &cursor)
    self.cursor = cursor
    window.append(block.bytes)
    taken += Int64(block.bytes.count)
    return event
  }

  /// The header that the file begins with; nil where it is not complete or there is none.
  private func head(_ plan: InputPlan) throws(StreamError) -> TailHead? {
    guard plan.hasHeaders else { return nil }
    switch headSource {
    case .reader: return try head(of: reader, plan)
    case .file(let file):
      let bytes = GrowingBytes(file, from: 0, window: TailWindow(), name: path)
      bytes.isEnded = true
      return try head(of: BlockReader(bytes, limits: limits) { _ in 0 }, plan)
    case .packed(let file, let packing):
      let bytes = try PackedBytes(file, packing)
      return try head(of: BlockReader(bytes, limits: limits) { _ in 0 }, plan)
    }
  }

  private func head(of reader: BlockReader, _ plan: InputPlan) throws(StreamError) -> TailHead? {
    var wanted = limits.firstBytes
    while true {
      let peek = try reader.peek(wanted, until: .now, patience: 0)
      if let head = try TailHead(peek.bytes, isWhole: peek.isWhole, plan, name: path) {
        return head
      }
      if peek.isWhole || peek.bytes.count < wanted { return nil }
      guard wanted < limits.recordBytesMax else {
        throw StreamError(
          .data, "no end of the header within \(limits.recordBytesMax >> 20) MiB", location: path)
      }
      wanted *= 2
    }
  }
}

extension TailPosition {
  init(file: Int, path: String, identity: FileIdentity) {
    (self.file, self.path, self.identity) = (file, path, identity)
  }
}
