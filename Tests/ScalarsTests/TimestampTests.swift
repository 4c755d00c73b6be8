import Scalars
import TestSupport
import Testing

@Suite("Timestamps and dates as text")
struct TimestampTests {
  private func parse(_ text: String, zone: TimeZone = .utc) throws(TimeError) -> Int64 {
    var parser = TimestampParser(zone: zone)
    return try withBytes(text) { bytes throws(TimeError) in try parser.parse(bytes) }
  }

  private func rfc3339(_ timestamp: Int64) -> String {
    written { $0.appendTimestamp(timestamp) }
  }

  @Test(
    "reads all the forms that Spark's cast takes",
    arguments: [
      ("2026-03-01T12:34:56Z", "2026-03-01T12:34:56Z"),
      ("2026-03-01T12:34:56.789012Z", "2026-03-01T12:34:56.789012Z"),
      ("2026-03-01T12:34:56.7+01:00", "2026-03-01T11:34:56.7Z"),
      ("2026-03-01T00:34:56-00:35", "2026-03-01T01:09:56Z"),
      ("2026", "2026-01-01T00:00:00Z"),
      ("2026-3", "2026-03-01T00:00:00Z"),
      ("2026-3-1", "2026-03-01T00:00:00Z"),
      ("2026-03-01 10", "2026-03-01T10:00:00Z"),
      ("2026-03-01 10:11", "2026-03-01T10:11:00Z"),
      ("2026-03-01 1:2:3", "2026-03-01T01:02:03Z"),
      ("2026-03-01 10:11:12", "2026-03-01T10:11:12Z"),
      ("2026-03-01 10:11:12.", "2026-03-01T10:11:12Z"),
      ("2026-03-01 10:11:12.1234567", "2026-03-01T10:11:12.123456Z"),
      ("2026-03-01 10:11:12.999999999", "2026-03-01T10:11:12.999999Z"),
      ("2026-03-01 10:11:12+0530", "2026-03-01T04:41:12Z"),
      ("2026-03-01 10:11:12+5", "2026-03-01T05:11:12Z"),
      ("2026-03-01 10:11:12 +5:30", "2026-03-01T04:41:12Z"),
      ("2026-03-01 10:11:12 UTC", "2026-03-01T10:11:12Z"),
      ("2026-03-01 10:11:12.5UTC+3", "2026-03-01T07:11:12.5Z"),
      ("2026-03-01 10:11:12 GMT-03:00", "2026-03-01T13:11:12Z"),
      ("2026-03-01 10:11:12+18:00", "2026-02-28T16:11:12Z"),
      ("2026-03-01 10:11:12-01:02:03", "2026-03-01T11:13:15Z"),
      (" \t2026-03-01 10:11:12\n", "2026-03-01T10:11:12Z"),
      ("+10000-01-01T12:00:00Z", "+10000-01-01T12:00:00Z"),
      ("10000-01-01T12:00:00Z", "+10000-01-01T12:00:00Z"),
      ("-0001-12-31 23:59:59.999999", "-0001-12-31T23:59:59.999999Z"),
      ("0000-01-01 00:00:00", "0000-01-01T00:00:00Z"),
      ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"),
      ("294247-01-10T04:00:54.775807Z", "+294247-01-10T04:00:54.775807Z"),
      ("-290308-12-21T19:59:05.224192Z", "-290308-12-21T19:59:05.224192Z"),
    ])
  func reads(text: String, expected: String) throws {
    #expect(rfc3339(try parse(text)) == expected)
  }

