import Columnar
import Operators
import TestSupport
import Testing

@Suite("Sketches and bitmaps of groups")
struct SketchAccumulatorTests {
  private let sketch = AccumulatorPlan(.sketch(precision: 6), [.bigint], result: .binary)
  private let union = AccumulatorPlan(
    .sketchUnion(mixesPrecisions: false), [.binary], result: .binary)

  @Test("of sketches of parts are those of all rows, and so are merged states")
  func unions() throws {
    var random = SplitMix64(seed: 21)
    for _ in 0..<40 {
      let count = Int.random(in: 0...600, using: &random)
      let groups = Buffer((0..<count).map { _ in Int32.random(in: 0..<3, using: &random) })
      let values = Column(
        (0..<count).map { _ -> Int64? in
          Bool.random(using: &random) ? Int64.random(in: 0..<200, using: &random) : nil
        })
      let whole = AccumulatorDriver(sketch)
      whole.grow(to: Buffer([2]))
      try whole.run(groups, [values])

      let (parts, states) = (AccumulatorDriver(union), AccumulatorDriver(union))
      parts.grow(to: Buffer([2]))
      states.grow(to: Buffer([2]))
      let cut = Int.random(in: 0...count, using: &random)
      for range in [0..<cut, cut..<count] {
        let part = AccumulatorDriver(sketch)
        part.grow(to: Buffer([2]))
        try part.run(groups[range], [values[range]])
        let sketches = try part.accumulator.result(of: part.all)
        try parts.run(part.all, [sketches])
        let state = AccumulatorDriver(union)
        try state.run(part.all, [sketches])
        try states.merge(state.snapshot())
      }
      #expect(parts.results() == whole.results())
      #expect(states.results() == whole.results())
    }
  }

  @Test("are refused when they are none, or of other precisions")
  func refusals() throws {
    let coarse: [UInt8] = [2, 1, 7, 4, 3, 12, 0, 8]
    let fine: [UInt8] = [2, 1, 7, 6, 3, 12, 0, 8]
    let column = Column(.binary, values: [.binary(fine), .binary(coarse)])
    #expect {
      try AccumulatorDriver(union).run(Buffer([0, 0]), [column])
    } throws: { error in
      guard case .unusable("HLL_UNION_DIFFERENT_LG_K", _, _) = error as? AggregateError else {
        return false
      }
      return true
    }
    #expect(throws: AggregateError.self) {
      try AccumulatorDriver(union)
        .run(Buffer([0]), [Column(.binary, values: [.binary([1, 2, 3])])])
    }
    let mixing = AccumulatorDriver(
      AccumulatorPlan(.sketchUnion(mixesPrecisions: true), [.binary], result: .binary))
    try mixing.run(Buffer([0, 0]), [column])
    #expect(mixing.results() == [.binary(coarse)])
  }

  @Test("have bits at places, and nothing else does")
  func bitmaps() throws {
    let driver = AccumulatorDriver(AccumulatorPlan(.bitmap(.places), [.bigint], result: .binary))
    driver.grow(to: Buffer([2]))
    try driver.run(Buffer([0, 1, 0, 0]), [Column([9, 32_767, 0, nil] as [Int64?])])
    var (first, last) = ([UInt8](repeating: 0, count: 4096), [UInt8](repeating: 0, count: 4096))
    first[0] = 1
    first[1] = 2
    last[4095] = 128
    let none = [UInt8](repeating: 0, count: 4096)
    #expect(driver.results() == [first, last, none].map { .binary($0) })
    for stranger in [-1, 32_768, .max, .min] as [Int64] {
      #expect(throws: AggregateError.self) {
        try driver.run(Buffer([0]), [Column([stranger] as [Int64?])])
      }
    }
  }

  @Test("take what all have, and of a bitmap that is short nothing behind it")
  func intersections() throws {
    let driver = AccumulatorDriver(AccumulatorPlan(.bitmap(.and), [.binary], result: .binary))
    driver.grow(to: Buffer([1]))
    try driver.run(
      Buffer([0, 0]), [Column(.binary, values: [.binary([7, 255]), .binary([5])])])
    let five = [5] + [UInt8](repeating: 0, count: 4095)
    #expect(driver.results() == [five, [UInt8](repeating: 255, count: 4096)].map { .binary($0) })
  }
}
