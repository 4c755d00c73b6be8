import Columnar

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

extension StreamPlan {
  /// The values of a dictionary come as a batch of one column.
  convenience init(dictionary values: ColumnPlan) {
    self.init(schema: Schema([Field(values.name, values.type)]), columns: [values])
  }
}