  @Test(
    "names what is wrong",
    arguments: [
      ("", TimeError.empty), ("  ", .empty), ("202", .incomplete), ("2026-", .incomplete),
      ("2026-03-01T", .incomplete), ("2026-03-01 10:", .incomplete),
      ("2026-03-01 10:11:12+", .unknownZone(offset: 19, count: 1)),
      ("2026-13-01 00:00:00", .outOfRange(.month)), ("2026-02-29", .outOfRange(.day)),
      ("2026-02-29T10:00:00Z", .outOfRange(.day)),
      ("2026-03-01 24:00:00", .outOfRange(.hour)), ("2026-03-01T10:61:00Z", .outOfRange(.minute)),
      ("2026-03-01T10:11:60Z", .outOfRange(.second)),
      ("2026-03-01T10:11:12+18:01", .unknownZone(offset: 19, count: 6)),
      ("2026-03-01T10:11:12+01:60", .unknownZone(offset: 19, count: 6)),
      ("2026-03-01 10:11:12 Europe/Nowhere", .unknownZone(offset: 20, count: 14)),
      ("2026-03-01 10:11:12 utc", .unknownZone(offset: 20, count: 3)),
      ("2026-03-01 10:11:12 ../../etc/hosts", .unknownZone(offset: 20, count: 15)),
      ("2026-03-01t10:11:12Z", .unexpected(byte: byte("t"), offset: 10)),
      ("2026-03-01T10:11:12Zx", .unknownZone(offset: 19, count: 2)),
      ("2026-03-01T10-11:12Z", .unexpected(byte: byte("-"), offset: 13)),
      ("2026/03/01", .unexpected(byte: byte("/"), offset: 4)),
      ("hello", .unexpected(byte: byte("h"), offset: 0)),
      ("12:34", .unexpected(byte: byte(":"), offset: 2)),
      ("2026-03-01 10:11+01:00", .unexpected(byte: byte("+"), offset: 16)),
      ("294247-01-10T04:00:54.775808Z", .overflow), ("999999-01-01", .overflow),
    ])
  func rejects(text: String, expected: TimeError) {
    #expect(throws: expected) { try parse(text) }
  }

  @Test("reads back what it writes, whatever was read before")
  func roundTrip() throws {
    var random = SplitMix64(seed: 13)
    var parser = TimestampParser()
    for _ in 0..<50_000 {
      let timestamp = randomTimestamp(&random)
      for text in [rfc3339(timestamp), written { $0.appendSparkTimestamp(timestamp) }] {
        #expect(try withBytes(text) { try parser.parse($0) } == timestamp, "\(text)")
      }
      let text = rfc3339(timestamp)
      guard text.first?.isNumber == true else { continue }
      #expect(try withBytes(text) { try parser.parseRFC3339($0) } == timestamp)
    }
  }

  @Test("knows no date before it has read one")
  func cache() {
    var parser = TimestampParser()
    let bytes = [UInt8](repeating: 0, count: 10) + Array("T10:11:12Z".utf8)
    #expect(throws: TimeError.self) { try parser.parse(bytes.span) }
  }

  private func randomTimestamp(_ random: inout SplitMix64) -> Int64 {
    switch random.next() % 4 {
    case 0: Int64(bitPattern: random.next())
    case 1: Int64.random(in: -100_000...4_000_000_000, using: &random) * 1_000_000
    case 2: Int64.random(in: 1_700_000_000_000...1_700_000_100_000, using: &random) * 1_000
    default: Int64.random(in: -1_000_000_000...200_000_000_000, using: &random)
    }
  }

  @Test(
    "writes Spark's form",
    arguments: [
      (1_772_368_496_789_012, "2026-03-01 12:34:56.789012"), (0, "1970-01-01 00:00:00"),
      (-500_000, "1969-12-31 23:59:59.5"), (253_402_300_800_000_000, "+10000-01-01 00:00:00"),
      (-62_167_219_200_000_001, "-0001-12-31 23:59:59.999999"), (10, "1970-01-01 00:00:00.00001"),
    ] as [(Int64, String)])
  func spark(timestamp: Int64, expected: String) {
    #expect(written { $0.appendSparkTimestamp(timestamp) } == expected)
  }

