/// FIPS 180-4, "Secure Hash Standard", SHA-1.
package enum SHA1 {
  /// - Returns: 20 bytes.
  package static func digest(_ message: Span<UInt8>) -> [UInt8] {
    var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
    forEachBlock(of: message, size: 64, lengthIsBigEndian: true) { block in
      compress(&state, block)
    }
    return bigEndianBytes(state)
  }

  private static func compress(_ state: inout [UInt32], _ block: Span<UInt8>) {
    var words = (0..<16).map { word($0, of: block, isBigEndian: true) }
    for index in 16..<80 {
      words.append(
        rotateLeft(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1))
    }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for round in 0..<80 {
      let (mixed, constant): (UInt32, UInt32) =
        switch round / 20 {
        case 0: (b & c | ~b & d, 0x5A82_7999)
        case 1: (b ^ c ^ d, 0x6ED9_EBA1)
        case 2: (b & c | b & d | c & d, 0x8F1B_BCDC)
        default: (b ^ c ^ d, 0xCA62_C1D6)
        }
      let next = rotateLeft(a, 5) &+ mixed &+ e &+ constant &+ words[round]
      (e, d, c, b, a) = (d, c, rotateLeft(b, 30), a, next)
    }
    for (index, value) in [a, b, c, d, e].enumerated() { state[index] = state[index] &+ value }
  }
}

func bigEndianBytes<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] {
  words.flatMap { word in
    stride(from: Word.bitWidth - 8, through: 0, by: -8).map {
      UInt8(truncatingIfNeeded: word >> Word($0))
    }
  }
}
