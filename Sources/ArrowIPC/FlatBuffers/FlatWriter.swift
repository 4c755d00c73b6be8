/// Writes a FlatBuffers message from front to back.
///
/// A table comes before what it refers to: the reference is written as 0, and filled in when its
/// target is (references lead forward only, the one to the vtable back). Offsets count from the
/// start of the message, which must stand at a multiple of 8.
struct FlatWriter {
  private(set) var bytes: [UInt8] = []

  /// A place that is to refer to something not yet written.
  struct Reference {
    fileprivate let place: Int
  }

  /// A field of a table: its slot and its bytes.
  struct Member {
    let slot: Int
    let size: Int
    let value: UInt64
    let isReference: Bool

    static func int8(_ slot: Int, _ value: UInt8) -> Member {
      Member(slot: slot, size: 1, value: UInt64(value), isReference: false)
    }

    static func int16(_ slot: Int, _ value: Int16) -> Member {
      Member(slot: slot, size: 2, value: UInt64(UInt16(bitPattern: value)), isReference: false)
    }

    static func int32(_ slot: Int, _ value: Int32) -> Member {
      Member(slot: slot, size: 4, value: UInt64(UInt32(bitPattern: value)), isReference: false)
    }

    static func int64(_ slot: Int, _ value: Int64) -> Member {
      Member(slot: slot, size: 8, value: UInt64(bitPattern: value), isReference: false)
    }

    static func reference(_ slot: Int) -> Member {
      Member(slot: slot, size: 4, value: 0, isReference: true)
    }
  }

  /// Begins the message anew; the memory is kept.
  mutating func reset() {
    bytes.removeAll(keepingCapacity: true)
  }

  /// The reference with which a message begins.
  mutating func root() -> Reference {
    append(0 as UInt32)
    return Reference(place: 0)
  }

  /// Writes a vtable and its table.
  ///
  /// - Parameters:
  ///   - members: by descending size, so that none needs padding.
  /// - Returns: the references among the members, in their order.
  mutating func table(_ members: [Member], for reference: Reference) -> [Reference] {
    let slots = members.reduce(0) { max($0, $1.slot + 1) }
    align(to: 2)
    let vtable = bytes.count
    // The table starts with the distance to its vtable: 4 bytes, then the members. Those of 8
    // bytes come first, at a multiple of 8.
    let vtableSize = 4 + slots * 2
    var table = vtable + vtableSize
    let widest = members.first?.size == 8
    while table % 4 != 0 || (widest && (table + 4) % 8 != 0) { table += 1 }
    var offsets = [UInt16](repeating: 0, count: slots)
    var size = 4
    for member in members {
      offsets[member.slot] = UInt16(size)
      size += member.size
    }
    append(UInt16(vtableSize))
    append(UInt16(size))
    for offset in offsets { append(offset) }
    bytes.append(contentsOf: repeatElement(0, count: table - bytes.count))
    fill(reference)
    append(Int32(table - vtable))
    var references: [Reference] = []
    for member in members {
      if member.isReference { references.append(Reference(place: bytes.count)) }
      for byte in 0..<member.size {
        bytes.append(UInt8(truncatingIfNeeded: member.value >> UInt64(8 * byte)))
      }
    }
    return references
  }

  mutating func string(_ text: String, for reference: Reference) {
    align(to: 4)
    fill(reference)
    append(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
  }

  /// A vector of references to tables.
  mutating func tables(count: Int, for reference: Reference) -> [Reference] {
    align(to: 4)
    fill(reference)
    append(UInt32(count))
    return (0..<count).map { _ in
      let element = Reference(place: bytes.count)
      append(0 as UInt32)
      return element
    }
  }

  /// A vector of structs that consist of 64-bit integers, `count` in all.
  mutating func structs(_ words: [Int64], count: Int, for reference: Reference) {
    while (bytes.count + 4) % 8 != 0 { bytes.append(0) }
    fill(reference)
    append(UInt32(count))
    for word in words { append(word) }
  }

  mutating func align(to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }

  private mutating func append<Scalar: FixedWidthInteger & BitwiseCopyable>(_ scalar: Scalar) {
    unsafe withUnsafeBytes(of: scalar.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Makes the reference lead to the place that is written next.
  private mutating func fill(_ reference: Reference) {
    let distance = UInt32(bytes.count - reference.place)
    for byte in 0..<4 {
      bytes[reference.place + byte] = UInt8(truncatingIfNeeded: distance >> UInt32(8 * byte))
    }
  }
}
