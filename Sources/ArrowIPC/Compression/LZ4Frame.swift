import Columnar

/// Reads the LZ4 frame format, which other Arrow writers use. Ours never does.
///
/// The source is the format's description, "LZ4 Frame Format Description" 1.6.4 and "LZ4 Block
/// Format Description". Checksums are skipped: every byte of a message would need one to help.
enum LZ4Frame {
  private static let magic: UInt32 = 0x184D_2204

  static func decode(
    _ source: Buffer<UInt8>, rawByteCount: Int
  ) throws(ArrowError) -> Buffer<UInt8> {
    guard rawByteCount / 300 <= source.count else {
      // A byte of LZ4 stands for 255 at most.
      throw .malformed("a compressed buffer does not hold what it claims to")
    }
    let memory = Decompressor.block(rawByteCount)
    var target = Target(memory, count: rawByteCount)
    guard try source.load(UInt32.self, at: 0) == magic else { throw damaged }
    let flags = try source.load(UInt8.self, at: 4)
    let hasBlockChecksum = flags & 0x10 != 0
    // FLG, BD, then the content size and the dictionary id where there are some, and a checksum.
    var place = 7 + (flags & 0x08 != 0 ? 8 : 0) + (flags & 0x01 != 0 ? 4 : 0)
    guard flags >> 6 == 1, flags & 0x01 == 0 else { throw damaged }
    while true {
      let size = try source.load(UInt32.self, at: place)
      place += 4
      if size == 0 { break }
      let count = Int(size & 0x7FFF_FFFF)
      guard count <= source.count - place else { throw damaged }
      let block = source[place..<place + count]
      let isDone = size >> 31 == 1 ? target.append(block) : target.decode(block)
      guard isDone else { throw damaged }
      place += count + (hasBlockChecksum ? 4 : 0)
    }
    guard target.isFull else { throw damaged }
    return memory.bytes
  }

  private static var damaged: ArrowError { .malformed("a compressed buffer is damaged") }
}

/// What has been decoded so far; later blocks refer to it.
@safe private struct Target {
  private let owner: Memory
  private let base: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private var count = 0

  init(_ memory: Memory, count capacity: Int) {
    owner = memory
    let bytes = unsafe memory.mutableBytes.bindMemory(to: UInt8.self)
    // An empty block still has an address: slack follows its end.
    unsafe base = bytes.baseAddress.unsafelyUnwrapped
    self.capacity = capacity
  }

  var isFull: Bool { count == capacity }

  /// - Returns: false when there is no room.
  mutating func append(_ bytes: Buffer<UInt8>) -> Bool {
    guard bytes.count <= capacity - count else { return false }
    unsafe (base + count).update(from: bytes.pointer, count: bytes.count)
    count += bytes.count
    return true
  }

  /// Decodes a block: sequences of literals and a copy of what came before.
  ///
  /// - Returns: false when it is damaged.
  mutating func decode(_ block: Buffer<UInt8>) -> Bool {
    let source = block.span
    var place = 0
    while place < source.count {
      let token = source[place]
      place += 1
      guard let literals = length(token >> 4, source, &place),
        literals <= source.count - place, append(block[place..<place + literals])
      else { return false }
      place += literals
      if place == source.count { return true }
      guard source.count - place >= 2 else { return false }
      let offset = Int(source[place]) | Int(source[place + 1]) << 8
      place += 2
      guard let matched = length(token & 15, source, &place), copy(matched + 4, back: offset)
      else { return false }
    }
    return true
  }

  /// A length of which the token has the first 4 bits.
  private func length(_ bits: UInt8, _ source: Span<UInt8>, _ place: inout Int) -> Int? {
    var length = Int(bits)
    guard length == 15 else { return length }
    while place < source.count {
      let more = source[place]
      place += 1
      length += Int(more)
      if more < 255 { return length }
    }
    return nil
  }

  private mutating func copy(_ length: Int, back offset: Int) -> Bool {
    guard offset > 0, offset <= count, length <= capacity - count else { return false }
    // SAFETY: the guard. A copy that overlaps itself repeats a pattern: byte by byte.
    let target = unsafe base + count
    let source = unsafe target - offset
    if offset >= length {
      unsafe target.update(from: source, count: length)
    } else {
      for index in 0..<length { unsafe target[index] = source[index] }
    }
    count += length
    return true
  }
}
