import FuzzTargets
import TestSupport
import Testing

@Suite("bytes from anybody")
struct FuzzTests {
  /// Each mutation is made from a seed of its own, so that one that fails can be made again alone.
  @Test("neither trap nor hang a decoder", arguments: FuzzTarget.allCases)
  func mutations(target: FuzzTarget) {
    let seeds = target.seeds
    for seed in seeds { target.run(seed) }
    for turn in 0..<4000 {
      var random = SplitMix64(seed: UInt64(turn))
      var bytes = seeds[turn % seeds.count]
      for _ in 0..<Int.random(in: 1...6, using: &random) { mutate(&bytes, &random) }
      target.run(bytes)
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard !bytes.isEmpty else { return bytes.append(UInt8(truncatingIfNeeded: random.next())) }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 1: bytes[place] ^= 1 << UInt8(Int.random(in: 0..<8, using: &random))
    case 2: bytes.removeSubrange(place...)
    case 3: bytes.remove(at: place)
    case 4:
      let end = min(bytes.count, place + Int.random(in: 1...20, using: &random))
      bytes.insert(contentsOf: bytes[place..<end], at: place)
    default:
      let interesting: [UInt8] = [0, 0xFF, 0x7F, 0x80, 0x22, 0x5C, 0x0A, 0x2C, 0x7B, 0x28]
      bytes[place] = interesting.randomElement(using: &random) ?? 0
    }
  }
}
