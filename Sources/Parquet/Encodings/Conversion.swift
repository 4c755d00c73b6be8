import Columnar
import Scalars

/// Turns what stands in a file into columns without nulls.
struct LeafConverter: Sendable {
  let leaf: LeafType
  let path: String

  func error(_ what: String) -> ParquetError { .column(path, what) }

  /// How many bytes a value of fixed length takes in a column, about.
  var columnByteWidth: Int {
    switch leaf.conversion {
    case .uuid: 36
    default: max(leaf.byteWidth, 1)
    }
  }

  /// More values of fixed length do not fit a column: its strings have 2 GiB at most.
  var countMax: Int { Int(Int32.max) / columnByteWidth }

  /// - Parameter bytes: values of fixed length, one after the other.
  func column(fixed bytes: Buffer<UInt8>, count: Int) throws(ParquetError) -> Column {
    if leaf.conversion == .void { return Column(.void, .void(count: count)) }
    switch leaf.physical {
    case .int32: return try column(ints: values(bytes, count))
    case .int64: return try column(longs: values(bytes, count))
    case .int96: return Column(.timestamp, .int64(try timestamps96(values(bytes, count * 3))))
    case .float: return Column(.float, .float(try values(bytes, count)))
    case .double: return Column(.double, .double(try values(bytes, count)))
    case .boolean, .byteArray, .fixedByteArray: return try column(fixedBytes: bytes, count: count)
    }
  }

  private func values<Value: BitwiseCopyable>(
    _ bytes: Buffer<UInt8>, _ count: Int
  ) throws(ParquetError) -> Buffer<Value> {
    guard let values = Buffer<Value>(bytes, byteOffset: 0, count: count) else {
      throw .truncated("a page has fewer values than it claims to")
    }
    return values
  }

  // MARK: - Integers

  func column(ints: Buffer<Int32>) throws(ParquetError) -> Column {
    let storage: Storage
    switch leaf.conversion {
    case .narrowed(8, true): storage = .int8(try converting(ints) { Int8(exactly: $0) })
    case .narrowed(16, true): storage = .int16(try converting(ints) { Int16(exactly: $0) })
    case .narrowed(8, false):
      storage = .int16(try converting(ints) { UInt8(exactly: $0).map { Int16($0) } })
    case .narrowed(16, false):
      storage = .int32(try converting(ints) { UInt16(exactly: $0).map { Int32($0) } })
    case .narrowed: storage = .int64(ints.mapped { Int64(UInt32(bitPattern: $0)) })
    case .decimal: storage = .decimal(try checking(ints.mapped { Int128($0) }))
    case .void: return Column(.void, .void(count: ints.count))
    default: storage = .int32(ints)
    }
    return Column(leaf.type, storage)
  }

  func column(longs: Buffer<Int64>) throws(ParquetError) -> Column {
    let storage: Storage
    switch leaf.conversion {
    case .unsignedLong: storage = .decimal(longs.mapped { Int128(UInt64(bitPattern: $0)) })
    case .timestamp(.milliseconds):
      storage = .int64(
        try converting(longs) {
          let (product, overflows) = $0.multipliedReportingOverflow(by: 1000)
          return overflows ? nil : product
        })
    case .timestamp(.nanoseconds):
      storage = .int64(longs.mapped { Int64(floorDivide(Int($0), 1000)) })
    case .decimal: storage = .decimal(try checking(longs.mapped { Int128($0) }))
    case .void: return Column(.void, .void(count: longs.count))
    default: storage = .int64(longs)
    }
    return Column(leaf.type, storage)
  }

  /// - Parameter parts: three for each: the nanoseconds of the day, then the Julian day.
  private func timestamps96(_ parts: Buffer<UInt32>) throws(ParquetError) -> Buffer<Int64> {
    let span = parts.span
    var isWithin = true
    let times = Buffer<Int64>(count: span.count / 3) { output in
      for index in 0..<span.count / 3 {
        let nanoseconds = Int64(
          bitPattern: UInt64(span[3 * index]) | UInt64(span[3 * index + 1]) << 32)
        // 1970-01-01 is the Julian day 2440588.
        let day = Int64(span[3 * index + 2]) - 2_440_588
        let (start, isFar) = day.multipliedReportingOverflow(by: 86_400_000_000)
        let (time, isFarther) = start.addingReportingOverflow(
          Int64(floorDivide(Int(nanoseconds), 1000)))
        isWithin = isWithin && !isFar && !isFarther
        output.append(time)
      }
    }
    guard isWithin else { throw error("a timestamp is out of range") }
    return times
  }

