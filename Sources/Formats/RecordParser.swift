package import Columnar

/// A run of whole records, cut out of the input at their ends.
package struct RecordBlock: Sendable {
  package let bytes: Buffer<UInt8>
  /// Whether the input ends here: the last record may then lack its line end.
  package let isLast: Bool

  package init(bytes: Buffer<UInt8>, isLast: Bool) {
    self.bytes = bytes
    self.isLast = isLast
  }
}

/// A record that is not what its format or schema says.
package struct MalformedRecord: Sendable, Equatable {
  /// Lines before the record's first, counted from the start of its block.
  package var line: Int
  /// Where in its line it goes wrong: bytes, from 1.
  package var column: Int
  /// What is wrong, in the words of ``StreamError/message``.
  package var message: String
  /// The record as it came, without its line end.
  package var bytes: [UInt8]

  package init(line: Int, column: Int, message: String, bytes: [UInt8]) {
    self.line = line
    self.column = column
    self.message = message
    self.bytes = bytes
  }
}

/// What a parser made of a block.
package struct ParsedBlock: Sendable {
  /// The good records (and, with a corrupt column, the bad ones), in their order.
  package var batch: Batch
  /// Where in the block each row of `batch` begins: bytes, a value a row; only when asked for.
  package var rowOffsets: Buffer<Int64>?
  /// Line ends in the block, for the line numbers of those that follow.
  package var lineCount: Int
  package var malformed: [MalformedRecord]
  /// Fields that records have and the schema has not, as paths such as `user.nick`, each once; where
  /// objects have ever new keys some may be missing.
  package var newFields: [String]

  package init(
    batch: Batch, rowOffsets: Buffer<Int64>? = nil, lineCount: Int,
    malformed: [MalformedRecord] = [], newFields: [String] = []
  ) {
    self.batch = batch
    self.rowOffsets = rowOffsets
    self.lineCount = lineCount
    self.malformed = malformed
    self.newFields = newFields
  }
}

/// Turns blocks of bytes into batches. It has no state, so blocks may be parsed side by side on
/// several threads and out of order.
package protocol RecordParser: Sendable {
  /// What comes out.
  var schema: Schema { get }

  /// The length of the longest prefix that consists of whole records; 0 when there is none.
  ///
  /// - Parameter bytes: begins at the start of a record.
  func wholeRecords(in bytes: Buffer<UInt8>) -> Int

  /// Of how many bytes a block of several records may be, so that its rows are not too large.
  var blockBytesMax: Int { get }

  func parse(_ block: RecordBlock) -> ParsedBlock
}

extension RecordParser {
  package var blockBytesMax: Int { .max }
}
