import Scalars
import TestSupport
import Testing

@Suite("Durations and sizes")
struct QuantityTests {
  @Test(
    "reads durations",
    arguments: [
      ("250ms", 250_000), ("10s", 10_000_000), ("5m", 300_000_000), ("1h", 3_600_000_000),
      ("1d", 86_400_000_000), ("10 minutes", 600_000_000), ("-5m", -300_000_000),
      ("- 5 m", -300_000_000), ("1h30m", 5_400_000_000), ("1 hour 30 minutes", 5_400_000_000),
      ("1.5s", 1_500_000), ("0s", 0), ("7us", 7), ("2 Weeks", 1_209_600_000_000),
      (" 10s ", 10_000_000), ("0.000001s", 1), ("106751991d", 9_223_372_022_400_000_000),
    ] as [(String, Int64)])
  func durations(text: String, expected: Int64) throws {
    #expect(try parseDuration(text) == expected)
  }

  @Test(
    "says what is wrong with a duration",
    arguments: [
      ("", QuantityError.empty, "it is empty"),
      ("10", .missingUnit("10"), "expected a unit behind '10'"),
      ("10 fortnights", .unknownUnit("fortnights"), "no unit 'fortnights'"),
      ("1 month", .calendarUnit("month"), "'month' has no fixed length; say it in days"),
      ("-", .notANumber("-"), "expected a number, but found '-'"),
      ("s", .notANumber("s"), "expected a number, but found 's'"),
      ("1.2.3s", .notANumber("1.2.3"), "expected a number, but found '1.2.3'"),
      ("1.s", .notANumber("1."), "expected a number, but found '1.'"),
      ("10s x", .notANumber("x"), "expected a number, but found 'x'"),
      ("0.5us", .tooFine("0.5us"), "'0.5us' is too fine"),
      ("300000000d", .overflow("300000000d"), "'300000000d' is too large"),
      (
        "99999999999999999999s", .overflow("99999999999999999999s"),
        "'99999999999999999999s' is too large"
      ),
      ("106751991d 100d", .overflow("106751991d 100d"), "'106751991d 100d' is too large"),
    ])
  func rejectsDurations(text: String, expected: QuantityError, message: String) {
    #expect(throws: expected) { try parseDuration(text) }
    #expect(expected.message == message)
  }

  @Test("writes durations so that they read back")
  func durationText() throws {
    #expect(Scalars.durationText(5_400_000_000) == "1h30m")
    #expect(Scalars.durationText(0) == "0s")
    #expect(Scalars.durationText(-250_000) == "-250ms")
    var random = SplitMix64(seed: 15)
    for _ in 0..<2_000 {
      let value = Int64(bitPattern: random.next()) >> Int64(random.next() % 63)
      guard value != .min else { continue }
      #expect(try parseDuration(Scalars.durationText(value)) == value)
    }
    #expect(Scalars.durationText(.min).hasPrefix("-106751991d"))
  }

  @Test(
    "reads sizes",
    arguments: [
      ("64k", 65_536), ("16M", 16 << 20), ("1G", 1 << 30), ("2T", 2 << 40), ("100", 100),
      ("1.5k", 1536), ("4 KiB", 4096), ("8kb", 8192), ("0", 0), ("7b", 7),
    ] as [(String, Int64)])
  func sizes(text: String, expected: Int64) throws {
    #expect(try parseByteSize(text) == expected)
  }

  @Test(
    "says what is wrong with a size",
    arguments: [
      ("", QuantityError.empty), ("-1k", .negative("-1k")), ("1x", .unknownUnit("x")),
      ("k", .notANumber("k")), ("+", .notANumber("+")), ("1k 2", .unknownUnit("2")),
      ("0.5", .tooFine("0.5")),
      ("9999999T", .overflow("9999999T")),
    ])
  func rejectsSizes(text: String, expected: QuantityError) {
    #expect(throws: expected) { try parseByteSize(text) }
  }
}
