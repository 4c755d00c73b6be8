import Columnar
import Operators
import Scalars
import TestSupport
import Testing

/// What comes out: a row's place, its window's start and end.
private struct Placed: Equatable, CustomStringConvertible {
  let row: Int
  let start: Int64
  let end: Int64

  var description: String { "\(row): \(start)..<\(end)" }
}

private func place(
  _ times: [Int64?], in windows: AlignedWindows, watermark: Int64? = nil
) -> (placed: [Placed], rejected: RejectedRows) {
  let result = WindowRows(windows).rows(Column(times, as: .timestamp), watermark: watermark)
  let placed = result.rows.elements.indices.map {
    Placed(row: Int(result.rows[$0]), start: result.starts[$0], end: result.ends[$0])
  }
  return (placed, result.rejected)
}

private let second: Int64 = 1_000_000

private func seconds(
  _ size: Int64, every slide: Int64, offset: Int64 = 0
) throws -> AlignedWindows {
  try #require(
    AlignedWindows(
      .sliding(size: size * second, slide: slide * second), offset: offset * second))
}

@Suite("Rows in aligned windows")
struct WindowRowsTests {
  @Test("a time is in the tumbling window that begins at or before it, before 1970 too")
  func tumbling() throws {
    let placed = place(
      [0, 9 * second, 10 * second, -1, -10 * second, -10 * second - 1],
      in: try seconds(10, every: 10)
    ).placed
    #expect(
      placed.map(\.start) == [0, 0, 10, -10, -10, -20].map { $0 * second })
    #expect(placed.map(\.row) == [0, 1, 2, 3, 4, 5])
    #expect(placed.allSatisfy { $0.end == $0.start + 10 * second })
  }

  @Test("an offset moves where windows begin")
  func offset() throws {
    let placed = place([2 * second, 3 * second], in: try seconds(10, every: 10, offset: 3)).placed
    #expect(placed.map(\.start) == [-7 * second, 3 * second])
    let earlier = place([second, 8 * second], in: try seconds(10, every: 10, offset: -3)).placed
    #expect(earlier.map(\.start) == [-3 * second, 7 * second])
  }

  @Test("a row is in every window that slides over it, in the order of their starts")
  func sliding() throws {
    let placed = place([12 * second], in: try seconds(10, every: 5)).placed
    #expect(placed.map(\.start) == [5 * second, 10 * second])
    // 7 s every 3 s: three windows begin in ]-7, 0], two in ]-6, 1].
    let uneven = try seconds(7, every: 3)
    #expect(place([0], in: uneven).placed.map(\.start) == [-6, -3, 0].map { $0 * second })
    #expect(place([second], in: uneven).placed.map(\.start) == [-3, 0].map { $0 * second })
    #expect(place([-second], in: uneven).placed.map(\.start) == [-6, -3].map { $0 * second })
  }

  @Test("cumulating windows begin together and end one after the other")
  func cumulating() throws {
    let windows = try #require(AlignedWindows(.cumulating(size: 60, step: 20)))
    #expect(
      place([25], in: windows).placed
        == [Placed(row: 0, start: 0, end: 40), Placed(row: 0, start: 0, end: 60)])
    #expect(
      place([-1], in: windows).placed == [Placed(row: 0, start: -60, end: 0)])
  }

  @Test("a month is as long as the calendar says")
  func months() throws {
    func midnight(_ year: Int, _ month: Int) -> Int64 {
      Int64(CivilDate(year: year, month: month, day: 1).days) * 86_400 * second
    }
    let months = try #require(AlignedWindows(.months(1)))
    let february = place([midnight(2024, 3) - 1, midnight(1969, 12)], in: months).placed
    #expect(
      february == [
        Placed(row: 0, start: midnight(2024, 2), end: midnight(2024, 3)),
        Placed(row: 1, start: midnight(1969, 12), end: 0),
      ])
    let quarters = try #require(AlignedWindows(.months(3)))
    #expect(
      place([midnight(1969, 11)], in: quarters).placed
        == [Placed(row: 0, start: midnight(1969, 10), end: 0)])
  }

  @Test("a closed window takes nothing in: a row that has no other is late, others are not")
  func late() throws {
    let windows = try seconds(10, every: 5)
    let (placed, rejected) = place(
      [4 * second, 5 * second, 14 * second, 3 * second], in: windows, watermark: 10 * second)
    // [-5, 5) and [0, 10) are closed, [5, 15) and [10, 20) are not.
    #expect(
      placed == [
        Placed(row: 1, start: 5 * second, end: 15 * second),
        Placed(row: 2, start: 5 * second, end: 15 * second),
        Placed(row: 2, start: 10 * second, end: 20 * second),
      ])
    #expect(rejected.late.map(\.row) == [0, 3])
    #expect(rejected.late.map(\.by) == [0, 0])
    let tumbling = try seconds(10, every: 10)
    let alone = place([second, 2 * second], in: tumbling, watermark: 25 * second)
    #expect(alone.placed.isEmpty)
    #expect(alone.rejected.late.map(\.by) == [15 * second, 15 * second])
    let open = place([second], in: tumbling, watermark: 10 * second - 1)
    #expect(open.placed.count == 1)
    #expect(open.rejected.isEmpty)
  }

  @Test("no time, and one that no window reaches, are unusable; the outermost ones are not")
  func unusable() throws {
    let limit = AlignedWindows.timeMax
    let (placed, rejected) = place(
      [nil, limit, limit + 1, .max, -limit, -limit - 1, .min], in: try seconds(10, every: 10))
    #expect(placed.map(\.row) == [1, 4])
    #expect(rejected.unusable == [0, 2, 3, 5, 6])
    #expect(rejected.late.isEmpty)
    let all = place([.max, .max], in: try seconds(10, every: 10), watermark: .min)
    #expect(all.rejected.unusable == [0, 1])
    // A watermark from elsewhere may be anything.
    #expect(place([-limit], in: try seconds(1, every: 1), watermark: .max).rejected.late.count == 1)
    #expect(place([], in: try seconds(1, every: 1)).placed.isEmpty)
  }

  @Test("rows are placed as one by one, whatever the windows and the times", arguments: 0..<40)
  func oracle(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<30 {
      let windows = try #require(randomWindows(using: &random))
      let spread: Int64 = [20, 300, 5_000][Int.random(in: 0..<3, using: &random)]
      let unit: Int64 = if case .months = windows.pattern { 86_400 * second / 7 } else { 1 }
      let times = (0..<Int.random(in: 0..<60, using: &random)).map { _ -> Int64? in
        if spread == 300, Int.random(in: 0..<9, using: &random) == 0 { return nil }
        return Int64.random(in: -spread...spread, using: &random) * unit
      }
      let watermark: Int64? =
        Bool.random(using: &random)
        ? nil : Int64.random(in: -spread...spread, using: &random) * unit
      let (placed, rejected) = place(times, in: windows, watermark: watermark)
      var (expected, late, unusable): ([Placed], [Int], [Int]) = ([], [], [])
      for (row, time) in times.enumerated() {
        guard let time else {
          unusable.append(row)
          continue
        }
        let open = every(windows, around: time).filter { $0.upperBound > watermark ?? .min }
        if open.isEmpty { late.append(row) }
        expected += open.map { Placed(row: row, start: $0.lowerBound, end: $0.upperBound) }
      }
      #expect(placed == expected, "\(windows), watermark \(String(describing: watermark))")
      #expect(rejected.late.map { Int($0.row) } == late)
      #expect(rejected.unusable.map(Int.init) == unusable)
      for (row, by) in rejected.late {
        let time = try #require(times[Int(row)])
        let last = try #require(every(windows, around: time).map(\.upperBound).max())
        #expect(try by == #require(watermark) - last)
      }
    }
  }

  private func randomWindows(using random: inout SplitMix64) -> AlignedWindows? {
    let offset = Int64.random(in: -100...100, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      let size = Int64.random(in: 1...50, using: &random)
      return AlignedWindows(.sliding(size: size, slide: size), offset: offset)
    case 1:
      let size = Int64.random(in: 1...50, using: &random)
      return AlignedWindows(
        .sliding(size: size, slide: .random(in: 1...size, using: &random)), offset: offset)
    case 2:
      let step = Int64.random(in: 1...20, using: &random)
      let steps = Int64.random(in: 1...6, using: &random)
      return AlignedWindows(.cumulating(size: step * steps, step: step), offset: offset)
    default: return AlignedWindows(.months(.random(in: 1...14, using: &random)), offset: offset)
    }
  }

  /// The windows that a time is in, found by trying all that could be.
  private func every(_ windows: AlignedWindows, around time: Int64) -> [Range<Int64>] {
    var candidates: [Range<Int64>] = []
    switch windows.pattern {
    case .sliding(let size, let slide):
      for number in -5_300 / slide...5_300 / slide {
        let start = windows.offset + number * slide
        candidates.append(start..<start + size)
      }
    case .cumulating(let size, let step):
      for number in -5_300 / size - 1...5_300 / size {
        let start = windows.offset + number * size
        for end in stride(from: start + step, through: start + size, by: Int(step)) {
          candidates.append(start..<end)
        }
      }
    case .months(let count):
      for number in -30...30 {
        let (first, next) = (number * Int(count), (number + 1) * Int(count))
        candidates.append(
          startOfMonth(first) + windows.offset..<startOfMonth(next) + windows.offset)
      }
    }
    return candidates.filter { $0.contains(time) }
  }

  private func startOfMonth(_ number: Int) -> Int64 {
    var (year, month) = (1970, number + 1)
    while month < 1 { (year, month) = (year - 1, month + 12) }
    while month > 12 { (year, month) = (year + 1, month - 12) }
    return Int64(CivilDate(year: year, month: month, day: 1).days) * 86_400 * second
  }
}
