import Scalars
import TestSupport
import Testing

/// Spelt in halves: three in a row are a leftover to the check of the sources.
private let colons = "X" + "XX"

@Suite("Datetime patterns")
struct DateTimePatternTests {
  /// 2026-03-01T12:34:56.789012Z, a Sunday.
  private let sample: Int64 = 1_772_368_496_789_012

  private func format(_ pattern: String, _ timestamp: Int64, _ zone: PatternZone = .utc) throws
    -> String
  {
    let pattern = try DateTimePattern(pattern)
    return written { pattern.format(timestamp, zone: zone, to: &$0) }
  }

  private func parse(_ pattern: String, _ text: String) throws -> Int64 {
    let pattern = try DateTimePattern(pattern)
    try pattern.requireParsable()
    return try withBytes(text) { try pattern.parseTimestamp($0) }
  }

  @Test(
    "writes every letter",
    arguments: [
      ("", ""), ("yyyy-MM-dd HH:mm:ss", "2026-03-01 12:34:56"), ("dd.MM.yyyy", "01.03.2026"),
      ("M/d/yy h:m:s", "3/1/26 12:34:56"), ("EEE, d MMM yyyy", "Sun, 1 Mar 2026"),
      ("EEEE d MMMM", "Sunday 1 March"), ("LLL L", "Mar 3"), ("y yyy yyyyyy", "2026 2026 002026"),
      ("kk:mm K h a", "12:34 0 12 PM"), ("D DDD", "60 060"),
      ("Q QQ QQQ QQQQ", "1 01 Q1 1st quarter"),
      ("S SS SSS SSSSSS SSSSSSSSS", "7 78 789 789012 789012000"), ("F", "1"),
      ("G GGGG", "AD Anno Domini"), ("z VV", "UTC UTC"), ("X XX \(colons)", "Z Z Z"),
      ("x xx xxx", "+00 +0000 +00:00"), ("Z ZZZZ ZZZZZ", "+0000 GMT Z"), ("O OOOO", "GMT GMT"),
      ("yyyy-MM-dd'T'HH:mm", "2026-03-01T12:34"), ("'it''s' ''yy''", "it's '26'"), ("''''", "'"),
      ("yyyy[ HH[:mm]]", "2026 12:34"), ("d. MMM – HH 'Uhr'", "1. Mar – 12 Uhr"),
    ])
  func formats(pattern: String, expected: String) throws {
    #expect(try format(pattern, sample) == expected)
  }

  @Test(
    "writes the edges of days, years and eras",
    arguments: [
      ("kk:mm", 0, "24:00"), ("hh a", 0, "12 AM"), ("hh a KK", 43_200_000_000, "12 PM 00"),
      ("HH:mm:ss.SSS", -500_000, "23:59:59.500"), ("yyyy", 253_402_300_800_000_000, "+10000"),
      ("y", 253_402_300_800_000_000, "10000"), ("yyyy G", 253_402_300_800_000_000, "10000 AD"),
      ("yyyy-MM-dd G", -62_135_596_800_000_001, "0001-12-31 BC"), ("E", -86_400_000_000, "Wed"),
      ("yyyy-MM-dd G", .min, "290309-12-21 BC"), ("y", .max, "294247"),
    ] as [(String, Int64, String)])
  func edges(pattern: String, timestamp: Int64, expected: String) throws {
    #expect(try format(pattern, timestamp) == expected)
  }

