import Scalars
import TestSupport
import Testing

@Suite("Integers")
struct IntegerTests {
  @Test("reads back what Swift prints", arguments: [0, 7, -7, 12_345_678, .max, .min] as [Int64])
  func roundTrip(value: Int64) throws {
    #expect(try withBytes(String(value), parseInt64) == value)
  }

  @Test("reads and writes random numbers of every length as Swift does")
  func random() throws {
    var random = SplitMix64(seed: 1)
    for _ in 0..<100_000 {
      let value = Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random)
      let text = written { $0.appendInteger(value) }
      #expect(text == value.description)
      #expect(try withBytes(text, parseInt64) == value)
      #expect(try withBytes(text, parseSQLInteger) == value)
    }
  }

  @Test("writes and reads each power of ten and its neighbours")
  func powers() throws {
    var power: Int128 = 1
    for _ in 0...37 {
      for value in [power - 1, power, power + 1, -power, 1 - power] {
        #expect(written { $0.appendInteger(value) } == value.description)
        #expect(try withBytes(value.description, parseInt128) == value)
      }
      power *= 10
    }
  }

  @Test("writes and reads random 128-bit numbers as Swift does")
  func randomWide() throws {
    var random = SplitMix64(seed: 2)
    for _ in 0..<20_000 {
      let bits = UInt128(random.next()) << 64 | UInt128(random.next())
      let value = Int128(bitPattern: bits) >> Int128.random(in: 0...127, using: &random)
      #expect(written { $0.appendInteger(value) } == value.description)
      #expect(try withBytes(value.description, parseInt128) == value)
    }
    #expect(try withBytes(Int128.min.description, parseInt128) == .min)
    #expect(throws: IntegerError.overflow) {
      try withBytes("170141183460469231731687303715884105728", parseInt128)
    }
  }

  @Test("allows leading zeros, however many")
  func leadingZeros() throws {
    #expect(try withBytes(String(repeating: "0", count: 100) + "7", parseInt64) == 7)
    #expect(try withBytes("-007", parseInt64) == -7)
  }

  @Test(
    "names the byte that is wrong",
    arguments: [
      ("", IntegerError.empty),
      ("-", .empty),
      ("12a", .notADigit(byte: byte("a"), offset: 2)),
      (" 1", .notADigit(byte: byte(" "), offset: 0)),
      ("+1", .notADigit(byte: byte("+"), offset: 0)),
      ("--1", .notADigit(byte: byte("-"), offset: 1)),
      ("1234567x", .notADigit(byte: byte("x"), offset: 7)),
      ("12345678:0", .notADigit(byte: byte(":"), offset: 8)),
      ("1234567/89", .notADigit(byte: byte("/"), offset: 7)),
      ("99999999999999999999x", .notADigit(byte: byte("x"), offset: 20)),
      ("9223372036854775808", .overflow),
      ("-9223372036854775809", .overflow),
      ("123456789012345678901234567890123456789012345678901234567890", .overflow),
    ])
  func rejects(text: String, expected: IntegerError) {
    #expect(throws: expected) { try withBytes(text, parseInt64) }
  }

  @Test("refuses every byte that is no digit, wherever it stands")
  func everyByte() {
    for length in 1...19 {
      for place in 0..<length {
        for wrong in UInt8.min...UInt8.max where !(0x30...0x39).contains(wrong) {
          var text = [UInt8](repeating: byte("5"), count: length)
          text[place] = wrong
          if place == 0, wrong == byte("-"), length > 1 { continue }
          let expected: IntegerError =
            wrong == byte("-") && length == 1
            ? .empty : .notADigit(byte: wrong, offset: place)
          #expect(throws: expected) { try parseInt64(text.span) }
        }
      }
    }
  }

  @Test(
    "casts as SQL does",
    arguments: [
      ("12", 12), (" 12\n", 12), ("\t-5 ", -5), ("+7", 7), ("\u{7F}1\u{1}", 1), ("-0", 0),
    ] as [(String, Int64)])
  func casts(text: String, expected: Int64) throws {
    #expect(try withBytes(text, parseSQLInteger) == expected)
  }

  @Test(
    "refuses what SQL refuses, with offsets into the whole text",
    arguments: [
      ("  ", IntegerError.empty),
      ("+", .empty),
      ("+-1", .notADigit(byte: byte("-"), offset: 1)),
      (" 1.0", .notADigit(byte: byte("."), offset: 2)),
      ("0x1F", .notADigit(byte: byte("x"), offset: 1)),
      ("1 2", .notADigit(byte: byte(" "), offset: 1)),
      ("１２", .notADigit(byte: 0xEF, offset: 0)),
    ])
  func refusesCast(text: String, expected: IntegerError) {
    #expect(throws: expected) { try withBytes(text, parseSQLInteger) }
  }

  @Test("pads with zeros", arguments: [(5, 3, "005"), (1234, 3, "1234"), (0, 0, "0")])
  func padding(value: Int, width: Int, expected: String) {
    #expect(written { $0.appendPadded(UInt64(value), width: width) } == expected)
  }
}
