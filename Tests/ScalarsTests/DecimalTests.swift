import Scalars
import TestSupport
import Testing

@Suite("Decimals")
struct DecimalTests {
  private func parse(
    _ text: String, _ precision: Int, _ scale: Int
  ) throws(DecimalError) -> Int128 {
    try withBytes(text) { bytes throws(DecimalError) in
      try parseDecimal(bytes, precision: precision, scale: scale)
    }
  }

  @Test(
    "rounds half away from zero",
    arguments: [
      ("1.005", 101), ("1.004", 100), ("-1.005", -101), ("0.004999999999999999999999", 0),
      ("0.005", 1), ("-0.005", -1), ("1", 100), ("1.25e2", 12500), ("125e-4", 1), (".5", 50),
      ("5.", 500), ("+2", 200), ("000000000000000000000000000000000000000000001.5", 150),
      ("0.0000000000000000000000000000000000000000000000000005", 0), ("1e-400", 0), ("0e400", 0),
      ("99999999.994999999", 9_999_999_999), ("12345678.9", 1_234_567_890),
    ] as [(String, Int128)])
  func rounds(text: String, expected: Int128) throws {
    #expect(try parse(text, 10, 2) == expected)
  }

  @Test(
    "refuses what has too many digits",
    arguments: ["100000000", "99999999.995", "1e9", "1e400", "-100000000", "1e999999999999"])
  func overflow(text: String) {
    #expect(throws: DecimalError.overflow) { try parse(text, 10, 2) }
  }

  @Test(
    "names the byte that is wrong",
    arguments: [
      ("", NumberError.empty), ("1x", .unexpected(byte: byte("x"), offset: 1)),
      ("NaN", .unexpected(byte: byte("N"), offset: 0)), ("-", .incomplete),
    ])
  func rejects(text: String, expected: NumberError) {
    #expect(throws: DecimalError.notANumber(expected)) { try parse(text, 10, 2) }
  }

  @Test("reads back what it writes, at every scale")
  func roundTrip() throws {
    var random = SplitMix64(seed: 6)
    for _ in 0..<50_000 {
      let value = randomDecimal(&random)
      let scale = Int.random(in: 0...38, using: &random)
      let text = written { $0.appendDecimal(value, scale: scale) }
      #expect(text == plain(value, scale))
      #expect(try parse(text, 38, scale) == value)
    }
  }

  private func randomDecimal(_ random: inout SplitMix64) -> Int128 {
    let bits = UInt128(random.next()) << 64 | UInt128(random.next())
    let value = Int128(bitPattern: bits) >> Int128.random(in: 0...127, using: &random)
    return value % powerOfTen(38)
  }

  /// The slow, obvious twin of the writer.
  private func plain(_ value: Int128, _ scale: Int) -> String {
    var digits = value.magnitude.description
    while digits.count <= scale { digits = "0" + digits }
    let point = digits.index(digits.endIndex, offsetBy: -scale)
    let text = digits[..<point] + (scale > 0 ? "." : "") + digits[point...]
    return (value < 0 ? "-" : "") + text
  }

  @Test("moves to another scale as the text does")
  func rescales() throws {
    var random = SplitMix64(seed: 7)
    for _ in 0..<50_000 {
      let value = randomDecimal(&random)
      let source = Int.random(in: 0...38, using: &random)
      let target = Int.random(in: 0...38, using: &random)
      let precision = Int.random(in: 1...38, using: &random)
      let text = plain(value, source)
      let expected = Result { () throws(DecimalError) in try parse(text, precision, target) }
      let actual = Result { () throws(DecimalError) in
        try rescaleDecimal(value, from: source, to: target, precision: precision)
      }
      #expect(actual == expected, "\(text) to \(precision), \(target)")
    }
  }

  @Test(
    "divides by powers of ten up to the largest numbers",
    arguments: [
      (Int128.max, 38, 2), (.min, 38, -2), (.max, 39, 0), (.max, 0, .max), (.min, 0, .min),
      (5, 1, 1), (4, 1, 0), (-5, 1, -1), (50, 2, 1), (0, 38, 0),
    ] as [(Int128, Int, Int128)])
  func divides(value: Int128, exponent: Int, expected: Int128) {
    #expect(divideRounding(value, byPowerOfTen: exponent) == expected)
  }

  @Test("has the powers of ten")
  func powers() {
    var power: Int128 = 1
    for exponent in 0...38 {
      #expect(powerOfTen(exponent) == power)
      if exponent < 38 { power *= 10 }
    }
  }

  @Test("goes to the nearest double and back by its shortest text")
  func doubles() throws {
    #expect(doubleFromDecimal(1, scale: 1) == 0.1)
    #expect(doubleFromDecimal(-12345, scale: 2) == -123.45)
    #expect(doubleFromDecimal(powerOfTen(38) - 1, scale: 0) == 1e38)
    #expect(doubleFromDecimal(123_456_789_012_345_678, scale: 17) == 1.23456789012345678)
    #expect(try decimalFromDouble(0.1, precision: 38, scale: 20) == powerOfTen(19))
    #expect(try decimalFromDouble(-2.5, precision: 38, scale: 0) == -3)
    #expect(try decimalFromDouble(1e21, precision: 38, scale: 0) == powerOfTen(21))
    #expect(throws: DecimalError.overflow) {
      try decimalFromDouble(.nan, precision: 38, scale: 0)
    }
    #expect(throws: DecimalError.overflow) {
      try decimalFromDouble(1e38, precision: 38, scale: 0)
    }
  }

  @Test("casts with whitespace around")
  func casts() throws {
    let value = try withBytes(" 1.25e2\n") { bytes throws(DecimalError) in
      try parseSQLDecimal(bytes, precision: 38, scale: 0)
    }
    #expect(value == 125)
  }
}
