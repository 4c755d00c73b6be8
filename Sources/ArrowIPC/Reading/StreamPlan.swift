import Columnar
import Synchronization

/// What all batches of a stream share: its columns, and where in a message each of them stands.
final class StreamPlan: Sendable {
  /// Where a column's parts begin among those of the message.
  struct Start {
    var node = 0
    /// Without the variadic buffers of the columns before it.
    var buffer = 0
    var variadic = 0
  }

  let schema: Schema
  let columns: [ColumnPlan]
  let starts: [Start]
  /// Of all columns together.
  let nodeCount: Int
  let bufferCount: Int
  /// Whether messages are as our own writer would write them.
  let isOurs: Bool
  let decompressor = Decompressor()

  init(schema: Schema, columns: [ColumnPlan]) {
    self.schema = schema
    self.columns = columns
    var next = Start()
    var starts: [Start] = []
    for column in columns {
      starts.append(next)
      next.node += column.nodeCount
      next.buffer += column.bufferCount
      next.variadic += column.variadicCount
    }
    self.starts = starts
    nodeCount = next.node
    bufferCount = next.buffer
    isOurs = columns.allSatisfy(\.isOurs)
  }
}

/// The values of the dictionaries that a stream has sent so far, by id.
///
/// Several chunks come of deltas; they are joined when somebody asks.
struct Dictionaries: Sendable {
  private var chunks: [Int64: DictionaryChunks] = [:]

  mutating func update(_ id: Int64, with values: Column, isDelta: Bool) throws(ArrowError) {
    guard isDelta, let known = chunks[id] else {
      chunks[id] = DictionaryChunks([values])
      return
    }
    chunks[id] = try known.appending(values)
  }

  /// - Returns: nil when none was sent.
  subscript(id: Int64) -> Column? { chunks[id]?.joined }
}

/// A dictionary in the parts in which it came.
private final class DictionaryChunks: Sendable {
  private let parts: Mutex<[Column]>
  private let count: Int
  private let byteCount: Int

  init(_ parts: [Column]) {
    count = parts.reduce(0) { $0 + $1.count }
    byteCount = parts.reduce(0) { $0 + $1.byteCount }
    self.parts = Mutex(parts)
  }

  func appending(_ values: Column) throws(ArrowError) -> DictionaryChunks {
    guard count + values.count < Int32.max, byteCount + values.byteCount < Int32.max else {
      throw .malformed("a dictionary grows beyond 2 GiB")
    }
    return DictionaryChunks(parts.withLock { $0 } + [values])
  }

  var joined: Column {
    parts.withLock { parts in
      if parts.count > 1 { parts = [Column.concatenating(parts, type: parts[0].type)] }
      return parts[0]
    }
  }
}
