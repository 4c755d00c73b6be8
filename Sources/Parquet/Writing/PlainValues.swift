import Columnar

/// Values in the form in which a file holds them.
enum PlainValues {
  case bits(Bitmap)
  /// - Parameter width: of a value in bytes; 4 or 8.
  case words(Buffer<UInt64>, width: Int)
  /// The highest byte first.
  case decimals(Buffer<Int128>, width: Int)
  case strings(ByteStrings)
  case none

  /// - Parameter column: without nulls, and not nested.
  init(_ column: Column) {
    switch column.storage {
    case .void: self = .none
    case .boolean(let bits): self = .bits(bits)
    case .int8(let values): self = .words(widened(values), width: 4)
    case .int16(let values): self = .words(widened(values), width: 4)
    case .int32(let values): self = .words(widened(values), width: 4)
    case .int64(let values): self = .words(values.reinterpreted(as: UInt64.self), width: 8)
    case .float(let values):
      self = .words(widened(values.reinterpreted(as: UInt32.self)), width: 4)
    case .double(let values): self = .words(values.reinterpreted(as: UInt64.self), width: 8)
    case .decimal(let values): self = PlainValues.decimals(values, column.type)
    case .bytes(let strings): self = .strings(strings)
    case .list, .structure: preconditionFailure("nested values are taken apart first")
    }
  }

  private static func decimals(_ values: Buffer<Int128>, _ type: DataType) -> PlainValues {
    guard case .decimal(let precision, _) = type else { return .none }
    if precision > 18 { return .decimals(values, width: decimalByteCount(precision)) }
    return .words(widened(values), width: precision <= 9 ? 4 : 8)
  }

  /// How many bytes they take, about.
  var byteCount: Int {
    switch self {
    case .none: 0
    case .bits(let bits): bits.count / 8
    case .words(let words, let width): words.count * width
    case .decimals(let values, let width): values.count * width
    case .strings(let strings): strings.totalLength + 4 * strings.count
    }
  }

  /// Appends them in the encoding PLAIN, but for bits, which do not begin at a byte.
  func append(to output: inout MutableBuffer<UInt8>) {
    switch self {
    case .none, .bits: break
    case .words(let words, let width):
      output.reserve(words.count * width)
      let span = words.span
      for index in span.indices { output.append(littleEndian: span[index], width: width) }
    case .decimals(let values, let width):
      for index in 0..<values.count {
        for place in stride(from: width - 1, through: 0, by: -1) {
          output.append(UInt8(truncatingIfNeeded: values[index] >> Int128(8 * place)))
        }
      }
    case .strings(let strings):
      output.reserve(byteCount)
      for index in 0..<strings.count {
        output.append(littleEndian: UInt64(strings.length(index)), width: 4)
        output.append(contentsOf: strings[index])
      }
    }
  }
}

@inline(__always)
private func widened<Number: BinaryInteger & BitwiseCopyable>(
  _ values: Buffer<Number>
) -> Buffer<UInt64> {
  let span = values.span
  return Buffer(count: span.count) { output in
    for index in span.indices { output.append(UInt64(truncatingIfNeeded: span[index])) }
  }
}

extension MutableBuffer<UInt8> {
  /// Room must have been reserved, or is made.
  @inline(__always)
  mutating func append(littleEndian word: UInt64, width: Int) {
    for place in 0..<width { append(UInt8(truncatingIfNeeded: word >> UInt64(8 * place))) }
  }
}
