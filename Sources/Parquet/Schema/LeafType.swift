import Columnar

/// How the values of a leaf stand in a file, and what they are read as.
struct LeafType: Sendable {
  let physical: PhysicalType
  /// Bytes of a value of fixed length; 0 for booleans and byte arrays.
  let byteWidth: Int
  let conversion: Conversion
  /// `.void` where the values are not read.
  let type: DataType

  enum Conversion: Hashable, Sendable {
    /// The machine forms agree.
    case none
    /// Integers of 32 bits that are narrower, or whose sign counts otherwise.
    case narrowed(bits: Int, isSigned: Bool)
    /// Unsigned integers of 64 bits.
    case unsignedLong
    case timestamp(TimeUnit)
    /// Nanoseconds of the day and the Julian day.
    case int96
    case decimal(precision: Int)
    case text
    case uuid
    case float16
    case void
    /// Not read: what its type is called.
    case unread(String)
  }

  /// - Throws: `.malformed` when what the element says of itself makes no sense.
  init(_ element: SchemaElement, path: String) throws(ParquetError) {
    guard let physical = element.physical else {
      throw .malformed("the column '\(path)' has no type")
    }
    self.physical = physical
    byteWidth = try LeafType.byteWidth(physical, element, path)
    conversion = LeafType.conversion(physical, element, byteWidth)
    type = LeafType.type(physical, conversion, element)
  }

  private static func byteWidth(
    _ physical: PhysicalType, _ element: SchemaElement, _ path: String
  ) throws(ParquetError) -> Int {
    switch physical {
    case .boolean, .byteArray: return 0
    case .int32, .float: return 4
    case .int64, .double: return 8
    case .int96: return 12
    case .fixedByteArray:
      guard element.typeLength > 0 else {
        throw .malformed("the column '\(path)' has values of \(element.typeLength) bytes")
      }
      return element.typeLength
    }
  }

  private static func conversion(
    _ physical: PhysicalType, _ element: SchemaElement, _ byteWidth: Int
  ) -> Conversion {
    guard let logical = element.logicalType else {
      return physical == .int96 ? .int96 : .none
    }
    switch (logical, physical) {
    case (.string, .byteArray), (.enum, .byteArray), (.json, .byteArray): return .text
    case (.decimal(let precision, let scale), .int32), (.decimal(let precision, let scale), .int64),
      (.decimal(let precision, let scale), .byteArray),
      (.decimal(let precision, let scale), .fixedByteArray):
      guard precision >= 1, scale >= 0, scale <= DataType.maxDecimalPrecision else {
        return .unread("decimal(\(precision), \(scale))")
      }
      return .decimal(precision: max(min(precision, DataType.maxDecimalPrecision), scale))
    case (.date, .int32): return .none
    case (.time, _): return .unread("time")
    case (.timestamp(let unit, _), .int64): return .timestamp(unit)
    case (.integer(let bits, let isSigned), .int32) where bits <= 32:
      return bits == 32 && isSigned ? .none : .narrowed(bits: bits, isSigned: isSigned)
    case (.integer(64, false), .int64): return .unsignedLong
    case (.unknown, _): return .void
    case (.uuid, .fixedByteArray) where byteWidth == 16: return .uuid
    case (.float16, .fixedByteArray) where byteWidth == 2: return .float16
    case (_, .int96): return .int96
    default: return element.converted == .interval ? .unread("interval") : .none
    }
  }

  private static func type(
    _ physical: PhysicalType, _ conversion: Conversion, _ element: SchemaElement
  ) -> DataType {
    switch conversion {
    case .narrowed(8, true): return .tinyint
    case .narrowed(8, false), .narrowed(16, true): return .smallint
    case .narrowed(16, false): return .int
    case .narrowed: return .bigint
    case .unsignedLong: return .decimal(precision: 20, scale: 0)
    case .timestamp, .int96: return .timestamp
    case .decimal(let precision):
      guard case .decimal(_, let scale) = element.logicalType else { return .void }
      return .decimal(precision: precision, scale: scale)
    case .text, .uuid: return .string
    case .float16: return .float
    case .void, .unread: return .void
    case .none:
      switch physical {
      case .boolean: return .boolean
      case .int32: return element.logicalType == .date ? .date : .int
      case .int64: return .bigint
      case .int96: return .timestamp
      case .float: return .float
      case .double: return .double
      case .byteArray, .fixedByteArray: return .binary
      }
    }
  }
}

extension SchemaElement {
  /// What a file of any age says of the values.
  var logicalType: LogicalType? {
    if let logical, logical != .other { return logical }
    switch converted {
    case nil, .interval: return logical ?? (converted == .interval ? .other : nil)
    case .utf8: return .string
    case .map, .mapKeyValue: return .map
    case .list: return .list
    case .enum: return .enum
    case .decimal: return .decimal(precision: precision, scale: scale)
    case .date: return .date
    case .timeMilliseconds, .timeMicroseconds: return .time
    case .timestampMilliseconds: return .timestamp(.milliseconds, isUTC: true)
    case .timestampMicroseconds: return .timestamp(.microseconds, isUTC: true)
    case .uint8: return .integer(bits: 8, isSigned: false)
    case .uint16: return .integer(bits: 16, isSigned: false)
    case .uint32: return .integer(bits: 32, isSigned: false)
    case .uint64: return .integer(bits: 64, isSigned: false)
    case .int8: return .integer(bits: 8, isSigned: true)
    case .int16: return .integer(bits: 16, isSigned: true)
    case .int32: return .integer(bits: 32, isSigned: true)
    case .int64: return .integer(bits: 64, isSigned: true)
    case .json: return .json
    case .bson: return .bson
    }
  }
}
