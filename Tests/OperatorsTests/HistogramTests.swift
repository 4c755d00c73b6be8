import Columnar
import Operators
import TestSupport
import Testing

@Suite("histogram_numeric")
struct HistogramTests {
  private func driver(_ values: [Double], bins: Int) throws -> AccumulatorDriver {
    let plan = AccumulatorPlan(
      .histogram(binCount: bins), [.double], result: histogramType(.double))
    let driver = AccumulatorDriver(plan)
    driver.grow(to: Buffer([0]))
    try driver.run(
      Buffer(repeating: 0, count: values.count), [Column(values.map(Optional.some))])
    return driver
  }

  private func bins(_ driver: AccumulatorDriver) throws -> [(centre: Double, height: Double)] {
    guard case .list(let bins) = try driver.accumulator.result(of: Buffer([0])).value(0) else {
      return []
    }
    return bins.compactMap { bin in
      guard case .structure(let fields) = bin, let centre = number(fields[0]),
        let height = number(fields[1])
      else { return nil }
      return (centre, height)
    }
  }

  @Test("unites the two bins that are nearest to each other")
  func unites() throws {
    let found = try bins(driver([1, 2, 10, 11, 20, .nan, .infinity], bins: 3))
    #expect(found.map(\.centre) == [1.5, 10.5, 20])
    #expect(found.map(\.height) == [2, 2, 1])
  }

  @Test("loses no value, and keeps the mean, when parts are merged")
  func merges() throws {
    var random = SplitMix64(seed: 7)
    let parts = (0..<5).map { _ in
      (0..<400).map { _ in Double.random(in: -100...100, using: &random) }
    }
    let all = try driver([], bins: 20)
    for part in parts {
      let state = try driver(part, bins: 20).accumulator.state(of: Buffer([0]), .whole)
      try all.accumulator.merge(state, into: Buffer([0]))
    }
    let found = try bins(all)
    #expect(found.count == 20)
    #expect(found.map(\.centre) == found.map(\.centre).sorted())
    #expect(found.map(\.height).reduce(0, +) == 2000)
    let sum = parts.joined().reduce(0, +)
    #expect(abs(found.map { $0.centre * $0.height }.reduce(0, +) - sum) < 1e-6)
  }
}
