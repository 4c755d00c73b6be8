import Columnar

/// Apache Parquet, "parquet.thrift": `FileMetaData`.
struct FileMetadata: Sendable {
  var version: Int32 = 2
  /// Depth first; the first is the root.
  var schema: [SchemaElement] = []
  var rowCount = 0
  var rowGroups: [RowGroupMetadata] = []
  var createdBy: String?
  var isEncrypted = false
}

enum PhysicalType: Int32, Sendable {
  case boolean = 0
  case int32
  case int64
  case int96
  case float
  case double
  case byteArray
  case fixedByteArray
}

enum Repetition: Int32, Sendable {
  case required = 0
  case optional
  case repeated
}

/// `ConvertedType`, what logical types were before.
enum ConvertedType: Int32, Sendable {
  case utf8 = 0, map, mapKeyValue, list, `enum`, decimal, date, timeMilliseconds, timeMicroseconds
  case timestampMilliseconds, timestampMicroseconds
  case uint8, uint16, uint32, uint64, int8, int16, int32, int64
  case json, bson, interval
}

enum TimeUnit: Int, Sendable {
  case milliseconds = 1
  case microseconds
  case nanoseconds
}

/// `LogicalType`.
enum LogicalType: Hashable, Sendable {
  case string
  case map
  case list
  case `enum`
  case decimal(precision: Int, scale: Int)
  case date
  case time
  case timestamp(TimeUnit, isUTC: Bool)
  case integer(bits: Int, isSigned: Bool)
  case unknown
  case json
  case bson
  case uuid
  case float16
  /// One that we do not know: its values are what their physical type says.
  case other
}

/// `SchemaElement`.
struct SchemaElement: Sendable {
  var name = ""
  /// nil for a group.
  var physical: PhysicalType?
  var typeLength = 0
  /// nil for the root.
  var repetition: Repetition?
  var childCount = 0
  var converted: ConvertedType?
  var logical: LogicalType?
  var precision = 0
  var scale = 0
}

/// `RowGroup`.
struct RowGroupMetadata: Sendable {
  var columns: [ChunkMetadata] = []
  var rowCount = 0
  /// Before compression.
  var byteCount = 0
}

enum Codec: Int32, Sendable {
  case none = 0
  case snappy
  case gzip
  case lzo
  case brotli
  case lz4Hadoop
  case zstd
  case lz4
}

enum Encoding: Int32, Sendable {
  case plain = 0
  case plainDictionary = 2
  case rle = 3
  case bitPacked = 4
  case deltaBinaryPacked = 5
  case deltaLengthByteArray = 6
  case deltaByteArray = 7
  case rleDictionary = 8
  case byteStreamSplit = 9

  var isDictionary: Bool { self == .plainDictionary || self == .rleDictionary }
}

/// `ColumnMetaData`: the part of a column that a row group holds.
struct ChunkMetadata: Sendable {
  var physical: PhysicalType = .boolean
  var encodings: [Encoding] = []
  var path: [String] = []
  var codec: Codec = .none
  /// Nulls are among them.
  var valueCount = 0
  var uncompressedByteCount = 0
  var compressedByteCount = 0
  var dataPageOffset = 0
  var dictionaryPageOffset: Int?
  var statistics = ChunkStatistics()
  /// The chunk is in another file.
  var isElsewhere = false

  /// Where it is in the file.
  var range: Range<Int> {
    var start = dataPageOffset
    // Some writers say 0 where there is no dictionary.
    if let dictionary = dictionaryPageOffset, dictionary > 0, dictionary < start {
      start = dictionary
    }
    return start..<start + compressedByteCount
  }
}

/// `Statistics`: bounds in PLAIN encoding, without a length before byte arrays.
struct ChunkStatistics: Sendable {
  var min: [UInt8]?
  var max: [UInt8]?
  /// The bounds are the fields of old, whose order is that of signed bytes.
  var isDeprecated = false
  var nullCount: Int?
}
