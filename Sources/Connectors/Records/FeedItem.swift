internal import Columnar
internal import Formats

/// What the reading side hands to those that parse.
enum FeedItem: Sendable {
  /// A file begins; a stream, where there is none.
  ///
  /// - Parameter lineCount: lines before its first record, such as a header's.
  case start(FileStart?, lineCount: Int64)
  case block(FeedBlock)
  /// A file ends.
  case end(number: Int)
}

/// A block, and what is needed to parse it.
struct FeedBlock: Sendable {
  let block: CutBlock
  /// The number of its file.
  let number: Int
  let parser: any RecordParser
  /// nil: no metadata columns are asked for.
  let metadata: MetadataColumns?
  /// How much of the whole input was read when it was cut, before decompression.
  let consumedCount: Int64
}

/// The same, parsed.
enum FeedOutput: Sendable {
  case start(FileStart?, lineCount: Int64)
  case parsed(ParsedBlock, FeedBlock)
  case end(number: Int)
}

extension FeedItem {
  /// On whatever thread.
  func parsed() -> FeedOutput {
    switch self {
    case .start(let start, let lineCount): return .start(start, lineCount: lineCount)
    case .end(let number): return .end(number: number)
    case .block(let item):
      var parsed = item.parser.parse(
        RecordBlock(bytes: item.block.bytes, isLast: item.block.isLast))
      if let metadata = item.metadata {
        parsed.batch = metadata.appended(
          to: parsed.batch, offsets: parsed.rowOffsets, blockOffset: item.block.offset)
      }
      return .parsed(parsed, item)
    }
  }
}
