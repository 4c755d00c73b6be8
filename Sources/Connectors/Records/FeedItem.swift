internal import Columnar
internal import Diagnostics
internal import Formats

/// What the reading side hands to those that parse.
enum FeedItem: Sendable {
  /// A file begins.
  ///
  /// - Parameter lineCount: lines that are no records, such as a header's.
  case start(name: String?, lineCount: Int)
  case block(FeedBlock)
  case end
}

/// A block, and what is needed to parse it.
struct FeedBlock: Sendable {
  let block: CutBlock
  let parser: any RecordParser
  /// nil: no metadata columns are asked for.
  let metadata: MetadataColumns?
  /// How much of the whole input was read when it was cut, before decompression.
  let consumedCount: Int64
}

/// The same, parsed.
enum FeedOutput: Sendable {
  case start(name: String?, lineCount: Int)
  case parsed(ParsedBlock, byteCount: Int, consumedCount: Int64)
  case end
}

extension FeedItem {
  /// On whatever thread.
  func parsed() -> FeedOutput {
    switch self {
    case .start(let name, let lineCount): return .start(name: name, lineCount: lineCount)
    case .end: return .end
    case .block(let item):
      var parsed = item.parser.parse(
        RecordBlock(bytes: item.block.bytes, isLast: item.block.isLast))
      if let metadata = item.metadata {
        parsed.batch = metadata.appended(
          to: parsed.batch, offsets: parsed.rowOffsets, blockOffset: item.block.offset)
      }
      return .parsed(
        parsed, byteCount: item.block.bytes.count, consumedCount: item.consumedCount)
    }
  }
}

/// The columns of `--metadata`.
struct MetadataColumns: Sendable {
  /// nil for standard input.
  let file: String?

  static let fields = [Field("_file", .string), Field("_offset", .bigint)]

  /// - Throws: a usage error when a column has the name of one of these.
  static func refuseTakenNames(in schema: Schema) throws(StreamError) {
    guard let taken = fields.first(where: { schema.index(of: $0.name) != nil }) else { return }
    throw StreamError(
      .usage, "--metadata: there is a column '\(taken.name)' already",
      hint: "give that another name: --columns '\(taken.name) AS other'")
  }

  /// - Parameters:
  ///   - offsets: where each row begins in its block.
  ///   - blockOffset: where the block begins in its file, after decompression.
  func appended(to batch: Batch, offsets: Buffer<Int64>?, blockOffset: Int64) -> Batch {
    let count = batch.rowCount
    let file = Column(.string, repeating: file.map { .string($0) } ?? .null, count: count)
    let offset: Column
    if let offsets {
      let values = Buffer<Int64>(count: count) { output in
        for row in 0..<count { output.append(offsets[row] &+ blockOffset) }
      }
      offset = Column(.bigint, .int64(values))
    } else {
      offset = .nulls(.bigint, count: count)
    }
    return Batch(
      schema: Schema(batch.schema.fields + Self.fields), columns: batch.columns + [file, offset],
      rowCount: count)
  }
}
