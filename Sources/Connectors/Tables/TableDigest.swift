internal import Checkpoint
package import Columnar

/// A checksum of a table's contents, by which its versions are told from each other. Where batches
/// are cut does not show.
package struct TableDigest {
  private let schema: Schema
  private let columns: [ColumnDigest]
  private var rowCount = 0

  /// - Parameter schema: of the batches, which take part as a whole.
  package init(_ schema: Schema) {
    self.schema = schema
    columns = schema.fields.map { ColumnDigest($0.type) }
  }

  package mutating func add(_ batch: Batch) {
    for (digest, column) in zip(columns, batch.columns) { digest.add(column) }
    rowCount += batch.rowCount
  }

  /// Sixteen hexadecimal digits.
  package var text: String {
    let parts = ["\(schema)", "\(rowCount)"] + columns.flatMap(\.parts)
    return Checksum.text(of: parts.joined(separator: "\u{0}").utf8)
  }
}

/// Of one column, and of those that its values are made of.
private final class ColumnDigest {
  /// Which values are null, a byte a row.
  private let nulls = Checksum()
  private let values = Checksum()
  private let lengths = Checksum()
  private let children: [ColumnDigest]

  init(_ type: DataType) {
    children =
      switch type {
      case .array(let element): [ColumnDigest(element)]
      case .map(let key, let value): [ColumnDigest(.mapEntry(key: key, value: value))]
      case .structure(let fields): fields.map { ColumnDigest($0.type) }
      default: []
      }
  }

  var parts: [String] { [nulls.text, values.text, lengths.text] + children.flatMap(\.parts) }

  func add(_ column: Column) {
    addBits(column.validity, count: column.count, to: nulls)
    switch column.storage {
    case .void: break
    case .boolean(let bits): addBits(bits, count: bits.count, to: values)
    case .int8(let numbers): add(numbers)
    case .int16(let numbers): add(numbers)
    case .int32(let numbers): add(numbers)
    case .int64(let numbers): add(numbers)
    case .float(let numbers): add(numbers)
    case .double(let numbers): add(numbers)
    case .decimal(let numbers): add(numbers)
    case .bytes(let strings):
      addLengths(strings.offsets)
      let start = Int(strings.offsets[0])
      add(strings.bytes[start..<start + strings.totalLength])
    case .list(let offsets, let elements):
      addLengths(offsets)
      children[0].add(elements[Int(offsets[0])..<Int(offsets[offsets.count - 1])])
    case .structure(let columns, _):
      for (child, column) in zip(children, columns) { child.add(column) }
    }
  }

  private func add<Value: BitwiseCopyable>(_ numbers: Buffer<Value>) {
    unsafe values.add(numbers.span.bytes)
  }

  /// - Parameter bits: nil for nothing but ones.
  private func addBits(_ bits: Bitmap?, count: Int, to checksum: Checksum) {
    let bytes = Buffer<UInt8>(count: count) { output in
      for index in 0..<count { output.append(bits.map { $0[index] } ?? true ? 1 : 0) }
    }
    unsafe checksum.add(bytes.span.bytes)
  }

  private func addLengths(_ offsets: Buffer<Int32>) {
    let source = offsets.span
    let counts = Buffer<Int32>(count: source.count - 1) { output in
      for index in 1..<source.count { output.append(source[index] - source[index - 1]) }
    }
    unsafe lengths.add(counts.span.bytes)
  }
}
