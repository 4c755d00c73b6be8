import Columnar
import Synchronization

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
