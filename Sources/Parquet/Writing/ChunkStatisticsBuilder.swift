import Columnar

/// Finds the least and the largest value of a chunk.
struct ChunkStatisticsBuilder {
  private let type: DataType
  private var nullCount = 0
  private var integers: (min: Int128, max: Int128)?
  private var doubles: (min: Double, max: Double)?
  private var strings: (min: [UInt8], max: [UInt8])?

  /// Longer bounds are left out.
  private static let byteCountMax = 256

  init(_ type: DataType) { self.type = type }

  /// - Parameter column: without nulls.
  mutating func add(_ column: Column, nullCount: Int) {
    self.nullCount += nullCount
    if column.count == 0 { return }
    switch column.storage {
    case .boolean(let bits):
      widen(bits.isAllSet ? 1 : 0, bits.setCount == 0 ? 0 : 1)
    case .int8(let values): add(values)
    case .int16(let values): add(values)
    case .int32(let values): add(values)
    case .int64(let values): add(values)
    case .decimal(let values): add(values)
    case .float(let values): add(values)
    case .double(let values): add(values)
    case .bytes(let values): add(values)
    case .void, .list, .structure: break
    }
  }

  private mutating func widen(_ low: Int128, _ high: Int128) {
    integers = (min(integers?.min ?? low, low), max(integers?.max ?? high, high))
  }

  @inline(__always)
  private mutating func add<Number: FixedWidthInteger & BitwiseCopyable>(_ values: Buffer<Number>) {
    let span = values.span
    var (low, high) = (span[0], span[0])
    for index in span.indices {
      low = min(low, span[index])
      high = max(high, span[index])
    }
    widen(Int128(low), Int128(high))
  }

  /// NaN has no place in the order.
  @inline(__always)
  private mutating func add<Number: BinaryFloatingPoint & BitwiseCopyable>(
    _ values: Buffer<Number>
  ) {
    let span = values.span
    var (low, high) = (Number.infinity, -Number.infinity)
    var isAny = false
    for index in span.indices where !span[index].isNaN {
      isAny = true
      low = min(low, span[index])
      high = max(high, span[index])
    }
    guard isAny else { return }
    doubles = (
      min(doubles?.min ?? Double(low), Double(low)), max(doubles?.max ?? Double(high), Double(high))
    )
  }

  private mutating func add(_ values: ByteStrings) {
    var (low, high) = (0, 0)
    for index in 1..<max(1, values.count) {
      if precedes(values[index], values[low]) { low = index }
      if precedes(values[high], values[index]) { high = index }
    }
    let least = values.bytes[values.range(low)].elements
    let largest = values.bytes[values.range(high)].elements
    guard let known = strings else {
      strings = (least, largest)
      return
    }
    if precedes(least.span, known.min.span) { strings?.min = least }
    if precedes(known.max.span, largest.span) { strings?.max = largest }
  }

  private func precedes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    for index in 0..<min(left.count, right.count) where left[index] != right[index] {
      return left[index] < right[index]
    }
    return left.count < right.count
  }

  // MARK: - Results

  var statistics: ChunkStatistics {
    var statistics = ChunkStatistics()
    statistics.nullCount = nullCount
    if let strings {
      let isShort = max(strings.min.count, strings.max.count) <= ChunkStatisticsBuilder.byteCountMax
      if isShort { (statistics.min, statistics.max) = strings }
    } else if let integers {
      (statistics.min, statistics.max) = (encoded(integers.min), encoded(integers.max))
    } else if let doubles {
      // A zero may stand for that of the other sign.
      let low = doubles.min == 0 ? -0.0 : doubles.min
      let high = doubles.max == 0 ? 0.0 : doubles.max
      (statistics.min, statistics.max) = (encoded(low), encoded(high))
    }
    return statistics
  }

  private func encoded(_ value: Int128) -> [UInt8] {
    switch type {
    case .boolean: return [UInt8(truncatingIfNeeded: value)]
    case .bigint, .timestamp: return littleEndian(value, byteCount: 8)
    case .decimal(let precision, _):
      if precision <= 18 { return littleEndian(value, byteCount: precision <= 9 ? 4 : 8) }
      return littleEndian(value, byteCount: decimalByteCount(precision)).reversed()
    default: return littleEndian(value, byteCount: 4)
    }
  }

  private func encoded(_ value: Double) -> [UInt8] {
    if type == .float {
      return littleEndian(Int128(Float(value).bitPattern), byteCount: 4)
    }
    return littleEndian(Int128(value.bitPattern), byteCount: 8)
  }

  private func littleEndian(_ value: Int128, byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> Int128(8 * $0)) }
  }
}
