import Columnar

/// A struct of the Thrift compact protocol, field by field, in ascending order of their numbers.
struct CraftedStruct {
  private var fields: [UInt8] = []
  private var last = 0

  /// Its bytes, with the end.
  var bytes: [UInt8] { fields + [0] }

  private mutating func head(_ id: Int, _ type: UInt8) {
    fields.append(UInt8(id - last) << 4 | type)
    last = id
  }

  mutating func number(_ id: Int, _ value: Int) {
    head(id, 6)
    fields += varint(value << 1)
  }

  mutating func text(_ id: Int, _ text: String) {
    head(id, 8)
    fields += varint(text.utf8.count) + text.utf8
  }

  mutating func structure(_ id: Int, _ inner: CraftedStruct) {
    head(id, 12)
    fields += inner.bytes
  }

  mutating func list(_ id: Int, _ elements: [CraftedStruct]) {
    head(id, 9)
    fields += [0xFC] + varint(elements.count)
    for element in elements { fields += element.bytes }
  }
}

func varint(_ value: Int) -> [UInt8] {
  var (rest, bytes) = (value, [UInt8]())
  while rest >= 0x80 {
    bytes.append(UInt8(rest & 0x7F) | 0x80)
    rest >>= 7
  }
  return bytes + [UInt8(rest)]
}

func littleEndian(_ value: Int, byteCount: Int) -> [UInt8] {
  (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// Numbers of less than 8 bits, so many times each.
func runs(_ pairs: [(number: UInt8, count: Int)]) -> [UInt8] {
  pairs.flatMap { varint($0.count << 1) + [$0.number] }
}

/// Strings behind their lengths.
func plainStrings(_ strings: [[UInt8]]) -> [UInt8] {
  strings.flatMap { littleEndian($0.count, byteCount: 4) + $0 }
}

/// What a file says of a column, or of a group of them.
struct CraftedElement {
  enum Kind {
    /// - Parameters:
    ///   - type: the number of the physical type.
    ///   - length: of its values, where that is fixed.
    case leaf(type: Int, length: Int = 0)
    case group(childCount: Int)
  }

  var name: String
  var kind: Kind
  /// 0: required, 1: optional, 2: repeated.
  var repetition = 0
  /// The number of the logical type.
  var logical: Int?

  var encoded: CraftedStruct {
    var element = CraftedStruct()
    if case .leaf(let type, let length) = kind {
      element.number(1, type)
      if length > 0 { element.number(2, length) }
    }
    element.number(3, repetition)
    element.text(4, name)
    if case .group(let childCount) = kind { element.number(5, childCount) }
    if let logical {
      var union = CraftedStruct()
      union.structure(logical, CraftedStruct())
      element.structure(10, union)
    }
    return element
  }
}

/// A column of the file's only row group.
struct CraftedChunk {
  var type: Int
  var entryCount: Int
  /// As it stands in the file, with the headers.
  var bytes: [UInt8]
  var dictionaryByteCount = 0

  init(type: Int, entryCount: Int, data: [UInt8], encoding: Int, dictionary: [UInt8] = []) {
    self.type = type
    self.entryCount = entryCount
    dictionaryByteCount = dictionary.count
    bytes = dictionary + CraftedChunk.page(kind: 0, entryCount, encoding, data)
  }

  /// A page that is not compressed.
  ///
  /// - Parameter claimed: how many bytes it says to hold, where that is not true.
  static func page(
    kind: Int, _ entryCount: Int, _ encoding: Int, _ data: [UInt8], claimed: Int? = nil
  ) -> [UInt8] {
    var values = CraftedStruct()
    values.number(1, entryCount)
    values.number(2, encoding)
    if kind == 0 {
      values.number(3, 3)
      values.number(4, 3)
    }
    var header = CraftedStruct()
    header.number(1, kind)
    header.number(2, claimed ?? data.count)
    header.number(3, data.count)
    header.structure(kind == 0 ? 5 : 7, values)
    return header.bytes + data
  }

  static func dictionary(_ count: Int, _ data: [UInt8], claimed: Int? = nil) -> [UInt8] {
    page(kind: 2, count, 0, data, claimed: claimed)
  }
}

/// A file of one row group, as no writer would write it.
func craftedFile(
  _ schema: [CraftedElement], rootCount: Int = 1, rowCount: Int = 0, _ chunks: [CraftedChunk] = []
) -> Buffer<UInt8> {
  var bytes = Array("PAR1".utf8)
  var columns: [CraftedStruct] = []
  for chunk in chunks {
    var metadata = CraftedStruct()
    metadata.number(1, chunk.type)
    metadata.number(4, 0)
    metadata.number(5, chunk.entryCount)
    metadata.number(6, chunk.bytes.count)
    metadata.number(7, chunk.bytes.count)
    metadata.number(9, bytes.count + chunk.dictionaryByteCount)
    if chunk.dictionaryByteCount > 0 { metadata.number(11, bytes.count) }
    var column = CraftedStruct()
    column.structure(3, metadata)
    columns.append(column)
    bytes += chunk.bytes
  }
  var group = CraftedStruct()
  group.list(1, columns)
  group.number(2, bytes.count)
  group.number(3, rowCount)
  var footer = CraftedStruct()
  footer.number(1, 1)
  let root = CraftedElement(name: "schema", kind: .group(childCount: rootCount))
  footer.list(2, ([root] + schema).map(\.encoded))
  footer.number(3, rowCount)
  footer.list(4, chunks.isEmpty ? [] : [group])
  bytes += footer.bytes + littleEndian(footer.bytes.count, byteCount: 4) + Array("PAR1".utf8)
  return Buffer(bytes)
}
