import Columnar

/// Apache Parquet, "parquet.thrift": `PageHeader`.
struct PageHeader {
  enum Kind: Int32 {
    case data = 0
    case index
    case dictionary
    case dataV2
  }

  var kind = Kind.index
  var uncompressedByteCount = 0
  var compressedByteCount = 0
  /// Of the bytes as they stand in the file.
  var checksum: UInt32?
  /// Nulls are among them.
  var valueCount = 0
  var encoding = Encoding.plain
  /// Of levels in pages of version 1.
  var definitionEncoding = Encoding.rle
  var repetitionEncoding = Encoding.rle
  /// Version 2: bytes of the levels, which are never compressed.
  var definitionByteCount = 0
  var repetitionByteCount = 0
  var isCompressed = true

  init() {}

  /// Reads a header.
  ///
  /// - Parameter byteCount: how many bytes it takes.
  init(_ bytes: Buffer<UInt8>, byteCount: inout Int) throws(ParquetError) {
    var reader = CompactReader(bytes)
    var last = 0
    var found: Kind?
    while let field = try reader.field(after: &last) {
      switch field.id {
      case 1: found = Kind(rawValue: try reader.int32(field))
      case 2: uncompressedByteCount = try reader.smallCount(field)
      case 3: compressedByteCount = try reader.smallCount(field)
      case 4: checksum = UInt32(bitPattern: try reader.int32(field))
      case 5: try readData(&reader, field)
      case 7: try readDictionary(&reader, field)
      case 8: try readDataV2(&reader, field)
      default: try reader.skip(field)
      }
    }
    guard let found else { throw .malformed("a page is of an unknown kind") }
    kind = found
    byteCount = reader.position
  }

  private mutating func readData(
    _ reader: inout CompactReader, _ field: CompactField
  ) throws(ParquetError) {
    try reader.expectStructure(field)
    var last = 0
    while let field = try reader.field(after: &last) {
      switch field.id {
      case 1: valueCount = try reader.smallCount(field)
      case 2: encoding = try PageHeader.encoding(reader.int32(field))
      case 3: definitionEncoding = try PageHeader.encoding(reader.int32(field))
      case 4: repetitionEncoding = try PageHeader.encoding(reader.int32(field))
      default: try reader.skip(field)
      }
    }
  }

  private mutating func readDictionary(
    _ reader: inout CompactReader, _ field: CompactField
  ) throws(ParquetError) {
    try reader.expectStructure(field)
    var last = 0
    while let field = try reader.field(after: &last) {
      switch field.id {
      case 1: valueCount = try reader.smallCount(field)
      case 2: encoding = try PageHeader.encoding(reader.int32(field))
      default: try reader.skip(field)
      }
    }
  }

  private mutating func readDataV2(
    _ reader: inout CompactReader, _ field: CompactField
  ) throws(ParquetError) {
    try reader.expectStructure(field)
    var last = 0
    while let field = try reader.field(after: &last) {
      switch field.id {
      case 1: valueCount = try reader.smallCount(field)
      case 4: encoding = try PageHeader.encoding(reader.int32(field))
      case 5: definitionByteCount = try reader.smallCount(field)
      case 6: repetitionByteCount = try reader.smallCount(field)
      case 7: isCompressed = try reader.boolean(field)
      default: try reader.skip(field)
      }
    }
  }

  private static func encoding(_ number: Int32) throws(ParquetError) -> Encoding {
    guard let encoding = Encoding(rawValue: number) else {
      throw .malformed("a page has the unknown encoding \(number)")
    }
    return encoding
  }
}
