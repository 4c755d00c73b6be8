package import Columnar
package import Scalars

/// Writes one JSON object a line.
///
/// Nulls are written; timestamps are RFC 3339 in UTC, decimals numbers, binary base64, what is not
/// finite a string. A map is an object; one whose keys are no scalars an array of its entries.
package struct JSONWriter: RecordWriter {
  /// How many bytes are gathered before they are handed on: they are still in the cache then.
  private static let chunk = 1 << 15

  package init() {}

  package mutating func begin(_ schema: Schema, into bytes: inout MutableBuffer<UInt8>) {}

  package mutating func write(_ batch: Batch, into bytes: inout MutableBuffer<UInt8>) throws {
    let outputs = JSONOutputs(batch.columns, names: batch.schema.names)
    let count = batch.columns.count
    var text = ByteText(capacity: JSONWriter.chunk * 2)
    for row in 0..<batch.rowCount {
      unsafe text.append(members: outputs.nodes, count, row)
      text.append(0x0A)
      if text.count > JSONWriter.chunk {
        bytes.append(contentsOf: text.span)
        text.removeAll()
      }
    }
    bytes.append(contentsOf: text.span)
    extendLifetime(outputs)
  }

  package mutating func end(into bytes: inout MutableBuffer<UInt8>) {}
}

/// Writes single values of a column as JSON.
package struct JSONValueWriter {
  private let outputs: JSONOutputs

  package init(_ column: Column) { outputs = JSONOutputs([column]) }

  /// Appends the value of a row as JSON: null as `null`, a string in quotes.
  package func append(_ row: Int, to bytes: inout ByteText) {
    unsafe bytes.appendJSON(outputs.nodes, row)
    extendLifetime(outputs)
  }
}

/// Writes single rows of a batch as JSON objects.
package struct JSONRowWriter {
  private let outputs: JSONOutputs
  private let count: Int

  package init(_ batch: Batch) {
    outputs = JSONOutputs(batch.columns, names: batch.schema.names)
    count = batch.columns.count
  }

  package func append(_ row: Int, to text: inout ByteText) {
    unsafe text.append(members: outputs.nodes, count, row)
    extendLifetime(outputs)
  }
}
