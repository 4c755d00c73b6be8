import Scalars
import TestSupport
import Testing

@Suite("Sketches of distinct values")
struct DistinctSketchTests {
  private func sketch(_ values: some Sequence<Int64>, precision: Int = 12) -> DistinctSketch {
    var sketch = DistinctSketch(precision: precision)
    for value in values { sketch.add(value) }
    return sketch
  }

  @Test(
    "have the bytes that DataSketches gives them",
    arguments: [
      ([], "0201070c030c0008"),
      ([0], "0201070c03080108cbd7c204"),
      ([1, 7, 9], "0201070c030803082bf2fb06c1e9170534a2610e"),
    ] as [([Int64], String)])
  func bytes(values: [Int64], expected: String) throws {
    let known = try read(hexadecimal(expected))
    #expect(known.estimate == Int64(values.count))
    #expect(Set(words(sketch(values).bytes)) == Set(words(hexadecimal(expected))))
  }

  @Test("hash texts and binaries as DataSketches does, and leave out what is empty")
  func texts() {
    var sketch = DistinctSketch(precision: 12)
    sketch.add(Array("".utf8).span)
    #expect(sketch.estimate == 0)
    sketch.add(Array("ab".utf8).span)
    #expect(sketch.bytes == hexadecimal("0201070c03080108fa2ff808"))
  }

  /// 24 numbers among 16 registers, one of which is too large for 4 bits.
  private static let registers =
    "0a0107040000000a65d2e47135ae36400000000002001c400000000000000000050000000000000004020203020001030000020003110004"

  @Test(
    "are read in every layout",
    arguments: [
      // Registers of 4 bits, compact and for updates, and of 6 bits.
      "0a0107040208000265d2e47135ae36400000000002001c4000000000000000000500000001000000243202310002f3400d000044",
      "0a0107040200000265d2e47135ae36400000000002001c4000000000000000000500000001000000243202310002f340000000000d0000440000000000000000",
      "0a0107040000000665d2e47135ae36400000000002001c400000000000000000050000000000000084200c02100c00200043041000",
      registers,
    ])
  func layouts(text: String) throws {
    var known = try read(hexadecimal(text))
    // What was counted on the way is 22.68.
    #expect(known.estimate == 23)
    known.unite(with: known)
    let fed = sketch((0..<24).map { 1_206_000 + $0 }, precision: 4)
    #expect(known == fed && known.bytes == fed.bytes)
    #expect(known.bytes.suffix(16) == hexadecimal(DistinctSketchTests.registers).suffix(16))
  }

  @Test(
    "have lists and tables of coupons",
    arguments: [
      "03010708050800010a00000081bc5d06862ff90dcbd7c204c1e91705d216730734a2610e75816607fc2d420a7b65e6082bf2fb06",
      "03010708050000010a0000000000000081bc5d0600000000000000000000000000000000862ff90d00000000000000000000000000000000cbd7c20400000000000000000000000000000000c1e9170500000000d21673070000000034a2610e7581660700000000000000000000000000000000fc2d420a7b65e6082bf2fb06000000000000000000000000",
    ])
  func coupons(text: String) throws {
    let known = try read(hexadecimal(text))
    #expect(known == sketch(0..<10, precision: 8))
  }

  @Test(
    "of many values are written as Spark writes a union",
    arguments: [
      // The sum over all registers of 2^-rank, and how many are empty.
      (385, "00000000161fae40", "930e0000"), (1000, "00000080965eab40", "920c0000"),
      (2000, "000000208177a740", "d7090000"),
    ] as [(Int64, String, String)])
  func union(count: Int64, sum: String, empty: String) {
    let bytes = sketch(0..<count).bytes
    #expect(bytes.count == 40 + 4096)
    #expect(Array(bytes[..<16]) == hexadecimal("0a01070c0010000a0000000000000000"))
    #expect(Array(bytes[16..<24]) == hexadecimal(sum))
    #expect(Array(bytes[32..<36]) == hexadecimal(empty))
  }

  @Test("of unions are those of all values, whatever came where")
  func unions() throws {
    var random = SplitMix64(seed: 11)
    for _ in 0..<60 {
      let count = [3, 20, 400, 3000].randomElement(using: &random) ?? 3
      let values = (0..<count).map { _ in Int64.random(in: 0..<2000, using: &random) }
      let precisions = (0..<3).map { _ in Int.random(in: 4...12, using: &random) }
      var parts: [DistinctSketch] = precisions.map { DistinctSketch(precision: $0) }
      for value in values { parts[Int.random(in: 0..<3, using: &random)].add(value) }
      parts.shuffle(using: &random)
      var union = try read(parts[0].bytes)
      for part in parts[1...] { union.unite(with: try read(part.bytes)) }
      let whole = sketch(values, precision: precisions.min() ?? 4)
      #expect(union == whole && union.bytes == whole.bytes)
      #expect(try read(union.bytes) == union)
    }
  }

  @Test(
    "count",
    arguments: [
      // Spark's own estimates of the same registers: 102878, 1022, 20253, 3002.
      (100_000, 12, 102_906), (1000, 10, 1029), (20_000, 12, 20_255), (3000, 12, 2990),
      (7, 4, 7), (300, 12, 300), (1000, 21, 1000),
    ] as [(Int64, Int, Int64)])
  func estimates(count: Int64, precision: Int, expected: Int64) {
    #expect(sketch(0..<count, precision: precision).estimate == expected)
  }

  @Test("that are cut short or hold anything are refused or used, but crash nothing")
  func damage() throws {
    var random = SplitMix64(seed: 12)
    let whole = [5, 100, 3000].map { sketch(0..<$0, precision: 8).bytes }
    for bytes in whole {
      for count in 0..<bytes.count {
        #expect(throws: SketchDamage.self) { try read(Array(bytes[..<count])) }
      }
      for _ in 0..<2000 {
        var broken = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let place = Int.random(in: 0..<min(broken.count, 60), using: &random)
          broken[place] = UInt8.random(in: 0...255, using: &random)
        }
        guard var sketch = try? read(broken) else { continue }
        #expect(sketch.estimate >= 0)
        sketch.unite(with: try read(whole[0]))
        #expect(try read(sketch.bytes) == sketch)
      }
    }
  }

  private func read(_ bytes: [UInt8]) throws -> DistinctSketch {
    try DistinctSketch(bytes.span)
  }

  private func hexadecimal(_ text: String) -> [UInt8] {
    let digits = Array(text)
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
    }
  }

  /// In pieces of 4 bytes: the order of coupons does not matter.
  private func words(_ bytes: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: 4).map { Array(bytes[$0..<$0 + 4]) }
  }
}
