import Columnar

/// The types of the Thrift compact protocol, by their numbers.
enum CompactType {
  static let stop: UInt8 = 0
  static let `true`: UInt8 = 1
  static let `false`: UInt8 = 2
  static let int8: UInt8 = 3
  static let int16: UInt8 = 4
  static let int32: UInt8 = 5
  static let int64: UInt8 = 6
  static let double: UInt8 = 7
  static let binary: UInt8 = 8
  static let list: UInt8 = 9
  static let set: UInt8 = 10
  static let map: UInt8 = 11
  static let structure: UInt8 = 12
}

/// What introduces a field of a struct.
struct CompactField {
  let id: Int
  let type: UInt8
}

/// Reads structs of the Thrift compact protocol. Thrift, "Thrift Compact protocol encoding".
///
/// Every count is held against the bytes that are left, so that what is allocated is bounded by what
/// was read.
struct CompactReader {
  let bytes: Buffer<UInt8>
  private(set) var position = 0

  /// Structs within structs that are passed over.
  private static let depthMax = 32

  init(_ bytes: Buffer<UInt8>) { self.bytes = bytes }

  private var left: Int { bytes.count - position }

  private mutating func byte() throws(ParquetError) -> UInt8 {
    guard position < bytes.count else { throw .truncated("its metadata end in the middle") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func varint() throws(ParquetError) -> UInt64 {
    try bytes.varint(at: &position, orSay: "its metadata end in the middle")
  }

  private mutating func zigzag() throws(ParquetError) -> Int64 { Int64(zigzag: try varint()) }

  /// The next field of a struct.
  ///
  /// - Parameter last: the number of the field before; 0 at the beginning.
  /// - Returns: nil at the struct's end.
  mutating func field(after last: inout Int) throws(ParquetError) -> CompactField? {
    let head = try byte()
    if head == CompactType.stop { return nil }
    if head >> 4 == 0 {
      last = Int(Int16(truncatingIfNeeded: try zigzag()))
    } else {
      last += Int(head >> 4)
    }
    return CompactField(id: last, type: head & 15)
  }

  // MARK: - Values of fields

  mutating func int64(_ field: CompactField) throws(ParquetError) -> Int64 {
    switch field.type {
    case CompactType.int16, CompactType.int32, CompactType.int64: return try zigzag()
    case CompactType.int8: return Int64(Int8(bitPattern: try byte()))
    default: throw .malformed("field \(field.id) of its metadata is no number")
    }
  }

  mutating func int32(_ field: CompactField) throws(ParquetError) -> Int32 {
    guard let value = Int32(exactly: try int64(field)) else {
      throw .malformed("field \(field.id) of its metadata is out of range")
    }
    return value
  }

  /// A number that counts something.
  mutating func count(_ field: CompactField) throws(ParquetError) -> Int {
    let value = try int64(field)
    guard value >= 0, value <= Int64.max / 4 else {
      throw .malformed("field \(field.id) of its metadata counts \(value)")
    }
    return Int(value)
  }

  /// A number of 32 bits that counts something.
  mutating func smallCount(_ field: CompactField) throws(ParquetError) -> Int {
    let value = try count(field)
    guard value <= Int(Int32.max) else {
      throw .malformed("field \(field.id) of its metadata counts \(value)")
    }
    return value
  }

  func boolean(_ field: CompactField) throws(ParquetError) -> Bool {
    switch field.type {
    case CompactType.true: return true
    case CompactType.false: return false
    default: throw .malformed("field \(field.id) of its metadata is no truth value")
    }
  }

  mutating func binary(_ field: CompactField) throws(ParquetError) -> Buffer<UInt8> {
    guard field.type == CompactType.binary else {
      throw .malformed("field \(field.id) of its metadata is no text")
    }
    return try binary()
  }

  private mutating func binary() throws(ParquetError) -> Buffer<UInt8> {
    let length = try varint()
    guard length <= UInt64(left) else { throw .truncated("its metadata end in the middle") }
    defer { position += Int(length) }
    return bytes[position..<position + Int(length)]
  }

  mutating func string(_ field: CompactField) throws(ParquetError) -> String {
    String(decoding: try binary(field).elements, as: UTF8.self)
  }

  /// The head of a list, whose elements follow; none takes less than a byte.
  mutating func list(_ field: CompactField, of type: UInt8) throws(ParquetError) -> Int {
    guard field.type == CompactType.list || field.type == CompactType.set else {
      throw .malformed("field \(field.id) of its metadata is no list")
    }
    let (count, found) = try listHead()
    guard count == 0 || found == type else {
      throw .malformed("field \(field.id) of its metadata is a list of something else")
    }
    return count
  }

  private mutating func listHead() throws(ParquetError) -> (count: Int, type: UInt8) {
    let head = try byte()
    let count = head >> 4 == 15 ? try varint() : UInt64(head >> 4)
    guard count <= UInt64(left) else { throw .truncated("its metadata end in the middle") }
    return (Int(count), head & 15)
  }

  mutating func expectStructure(_ field: CompactField) throws(ParquetError) {
    guard field.type == CompactType.structure else {
      throw .malformed("field \(field.id) of its metadata is no struct")
    }
  }

  /// Passes over a field that is not asked for.
  mutating func skip(_ field: CompactField) throws(ParquetError) {
    // Of a field, the type is the value.
    if field.type == CompactType.true || field.type == CompactType.false { return }
    try skip(field.type, depth: 0)
  }

  private mutating func skip(_ type: UInt8, depth: Int) throws(ParquetError) {
    guard depth < CompactReader.depthMax else { throw .malformed("its metadata are too deep") }
    switch type {
    case CompactType.true, CompactType.false, CompactType.int8: _ = try byte()
    case CompactType.int16, CompactType.int32, CompactType.int64: _ = try varint()
    case CompactType.double:
      guard left >= 8 else { throw .truncated("its metadata end in the middle") }
      position += 8
    case CompactType.binary: _ = try binary()
    case CompactType.list, CompactType.set:
      let (count, element) = try listHead()
      for _ in 0..<count { try skip(element, depth: depth + 1) }
    case CompactType.map: try skipMap(depth)
    case CompactType.structure:
      var last = 0
      while let field = try field(after: &last) {
        if field.type == CompactType.true || field.type == CompactType.false { continue }
        try skip(field.type, depth: depth + 1)
      }
    default: throw .malformed("its metadata hold a field of the unknown type \(type)")
    }
  }

  private mutating func skipMap(_ depth: Int) throws(ParquetError) {
    let count = try varint()
    if count == 0 { return }
    guard count <= UInt64(left) else { throw .truncated("its metadata end in the middle") }
    let types = try byte()
    for _ in 0..<count {
      try skip(types >> 4, depth: depth + 1)
      try skip(types & 15, depth: depth + 1)
    }
  }
}
