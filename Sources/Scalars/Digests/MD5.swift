/// RFC 1321, "The MD5 Message-Digest Algorithm".
package enum MD5 {
  /// - Returns: 16 bytes.
  package static func digest(_ message: Span<UInt8>) -> [UInt8] {
    var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
    forEachBlock(of: message, size: 64, lengthIsBigEndian: false) { block in
      compress(&state, block)
    }
    return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }

  /// |sin(i + 1)| in 32 binary digits, as the specification defines them.
  private static let sines: [UInt32] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613,
    0xfd46_9501, 0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193,
    0xa679_438e, 0x49b4_0821, 0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d,
    0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8, 0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed,
    0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a, 0xfffa_3942, 0x8771_f681, 0x6d9d_6122,
    0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70, 0x289b_7ec6, 0xeaa1_27fa,
    0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665, 0xf429_2244,
    0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb,
    0xeb86_d391,
  ]

  private static let shifts: [[UInt32]] = [
    [7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21],
  ]

  private static func compress(_ state: inout [UInt32], _ block: Span<UInt8>) {
    let words = (0..<16).map { word($0, of: block, isBigEndian: false) }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    for round in 0..<64 {
      var mixed: UInt32
      let index: Int
      switch round / 16 {
      case 0: (mixed, index) = (b & c | ~b & d, round)
      case 1: (mixed, index) = (d & b | ~d & c, (5 * round + 1) % 16)
      case 2: (mixed, index) = (b ^ c ^ d, (3 * round + 5) % 16)
      default: (mixed, index) = (c ^ (b | ~d), 7 * round % 16)
      }
      mixed = mixed &+ a &+ sines[round] &+ words[index]
      (a, d, c) = (d, c, b)
      b = b &+ rotateLeft(mixed, shifts[round / 16][round % 4])
    }
    for (index, value) in [a, b, c, d].enumerated() { state[index] = state[index] &+ value }
  }
}

@inline(__always)
func rotateLeft<Word: FixedWidthInteger & UnsignedInteger>(_ word: Word, _ count: Word) -> Word {
  word &<< count | word &>> (Word(Word.bitWidth) &- count)
}

/// The four bytes at a place of a block.
@inline(__always)
func word(_ index: Int, of block: Span<UInt8>, isBigEndian: Bool) -> UInt32 {
  var word: UInt32 = 0
  for byte in 0..<4 {
    let place = isBigEndian ? 3 - byte : byte
    word |= UInt32(block[index * 4 + byte]) << UInt32(place * 8)
  }
  return word
}

/// Cuts a message into blocks: behind it stand a 1 bit, zeros, and its length in bits, as MD5 and
/// the SHA family have it.
func forEachBlock(
  of message: Span<UInt8>, size: Int, lengthIsBigEndian: Bool, _ body: (Span<UInt8>) -> Void
) {
  var place = 0
  while message.count - place >= size {
    body(message.extracting(place..<place + size))
    place += size
  }
  var tail = (place..<message.count).map { message[$0] }
  tail.append(0x80)
  let lengthSize = size / 8
  while tail.count % size != size - lengthSize { tail.append(0) }
  let bits = UInt64(message.count) &* 8
  for index in 0..<lengthSize {
    let place = lengthIsBigEndian ? lengthSize - 1 - index : index
    tail.append(place < 8 ? UInt8(truncatingIfNeeded: bits >> UInt64(place * 8)) : 0)
  }
  for start in stride(from: 0, to: tail.count, by: size) {
    body(tail.span.extracting(start..<start + size))
  }
}
