import Diagnostics
import Testing
import Toolkit

@Suite("Quantities on the command line")
struct QuantityTests {
  @Test("names the option whose value is wrong")
  func durations() throws {
    #expect(try parseDuration("1.5h", option: "--linger") == 5_400_000_000)
    #expect(
      throws: StreamError(
        .usage, "--linger: '5 parsecs' is not a duration: no unit 'parsecs'")
    ) { try parseDuration("5 parsecs", option: "--linger") }
  }

  @Test("reads sizes")
  func sizes() throws {
    #expect(try parseByteCount("64k", option: "--max-bytes") == 65536)
    #expect(throws: StreamError(.usage, "--max-bytes: '' is not a size: it is empty")) {
      try parseByteCount("", option: "--max-bytes")
    }
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
