import Columnar

extension FileMetadata {
  /// As it stands in a footer.
  var encoded: [UInt8] {
    var writer = CompactWriter()
    let leafCount = schema.count { $0.physical != nil }
    writer.structure { writer in
      writer.field(1, int32: version)
      writer.field(2, list: schema, of: CompactType.structure) { $0.element($1) }
      writer.field(3, int64: Int64(rowCount))
      writer.field(4, list: rowGroups, of: CompactType.structure) { $0.element($1) }
      if let createdBy { writer.field(6, createdBy) }
      // All bounds are in the order that their type defines.
      writer.field(7, list: Array(0..<leafCount), of: CompactType.structure) { writer, _ in
        writer.structure { $0.field(1) { _ in } }
      }
    }
    return writer.bytes
  }
}

extension CompactWriter {
  fileprivate mutating func element(_ element: SchemaElement) {
    structure { writer in
      if let physical = element.physical { writer.field(1, int32: physical.rawValue) }
      if element.typeLength > 0 { writer.field(2, int32: Int32(element.typeLength)) }
      if let repetition = element.repetition { writer.field(3, int32: repetition.rawValue) }
      writer.field(4, element.name)
      if element.physical == nil { writer.field(5, int32: Int32(element.childCount)) }
      if let converted = element.converted { writer.field(6, int32: converted.rawValue) }
      if element.converted == .decimal {
        writer.field(7, int32: Int32(element.scale))
        writer.field(8, int32: Int32(element.precision))
      }
      if let logical = element.logical {
        writer.field(10, structure: { $0.member(logical) })
      }
    }
  }

  /// The field of the union that is set.
  private mutating func member(_ logical: LogicalType) {
    switch logical {
    case .string: field(1) { _ in }
    case .map: field(2) { _ in }
    case .list: field(3) { _ in }
    case .enum: field(4) { _ in }
    case .decimal(let precision, let scale):
      field(5) { writer in
        writer.field(1, int32: Int32(scale))
        writer.field(2, int32: Int32(precision))
      }
    case .date: field(6) { _ in }
    case .timestamp(let unit, let isUTC):
      field(8) { writer in
        writer.field(1, isUTC)
        writer.field(2) { $0.field(unit.rawValue) { _ in } }
      }
    case .integer(let bits, let isSigned):
      field(10) { writer in
        writer.field(1, int8: Int8(bits))
        writer.field(2, isSigned)
      }
    case .unknown: field(11) { _ in }
    case .json: field(12) { _ in }
    case .bson: field(13) { _ in }
    case .uuid: field(14) { _ in }
    case .float16: field(15) { _ in }
    case .time, .other: break
    }
  }

  fileprivate mutating func element(_ group: RowGroupMetadata) {
    structure { writer in
      writer.field(1, list: group.columns, of: CompactType.structure) { $0.element($1) }
      writer.field(2, int64: Int64(group.byteCount))
      writer.field(3, int64: Int64(group.rowCount))
      let start = group.columns.first?.range.lowerBound ?? 0
      writer.field(5, int64: Int64(start))
      let total = group.columns.reduce(0) { $0 + $1.compressedByteCount }
      writer.field(6, int64: Int64(total))
    }
  }

  private mutating func element(_ chunk: ChunkMetadata) {
    structure { writer in
      // What it once was for, nobody writes any more.
      writer.field(2, int64: 0)
      writer.field(3) { writer in
        writer.field(1, int32: chunk.physical.rawValue)
        writer.field(2, list: chunk.encodings, of: CompactType.int32) { $0.element($1.rawValue) }
        writer.field(3, list: chunk.path, of: CompactType.binary) { $0.element($1) }
        writer.field(4, int32: chunk.codec.rawValue)
        writer.field(5, int64: Int64(chunk.valueCount))
        writer.field(6, int64: Int64(chunk.uncompressedByteCount))
        writer.field(7, int64: Int64(chunk.compressedByteCount))
        writer.field(9, int64: Int64(chunk.dataPageOffset))
        if let offset = chunk.dictionaryPageOffset { writer.field(11, int64: Int64(offset)) }
        writer.field(12) { $0.members(chunk.statistics) }
      }
    }
  }

  private mutating func members(_ statistics: ChunkStatistics) {
    if let count = statistics.nullCount { field(3, int64: Int64(count)) }
    if let max = statistics.max { field(5, max) }
    if let min = statistics.min { field(6, min) }
  }
}

extension PageHeader {
  /// As it stands before a page.
  var encoded: [UInt8] {
    var writer = CompactWriter()
    writer.structure { writer in
      writer.field(1, int32: kind.rawValue)
      writer.field(2, int32: Int32(uncompressedByteCount))
      writer.field(3, int32: Int32(compressedByteCount))
      if let checksum { writer.field(4, int32: Int32(bitPattern: checksum)) }
      if kind == .dictionary {
        writer.field(7) { writer in
          writer.field(1, int32: Int32(valueCount))
          writer.field(2, int32: encoding.rawValue)
        }
      } else {
        writer.field(5) { writer in
          writer.field(1, int32: Int32(valueCount))
          writer.field(2, int32: encoding.rawValue)
          writer.field(3, int32: definitionEncoding.rawValue)
          writer.field(4, int32: repetitionEncoding.rawValue)
        }
      }
    }
    return writer.bytes
  }
}