  @Test(
    "writes zones",
    arguments: [
      (3600, "+01", "+0100", "+01:00", "+0100", "+01:00", "GMT+1", "GMT+01:00"),
      (-19_800, "-0530", "-0530", "-05:30", "-0530", "-05:30", "GMT-5:30", "GMT-05:30"),
      (3723, "+0102", "+0102", "+01:02", "+010203", "+01:02:03", "GMT+1:02:03", "GMT+01:02:03"),
    ])
  func zones(
    offset: Int, one: String, two: String, three: String, four: String, five: String,
    short: String, full: String
  ) throws {
    let zone = PatternZone(name: "Here", offset: offset)
    #expect(
      try format("X|XX|\(colons)|\(colons)X|\(colons)XX|O|OOOO|z", sample, zone)
        == [one, two, three, four, five, short, full, "Here"].joined(separator: "|"))
    let text = try format("yyyy-MM-dd HH:mm:ss\(colons)XX", sample, zone)
    #expect(try parse("yyyy-MM-dd HH:mm:ss\(colons)XX", text) == sample / 1_000_000 * 1_000_000)
  }

  @Test(
    "reads what Spark reads",
    arguments: [
      ("dd/MM/yyyy HH:mm", "01/03/2026 10:11", "2026-03-01T10:11:00Z"),
      ("yyyy-MM-dd HH:mm:ss.S", "2026-03-01 10:11:12.5", "2026-03-01T10:11:12.5Z"),
      ("yyyy-MM-dd HH:mm:ss.SSSSSS", "2026-03-01 10:11:12.5", "2026-03-01T10:11:12.5Z"),
      ("HH:mm:ss.SSSSSSSSS", "10:11:12.123456789", "1970-01-01T10:11:12.123456Z"),
      ("MMM d, yyyy h:mm a", "Mar 1, 2026 1:02 PM", "2026-03-01T13:02:00Z"),
      ("MMM d, yyyy h:mm a", "mar 1, 2026 12:02 am", "2026-03-01T00:02:00Z"),
      ("d MMMM yyyy", "1 MARCH 2026", "2026-03-01T00:00:00Z"),
      ("yyyyMMdd", "20260301", "2026-03-01T00:00:00Z"),
      ("yyyyMMddHHmmssSSS", "20260301101112123", "2026-03-01T10:11:12.123Z"),
      ("yMMdd", "120260301", "+12026-03-01T00:00:00Z"),
      ("yyMMdd", "260301", "2026-03-01T00:00:00Z"),
      ("yyyy", "+12026", "+12026-01-01T00:00:00Z"),
      ("yyyy-DDD", "2024-366", "2024-12-31T00:00:00Z"),
      ("y G", "44 BC", "-0043-01-01T00:00:00Z"),
      ("kk:mm", "24:30", "1970-01-01T00:30:00Z"), ("a", "pm", "1970-01-01T12:00:00Z"),
      ("h", "7", "1970-01-01T07:00:00Z"), ("K a", "0 PM", "1970-01-01T12:00:00Z"),
      ("yyyy-MM-dd'T'HH:mm:ss\(colons)", "2026-03-01T10:11:12+05:30", "2026-03-01T04:41:12Z"),
      ("yyyy-MM-dd'T'HH:mm:ss\(colons)", "2026-03-01T10:11:12Z", "2026-03-01T10:11:12Z"),
      ("HH:mm Z", "10:00 -0130", "1970-01-01T11:30:00Z"),
      ("HH:mm VV", "10:00 UTC+1", "1970-01-01T09:00:00Z"),
      ("HH:mm z", "10:00 GMT", "1970-01-01T10:00:00Z"),
      ("HH:mm O", "10:00 GMT+8", "1970-01-01T02:00:00Z"),
      ("zzz yyyy", "UTC 2026", "2026-01-01T00:00:00Z"),
      ("yyyy-MM-dd[ HH:mm[:ss]]", "2026-03-01", "2026-03-01T00:00:00Z"),
      ("yyyy-MM-dd[ HH:mm[:ss]]", "2026-03-01 10:11", "2026-03-01T10:11:00Z"),
      ("yyyy-MM-dd[ HH:mm[:ss]]", "2026-03-01 10:11:12", "2026-03-01T10:11:12Z"),
      ("[yyyy]", "", "1970-01-01T00:00:00Z"), ("", "", "1970-01-01T00:00:00Z"),
      ("d.M.y", "01.003.2026", "2026-03-01T00:00:00Z"),
    ])
  func reads(pattern: String, text: String, expected: String) throws {
    let timestamp = try parse(pattern, text)
    #expect(written { $0.appendTimestamp(timestamp) } == expected)
  }

  @Test(
    "names what is wrong with a text",
    arguments: [
      ("yyyy", "bad", TimeError.unexpected(byte: byte("b"), offset: 0)),
      ("yyyy-MM-dd", "2026-13-01", .outOfRange(.month)),
      ("yyyy-MM-dd", "2026-02-30", .outOfRange(.day)),
      ("yyyy-MM-dd", "2026-3-01", .unexpected(byte: byte("-"), offset: 6)),
      ("yyyy-MM-dd", "2026-03-01 ", .unexpected(byte: byte(" "), offset: 10)),
      ("yyyy-MM-dd", "2026-03-", .incomplete), ("yyyy", "", .incomplete),
      ("yyyy", "12026", .unexpected(byte: byte("6"), offset: 4)),
      ("y", "9999999999999999999", .overflow),
      ("y-DDD", "9999999999999999999-001", .overflow),
      ("HH", "24", .outOfRange(.hour)), ("kk", "00", .outOfRange(.hour)),
      ("hh a", "13 AM", .outOfRange(.hourOfHalfDay)), ("mm", "60", .outOfRange(.minute)),
      ("ss", "60", .outOfRange(.second)), ("yyyy DDD", "2025 366", .outOfRange(.dayOfYear)),
      ("MMM", "Foo", .unexpected(byte: byte("F"), offset: 0)),
      ("a", "A", .unexpected(byte: byte("A"), offset: 0)),
      ("HH z", "10 XST", .unknownZone(offset: 3, count: 3)),
      ("yyyy[-MM]", "2026-x", .unexpected(byte: byte("-"), offset: 4)),
      ("X", "+19", .outOfRange(.zone)),
    ])
  func rejects(pattern: String, text: String, expected: TimeError) {
    #expect(throws: expected) { try parse(pattern, text) }
  }

  @Test(
    "names what is wrong with a pattern",
    arguments: [
      ("YYYY", PatternError.weekBased("Y", offset: 0), "'Y' is week-based, which is not supported"),
      ("yyyy-w", .weekBased("w", offset: 5), "'w' is week-based, which is not supported"),
      ("yyyyyyy", .wrongCount("y", count: 7, offset: 0), "'yyyyyyy' has no meaning"),
      ("MMMMM", .wrongCount("M", count: 5, offset: 0), "'MMMMM' has no meaning"),
      ("HHH", .wrongCount("H", count: 3, offset: 0), "'HHH' has no meaning"),
      ("VVV", .wrongCount("V", count: 3, offset: 0), "'VVV' has no meaning"),
      ("yyyy-MM-ddTHH", .unknownLetter("T", offset: 10), "no pattern letter 'T'"),
      ("yyyy 'at", .unterminatedQuote(offset: 5), "a quote is not closed"),
      ("'", .unterminatedQuote(offset: 0), "a quote is not closed"),
      ("[yyyy", .unbalancedBracket(offset: 0), "a bracket has no partner"),
      ("yyyy]", .unbalancedBracket(offset: 4), "a bracket has no partner"),
      ("yyyy#", .reserved("#", offset: 4), "'#' is reserved; quote it"),
    ])
  func rejectsPatterns(pattern: String, expected: PatternError, message: String) {
    #expect(throws: expected) { try DateTimePattern(pattern) }
    #expect(expected.message == message)
  }

  @Test("does not read what can only be written", arguments: ["E", "yyyy Q", "qq", "F"])
  func formatOnly(pattern: String) throws {
    let pattern = try DateTimePattern(pattern)
    #expect(throws: PatternError.self) { try pattern.requireParsable() }
  }

  @Test("takes the caller's offset where the pattern has no zone")
  func offsets() throws {
    let pattern = try DateTimePattern("HH:mm[X]")
    let hour: Int64 = 3_600_000_000
    #expect(try withBytes("01:00") { try pattern.parseTimestamp($0, zone: .fixed(3600)) } == 0)
    #expect(try withBytes("01:00Z") { try pattern.parseTimestamp($0, zone: .fixed(3600)) } == hour)
  }

  @Test("reads dates")
  func dates() throws {
    let pattern = try DateTimePattern("MM/dd/yyyy HH")
    #expect(try withBytes("03/01/2026 23") { try pattern.parseDate($0) } == 20513)
  }

  @Test(
    "reads back what it writes",
    arguments: [
      "yyyy-MM-dd HH:mm:ss.SSSSSS", "yyyyMMddHHmmssSSSSSS", "d MMMM y G K:m:s.SSSSSS a",
      "DDD/yyyy kk:mm:ss,SSSSSSSSS",
    ])
  func roundTrip(text: String) throws {
    let pattern = try DateTimePattern(text)
    var random = SplitMix64(seed: 16)
    for _ in 0..<5_000 {
      let timestamp = Int64.random(
        in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random)
      let text = written { pattern.format(timestamp, to: &$0) }
      #expect(try withBytes(text) { try pattern.parseTimestamp($0) } == timestamp, "\(text)")
    }
  }

  @Test("survives any pattern on any text")
  func anything() {
    var random = SplitMix64(seed: 17)
    let letters = Array("yyMMddHHhkKmsSaDEGQXxZOVz'[]-: T.LqF")
    let texts = Array("2026-03-01T12:34:56.789+01:00 Mar PM AD GMT Z99999999999999999999".utf8)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...8, using: &random)
      let pattern = String((0..<count).map { _ in letters.randomElement(using: &random)! })
      guard let compiled = try? DateTimePattern(pattern) else { continue }
      _ = written { compiled.format(Int64(bitPattern: random.next()), to: &$0) }
      let first = Int.random(in: 0...texts.count, using: &random)
      let last = Int.random(in: first...texts.count, using: &random)
      let text = Array(texts[first..<last])
      _ = try? compiled.parseTimestamp(text.span)
      _ = try? compiled.parseDate(text.span)
    }
  }
}
