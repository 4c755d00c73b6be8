import Columnar
import SQLiteConnector
import TestSupport
import Testing

@Suite("Decimals in a statement")
struct DecimalOrderTests {
  private let type = DataType.decimal(precision: 38, scale: 3)

  @Test("sort, group and compare as the numbers that they are")
  func order() throws {
    var random = SplitMix64(seed: 3)
    let numbers = (0..<300).map { _ -> Int128 in
      let digits = Int.random(in: 0...12, using: &random)
      let bound = (0..<digits).reduce(Int128(1)) { power, _ in power * 1000 }
      return Int128.random(in: -bound...bound, using: &random)
    }
    let input = column(type, numbers.map { .decimal($0) })

    let sorted = try Result("SELECT v FROM input ORDER BY v, n", over: [input]).values
    let larger = try Result("SELECT v FROM input WHERE v > -1.5 ORDER BY n", over: [input]).values
    let largest = try Result(
      "SELECT v FROM input WHERE v = (SELECT max(v) FROM input)", over: [input])

    #expect(sorted == numbers.sorted().map { .decimal($0) })
    #expect(larger == numbers.filter { $0 > -1500 }.map { .decimal($0) })
    #expect(largest.values.first == numbers.max().map { .decimal($0) })
  }

  @Test(
    "are equal to what has the same value",
    arguments: [
      ("1.5", true), ("'1.50'", true), ("1.500", true), ("+1.5", true), ("15e-1", true),
      ("'01.5'", true), ("1.51", false), ("-1.5", false), ("'1.5x'", false), ("15", false),
      ("CAST(1.5 AS DECIMAL(9,1))", true), ("CAST('1.5' AS DOUBLE)", true), ("NULL", false),
    ])
  func equality(literal: String, isEqual: Bool) throws {
    let input = column(type, [.decimal(1500)])

    let rows = try Result("SELECT v FROM input WHERE v = \(literal)", over: [input]).rows

    #expect(rows.isEmpty == !isEqual)
  }

  @Test("that are cast compare with numbers, too")
  func casts() throws {
    let input = column(.string, ["9.5", "10", "-3", "1e1"].map { .string($0) })
    let statement = "SELECT v FROM input WHERE CAST(v AS DECIMAL(9,1)) > 9.5 ORDER BY n"

    #expect(try Result(statement, over: [input]).values == [.string("10"), .string("1e1")])
  }
}
