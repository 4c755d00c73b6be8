import Columnar
import Scalars

extension Slots {
  /// The values of a flat column: as they stand where the machine forms agree, else converted.
  func storage(
    _ arrow: ArrowType, _ type: DataType, _ buffer: BodyBuffer
  ) throws(ArrowError) -> Storage {
    switch arrow {
    case .boolean: return .boolean(try bits(buffer))
    case .integer(let bits, true): return try signed(bits, buffer)
    case .integer(let bits, false): return try unsigned(bits, buffer)
    case .floatingPoint(16): return .float(try halves(buffer))
    case .floatingPoint(32): return .float(try values(Float.self, buffer))
    case .floatingPoint: return .double(try values(Double.self, buffer))
    case .decimal(let bits, _, _): return .decimal(try decimals(bits, type, buffer))
    case .day, .monthInterval: return .int32(try values(Int32.self, buffer))
    case .millisecondDate: return .int32(try days(buffer))
    case .timestamp(let unit), .duration(let unit):
      return .int64(try microseconds(unit, values(Int64.self, buffer)))
    case .dayTimeInterval: return .int64(try dayTimeIntervals(buffer))
    default: throw error("it has no flat values")
    }
  }

  private func bits(_ buffer: BodyBuffer) throws(ArrowError) -> Bitmap {
    guard let bits = buffer.bits(count) else {
      throw error("expected \(count) bits but found \(buffer.count) bytes")
    }
    return bits
  }

  private func signed(_ bits: Int, _ buffer: BodyBuffer) throws(ArrowError) -> Storage {
    switch bits {
    case 8: return .int8(try values(Int8.self, buffer))
    case 16: return .int16(try values(Int16.self, buffer))
    case 32: return .int32(try values(Int32.self, buffer))
    default: return .int64(try values(Int64.self, buffer))
    }
  }

  private func unsigned(_ bits: Int, _ buffer: BodyBuffer) throws(ArrowError) -> Storage {
    switch bits {
    case 8: return .int16(try values(UInt8.self, buffer).mapped { Int16($0) })
    case 16: return .int32(try values(UInt16.self, buffer).mapped { Int32($0) })
    case 32: return .int64(try values(UInt32.self, buffer).mapped { Int64($0) })
    default: return .decimal(try values(UInt64.self, buffer).mapped { Int128($0) })
    }
  }

  private func halves(_ buffer: BodyBuffer) throws(ArrowError) -> Buffer<Float> {
    try values(UInt16.self, buffer).mapped { Float(Float16(bitPattern: $0)) }
  }

  /// - Parameter body: nil for a value that does not fit; under a null it does not matter.
  @inline(__always)
  private func converting<From: BitwiseCopyable, To: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ source: Buffer<From>, _ body: (From) -> To?
  ) throws(ArrowError) -> Buffer<To> {
    let span = source.span
    var wrong: Int?
    let converted = Buffer<To>(count: span.count) { output in
      for index in span.indices {
        if let value = body(span[index]) {
          output.append(value)
        } else {
          output.append(0)
          if isValid(index) { wrong = wrong ?? index }
        }
      }
    }
    if let wrong { throw error("row \(wrong): the value \(source[wrong]) is out of range") }
    return converted
  }
}

// MARK: - Times

extension Slots {
  private func microseconds(
    _ unit: TimeUnit, _ source: Buffer<Int64>
  ) throws(ArrowError) -> Buffer<Int64> {
    switch unit {
    case .microsecond: return source
    case .nanosecond: return source.mapped { Int64(floorDivide(Int($0), 1000)) }
    case .millisecond: return try converting(source) { multiplied($0, by: 1000) }
    case .second: return try converting(source) { multiplied($0, by: 1_000_000) }
    }
  }

  private func days(_ buffer: BodyBuffer) throws(ArrowError) -> Buffer<Int32> {
    try converting(values(Int64.self, buffer)) {
      Int32(exactly: floorDivide(Int($0), 86_400_000))
    }
  }

  /// Days and milliseconds, 32 bits each.
  private func dayTimeIntervals(_ buffer: BodyBuffer) throws(ArrowError) -> Buffer<Int64> {
    try values(Int64.self, buffer).mapped { pair in
      let days = Int64(Int32(truncatingIfNeeded: pair))
      let milliseconds = pair >> 32
      return days &* 86_400_000_000 &+ milliseconds &* 1000
    }
  }
}

private func multiplied(_ value: Int64, by factor: Int64) -> Int64? {
  let (product, overflows) = value.multipliedReportingOverflow(by: factor)
  return overflows ? nil : product
}

// MARK: - Decimals

extension Slots {
  private func decimals(
    _ bits: Int, _ type: DataType, _ buffer: BodyBuffer
  ) throws(ArrowError) -> Buffer<Int128> {
    let unscaled: Buffer<Int128>
    switch bits {
    case 32: unscaled = try values(Int32.self, buffer).mapped { Int128($0) }
    case 64: unscaled = try values(Int64.self, buffer).mapped { Int128($0) }
    case 128: unscaled = try values(Int128.self, buffer)
    default: unscaled = try narrowed(buffer)
    }
    guard case .decimal(let precision, _) = type else { return unscaled }
    try check(unscaled, digits: precision)
    return unscaled
  }

  /// The low halves of integers of 256 bits.
  private func narrowed(_ buffer: BodyBuffer) throws(ArrowError) -> Buffer<Int128> {
    let halves = try values(Int128.self, buffer, count: count * 2)
    for index in 0..<count where halves[index * 2 + 1] != halves[index * 2] >> 127 {
      if isValid(index) { throw error("row \(index): the decimal has more than 38 digits") }
    }
    return Buffer(count: count) { output in
      for index in 0..<count { output.append(halves[index * 2]) }
    }
  }

  private func check(_ values: Buffer<Int128>, digits: Int) throws(ArrowError) {
    let bound = powerOfTen(digits)
    let span = values.span
    var isWithin = true
    for index in span.indices {
      isWithin = (span[index] < bound) && (span[index] > -bound) && isWithin
    }
    if isWithin { return }
    for index in span.indices where span[index] >= bound || span[index] <= -bound {
      guard !isValid(index) else {
        throw error("row \(index): the decimal has more than \(digits) digits")
      }
    }
  }
}
