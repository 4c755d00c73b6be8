import Columnar

/// A table of a FlatBuffers message. FlatBuffers, "Internals".
///
/// Every access is checked against the end of the message: what a hostile one says is an error,
/// never a read out of bounds. A place may be referred to any number of times, so who walks a tree
/// of tables limits depth and work (see ``SchemaDecoder``).
struct FlatTable {
  let bytes: Buffer<UInt8>
  private let position: Int
  private let vtable: Int
  /// Bytes of the vtable, its two leading fields among them.
  private let vtableSize: Int

  /// The table that a message begins with.
  init(root bytes: Buffer<UInt8>) throws(ArrowError) {
    let offset = try bytes.load(UInt32.self, at: 0)
    try self.init(bytes, at: Int(offset))
  }

  init(_ bytes: Buffer<UInt8>, at position: Int) throws(ArrowError) {
    let back = Int(try bytes.load(Int32.self, at: position))
    self.bytes = bytes
    self.position = position
    vtable = position - back
    vtableSize = Int(try bytes.load(UInt16.self, at: vtable))
  }

  /// Where a field's bytes stand; nil when the field is left out.
  private func place(_ slot: Int) throws(ArrowError) -> Int? {
    let entry = 4 + slot * 2
    guard entry + 2 <= vtableSize else { return nil }
    let offset = Int(try bytes.load(UInt16.self, at: vtable + entry))
    return offset == 0 ? nil : position + offset
  }

  func scalar<Scalar: FixedWidthInteger & BitwiseCopyable>(
    _ slot: Int, default value: Scalar
  ) throws(ArrowError) -> Scalar {
    guard let place = try place(slot) else { return value }
    return try bytes.load(Scalar.self, at: place)
  }

  func boolean(_ slot: Int) throws(ArrowError) -> Bool {
    try scalar(slot, default: UInt8(0)) != 0
  }

  /// Where the thing stands that a field refers to.
  private func target(_ slot: Int) throws(ArrowError) -> Int? {
    guard let place = try place(slot) else { return nil }
    return place + Int(try bytes.load(UInt32.self, at: place))
  }

  func table(_ slot: Int) throws(ArrowError) -> FlatTable? {
    guard let target = try target(slot) else { return nil }
    return try FlatTable(bytes, at: target)
  }

  func string(_ slot: Int) throws(ArrowError) -> String? {
    guard let text = try vector(slot, stride: 1) else { return nil }
    return try text.string()
  }

  /// - Parameter stride: bytes from one element to the next.
  func vector(_ slot: Int, stride: Int) throws(ArrowError) -> FlatVector? {
    guard let target = try target(slot) else { return nil }
    return try FlatVector(bytes, at: target, stride: stride)
  }
}

/// A run of scalars, structs or references to tables.
struct FlatVector {
  private let bytes: Buffer<UInt8>
  private let start: Int
  private let stride: Int
  let count: Int

  init(_ bytes: Buffer<UInt8>, at position: Int, stride: Int) throws(ArrowError) {
    count = Int(try bytes.load(UInt32.self, at: position))
    start = position + 4
    guard count <= (bytes.count - start) / stride else {
      throw .malformed("a vector of \(count) elements passes the end of its message")
    }
    self.bytes = bytes
    self.stride = stride
  }

  /// A scalar at a byte offset in an element.
  func scalar<Scalar: FixedWidthInteger & BitwiseCopyable>(
    _ index: Int, at offset: Int = 0
  ) throws(ArrowError) -> Scalar {
    try bytes.load(Scalar.self, at: start + index * stride + offset)
  }

  func table(_ index: Int) throws(ArrowError) -> FlatTable {
    let place = start + index * stride
    return try FlatTable(bytes, at: place + Int(try bytes.load(UInt32.self, at: place)))
  }

  func string() throws(ArrowError) -> String {
    let text = bytes[start..<start + count].span
    guard
      let string = unsafe text.withUnsafeBufferPointer({
        unsafe String(validating: $0, as: UTF8.self)
      })
    else {
      throw .malformed("a name or a metadata text is not UTF-8")
    }
    return string
  }
}

extension Buffer<UInt8> {
  /// A little-endian integer, wherever it stands.
  func load<Scalar: FixedWidthInteger & BitwiseCopyable>(
    _: Scalar.Type, at offset: Int
  ) throws(ArrowError) -> Scalar {
    guard offset >= 0, offset <= count - MemoryLayout<Scalar>.size else {
      throw .malformed("a reference passes the end of its message")
    }
    // SAFETY: the guard; every bit pattern is a valid integer.
    return unsafe Scalar(
      littleEndian: UnsafeRawPointer(pointer + offset).loadUnaligned(as: Scalar.self))
  }
}