  /// - Parameter body: nil for a value that does not fit.
  @inline(__always)
  private func converting<From: BitwiseCopyable, To: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ source: Buffer<From>, _ body: (From) -> To?
  ) throws(ParquetError) -> Buffer<To> {
    let span = source.span
    var wrong: Int?
    let converted = Buffer<To>(count: span.count) { output in
      for index in span.indices {
        let value = body(span[index])
        if value == nil { wrong = index }
        output.append(value ?? 0)
      }
    }
    if let wrong { throw error("the value \(source[wrong]) is out of range") }
    return converted
  }
}

// MARK: - Bytes

extension LeafConverter {
  func column(strings: ByteStrings) throws(ParquetError) -> Column {
    switch leaf.conversion {
    case .text:
      guard strings.areUTF8 else { throw error("a string is not valid UTF-8") }
    case .decimal: return Column(leaf.type, .decimal(try decimals(strings)))
    case .void: return Column(.void, .void(count: strings.count))
    default: break
    }
    return Column(leaf.type, .bytes(strings))
  }

  private func column(
    fixedBytes bytes: Buffer<UInt8>, count: Int
  ) throws(ParquetError) -> Column {
    let width = leaf.byteWidth
    guard count <= countMax, bytes.count >= count * width else {
      throw error("more than 2 GiB in one batch are not read")
    }
    switch leaf.conversion {
    case .uuid: return Column(.string, .bytes(uuids(bytes, count)))
    case .float16:
      let halves: Buffer<UInt16> = try values(bytes, count)
      return Column(.float, .float(halves.mapped { Float(Float16(bitPattern: $0)) }))
    case .decimal: return Column(leaf.type, .decimal(try decimals(bytes, count, width)))
    default:
      let offsets = Buffer<Int32>(count: count + 1) { output in
        for index in 0...count { output.append(Int32(index * width)) }
      }
      return Column(.binary, .bytes(ByteStrings(offsets: offsets, bytes: bytes)))
    }
  }

  /// Integers of any width, the highest byte first.
  private func decimals(
    _ bytes: Buffer<UInt8>, _ count: Int, _ width: Int
  ) throws(ParquetError) -> Buffer<Int128> {
    let source = bytes.span
    var isWithin = true
    let values = Buffer<Int128>(count: count) { output in
      for index in 0..<count {
        output.append(bigEndian(source, index * width..<(index + 1) * width, &isWithin))
      }
    }
    guard isWithin else { throw error("a decimal has more than 38 digits") }
    return try checking(values)
  }

  private func decimals(_ strings: ByteStrings) throws(ParquetError) -> Buffer<Int128> {
    let source = strings.bytes.span
    var isWithin = true
    let values = Buffer<Int128>(count: strings.count) { output in
      for index in 0..<strings.count {
        output.append(bigEndian(source, strings.range(index), &isWithin))
      }
    }
    guard isWithin else { throw error("a decimal has more than 38 digits") }
    return try checking(values)
  }

  @inline(__always)
  private func bigEndian(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ isWithin: inout Bool
  ) -> Int128 {
    guard let first = range.first else { return 0 }
    let sign: UInt8 = bytes[first] >= 0x80 ? 0xFF : 0
    var value = Int128(truncatingIfNeeded: Int8(bitPattern: sign))
    for place in range {
      // What is shifted out must be nothing but the sign.
      if value >> 119 != value >> 127 { isWithin = false }
      value = value << 8 | Int128(bytes[place])
    }
    return value
  }

  private func checking(_ values: Buffer<Int128>) throws(ParquetError) -> Buffer<Int128> {
    guard case .decimal(let digits) = leaf.conversion else { return values }
    let bound = powerOfTen(digits)
    let span = values.span
    var isWithin = true
    for index in span.indices {
      isWithin = (span[index] < bound) && (span[index] > -bound) && isWithin
    }
    guard isWithin else { throw error("a decimal has more than \(digits) digits") }
    return values
  }

  /// As text: `6f1f2cf0-…`.
  private func uuids(_ bytes: Buffer<UInt8>, _ count: Int) -> ByteStrings {
    let digits = Array("0123456789abcdef".utf8)
    let source = bytes.span
    var builder = ByteStringsBuilder(capacity: count, byteCapacity: count * 36)
    for index in 0..<count {
      for place in 0..<16 {
        if [4, 6, 8, 10].contains(place) { builder.bytes.append(UInt8(ascii: "-")) }
        let byte = source[index * 16 + place]
        builder.bytes.append(digits[Int(byte >> 4)])
        builder.bytes.append(digits[Int(byte & 15)])
      }
      builder.closeValue()
    }
    return builder.take()
  }
}
