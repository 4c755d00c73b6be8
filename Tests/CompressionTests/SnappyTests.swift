import Columnar
import Compression
import TestSupport
import Testing

@Suite("Snappy")
struct SnappyTests {
  private func encoded(_ bytes: [UInt8], _ encoder: inout SnappyEncoder) -> Buffer<UInt8> {
    var output = MutableBuffer<UInt8>()
    output.append(7)
    encoder.append(Buffer(bytes), to: &output)
    let block = output.take()
    return block[1..<block.count]
  }

  @Test("gives back what was compressed, block after block", arguments: 0..<200 as Range<UInt64>)
  func roundTrip(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var encoder = SnappyEncoder()
    for _ in 0..<5 {
      let bytes = repetitive(&random)
      let block = encoded(bytes, &encoder)
      #expect(Snappy.decode(block, byteCount: bytes.count)?.elements == bytes)
      #expect(block.count <= 32 + bytes.count + bytes.count / 6)
      #expect(Snappy.decode(block, byteCount: bytes.count + 1) == nil)
    }
  }

  /// Pieces of noise, repetitions of what came before at all distances, and runs.
  private func repetitive(_ random: inout SplitMix64) -> [UInt8] {
    var bytes: [UInt8] = []
    let lengths = [0, 1, 3, 4, 5, 12, 59, 60, 61, 64, 65, 68, 69, 255, 256, 257, 5000, 70_000]
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let length = lengths.randomElement(using: &random) ?? 0
      switch Int.random(in: 0..<3, using: &random) {
      case 0: for _ in 0..<length { bytes.append(.random(in: 0...255, using: &random)) }
      case 1: bytes += [UInt8](repeating: .random(in: 0...255, using: &random), count: length)
      default:
        if bytes.isEmpty { continue }
        let start = Int.random(in: 0..<bytes.count, using: &random)
        for place in 0..<length { bytes.append(bytes[start + place]) }
      }
    }
    return bytes
  }

  @Test("makes little of what repeats, and little more of noise")
  func sizes() {
    var random = SplitMix64(seed: 1)
    var encoder = SnappyEncoder()
    let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    #expect(encoded(noise, &encoder).count < 100_100)
    let text = (0..<10_000).flatMap { Array("line \($0 % 100), and some more\n".utf8) }
    #expect(encoded(text, &encoder).count < text.count / 15)
    #expect(encoded([UInt8](repeating: 0, count: 1 << 20), &encoder).count < 1 << 16)
    #expect(encoded([], &encoder).count == 1)
  }

  @Test("refuses a damaged block, wherever it is cut off")
  func truncation() {
    var encoder = SnappyEncoder()
    let bytes = (0..<3000).flatMap { Array("\($0 * $0) ".utf8) }
    let block = encoded(bytes, &encoder)
    for count in stride(from: 0, to: block.count, by: 7) {
      #expect(Snappy.decode(block[0..<count], byteCount: bytes.count) == nil)
    }
  }
}
