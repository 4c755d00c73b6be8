import Glibc
import Scalars
import TestSupport
import Testing

@Suite("Time zones")
struct ZoneTests {
  private func rules(_ name: String) throws -> ZoneRules {
    guard case .region(let rules) = try TimeZone(named: name) else { throw ZoneError.unknown }
    return rules
  }

  private func timestamp(_ text: String) throws -> Int64 {
    var parser = TimestampParser()
    return try withBytes(text) { bytes throws(TimeError) in try parser.parse(bytes) }
  }

  @Test(
    "reads offsets as Spark does",
    arguments: [
      ("Z", 0), ("UTC", 0), ("GMT", 0), ("UT", 0), ("UTC+1", 3600), ("GMT-03:30", -12_600),
      ("UT+0530", 19_800), ("+01:02:03", 3723), ("-010203", -3723), ("+1:02", 3720),
      ("+01:2", 3720), ("+1", 3600), ("+1:2", 3720), ("+0102", 3720), ("-18:00", -64_800),
      ("EST", -18_000), ("HST", -36_000),
    ])
  func offsets(text: String, expected: Int) throws {
    #expect(try TimeZone(named: text) == .fixed(expected))
  }

  @Test(
    "refuses what is no zone",
    arguments: [
      "", "z", "utc", " UTC", "+", "+19", "+18:01", "+01:60", "+1:2:3", "01:00", "+01:00x",
      "Europe/Nowhere", "europe/oslo", "ROC", "posix/Europe/Oslo", "right/UTC", "../zoneinfo/UTC",
      "Europe/../UTC", "/etc/hosts", "Europe", "localtime", "Europe/Oslo\u{0}", "posixrules",
    ])
  func strangers(text: String) {
    #expect(throws: ZoneError.unknown) { try TimeZone(named: text) }
  }

