import Columnar

/// A growing array of values of one type, each of which can be replaced: state of aggregates that
/// keep values as they are.
@safe struct ValueSlots: ~Copyable {
  let type: DataType
  private let form: Form
  private var words = MutableBuffer<Int64>()
  private var decimals = MutableBuffer<Int128>()
  private var bytes = ByteSlots()
  private(set) var count = 0
  private var nulls = MutableBuffer<Bool>()

  private enum Form {
    case void
    case word
    case decimal
    case bytes
    /// Nested values, encoded.
    case nested
  }

  private static let encoding = OrderedEncoding(normalizing: false)

  init(_ type: DataType) {
    self.type = type
    form =
      switch type {
      case .void: .void
      case .decimal: .decimal
      case .string, .binary: .bytes
      case .array, .map, .structure: .nested
      default: .word
      }
  }

  var byteCount: Int {
    words.capacity * 8 + decimals.capacity * 16 + bytes.byteCount + nulls.capacity
  }

  func isNull(_ index: Int) -> Bool { nulls[index] }

  /// The memory of one value in a column, in bytes.
  func byteCount(of index: Int) -> Int {
    switch form {
    case .void: 0
    case .word: 8
    case .decimal: 16
    case .bytes, .nested: bytes.length(index) + 4
    }
  }

  mutating func appendNulls(count added: Int) {
    switch form {
    case .void: break
    case .word: words.append(repeating: 0, count: added)
    case .decimal: decimals.append(repeating: 0, count: added)
    case .bytes, .nested: bytes.appendEmpty(count: added)
    }
    nulls.append(repeating: true, count: added)
    count += added
  }

  /// Puts the value of a row of `source` in the place of another.
  mutating func replace(_ index: Int, with source: ValueSource, _ row: Int) {
    nulls[index] = source.column.isNull(row)
    if nulls[index] { return }
    switch form {
    case .void: break
    case .word: words[index] = source.words[row]
    case .decimal: decimals[index] = source.decimals[row]
    case .bytes: bytes.replace(index, with: source.strings[row])
    case .nested:
      var encoded = MutableBuffer<UInt8>()
      ValueSlots.encoding.append(source.column, row, to: &encoded)
      bytes.replace(index, with: encoded.span)
    }
  }

  /// Adds all values of `source` at the end.
  mutating func append(contentsOf source: ValueSource) {
    let added = source.column.count
    switch form {
    case .void: break
    case .word: words.append(contentsOf: source.words.span)
    case .decimal: decimals.append(contentsOf: source.decimals.span)
    case .bytes, .nested:
      for row in 0..<added { append(source, row) }
      return
    }
    if source.column.validity == nil {
      nulls.append(repeating: form == .void, count: added)
    } else {
      for row in 0..<added { nulls.append(source.column.isNull(row)) }
    }
    count += added
  }

  /// Adds the value of a row of `source` at the end.
  mutating func append(_ source: ValueSource, _ row: Int) {
    if source.column.isNull(row) { return appendNulls(count: 1) }
    switch form {
    case .void: break
    case .word: words.append(source.words[row])
    case .decimal: decimals.append(source.decimals[row])
    case .bytes: bytes.append(source.strings[row])
    case .nested:
      var encoded = MutableBuffer<UInt8>()
      ValueSlots.encoding.append(source.column, row, to: &encoded)
      bytes.append(encoded.span)
    }
    nulls.append(false)
    count += 1
  }
}

/// A column, with its machine form at hand.
struct ValueSource {
  let column: Column
  let words: Buffer<Int64>
  let decimals: Buffer<Int128>
  let strings: ByteStrings

  init(_ column: Column) {
    self.column = column
    words = column.type.isWord ? column.words() : Buffer()
    if case .decimal(let values) = column.storage { decimals = values } else { decimals = Buffer() }
    if case .bytes(let values) = column.storage {
      strings = values
    } else {
      strings = ByteStrings(offsets: Buffer(repeating: 0, count: 1), bytes: Buffer())
    }
  }
}

// MARK: - Reading

