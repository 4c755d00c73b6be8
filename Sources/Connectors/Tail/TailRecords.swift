package import Columnar
package import Diagnostics
internal import Formats

/// A file on its way through a parser.
struct RecordCursor {
  /// Its number in the query.
  let file: Int
  let name: String
  let parser: any RecordParser
  /// The header that the file begins with.
  let headByteCount: Int
  let headLineCount: Int
  /// Line ends before the next block.
  var lines: Int64
}

/// Turns lines of followed files into rows, whichever file they are of.
package final class TailRecords {
  /// Of the rows.
  package let schema: Schema
  let plan: InputPlan
  private var parsers: ParserFactory
  private let malformed: MalformedRecords

  /// - Parameters:
  ///   - record: what a record holds, given or inferred.
  ///   - malformed: what becomes of malformed records.
  /// - Throws: a usage error where the plan and the schema do not go together.
  package init(
    _ plan: InputPlan, record: Schema, malformed: MalformedRecords, notices: Notices
  ) throws(StreamError) {
    var plan = plan
    plan.options.wantsRowOffsets = true
    self.plan = plan
    parsers = try ParserFactory(plan, record: record, notices: notices)
    self.malformed = malformed
    let output = parsers.output
    if plan.wantsMetadata { try MetadataColumns.refuseTakenNames(in: output) }
    schema = plan.wantsMetadata ? Schema(output.fields + MetadataColumns.fields) : output
  }

  var malformedCount: Int64 { malformed.count }

  func finish() throws(StreamError) { try malformed.finish() }

  /// - Parameter head: the file's header; nil where it has none.
  func cursor(
    _ file: Int, name: String, head: TailHead?, lines: Int64
  ) throws(StreamError) -> RecordCursor {
    RecordCursor(
      file: file, name: name,
      parser: try parsers.parser(of: name, plan.options(of: name), header: head?.header),
      headByteCount: head?.byteCount ?? 0, headLineCount: head?.header.lineCount ?? 0,
      lines: lines)
  }

  /// - Parameters:
  ///   - block: whole records.
  ///   - offset: where they begin in the file.
  func rows(
    of block: CutBlock, at offset: Int64, _ cursor: inout RecordCursor
  ) throws -> InputEvent {
    let bytes = block.bytes
    var head = 0
    if offset == 0 {
      head = min(bytes.count, max(cursor.headByteCount, byteOrderMarkLength(bytes)))
      cursor.lines += Int64(cursor.headLineCount)
    }
    var piece = InputPiece(file: cursor.file, offset: offset, bytes: bytes)
    guard head < bytes.count else {
      return .rows(Batch(empty: schema), byteCount: bytes.count, piece: piece)
    }
    let text = try plan.encoding.decoded(bytes[head..<bytes.count], name: cursor.name)
    var parsed = cursor.parser.parse(RecordBlock(bytes: text, isLast: block.isLast))
    let starts = parsed.rowOffsets.map { plan.encoding.encodedOffsets($0, in: text, behind: head) }
    piece.rowOffsets = starts
    if plan.wantsMetadata {
      parsed.batch = MetadataColumns(file: cursor.name).appended(
        to: parsed.batch, offsets: starts, blockOffset: offset)
    }
    malformed.startFile(cursor.name, lineCount: cursor.lines)
    // Lines end at the same bytes in all encodings that are followed.
    let lines = CutBlock(
      bytes: bytes[head..<bytes.count], offset: offset + Int64(head), isLast: block.isLast)
    try malformed.take(parsed, of: lines, file: cursor.file)
    cursor.lines += Int64(parsed.lineCount)
    return .rows(parsed.batch, byteCount: bytes.count, piece: piece)
  }
}

/// The header of a CSV file.
struct TailHead {
  let header: CSVHeader
  /// How many bytes of the file it takes.
  let byteCount: Int

  /// - Returns: nil when it goes on behind the bytes.
  init?(
    _ bytes: Buffer<UInt8>, isWhole: Bool, _ plan: InputPlan, name: String
  ) throws(StreamError) {
    do throws(StreamError) {
      let text = try plan.encoding.decoded(bytes, name: name)
      guard
        let header = try CSVHeader.read(
          from: text, isLast: isWhole, delimiter: plan.options(of: name).delimiter)
      else { return nil }
      self.header = header
      let end = Buffer<Int64>([Int64(header.byteCount)])
      byteCount = Int(plan.encoding.encodedOffsets(end, in: text, behind: 0)[0])
    } catch {
      throw error.located(in: name)
    }
  }
}

extension InputPlan {
  /// Adapted to a file.
  func options(of name: String) -> ReadOptions {
    var options = options
    if !hasDelimiter, FileEnding(of: name).isTabSeparated { options.delimiter = UInt8(ascii: "\t") }
    return options
  }
}

extension TextEncoding {
  /// Bytes of an encoding whose line ends are bytes, in UTF-8.
  fileprivate func decoded(
    _ bytes: Buffer<UInt8>, name: String
  ) throws(StreamError) -> Buffer<UInt8> {
    guard let decoder = makeDecoder(name: name) else { return bytes }
    let memory = Memory(byteCount: bytes.count * 3 + 4)
    // SAFETY: nobody else knows the memory.
    let step = try unsafe decoder.decode(bytes.rawBytes, into: memory.mutableBytes)
    return memory.bytes[0..<step.written]
  }

  /// Where places of a decoded text are in what it was decoded from.
  ///
  /// - Parameters:
  ///   - offsets: ascending.
  ///   - head: what stands before the text.
  fileprivate func encodedOffsets(
    _ offsets: Buffer<Int64>, in text: Buffer<UInt8>, behind head: Int
  ) -> Buffer<Int64> {
    if self == .utf8 {
      if head == 0 { return offsets }
      return Buffer(count: offsets.count) { output in
        for index in 0..<offsets.count { output.append(offsets[index] &+ Int64(head)) }
      }
    }
    var (place, character) = (0, 0)
    return Buffer(count: offsets.count) { output in
      for index in 0..<offsets.count {
        while place < min(Int(offsets[index]), text.count) {
          if text[place] & 0xC0 != 0x80 { character += 1 }
          place += 1
        }
        output.append(Int64(character + head))
      }
    }
  }
}
