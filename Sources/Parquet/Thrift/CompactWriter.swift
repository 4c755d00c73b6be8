import Columnar

/// Writes structs of the Thrift compact protocol.
struct CompactWriter {
  private(set) var bytes: [UInt8] = []
  /// The number of the last field of each struct that is open.
  private var last: [Int] = [0]

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func zigzag(_ value: Int64) {
    varint(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  private mutating func head(_ id: Int, _ type: UInt8) {
    let level = last.count - 1
    let step = id - last[level]
    if (1...15).contains(step) {
      bytes.append(UInt8(step) << 4 | type)
    } else {
      bytes.append(type)
      zigzag(Int64(id))
    }
    last[level] = id
  }

  mutating func field(_ id: Int, int32 value: Int32) {
    head(id, CompactType.int32)
    zigzag(Int64(value))
  }

  mutating func field(_ id: Int, int64 value: Int64) {
    head(id, CompactType.int64)
    zigzag(value)
  }

  mutating func field(_ id: Int, int16 value: Int16) {
    head(id, CompactType.int16)
    zigzag(Int64(value))
  }

  mutating func field(_ id: Int, int8 value: Int8) {
    head(id, CompactType.int8)
    bytes.append(UInt8(bitPattern: value))
  }

  mutating func field(_ id: Int, _ value: Bool) {
    head(id, value ? CompactType.true : CompactType.false)
  }

  mutating func field(_ id: Int, _ value: [UInt8]) {
    head(id, CompactType.binary)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func field(_ id: Int, _ value: String) { field(id, Array(value.utf8)) }

  mutating func field(_ id: Int, structure body: (inout CompactWriter) -> Void) {
    head(id, CompactType.structure)
    structure(body)
  }

  /// A struct that is no field: the outermost, or an element.
  mutating func structure(_ body: (inout CompactWriter) -> Void) {
    last.append(0)
    body(&self)
    last.removeLast()
    bytes.append(CompactType.stop)
  }

  mutating func field<Element>(
    _ id: Int, list: [Element], of type: UInt8, _ body: (inout CompactWriter, Element) -> Void
  ) {
    head(id, CompactType.list)
    if list.count < 15 {
      bytes.append(UInt8(list.count) << 4 | type)
    } else {
      bytes.append(0xF0 | type)
      varint(UInt64(list.count))
    }
    for element in list { body(&self, element) }
  }

  /// An element of a list of texts.
  mutating func element(_ text: String) {
    varint(UInt64(text.utf8.count))
    bytes += text.utf8
  }

  /// An element of a list of numbers.
  mutating func element(_ value: Int32) { zigzag(Int64(value)) }
}
