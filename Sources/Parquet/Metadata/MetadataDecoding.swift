import Columnar

extension FileMetadata {
  init(_ bytes: Buffer<UInt8>) throws(ParquetError) {
    var reader = CompactReader(bytes)
    var last = 0
    while let field = try reader.field(after: &last) {
      switch field.id {
      case 2:
        for _ in 0..<(try reader.list(field, of: CompactType.structure)) {
          schema.append(try SchemaElement(&reader))
        }
      case 3: rowCount = try reader.count(field)
      case 4:
        for _ in 0..<(try reader.list(field, of: CompactType.structure)) {
          rowGroups.append(try RowGroupMetadata(&reader))
        }
      case 8:
        isEncrypted = true
        try reader.skip(field)
      default: try reader.skip(field)
      }
    }
  }
}

extension SchemaElement {
  init(_ reader: inout CompactReader) throws(ParquetError) {
    var last = 0
    while let field = try reader.field(after: &last) {
      switch field.id {
      case 1: physical = try known(PhysicalType(rawValue: reader.int32(field)), "physical type")
      case 2: typeLength = try reader.smallCount(field)
      case 3: repetition = try known(Repetition(rawValue: reader.int32(field)), "repetition")
      case 4: name = try reader.string(field)
      case 5: childCount = try reader.smallCount(field)
      case 6: converted = ConvertedType(rawValue: try reader.int32(field))
      case 7: scale = Int(try reader.int32(field))
      case 8: precision = Int(try reader.int32(field))
      case 10: logical = try LogicalType(&reader, field)
      default: try reader.skip(field)
      }
    }
    // A group may say 0 children or none at all.
    if childCount > 0 { physical = nil }
  }
}

/// - Throws: `.malformed` for nil.
private func known<Value>(_ value: Value?, _ what: String) throws(ParquetError) -> Value {
  guard let value else { throw .malformed("its metadata name an unknown \(what)") }
  return value
}

extension LogicalType {
  /// Reads the union: a struct of which one field is set.
  fileprivate init(
    _ reader: inout CompactReader, _ field: CompactField
  ) throws(ParquetError) {
    try reader.expectStructure(field)
    self = .other
    var last = 0
    while let member = try reader.field(after: &last) {
      switch member.id {
      case 1: self = .string
      case 2: self = .map
      case 3: self = .list
      case 4: self = .enum
      case 5:
        self = try LogicalType.decimal(&reader, member)
        continue
      case 6: self = .date
      case 7: self = .time
      case 8:
        self = try LogicalType.timestamp(&reader, member)
        continue
      case 10:
        self = try LogicalType.integer(&reader, member)
        continue
      case 11: self = .unknown
      case 12: self = .json
      case 13: self = .bson
      case 14: self = .uuid
      case 15: self = .float16
      default: break
      }
      try reader.skip(member)
    }
  }

  private static func decimal(
    _ reader: inout CompactReader, _ field: CompactField
  ) throws(ParquetError) -> LogicalType {
    try reader.expectStructure(field)
    var (precision, scale, last) = (0, 0, 0)
    while let member = try reader.field(after: &last) {
      switch member.id {
      case 1: scale = Int(try reader.int32(member))
      case 2: precision = Int(try reader.int32(member))
      default: try reader.skip(member)
      }
    }
    return .decimal(precision: precision, scale: scale)
  }

  private static func timestamp(
    _ reader: inout CompactReader, _ field: CompactField
  ) throws(ParquetError) -> LogicalType {
    try reader.expectStructure(field)
    var (unit, isUTC, last) = (TimeUnit?.none, false, 0)
    while let member = try reader.field(after: &last) {
      switch member.id {
      case 1: isUTC = try reader.boolean(member)
      case 2:
        try reader.expectStructure(member)
        var lastUnit = 0
        while let choice = try reader.field(after: &lastUnit) {
          unit = TimeUnit(rawValue: choice.id)
          try reader.skip(choice)
        }
      default: try reader.skip(member)
      }
    }
    return .timestamp(try known(unit, "unit of time"), isUTC: isUTC)
  }

  private static func integer(
    _ reader: inout CompactReader, _ field: CompactField
  ) throws(ParquetError) -> LogicalType {
    try reader.expectStructure(field)
    var (bits, isSigned, last) = (0, true, 0)
    while let member = try reader.field(after: &last) {
      switch member.id {
      case 1: bits = Int(try reader.int32(member))
      case 2: isSigned = try reader.boolean(member)
      default: try reader.skip(member)
      }
    }
    guard [8, 16, 32, 64].contains(bits) else {
      throw .malformed("its metadata name integers of \(bits) bits")
    }
    return .integer(bits: bits, isSigned: isSigned)
  }
}

extension RowGroupMetadata {
  init(_ reader: inout CompactReader) throws(ParquetError) {
    var last = 0
    while let field = try reader.field(after: &last) {
      switch field.id {
      case 1:
        let count = try reader.list(field, of: CompactType.structure)
        columns.reserveCapacity(min(count, 1024))
        for _ in 0..<count { columns.append(try ChunkMetadata(columnChunk: &reader)) }
      case 2: byteCount = try reader.count(field)
      case 3: rowCount = try reader.count(field)
      default: try reader.skip(field)
      }
    }
  }
}

extension ChunkMetadata {
  /// Reads a `ColumnChunk`.
  init(columnChunk reader: inout CompactReader) throws(ParquetError) {
    var last = 0
    var hasMetadata = false
    while let field = try reader.field(after: &last) {
      switch field.id {
      case 1:
        isElsewhere = true
        try reader.skip(field)
      case 3:
        try reader.expectStructure(field)
        try read(&reader)
        hasMetadata = true
      default: try reader.skip(field)
      }
    }
    guard hasMetadata else {
      throw .malformed("a column chunk has no metadata, or they are encrypted")
    }
  }

  private mutating func read(_ reader: inout CompactReader) throws(ParquetError) {
    var last = 0
    while let field = try reader.field(after: &last) {
      switch field.id {
      case 1: physical = try known(PhysicalType(rawValue: reader.int32(field)), "physical type")
      case 4: codec = try known(Codec(rawValue: reader.int32(field)), "codec")
      case 5: valueCount = try reader.count(field)
      case 6: uncompressedByteCount = try reader.count(field)
      case 7: compressedByteCount = try reader.count(field)
      case 9: dataPageOffset = try reader.count(field)
      case 11: dictionaryPageOffset = try reader.count(field)
      case 12:
        try reader.expectStructure(field)
        statistics = try ChunkStatistics(&reader)
      default: try reader.skip(field)
      }
    }
  }
}

extension ChunkStatistics {
  init(_ reader: inout CompactReader) throws(ParquetError) {
    var (oldMin, oldMax) = ([UInt8]?.none, [UInt8]?.none)
    var last = 0
    while let field = try reader.field(after: &last) {
      switch field.id {
      case 1: oldMax = try reader.binary(field).elements
      case 2: oldMin = try reader.binary(field).elements
      case 3: nullCount = Int(exactly: try reader.int64(field))
      case 5: max = try reader.binary(field).elements
      case 6: min = try reader.binary(field).elements
      default: try reader.skip(field)
      }
    }
    guard min == nil, max == nil else { return }
    (min, max, isDeprecated) = (oldMin, oldMax, true)
  }
}
