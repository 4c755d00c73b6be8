/// Why bytes are no sketch.
package struct SketchDamage: Error, Equatable {
  package let message: String
}

// MARK: - Writing

extension DistinctSketch {
  fileprivate enum Mode: UInt8 {
    case list, set, registers
  }

  /// With 8 bits for a register; lists of coupons take the room that they need. Sketches of the same
  /// set are the same to the last byte.
  package var bytes: [UInt8] {
    switch contents {
    case .coupons(let coupons):
      let sorted = coupons.sorted()
      guard sorted.count >= 8 else {
        let flags: UInt8 = sorted.isEmpty ? 12 : 8
        return header(.list, 2, 3, flags, UInt8(sorted.count)) + sorted.flatMap(littleEndian)
      }
      var tableBits = 5
      while 4 * sorted.count > 3 << tableBits { tableBits += 1 }
      return header(.set, 3, UInt8(tableBits), 8, 0) + littleEndian(UInt32(sorted.count))
        + sorted.flatMap(littleEndian)
    case .registers(let registers): return bytes(of: registers)
    }
  }

  private func bytes(of registers: [UInt8]) -> [UInt8] {
    var (sum, rest, empty) = (0.0, 0.0, UInt32(0))
    for register in registers {
      let share = Double(sign: .plus, exponent: -Int(register), significand: 1)
      if register < 32 { sum += share } else { rest += share }
      if register == 0 { empty += 1 }
    }
    // The flag says that nothing was counted on the way.
    return header(.registers, 10, 0, 16, 0) + littleEndian(UInt64(0))
      + littleEndian(sum.bitPattern) + littleEndian(rest.bitPattern) + littleEndian(empty)
      + littleEndian(UInt32(0)) + registers
  }

  private func header(
    _ mode: Mode, _ words: UInt8, _ tableBits: UInt8, _ flags: UInt8, _ count: UInt8
  ) -> [UInt8] {
    // Format 1 of family 7; bits 2 and 3 of the mode say that registers have 8 bits.
    [words, 1, 7, UInt8(precision), tableBits, flags, count, mode.rawValue | 8]
  }

  private func littleEndian(_ word: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
    (0..<word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
  }
}

// MARK: - Reading

extension DistinctSketch {
  /// Registers of 4, 6 or 8 bits, in the compact layout or that for updates.
  ///
  /// - Parameter bytes: they may hold anything; what stands behind the sketch does not matter.
  package init(_ bytes: borrowing Span<UInt8>) throws(SketchDamage) {
    guard bytes.count >= 8 else {
      throw SketchDamage(message: "there are \(bytes.count) bytes, fewer than 8")
    }
    guard bytes[1] == 1, bytes[2] == 7, let mode = Mode(rawValue: bytes[7] & 3), bytes[7] < 12,
      bytes[0] & 0x3F == [2, 3, 10][Int(mode.rawValue)]
    else { throw SketchDamage(message: "it does not begin as one") }
    let precision = Int(bytes[3])
    guard DistinctSketch.precisions.contains(precision) else {
      throw SketchDamage(message: "it has 2^\(precision) registers, not 2^4 to 2^21")
    }
    let isCompact = bytes[5] & 8 != 0
    switch mode {
    case .list:
      let count = bytes[5] & 4 != 0 ? 0 : Int(bytes[6])
      self.init(
        precision: precision, .coupons(try DistinctSketch.coupons(bytes, at: 8, count: count)))
    case .set:
      let count = Int(try DistinctSketch.word(bytes, at: 8))
      let slots = isCompact ? count : 1 << Int(min(bytes[4], 26))
      let coupons = try DistinctSketch.coupons(bytes, at: 12, count: slots, hasGaps: !isCompact)
      guard coupons.count == count else {
        throw SketchDamage(message: "it has \(coupons.count) coupons, but says \(count)")
      }
      self.init(precision: precision, .coupons(coupons))
    case .registers:
      let registers = try DistinctSketch.registers(bytes, precision, isCompact)
      let counted =
        bytes[5] & 16 == 0 ? Double(bitPattern: DistinctSketch.longWord(bytes, at: 8)) : nil
      if let counted, !(counted >= 0 && counted.isFinite) {
        throw SketchDamage(message: "what it has counted is \(counted)")
      }
      self.init(precision: precision, .registers(registers), countOnTheWay: counted)
    }
  }

