import Operators
import Scalars
import TestSupport
import Testing

@Suite("Windows of the days of a region")
struct RegionWindowTests {
  private static let day: Int64 = 86_400_000_000
  private static let hour: Int64 = 3_600_000_000

  private func region(_ name: String) throws -> ZoneRules {
    guard case .region(let rules) = try TimeZone(named: name) else { throw ZoneError.unknown }
    return rules
  }

  private func windows(
    _ pattern: AlignedWindows.Pattern, offset: Int64 = 0, _ zone: String = "Europe/Zurich"
  ) throws -> AlignedWindows {
    try #require(AlignedWindows(pattern, offset: offset, region: try region(zone)))
  }

  private func time(_ text: String) throws -> Int64 {
    var parser = TimestampParser()
    return try parser.parse(Array(text.utf8).span)
  }

  @Test(
    "days have 23, 24 or 25 hours",
    arguments: [
      ("2026-03-28T12:00:00Z", "2026-03-27T23:00:00Z", 24),
      ("2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", 23),
      ("2026-03-29T21:59:59Z", "2026-03-28T23:00:00Z", 23),
      ("2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z", 24),
      ("2026-10-25T00:30:00Z", "2026-10-24T22:00:00Z", 25),
      ("2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z", 25),
    ])
  func days(row: String, start: String, hours: Int64) throws {
    let pane = try windows(.sliding(size: Self.day, slide: Self.day)).pane(of: time(row))
    #expect(pane.lowerBound == (try time(start)))
    #expect(pane.upperBound - pane.lowerBound == hours * Self.hour)
  }

  @Test("a zone file that speaks of times that no timestamp reaches has days too")
  func farTransition() throws {
    let header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
    let type: [UInt8] = [0, 0, 0x0E, 0x10, 0, 0, 0]
    let counts: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1]
    let first = header + [UInt8](repeating: 0, count: 16) + counts + type
    let second = header + [UInt8](repeating: 0, count: 12) + [0, 0, 0, 1] + counts
    let transition: [UInt8] = [8, 0, 0, 0, 0, 0, 0, 0, 0]
    let file = first + second + transition + type + Array("\nXXX-1\n".utf8)
    let rules = try ZoneRules(name: "far", file: file.span)
    let windows = try #require(
      AlignedWindows(.sliding(size: Self.day, slide: Self.day), offset: 0, region: rules))
    let pane = windows.pane(of: try time("2026-03-01T12:00:00Z"))
    #expect(pane.lowerBound == (try time("2026-02-28T23:00:00Z")))
    #expect(pane.upperBound - pane.lowerBound == Self.day)
  }

  @Test("months begin at midnight there")
  func months() throws {
    let pane = try windows(.months(1)).pane(of: time("2026-03-31T22:30:00Z"))
    #expect(pane == (try time("2026-03-31T22:00:00Z"))..<(try time("2026-04-30T22:00:00Z")))
  }

  @Test("a day so far, every hour, ends with the day")
  func cumulating() throws {
    let windows = try windows(.cumulating(size: Self.day, step: Self.hour))
    let start = try time("2026-10-24T22:00:00Z")
    let first = windows.windows(of: windows.pane(of: start))
    #expect(first.count == 25)
    #expect(first.allSatisfy { $0.lowerBound == start })
    #expect(first.last?.upperBound == start + 25 * Self.hour)
    let last = windows.windows(of: windows.pane(of: start + 24 * Self.hour + 1))
    #expect(last == [start..<start + 25 * Self.hour])
  }

  @Test("a week that slides by days is seven of them")
  func sliding() throws {
    let windows = try windows(.sliding(size: 7 * Self.day, slide: Self.day))
    let all = windows.windows(of: windows.pane(of: try time("2026-03-29T12:00:00Z")))
    #expect(all.count == 7)
    #expect(all.allSatisfy { $0.upperBound - $0.lowerBound == 7 * Self.day - Self.hour })
  }

  @Test("a day that the clocks skip has no window")
  func skipped() throws {
    let windows = try windows(.sliding(size: Self.day, slide: Self.day), "Pacific/Apia")
    let before = windows.pane(of: try time("2011-12-30T09:59:59Z"))
    let after = windows.pane(of: before.upperBound)
    #expect(after == before.upperBound..<before.upperBound + Self.day)
    #expect(before.upperBound == (try time("2011-12-30T10:00:00Z")))
  }

  @Test(
    "panes follow each other without gaps, each holds its times",
    arguments: [
      "Europe/Zurich", "America/St_Johns", "America/Havana", "America/Sao_Paulo", "Pacific/Apia",
      "Africa/Casablanca", "Asia/Kathmandu",
    ])
  func tiling(zone: String) throws {
    let patterns: [AlignedWindows.Pattern] = [
      .sliding(size: Self.day, slide: Self.day), .sliding(size: 7 * Self.day, slide: Self.day),
      .cumulating(size: Self.day, step: 6 * Self.hour), .months(1),
    ]
    for pattern in patterns {
      let windows = try windows(pattern, offset: 2 * Self.hour, zone)
      var place = try time("1985-01-01T00:00:00Z")
      let end = try time("2045-01-01T00:00:00Z")
      var pane = windows.pane(of: place)
      while place < end {
        #expect(pane.contains(place) && windows.pane(of: pane.upperBound - 1) == pane)
        let all = windows.windows(of: pane)
        #expect(!all.isEmpty)
        for window in all {
          #expect(window.lowerBound <= pane.lowerBound && pane.upperBound <= window.upperBound)
        }
        let next = windows.pane(of: pane.upperBound)
        #expect(next.lowerBound == pane.upperBound)
        place = next.lowerBound
        pane = next
      }
    }
  }

  @Test("windows of less than a day go with no region")
  func hours() throws {
    let rules = try region("Europe/Zurich")
    let pattern = AlignedWindows.Pattern.sliding(size: Self.hour, slide: Self.hour)
    #expect(AlignedWindows(pattern, region: rules) == nil)
  }
}