  @Test("takes the caller's offset where the text has no zone")
  func offset() throws {
    let hour = TimeZone.fixed(3600)
    #expect(try parse("1970-01-01 01:00:00", zone: hour) == 0)
    #expect(try parse("1970-01-01 01:00", zone: hour) == 0)
    #expect(try parse("1970-01-01 01:00:00.5", zone: hour) == 500_000)
    #expect(try parse("1970-01-01 00:00:00Z", zone: hour) == 0)
    #expect(try parse("1970-01-01 00:00:00+00:00", zone: hour) == 0)
  }

  @Test(
    "refuses what is not RFC 3339 when asked to",
    arguments: [
      "2026-03-01 12:34:56Z", "2026-03-01T12:34:56", "2026-03-01T12:34Z", "2026-03-01T12:34:56.Z",
      "2026-3-1T12:34:56Z", "2026-03-01T12:34:56+0100", "2026-03-01T12:34:56+01", "2026-03-01",
      "", "2026-03-01T12:34:56.7", " 2026-03-01T12:34:56Z", "2026-02-30T12:34:56Z",
      "2026-03-01T12:34:56.7 UTC", "20260301T123456.0000Z",
    ])
  func strict(text: String) {
    var parser = TimestampParser()
    #expect(throws: TimeError.self) { try withBytes(text) { try parser.parseRFC3339($0) } }
  }

  @Test("survives truncation and damage at every byte")
  func damage() throws {
    let whole = Array("2026-03-01T12:34:56.789012+01:30".utf8)
    var parser = TimestampParser()
    for count in 0...whole.count {
      let cut = Array(whole[..<count])
      var fresh = TimestampParser()
      let first = Result { () throws(TimeError) in try fresh.parse(cut.span) }
      let again = Result { () throws(TimeError) in try parser.parse(cut.span) }
      #expect(first == again)
    }
    for place in whole.indices {
      for wrong in UInt8.min...UInt8.max {
        var bytes = whole
        bytes[place] = wrong
        var fresh = TimestampParser()
        let first = Result { () throws(TimeError) in try fresh.parse(bytes.span) }
        let again = Result { () throws(TimeError) in try parser.parse(bytes.span) }
        #expect(first == again)
      }
    }
  }

  @Test(
    "reads dates as Spark's cast does",
    arguments: [
      ("2026-03-01", 20513), ("  2026-03-01  ", 20513), ("2026-3-1", 20513), ("2026-03", 20513),
      ("2026", 20454), ("2026-03-01T10:00:00", 20513), ("2026-03-01 anything", 20513),
      ("1969-12-31", -1), ("0000-01-01", -719_528), ("-0001-12-31", -719_529),
      ("+10000-01-31", 2_932_927), ("5881580-07-11", Int32.max), ("-5877641-06-23", .min),
    ] as [(String, Int32)])
  func dates(text: String, expected: Int32) throws {
    #expect(try withBytes(text, parseDate) == expected)
  }

  @Test(
    "names what is wrong with a date",
    arguments: [
      ("", TimeError.empty), ("2026-02-30", .outOfRange(.day)), ("2026-00-01", .outOfRange(.month)),
      ("2026-03-", .incomplete), ("2026-03-01x", .unexpected(byte: byte("x"), offset: 10)),
      ("2026-03 01", .unexpected(byte: byte(" "), offset: 7)), ("5881580-07-12", .overflow),
      ("03/01/2026", .unexpected(byte: byte("/"), offset: 2)),
      ("2026-03-001", .unexpected(byte: byte("1"), offset: 10)),
      ("20260301", .unexpected(byte: byte("1"), offset: 7)),
    ])
  func rejectsDates(text: String, expected: TimeError) {
    #expect(throws: expected) { try withBytes(text, parseDate) }
  }

  @Test("writes and reads dates over the whole range")
  func dateRoundTrip() throws {
    var random = SplitMix64(seed: 14)
    for _ in 0..<50_000 {
      let days = Int32(truncatingIfNeeded: random.next()) >> Int32(random.next() % 20)
      let text = written { $0.appendDate(days) }
      #expect(try withBytes(text, parseDate) == days, "\(text)")
    }
  }
}