  private static func check(
    _ bytes: borrowing Span<UInt8>, _ count: Int
  ) throws(SketchDamage) {
    guard bytes.count >= count else {
      throw SketchDamage(message: "there are \(bytes.count) bytes, but it takes \(count)")
    }
  }

  private static func word(
    _ bytes: borrowing Span<UInt8>, at start: Int
  ) throws(SketchDamage) -> UInt32 {
    try check(bytes, start + 4)
    var word: UInt32 = 0
    for index in 0..<4 { word |= UInt32(bytes[start + index]) << UInt32(8 * index) }
    return word
  }

  private static func longWord(_ bytes: borrowing Span<UInt8>, at start: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<8 { word |= UInt64(bytes[start + index]) << UInt64(8 * index) }
    return word
  }

  private static func coupons(
    _ bytes: borrowing Span<UInt8>, at start: Int, count: Int, hasGaps: Bool = false
  ) throws(SketchDamage) -> Set<Coupon> {
    try check(bytes, start + 4 * count)
    var coupons: Set<Coupon> = []
    for index in 0..<count {
      let coupon = try word(bytes, at: start + 4 * index)
      if coupon == 0, hasGaps { continue }
      guard coupon >> 26 != 0 else { throw SketchDamage(message: "a coupon has no rank") }
      coupons.insert(coupon)
    }
    return coupons
  }

  private static func registers(
    _ bytes: borrowing Span<UInt8>, _ precision: Int, _ isCompact: Bool
  ) throws(SketchDamage) -> [UInt8] {
    let (start, count) = (40, 1 << precision)
    var registers = [UInt8](repeating: 0, count: count)
    switch bytes[7] >> 2 {
    case 0:
      try check(bytes, start + count / 2)
      return try nibbles(bytes, count, isCompact)
    case 1:
      try check(bytes, start + count / 4 * 3 + 1)
      for index in 0..<count {
        let (place, shift) = (start + index * 6 / 8, UInt16(index * 6 % 8))
        let pair = UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
        registers[index] = UInt8(pair >> shift & 0x3F)
      }
    default:
      try check(bytes, start + count)
      for index in 0..<count {
        registers[index] = bytes[start + index]
        guard registers[index] <= rankMax else {
          throw SketchDamage(message: "a register is \(registers[index]), more than \(rankMax)")
        }
      }
    }
    return registers
  }

  /// Registers of 4 bits count from the least one; those too large for it stand behind them.
  private static func nibbles(
    _ bytes: borrowing Span<UInt8>, _ count: Int, _ isCompact: Bool
  ) throws(SketchDamage) -> [UInt8] {
    let (least, start) = (Int(bytes[6]), 40 + count / 2)
    let exceptionCount = Int(try word(bytes, at: 36))
    let slots = exceptionCount == 0 || isCompact ? exceptionCount : 1 << Int(min(bytes[4], 26))
    try check(bytes, start + 4 * slots)
    var exceptions: [Int: UInt8] = [:]
    for slot in 0..<slots {
      let pair = try word(bytes, at: start + 4 * slot)
      if pair != 0 { exceptions[Int(pair & 0x3FF_FFFF)] = UInt8(pair >> 26) }
    }
    var registers = [UInt8](repeating: 0, count: count)
    for index in 0..<count {
      let nibble = bytes[40 + index / 2] >> (index % 2 == 0 ? 0 : 4) & 15
      let register = nibble == 15 ? exceptions[index].map(Int.init) : least + Int(nibble)
      guard let register, register <= rankMax else {
        throw SketchDamage(message: "register \(index) has no rank")
      }
      registers[index] = UInt8(register)
    }
    return registers
  }
}
