import Glibc
import Scalars
import TestSupport
import Testing

@Suite("Doubles and floats")
struct DoubleTests {
  @Test("reads numbers of every shape as strtod does")
  func random() throws {
    var random = SplitMix64(seed: 3)
    for _ in 0..<100_000 {
      let text = randomNumber(&random)
      let value = try withBytes(text, parseDouble)
      let expected = unsafe strtod(text, nil)
      #expect(value.bitPattern == expected.bitPattern, "\(text)")
      let float = try withBytes(text, parseFloat)
      let expectedFloat = unsafe strtof(text, nil)
      #expect(float.bitPattern == expectedFloat.bitPattern, "\(text)")
    }
  }

  private func randomNumber(_ random: inout SplitMix64) -> String {
    func digits(_ range: ClosedRange<Int>) -> String {
      let count = Int.random(in: range, using: &random)
      return String((0..<count).map { _ in "0123456789".randomElement(using: &random)! })
    }
    var text = ["", "-", "+"].randomElement(using: &random)!
    let whole = digits(0...20)
    let decimals = digits(0...20)
    text += whole
    if !decimals.isEmpty || whole.isEmpty || Bool.random(using: &random) { text += "." + decimals }
    if whole.isEmpty, decimals.isEmpty { text += "0" }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: text += "e\(Int.random(in: -340...320, using: &random))"
    case 1: text += "E+\(Int.random(in: 0...25, using: &random))"
    default: break
    }
    return text
  }

  @Test("reads back every double that it writes, as short as Swift's own")
  func roundTrip() throws {
    var random = SplitMix64(seed: 4)
    for round in 0..<100_000 {
      let value = randomDouble(round, &random)
      for text in [
        written { $0.appendDouble(value) }, written { $0.appendJavaDouble(value) },
      ] {
        #expect(try withBytes(text, parseDouble).bitPattern == value.bitPattern, "\(text)")
      }
      let text = written { $0.appendDouble(value) }
      #expect(digits(of: text) == digits(of: value.description))
    }
  }

  private func randomDouble(_ round: Int, _ random: inout SplitMix64) -> Double {
    switch round % 4 {
    case 0:
      let value = Double(bitPattern: random.next())
      return value.isFinite ? value : 1 / 3
    case 1: return Double(Int64.random(in: -1_000_000...1_000_000, using: &random)) / 100
    case 2: return Double(Int64(bitPattern: random.next()) >> 12) / 10_000
    default: return Double.random(in: -1...1, using: &random)
    }
  }

  /// The digits that count, without point, exponent and zeros around them.
  private func digits(of text: String) -> String {
    var digits = text.prefix { $0 != "e" && $0 != "E" }.filter(\.isNumber)[...]
    while digits.first == "0" { digits.removeFirst() }
    while digits.last == "0" { digits.removeLast() }
    return String(digits)
  }

  @Test("reads back every float that it writes, as short as Swift's own")
  func floats() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<100_000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      guard value.isFinite else { continue }
      let text = written { $0.appendFloat(value) }
      #expect(try withBytes(text, parseFloat).bitPattern == value.bitPattern)
      #expect(digits(of: text) == digits(of: value.description))
      let java = written { $0.appendJavaFloat(value) }
      #expect(try withBytes(java, parseFloat).bitPattern == value.bitPattern)
    }
  }

  private static let plainForms: [(Double, String)] = [
    (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (100, "100.0"), (1.5, "1.5"), (-17.75, "-17.75"),
    (0.1, "0.1"), (0.001, "0.001"), (0.0001, "0.0001"), (0.00001, "1e-05"),
    (1.25e-7, "1.25e-07"), (1e10, "10000000000.0"), (999_999_999_999_999, "999999999999999.0"),
    (1e15, "1000000000000000.0"), (1e16, "1e+16"), (1.5e300, "1.5e+300"),
    (.leastNonzeroMagnitude, "5e-324"),
    (.nan, "NaN"), (.infinity, "Infinity"), (-.infinity, "-Infinity"),
    (0.1 + 0.2, "0.30000000000000004"), (123456.789, "123456.789"),
    (9_007_199_254_740_992, "9007199254740992.0"), (1_234_567_890.1234, "1234567890.1234"),
  ]

  @Test(
    "writes the plain form",
    arguments: plainForms)
  func plain(value: Double, expected: String) {
    #expect(written { $0.appendDouble(value) } == expected)
  }

  private static let javaForms: [(Double, String)] = [
    (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (100, "100.0"), (1e10, "1.0E10"), (1e-5, "1.0E-5"),
    (0.001, "0.001"), (0.00099, "9.9E-4"), (9_999_999, "9999999.0"), (1e7, "1.0E7"),
    (12_345_678, "1.2345678E7"), (1e21, "1.0E21"), (1e308, "1.0E308"), (1e-7, "1.0E-7"),
    (.leastNonzeroMagnitude, "4.9E-324"), (2 * .leastNonzeroMagnitude, "9.9E-324"),
    (4 * .leastNonzeroMagnitude, "2.0E-323"), (2e23, "2.0E23"),
    (1.7976931348623157e308, "1.7976931348623157E308"), (.nan, "NaN"), (.infinity, "Infinity"),
    (-.infinity, "-Infinity"), (-17.75, "-17.75"), (3.0744573456182584e18, "3.0744573456182584E18"),
  ]

  @Test(
    "writes Java's form",
    arguments: javaForms)
  func java(value: Double, expected: String) {
    #expect(written { $0.appendJavaDouble(value) } == expected)
  }

  private static let javaFloatForms: [(Float, String)] = [
    (1.1, "1.1"), (16_777_216, "1.6777216E7"), (.leastNonzeroMagnitude, "1.4E-45"), (0.1, "0.1"),
    (3.4028235e38, "3.4028235E38"), (1e10, "1.0E10"), (0.33333334, "0.33333334"),
  ]

  @Test(
    "writes Java's form of floats",
    arguments: javaFloatForms)
  func javaFloat(value: Float, expected: String) {
    #expect(written { $0.appendJavaFloat(value) } == expected)
  }

  private static let ranges: [(String, Double)] = [
    ("1e400", Double.infinity), ("-1e400", -.infinity), ("1e-400", 0), ("-1e-400", -0.0),
    ("0." + String(repeating: "0", count: 400) + "1", 0),
    ("1" + String(repeating: "0", count: 400), .infinity),
    ("1" + String(repeating: "0", count: 400) + "e-400", 1),
    ("0." + String(repeating: "0", count: 400) + "1e401", 1),
    ("1e999999999999999999999", .infinity), ("1e-999999999999999999999", 0),
    ("0e999999999999999999999", 0), ("2.4703282292062327e-324", 0),
    ("2.5e-324", .leastNonzeroMagnitude),
  ]

  @Test(
    "knows too small from too large",
    arguments: ranges)
  func range(text: String, expected: Double) throws {
    #expect(try withBytes(text, parseDouble).bitPattern == expected.bitPattern)
  }

  @Test(
    "reads the names of what is no number",
    arguments: [
      ("NaN", Double.nan), ("nan", .nan), ("Infinity", .infinity), ("-infinity", -.infinity),
      ("+inf", .infinity), ("-INF", -.infinity),
    ])
  func names(text: String, expected: Double) throws {
    #expect(try withBytes(text, parseDouble).description == expected.description)
    #expect(try withBytes(text, parseFloat).description == expected.description)
  }

  @Test(
    "names the byte that is wrong",
    arguments: [
      ("", NumberError.empty), ("-", .incomplete), (".", .incomplete), ("1e", .incomplete),
      ("1e+", .incomplete), ("abc", .unexpected(byte: byte("a"), offset: 0)),
      ("1.2.3", .unexpected(byte: byte("."), offset: 3)),
      ("1x", .unexpected(byte: byte("x"), offset: 1)),
      ("1e5x", .unexpected(byte: byte("x"), offset: 3)),
      ("1ex", .unexpected(byte: byte("x"), offset: 2)),
      (" 1", .unexpected(byte: byte(" "), offset: 0)),
      ("1 ", .unexpected(byte: byte(" "), offset: 1)),
      ("1,5", .unexpected(byte: byte(","), offset: 1)),
      ("0x10", .unexpected(byte: byte("x"), offset: 1)),
      ("-nan", .unexpected(byte: byte("n"), offset: 1)),
      ("-.x", .unexpected(byte: byte("x"), offset: 2)),
    ])
  func rejects(text: String, expected: NumberError) {
    #expect(throws: expected) { try withBytes(text, parseDouble) }
    #expect(throws: expected) { try withBytes(text, parseFloat) }
  }

  @Test(
    "casts as Spark does",
    arguments: [
      (" 1.5 ", 1.5), ("1d", 1), ("1.F", 1), ("1e2", 100), ("-.5", -0.5), ("\tinf\n", .infinity),
    ] as [(String, Double)])
  func casts(text: String, expected: Double) throws {
    #expect(try withBytes(text, parseSQLDouble) == expected)
    #expect(try withBytes(text, parseSQLFloat) == Float(expected))
  }

  @Test("takes no shortcut that changes the result", arguments: ["0123456789.", "019.-e"])
  func shortcuts(alphabet: String) {
    var random = SplitMix64(seed: 18)
    let alphabet = Array(alphabet.utf8)
    for _ in 0..<200_000 {
      var text = (0..<Int.random(in: 0...19, using: &random)).map { _ in
        alphabet.randomElement(using: &random)!
      }
      if Bool.random(using: &random), !text.isEmpty {
        // One point, so that more of the texts are numbers.
        text = text.filter { $0 != byte(".") }
        text.insert(byte("."), at: Int.random(in: 0...text.count, using: &random))
      }
      // The general way stops where a number ends, and so takes no shortcut.
      var expected = 0.0
      let length = unsafe text.withUnsafeBufferPointer { bytes in
        unsafe bytes.baseAddress.map { unsafe scanDouble($0, count: text.count, into: &expected) }
      }
      let value = try? parseDouble(text.span)
      #expect(
        value?.bitPattern == (length == text.count && length != 0 ? expected.bitPattern : nil))
      let decimal = try? parseDecimal(text.span, precision: 38, scale: 18)
      #expect((decimal == nil) == (value == nil || abs(expected) >= 1e20), "\(text)")
      if let decimal, abs(expected) < 1e15, text.count < 17 {
        #expect(
          doubleFromDecimal(decimal, scale: 18) == expected || expected != 0 && abs(expected) < 1e-3
        )
      }
    }
  }

  @Test("refuses a suffix without digits", arguments: ["d", "ed", "nand", "1 d", "1dd", "infd"])
  func refusesSuffix(text: String) {
    #expect(throws: NumberError.self) { try withBytes(text, parseSQLDouble) }
  }
}
