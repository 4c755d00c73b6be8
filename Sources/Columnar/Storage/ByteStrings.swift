/// Strings of bytes one after the other: value `i` is `bytes[offsets[i]..<offsets[i + 1]]`.
///
/// The first offset need not be 0 (a slice shares its bytes with the whole). Arrow columnar format,
/// "Variable-size Binary Layout".
@usableFromInline package struct ByteStrings: Sendable {
  /// count + 1 entries, ascending, the last at most `bytes.count`.
  @usableFromInline package let offsets: Buffer<Int32>
  @usableFromInline package let bytes: Buffer<UInt8>

  /// - Precondition: the offsets ascend and stay inside `bytes`; who reads them from outside checks.
  @inlinable
  package init(offsets: Buffer<Int32>, bytes: Buffer<UInt8>) {
    precondition(offsets.count > 0)
    self.offsets = offsets
    self.bytes = bytes
  }

  package init(_ strings: [String]) {
    var builder = ByteStringsBuilder(capacity: strings.count)
    for string in strings { builder.append(string) }
    self = builder.take()
  }

  @inlinable package var count: Int { offsets.count &- 1 }

  @inlinable
  package func range(_ index: Int) -> Range<Int> {
    Int(offsets[index])..<Int(offsets[index + 1])
  }

  @inlinable
  package func length(_ index: Int) -> Int { Int(offsets[index + 1]) &- Int(offsets[index]) }

  /// The bytes of one value, in place.
  @inlinable
  package subscript(index: Int) -> Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let range = range(index)
      // SAFETY: offsets stay inside `bytes` by the initialiser's contract.
      let span = unsafe Span(_unsafeStart: bytes.pointer + range.lowerBound, count: range.count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  package func string(_ index: Int) -> String {
    let range = range(index)
    return unsafe String(
      decoding: UnsafeBufferPointer(start: bytes.pointer + range.lowerBound, count: range.count),
      as: UTF8.self)
  }

  /// How many bytes all values have together.
  package var totalLength: Int { Int(offsets[count]) - Int(offsets[0]) }

  /// Values of a range; nothing is copied.
  package subscript(range: Range<Int>) -> ByteStrings {
    ByteStrings(offsets: offsets[range.lowerBound..<range.upperBound + 1], bytes: bytes)
  }
}

/// Collects strings of bytes.
@usableFromInline package struct ByteStringsBuilder: ~Copyable {
  @usableFromInline package var offsets: MutableBuffer<Int32>
  @usableFromInline package var bytes: MutableBuffer<UInt8>

  package init(capacity: Int = 0, byteCapacity: Int = 0) {
    offsets = MutableBuffer(capacity: capacity + 1)
    bytes = MutableBuffer(capacity: byteCapacity)
    offsets.append(0)
  }

  @inlinable package var count: Int { offsets.count &- 1 }

  @inlinable package var byteCount: Int { bytes.count }

  @inlinable
  package mutating func append(_ value: borrowing Span<UInt8>) {
    bytes.append(contentsOf: value)
    closeValue()
  }

  // SAFETY: the caller vouches for `count` readable bytes at `source`.
  @inlinable
  @unsafe package mutating func append(from source: UnsafePointer<UInt8>, count: Int) {
    unsafe bytes.append(from: source, count: count)
    closeValue()
  }

  package mutating func append(_ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      for slot in utf8.indices { unsafe bytes.append(utf8[slot]) }
    }
    closeValue()
  }

  package mutating func append(_ value: [UInt8]) {
    bytes.append(contentsOf: value.span)
    closeValue()
  }

  /// Ends the value whose bytes were appended to ``bytes`` directly.
  ///
  /// A batch is cut long before its strings pass 2 GiB; that they do is a defect of ours.
  @inlinable
  package mutating func closeValue() {
    offsets.append(Int32(bytes.count))
  }

  package mutating func take() -> ByteStrings {
    let strings = ByteStrings(offsets: offsets.take(), bytes: bytes.take())
    offsets.append(0)
    return strings
  }
}
