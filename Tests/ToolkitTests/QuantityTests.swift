import Diagnostics
import Testing
import Toolkit

@Suite("Quantities on the command line")
struct QuantityTests {
  @Test(
    "reads durations",
    arguments: [
      ("250ms", 250_000), ("10s", 10_000_000), ("5m", 300_000_000), ("1h", 3_600_000_000),
      ("1d", 86_400_000_000), ("10 minutes", 600_000_000), ("1.5h", 5_400_000_000), ("-5m", -300_000_000),
      ("0s", 0), ("7us", 7),
    ] as [(String, Int64)])
  func durations(text: String, expected: Int64) throws {
    #expect(try parseDuration(text, option: "--linger") == expected)
  }

  @Test(
    "refuses what is no duration",
    arguments: ["", "10", "s", "ten s", "1.2.3s", "--5s", "1.s", "9223372036854775807h", "5 parsecs"])
  func badDurations(text: String) {
    #expect(
      throws: StreamError(
        .usage, "--linger: expected a duration such as '10s' but found '\(text)'")
    ) { try parseDuration(text, option: "--linger") }
  }

  @Test(
    "reads sizes",
    arguments: [
      ("0", 0), ("4096", 4096), ("64k", 65536), ("16M", 16 << 20), ("1G", 1 << 30), ("1.5KiB", 1536),
      ("2MB", 2 << 20),
    ] as [(String, Int64)])
  func sizes(text: String, expected: Int64) throws {
    #expect(try parseByteCount(text, option: "--max-bytes") == expected)
  }

  @Test("refuses what is no size", arguments: ["", "M", "-1k", "64 elephants", "9999999999999T"])
  func badSizes(text: String) {
    #expect(throws: StreamError.self) { try parseByteCount(text, option: "--max-bytes") }
  }

  @Test("says how small a count may be")
  func counts() throws {
    #expect(try parseCount("12", option: "--limit") == 12)
    #expect(
      throws: StreamError(
        .usage, "--rows: expected a whole number of at least 1 but found '0'")
    ) { try parseCount("0", option: "--rows", atLeast: 1) }
  }
}
