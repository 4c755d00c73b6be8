import Columnar

/// Writes the message with which a stream begins.
struct SchemaEncoder {
  private var writer = FlatWriter()

  /// The message's metadata: the table `Message` over `Schema`.
  static func message(_ schema: Schema, metadata: [KeyValue]) -> [UInt8] {
    var encoder = SchemaEncoder()
    let root = encoder.writer.root()
    let header = encoder.writer.table(
      [.reference(2), .int16(0, MessageHeader.version), .int8(1, MessageKind.schema)], for: root)
    encoder.write(schema, metadata: metadata, for: header[0])
    encoder.writer.align(to: 8)
    return encoder.writer.bytes
  }

  /// The table `Schema`, little-endian by default.
  private mutating func write(
    _ schema: Schema, metadata: [KeyValue], for reference: FlatWriter.Reference
  ) {
    let parts = writer.table([.reference(1), .reference(2)], for: reference)
    let fields = writer.tables(count: schema.fields.count, for: parts[0])
    for (field, reference) in zip(schema.fields, fields) {
      write(ArrowField(field.name, field.type), for: reference)
    }
    writer.write(metadata, for: parts[1])
  }

  private mutating func write(_ field: ArrowField, for reference: FlatWriter.Reference) {
    let type = TypeEncoder(field.type)
    let parts = writer.table(
      [
        .reference(0), .reference(3), .reference(5), .int8(1, field.isNullable ? 1 : 0),
        .int8(2, type.tag),
      ], for: reference)
    writer.string(field.name, for: parts[0])
    let references = writer.table(type.members, for: parts[1])
    if let zone = type.zone { writer.string(zone, for: references[0]) }
    let children = writer.tables(count: field.children.count, for: parts[2])
    for (child, reference) in zip(field.children, children) { write(child, for: reference) }
  }
}

/// A field as Arrow sees it: an array's elements and a map's entries are fields, too.
private struct ArrowField {
  let name: String
  let type: DataType
  let isNullable: Bool

  init(_ name: String, _ type: DataType, isNullable: Bool = true) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
  }

  var children: [ArrowField] {
    switch type {
    case .array(let element): [ArrowField("item", element)]
    case .map(let key, let value):
      [ArrowField("entries", .mapEntry(key: key, value: value), isNullable: false)]
    case .structure(let fields):
      // Arrow's rule for a map: neither an entry nor a key is ever null.
      fields.enumerated().map { index, field in
        ArrowField(field.name, field.type, isNullable: isNullable || index > 0)
      }
    default: []
    }
  }
}

/// The union `Type` of a field on our own wire.
private struct TypeEncoder {
  let tag: UInt8
  var members: [FlatWriter.Member] = []
  var zone: String?

  init(_ type: DataType) {
    switch type {
    case .void: tag = TypeTag.null
    case .boolean: tag = TypeTag.boolean
    case .tinyint: (tag, members) = TypeEncoder.integer(bits: 8)
    case .smallint: (tag, members) = TypeEncoder.integer(bits: 16)
    case .int: (tag, members) = TypeEncoder.integer(bits: 32)
    case .bigint: (tag, members) = TypeEncoder.integer(bits: 64)
    case .float: (tag, members) = (TypeTag.floatingPoint, [.int16(0, 1)])
    case .double: (tag, members) = (TypeTag.floatingPoint, [.int16(0, 2)])
    case .decimal(let precision, let scale):
      tag = TypeTag.decimal
      members = [.int32(0, Int32(precision)), .int32(1, Int32(scale)), .int32(2, 128)]
    case .string: tag = TypeTag.utf8
    case .binary: tag = TypeTag.binary
    case .timestamp:
      tag = TypeTag.timestamp
      members = [.reference(1), .int16(0, TimeUnit.microsecond.rawValue)]
      zone = "UTC"
    case .date: (tag, members) = (TypeTag.date, [.int16(0, 0)])
    case .dayTimeInterval:
      (tag, members) = (TypeTag.duration, [.int16(0, TimeUnit.microsecond.rawValue)])
    case .yearMonthInterval: (tag, members) = (TypeTag.interval, [.int16(0, 0)])
    case .array: tag = TypeTag.list
    case .map: tag = TypeTag.map
    case .structure: tag = TypeTag.structure
    }
  }

  private static func integer(bits: Int32) -> (UInt8, [FlatWriter.Member]) {
    (TypeTag.integer, [.int32(0, bits), .int8(1, 1)])
  }
}

extension FlatWriter {
  /// A vector of `KeyValue`.
  mutating func write(_ metadata: [KeyValue], for reference: Reference) {
    let pairs = tables(count: metadata.count, for: reference)
    for (pair, reference) in zip(metadata, pairs) {
      let texts = table([.reference(0), .reference(1)], for: reference)
      string(pair.key, for: texts[0])
      string(pair.value, for: texts[1])
    }
  }
}
