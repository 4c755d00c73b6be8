import Columnar
import TestSupport
import Testing

@Suite("splitting strings")
struct SplitTests {
  @Test("cuts like a byte-by-byte loop", arguments: someCounts)
  func matchesSlowTwin(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let texts = (0..<count).map { _ -> [UInt8] in
      let length = Int.random(in: 0...Int.random(in: 0...200, using: &random), using: &random)
      let gap = Int.random(in: 1...40, using: &random)
      return (0..<length).map { _ in
        Int.random(in: 0..<gap, using: &random) == 0
          ? 0x2C : UInt8.random(in: 65...90, using: &random)
      }
    }
    let validity = Bitmap((0..<count).map { _ in Int.random(in: 0..<7, using: &random) > 0 })
    var builder = ByteStringsBuilder()
    for text in texts { builder.append(text) }

    let (offsets, parts) = builder.take().split(at: 0x2C, validity: validity)

    #expect(offsets.count == count + 1)
    for row in 0..<count {
      let found = (Int(offsets[row])..<Int(offsets[row + 1])).map { parts.string($0) }
      let expected = texts[row].split(separator: 0x2C, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      #expect(found == (validity[row] ? expected : []))
    }
  }
}
