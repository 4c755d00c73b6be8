package import Columnar

/// Reads an Arrow IPC stream; of a file, which holds one, too.
package final class ArrowStreamReader {
  package var schema: Schema { plan.schema }
  /// The schema's own metadata.
  package let metadata: [KeyValue]

  private let messages: MessageReader
  private let plan: StreamPlan
  private let dictionaryPlans: [Int64: StreamPlan]
  private var dictionaries = Dictionaries()
  /// The bytes are those of a file: a footer follows.
  private let isFile: Bool

  /// Waits for the schema.
  ///
  /// - Throws: `ArrowError.foreign` when something else comes, `.truncated` when nothing does.
  package init(_ source: any ByteSource) throws(ArrowError) {
    messages = MessageReader(source)
    isFile = try ArrowStreamReader.checkStart(messages)
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

  /// Whether `next()` can answer without waiting for the source.
  package var hasBufferedBatch: Bool { messages.hasBufferedMessage }

  /// Whether bytes have been read that `next()` has not yet used.
  package var hasBufferedBytes: Bool { messages.hasBufferedBytes }

  /// Waits for the next batch.
  ///
  /// - Returns: nil after the end-of-stream mark.
  /// - Throws: `ArrowError.truncated` when the source ends without that mark.
  package func next() throws(ArrowError) -> ArrowBatch? {
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
    if isFile { try messages.drain() }
    return nil
  }

  /// - Returns: whether it is a file.
  private static func checkStart(_ messages: MessageReader) throws(ArrowError) -> Bool {
    let start = try messages.peek(8)
    if start.isEmpty { throw .truncated("no schema") }
    if start.starts(with: ArrowFile.magic) {
      let start = try messages.peek(12)
      guard start.count == 12 else { throw .truncated("no schema") }
      // Some writers leave the stream's schema out of a file.
      guard start.suffix(4).allSatisfy({ $0 == 0xFF }) else {
        throw .malformed("this Arrow file can be read by its footer only")
      }
      messages.skip(8)
      return true
    }
    let mark = start.prefix(4)
    guard mark.allSatisfy({ $0 == 0xFF }) else { throw .foreign(try messages.peek(512)) }
    guard start.count == 8 else { throw .truncated("no schema") }
    return false
  }
}

extension StreamPlan {
  /// The values of a dictionary come as a batch of one column.
  convenience init(dictionary values: ColumnPlan) {
    self.init(schema: Schema([Field(values.name, values.type)]), columns: [values])
  }
}

extension ArrowBatch {
  init(
    _ message: Message, plan: StreamPlan, dictionaries: Dictionaries
  ) throws(ArrowError) {
    self.init(
      metadata: try message.header.metadata(), plan: plan,
      body: try BatchBody(message.header.content(), body: message.body, plan: plan),
      dictionaries: dictionaries, message: message)
  }
}

extension Dictionaries {
  mutating func update(
    with message: Message, plans: [Int64: StreamPlan]
  ) throws(ArrowError) {
    let content = try message.header.content()
    let id = try content.scalar(0, default: Int64(0))
    guard let plan = plans[id] else {
      throw .malformed("a dictionary belongs to no column")
    }
    guard let data = try content.table(1) else { throw .malformed("a dictionary is empty") }
    let body = try BatchBody(data, body: message.body, plan: plan)
    var decoder = ColumnDecoder(body: body, plan: plan, dictionaries: Dictionaries())
    let values = try decoder.column(plan.columns[0])
    try update(id, with: values, isDelta: try content.boolean(2))
  }
}
