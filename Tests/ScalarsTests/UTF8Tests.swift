import Scalars
import TestSupport
import Testing

@Suite("UTF-8")
struct UTF8Tests {
  @Test("finds the invalid byte where Swift's decoder does", arguments: [0, 1, 2])
  func random(kind: Int) {
    var random = SplitMix64(seed: 8 + UInt64(kind))
    for _ in 0..<20_000 {
      let bytes = randomBytes(kind, &random)
      #expect(firstInvalidUTF8(bytes.span) == firstInvalid(bytes), "\(bytes)")
    }
  }

  private func randomBytes(_ kind: Int, _ random: inout SplitMix64) -> [UInt8] {
    let count = Int.random(in: 0...140, using: &random)
    if kind == 0 {
      let edges: [UInt8] = [
        0x41, 0x80, 0xBF, 0xC1, 0xC2, 0xE0, 0xA0, 0xED, 0x9F, 0xF0, 0x90, 0xF4,
      ]
      return (0..<count % 9).map { _ in edges.randomElement(using: &random)! }
    }
    let alphabet = Array(
      "abcdefg\u{7F}\u{80}éß\u{7FF}\u{800}€漢\u{FFFF}\u{10000}😀\u{10FFFF}".unicodeScalars)
    var text = String.UnicodeScalarView()
    for _ in 0..<count {
      let isPlain = kind == 2 || Int.random(in: 0..<8, using: &random) > 0
      text.append(isPlain ? "x" : alphabet.randomElement(using: &random)!)
    }
    var bytes = Array(String(text).utf8)
    if Bool.random(using: &random), !bytes.isEmpty {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
        in: 0...255, using: &random)
    }
    return bytes
  }

  /// The slow twin: Swift's decoder, one scalar after the other.
  private func firstInvalid(_ bytes: [UInt8]) -> Int? {
    var offset = 0
    while offset < bytes.count {
      let length = (1...4).first { length in
        offset + length <= bytes.count
          && String(validating: bytes[offset..<offset + length], as: UTF8.self) != nil
      }
      guard let length else { return offset }
      offset += length
    }
    return nil
  }

  @Test("refuses a text that is cut off at every byte inside a sequence")
  func truncation() {
    let whole = Array("aé€😀".utf8)
    let ends = [0, 1, 3, 6, 10]
    for count in 0...whole.count {
      let text = Array(whole[..<count])
      let expected = ends.contains(count) ? nil : ends.last { $0 < count }
      #expect(firstInvalidUTF8(text.span) == expected)
    }
  }

  @Test("counts code points and finds the n-th")
  func codePoints() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<2_000 {
      var bytes = randomBytes(1, &random)
      if firstInvalid(bytes) != nil { bytes = Array("é".utf8) }
      let text = String(decoding: bytes, as: UTF8.self)
      let scalars = text.unicodeScalars
      #expect(codePointCount(bytes.span) == scalars.count)
      var expected = scalars.indices.map { text.utf8.distance(from: text.startIndex, to: $0) }
      expected += [bytes.count, bytes.count]
      for (number, offset) in expected.enumerated() {
        #expect(codePointOffset(bytes.span, number) == offset)
      }
    }
  }

  @Test("are counted in texts of every length, wherever they begin")
  func counts() {
    var random = SplitMix64(seed: 3)
    let scalars = Array("aé€😀z\u{7F}\u{80}\u{7FF}\u{FFFF}".unicodeScalars)
    var text: [UInt8] = []
    var starts: [Int] = []
    while text.count < 1200 {
      starts.append(text.count)
      text += Array(String(scalars.randomElement(using: &random) ?? "a").utf8)
    }
    for (count, end) in starts.enumerated() {
      #expect(codePointCount(text.span.extracting(..<end)) == count)
      let first = count / 3
      #expect(codePointCount(text.span.extracting(starts[first]..<end)) == count - first)
    }
  }
}