  @Test(
    "shows the time of a place",
    arguments: [
      ("Europe/Zurich", "2026-01-15T12:00:00Z", "2026-01-15T13:00:00Z"),
      ("Europe/Zurich", "2026-07-15T12:00:00Z", "2026-07-15T14:00:00Z"),
      ("Europe/Zurich", "2026-03-29T00:59:59.999999Z", "2026-03-29T01:59:59.999999Z"),
      ("Europe/Zurich", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"),
      ("Europe/Zurich", "2026-10-25T00:59:59Z", "2026-10-25T02:59:59Z"),
      ("Europe/Zurich", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"),
      // Behind the last transition of the file: by the rule at its end.
      ("Europe/Zurich", "2500-07-01T00:00:00Z", "2500-07-01T02:00:00Z"),
      ("Europe/Zurich", "9999-12-31T22:30:00Z", "9999-12-31T23:30:00Z"),
      // Before any standard time: the sun's.
      ("America/New_York", "1850-01-01T00:00:00Z", "1849-12-31T19:03:58Z"),
      ("Asia/Kolkata", "2026-03-01T00:00:00Z", "2026-03-01T05:30:00Z"),
      ("America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04T01:00:00Z"),
      ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05T01:30:00Z"),
      ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00Z"),
      ("PST", "2026-07-01T00:00:00Z", "2026-06-30T17:00:00Z"),
    ])
  func shows(zone: String, moment: String, expected: String) throws {
    var clocks = ZoneCursor(try TimeZone(named: zone))
    #expect(clocks.local(try timestamp(moment)) == (try timestamp(expected)))
  }

  @Test(
    "finds the moment of a local time, the first of two, moved on where the clocks skip it",
    arguments: [
      ("Europe/Zurich", "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z"),
      ("Europe/Zurich", "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"),
      ("Europe/Zurich", "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"),
      ("Europe/Zurich", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"),
      ("Europe/Zurich", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"),
      ("Europe/Zurich", "2400-10-29T02:30:00Z", "2400-10-29T00:30:00Z"),
      ("Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T22:00:00Z"),
      ("America/Havana", "2026-11-01T00:30:00Z", "2026-11-01T04:30:00Z"),
    ])
  func moments(zone: String, local: String, expected: String) throws {
    var clocks = ZoneCursor(try TimeZone(named: zone))
    #expect(clocks.timestamp(ofLocal: try timestamp(local)) == (try timestamp(expected)))
  }

  @Test(
    "a cursor gives what a look-up gives, and local times come back",
    arguments: ["Europe/Zurich", "America/St_Johns", "Africa/Casablanca", "Asia/Tokyo"])
  func cursor(zone: String) throws {
    let rules = try rules(zone)
    var cursor = ZoneCursor(.region(rules))
    var random = SplitMix64(seed: 7)
    for step in 0..<20_000 {
      let span: UInt64 = step % 2 == 0 ? 4_000_000_000 : 20_000_000_000
      let second = Int64(random.next() % span) - 2_000_000_000
      let period = rules.period(at: second)
      #expect(period.start <= second && second < period.end)
      #expect(cursor.offset(at: second * 1_000_000) == period.offset)
      let local = second + Int64(period.offset)
      let expected = rules.period(ofLocal: local)
      #expect(cursor.offset(ofLocal: local * 1_000_000) == expected.offset)
      // Of two moments with one local time it is the earlier.
      #expect(local - Int64(expected.offset) <= second)
    }
  }

  @Test("times at the ends of the range neither trap nor wrap")
  func extremes() throws {
    for zone in [TimeZone.fixed(3600), .fixed(-3600), try TimeZone(named: "Europe/Zurich")] {
      var clocks = ZoneCursor(zone)
      for time in [Int64.min, .min + 1, -1, 0, .max - 1, .max] {
        if let local = clocks.local(time) {
          #expect(abs(Int128(local) - Int128(time)) <= 26 * 3_600_000_000)
        }
        _ = clocks.timestamp(ofLocal: time)
      }
    }
  }

  // MARK: - Files

  private func file() throws -> [UInt8] {
    guard let file = unsafe fopen("/usr/share/zoneinfo/Europe/Zurich", "r") else {
      throw ZoneError.unknown
    }
    defer { unsafe _ = fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }

  @Test("a zone file cut off anywhere is an error")
  func truncation() throws {
    let whole = try file()
    _ = try ZoneRules(name: "whole", file: whole.span)
    for count in 0..<whole.count {
      let part = Array(whole[..<count])
      #expect(throws: ZoneFileError.self) { try ZoneRules(name: "part", file: part.span) }
    }
  }

  @Test("a damaged zone file is an error or some zone, never a crash")
  func damage() throws {
    let whole = try file()
    var random = SplitMix64(seed: 11)
    for _ in 0..<20_000 {
      var damaged = whole
      for _ in 0...random.next() % 4 {
        damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(
          truncatingIfNeeded: random.next())
      }
      guard let rules = try? ZoneRules(name: "damaged", file: damaged.span) else { continue }
      for second in [Int64.min, -1, 0, 1_800_000_000, 99_999_999_999, .max] {
        _ = rules.period(at: second)
        _ = rules.period(ofLocal: second)
      }
      var clocks = ZoneCursor(.region(rules))
      for time in [Int64.min, -1, 0, 1_800_000_000_000_000, .max] {
        _ = (clocks.local(time), clocks.timestamp(ofLocal: time))
      }
    }
  }

  /// A file of version 2 without transitions, whose only rule is the one at its end.
  private func file(rule: String) -> [UInt8] {
    let header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15 + 16)
    let block: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1]
    let type: [UInt8] = [0, 0, 0, 0, 0, 0, 0]
    return header + block + type + header + block + type + Array("\n\(rule)\n".utf8)
  }

  @Test(
    "the rule at the end of a file says what holds for ever",
    arguments: [
      ("<+0330>-3:30", 12_600, 12_600), ("EST5EDT,M3.2.0,M11.1.0", -18_000, -14_400),
      ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600),
      ("AEST-10AEDT,M10.1.0,M4.1.0/3", 39_600, 36_000),
      ("IST-1GMT0,M10.5.0,M3.5.0/1", 0, 3600), ("X_Y1", nil, nil), ("XXX", nil, nil),
      ("A1", nil, nil), ("ABC25", nil, nil), ("<ABC1", nil, nil), ("<\u{0}>1", nil, nil),
      ("<AB\u{0}C>1", nil, nil), ("<>1", nil, nil), ("ABC1DEF", nil, nil),
      ("ABC1DEF,M13.1.0,M1.1.0", nil, nil), ("ABC1DEF,M3.6.0,M1.1.0", nil, nil),
      ("ABC1DEF,M3.1.7,M1.1.0", nil, nil), ("ABC1DEF,J0,J5", nil, nil),
      ("ABC1DEF,366,5", nil, nil), ("ABC1DEF,3,5/168", nil, nil), ("ABC1DEF,3,5x", nil, nil),
      ("ABC:1", nil, nil), ("ABC99999999999999999999", nil, nil),
    ] as [(String, Int?, Int?)])
  func rule(text: String, january: Int?, july: Int?) {
    let bytes = file(rule: text)
    guard let january, let july else {
      #expect(throws: ZoneFileError.malformed) { try ZoneRules(name: "x", file: bytes.span) }
      return
    }
    let rules = try? ZoneRules(name: "x", file: bytes.span)
    #expect(rules?.period(at: 1_768_435_200).offset == january)
    #expect(rules?.period(at: 1_784_073_600).offset == july)
  }

  @Test(
    "times of transitions that no sum may be made of are refused",
    arguments: [Int64.min, .min + 1, -(1 << 59) - 1, (1 << 59) + 1, .max])
  func farTransitions(time: Int64) throws {
    func file(_ time: Int64) -> [UInt8] {
      let word = (0..<8).reversed().map { UInt8(truncatingIfNeeded: time >> Int64($0 * 8)) }
      var bytes = self.file(rule: "UTC0")
      // The number of transitions of the second block, then the only one and its type.
      bytes[51 + 35] = 1
      bytes.insert(contentsOf: word + [0], at: 51 + 44)
      return bytes
    }
    #expect(throws: ZoneFileError.malformed) { try ZoneRules(name: "x", file: file(time).span) }
    _ = try ZoneRules(name: "x", file: file(time.signum() * (1 << 59)).span)
  }

  @Test("a file that claims more than it has is refused before room is made for it")
  func claims() {
    let whole = file(rule: "UTC0")
    for place in 20..<44 {
      var bytes = whole
      bytes[place] = 0xFF
      bytes[51 + place] = 0xFF
      #expect(throws: ZoneFileError.self) { try ZoneRules(name: "x", file: bytes.span) }
    }
  }

  @Test("every zone of the system can be read, and its local times come back")
  func allZones() throws {
    let names = try systemZones()
    #expect(names.count > 300)
    for name in names {
      let rules = try rules(name)
      for year in stride(from: 1850, through: 2150, by: 25) {
        let second = Int64(year - 1970) * 31_556_952 + 15_000_000
        let period = rules.period(at: second)
        let local = rules.period(ofLocal: second + Int64(period.offset))
        #expect(second + Int64(period.offset) - Int64(local.offset) <= second, "\(name) \(year)")
      }
    }
  }

  /// The names of regions in the list that comes with the zone files.
  private func systemZones() throws -> [String] {
    guard let file = unsafe fopen("/usr/share/zoneinfo/tzdata.zi", "r") else {
      throw ZoneError.unknown
    }
    defer { unsafe _ = fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    // `Z NAME …` begins a zone.
    return bytes[..<count].split(separator: 0x0A).compactMap { line in
      let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      return words.count > 1 && words[0] == "Z" && words[1].contains("/") ? words[1] : nil
    }
  }
}

@Suite("Digests and hashes")
struct DigestTests {
  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test("are those of the specifications' examples")
  func examples() throws {
    let abc = Array("abc".utf8)
    #expect(hexadecimal(MD5.digest(abc.span)) == "900150983cd24fb0d6963f7d28e17f72")
    #expect(hexadecimal(SHA1.digest(abc.span)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(
      SHA2.digest(abc.span, bits: 224).map(hexadecimal)
        == "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7")
    #expect(
      SHA2.digest(abc.span, bits: 256).map(hexadecimal)
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(SHA2.digest(abc.span, bits: 100) == nil)
    #expect(CRC32.checksum(Array("123456789".utf8).span) == 0xCBF4_3926)
  }

  @Test("every length around a block is padded rightly", arguments: [55, 56, 63, 64, 65, 111, 112])
  func padding(count: Int) {
    let message = [UInt8](repeating: 0x61, count: count)
    let known: [Int: String] = [
      55: "ef1772b6dff9a122358552954ad0df65", 56: "3b0c8ac703f828b04c6c197006d17218",
      64: "014842d480b571495a4a0363793f7367",
    ]
    let digest = hexadecimal(MD5.digest(message.span))
    if let expected = known[count] { #expect(digest == expected) }
    #expect(SHA2.digest(message.span, bits: 512)?.count == 64)
    #expect(SHA1.digest(message.span).count == 20)
  }

  @Test("XXH64 over 32 bytes and more has its lanes")
  func longInput() {
    let text = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    #expect(XXHash64.hash(text.span, seed: 42) == 2_724_237_963_427_677_065)
  }
}
