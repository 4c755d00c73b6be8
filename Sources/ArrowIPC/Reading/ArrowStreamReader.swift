package import Columnar

/// Reads an Arrow IPC stream, or a file, which holds one.
///
/// A file need not hold one to the letter (polars leaves the schema out, and lets dictionaries
/// follow the batches that use them): then its footer leads, and a file that comes through a pipe
/// is kept in memory.
package final class ArrowStreamReader {
  package var schema: Schema { plan.schema }
  /// The schema's own metadata.
  package let metadata: [KeyValue]

  private let messages: MessageReader
  private let plan: StreamPlan
  private let dictionaryPlans: [Int64: StreamPlan]
  private var dictionaries = Dictionaries()
  private let start: Start
  private var nextBlock = 0

  /// What the bytes begin as.
  private enum Start {
    case stream
    /// A footer follows the stream.
    case streamInFile
    case file(ArrowFile)
  }

  /// Waits for the schema.
  ///
  /// - Throws: `ArrowError.foreign` when something else comes, `.truncated` when nothing does.
  package init(_ source: any ByteSource) throws(ArrowError) {
    messages = MessageReader(source)
    start = try ArrowStreamReader.start(messages, source)
    if case .file(let file) = start {
      (plan, metadata, dictionaryPlans) = (file.plan, file.metadata, [:])
      return
    }
    guard let message = try messages.next() else {
      throw .malformed("the stream ends before its schema")
    }
    guard message.header.kind == MessageKind.schema else {
      throw .malformed("the stream does not begin with a schema")
    }
    let decoder = try SchemaDecoder(message.header.content())
    plan = StreamPlan(schema: decoder.schema, columns: decoder.columns)
    dictionaryPlans = decoder.dictionaries.mapValues { StreamPlan(dictionary: $0) }
    metadata = decoder.metadata
  }

  private static func start(
    _ messages: MessageReader, _ source: any ByteSource
  ) throws(ArrowError) -> Start {
    let bytes = try messages.peek(16)
    if bytes.isEmpty { throw .truncated("no schema") }
    guard bytes.starts(with: ArrowFile.magic) else {
      let mark = bytes.prefix(4)
      guard mark.allSatisfy({ $0 == 0xFF }) else { throw .foreign(try messages.peek(512)) }
      guard bytes.count >= 8 else { throw .truncated("no schema") }
      return .stream
    }
    guard bytes.count == 16 else { throw .truncated("no schema") }
    if bytes[8..<12].allSatisfy({ $0 == 0xFF }) {
      messages.skip(8)
      return .streamInFile
    }
    if let descriptor = source.fileDescriptor {
      return .file(try ArrowFile(descriptor: descriptor))
    }
    return .file(try ArrowFile(messages.takeAll()))
  }

  /// Whether `next()` can answer without waiting for the source.
  package var hasBufferedBatch: Bool {
    if case .file = start { true } else { messages.hasBufferedMessage }
  }

  /// Whether bytes have been read that `next()` has not yet used.
  package var hasBufferedBytes: Bool {
    if case .file = start { true } else { messages.hasBufferedBytes }
  }

  /// How many bytes of the stream were taken: those of its schema and of the batches so far.
  package var byteCount: Int { messages.offset }

  /// Waits for the next batch.
  ///
  /// - Returns: nil after the end-of-stream mark.
  /// - Throws: `ArrowError.truncated` when the source ends without that mark.
  package func next() throws(ArrowError) -> ArrowBatch? {
    if case .file(let file) = start {
      guard nextBlock < file.batchCount else { return nil }
      nextBlock += 1
      return try file.batch(nextBlock - 1)
    }
    while let message = try messages.next() {
      switch message.header.kind {
      case MessageKind.recordBatch:
        return try ArrowBatch(message, plan: plan, dictionaries: dictionaries)
      case MessageKind.dictionaryBatch:
        try dictionaries.update(with: message, plans: dictionaryPlans)
      default:
        throw .malformed("expected a batch but found a message of kind \(message.header.kind)")
      }
    }
    // The footer repeats what the stream has said.
    if case .streamInFile = start { try messages.drain() }
    return nil
  }

  /// Whether anything follows the end-of-stream mark, behind which `next()` has come. Waits for it,
  /// or for the end of the source.
  package func hasMore() throws(ArrowError) -> Bool {
    if case .file = start { return false }
    return try !messages.peek(1).isEmpty
  }
}