extension ValueSlots {
  /// The values at these places, in their order; an index below 0 gives a null.
  func column<Index: FixedWidthInteger & BitwiseCopyable>(
    of indices: borrowing Span<Index>
  ) -> Column {
    let validity = validity(of: indices)
    switch form {
    case .void: return Column(.void, .void(count: indices.count))
    case .word: return Column(type, words: gather(words.span, indices, 0), validity: validity)
    case .decimal:
      return Column(type, .decimal(gather(decimals.span, indices, 0)), validity: validity)
    case .bytes: return Column(type, .bytes(strings(of: indices)), validity: validity)
    case .nested:
      return ValueSlots.encoding.decode(strings(of: indices), as: type, validity: validity)
    }
  }

  private func validity<Index: FixedWidthInteger & BitwiseCopyable>(
    of indices: borrowing Span<Index>
  ) -> Bitmap? {
    var validity = ValidityBuilder()
    for slot in indices.indices {
      let index = Int(truncatingIfNeeded: indices[slot])
      validity.append(index >= 0 && !nulls[index])
    }
    return validity.take()
  }

  private func strings<Index: FixedWidthInteger & BitwiseCopyable>(
    of indices: borrowing Span<Index>
  ) -> ByteStrings {
    var builder = ByteStringsBuilder(capacity: indices.count)
    for slot in indices.indices {
      let index = Int(truncatingIfNeeded: indices[slot])
      if index >= 0 { builder.append(bytes[index]) } else { builder.closeValue() }
    }
    return builder.take()
  }

  @inline(__always)
  private func gather<
    Value: BitwiseCopyable, Index: FixedWidthInteger & BitwiseCopyable
  >(
    _ values: borrowing Span<Value>, _ indices: borrowing Span<Index>, _ zero: Value
  ) -> Buffer<Value> {
    var gathered = MutableBuffer<Value>(capacity: indices.count)
    for slot in indices.indices {
      let index = Int(truncatingIfNeeded: indices[slot])
      gathered.append(index >= 0 ? values[index] : zero)
    }
    return gathered.take()
  }
}

// MARK: - Order

extension ValueSlots {
  /// How the value at `index` stands to that of a row, as ``Column/order(_:against:_:)`` has it.
  ///
  /// - Precondition: neither is null.
  /// - Returns: below 0, 0 or above 0.
  func order(_ index: Int, against source: ValueSource, _ row: Int) -> Int {
    switch form {
    case .void: return 0
    case .word: return orderWords(words[index], source.words[row], type)
    case .decimal: return orderIntegers(decimals[index], source.decimals[row])
    case .bytes: return compareBytes(bytes[index], source.strings[row])
    case .nested:
      var encoded = MutableBuffer<UInt8>()
      ValueSlots.encoding.append(source.column, row, to: &encoded)
      return compareBytes(bytes[index], encoded.span)
    }
  }

  /// How two values of this array stand to each other; neither is null.
  func order(_ left: Int, _ right: Int) -> Int {
    switch form {
    case .void: 0
    case .word: orderWords(words[left], words[right], type)
    case .decimal: orderIntegers(decimals[left], decimals[right])
    case .bytes, .nested: compareBytes(bytes[left], bytes[right])
    }
  }
}

@inline(__always)
private func orderWords(_ left: Int64, _ right: Int64, _ type: DataType) -> Int {
  guard type.isFloatingPoint else { return orderIntegers(left, right) }
  return orderDoubles(
    Double(bitPattern: UInt64(bitPattern: left)), Double(bitPattern: UInt64(bitPattern: right)))
}

@inline(__always)
private func orderIntegers<Value: BinaryInteger>(_ left: Value, _ right: Value) -> Int {
  left < right ? -1 : (left == right ? 0 : 1)
}

/// NaN equals itself and is larger than all else.
@inline(__always)
func orderDoubles(_ left: Double, _ right: Double) -> Int {
  if left < right { return -1 }
  if left > right { return 1 }
  return (left.isNaN ? 1 : 0) - (right.isNaN ? 1 : 0)
}
