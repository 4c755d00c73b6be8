import Columnar
import Compression
import Testing

@Suite("LZ4")
struct LZ4Tests {
  /// "abcd", repeated from 4 bytes before so many times, and "xyz".
  private func block(_ length: Int) -> [UInt8] {
    precondition(length >= 4 + 15 && length < 4 + 15 + 255)
    return [0x4F] + Array("abcd".utf8) + [4, 0, UInt8(length - 19), 0x30] + Array("xyz".utf8)
  }

  private func text(_ length: Int) -> [UInt8] {
    Array("abcd".utf8) + (0..<length).map { Array("abcd".utf8)[$0 % 4] } + Array("xyz".utf8)
  }

  @Test("reads literals and copies that overlap themselves", arguments: [19, 20, 64, 273])
  func blocks(length: Int) {
    let (block, text) = (Buffer(block(length)), text(length))
    #expect(LZ4Block.decode(block, byteCount: text.count)?.elements == text)
    #expect(LZ4Block.decode(block, byteCount: text.count - 1) == nil)
    #expect(LZ4Block.decode(block, byteCount: text.count + 1) == nil)
    for count in 0..<block.count {
      #expect(LZ4Block.decode(block[0..<count], byteCount: text.count) == nil)
    }
  }

  @Test("reads no byte before the first")
  func beforeTheFirst() {
    let block: [UInt8] = [0x40] + Array("abcd".utf8) + [5, 0, 0x00]
    #expect(LZ4Block.decode(Buffer(block), byteCount: 8) == nil)
  }

  /// A frame of a compressed block, one that is not, and one that repeats what stands in the first.
  private func frame() -> (bytes: [UInt8], text: [UInt8]) {
    var bytes: [UInt8] = [0x04, 0x22, 0x4D, 0x18, 0x40, 0x40, 0]
    let first = block(20)
    bytes += [UInt8(first.count), 0, 0, 0] + first
    bytes += [3, 0, 0, 0x80] + Array("123".utf8)
    bytes += [5, 0, 0, 0, 0x00, 30, 0, 0x10, UInt8(ascii: "!")]
    return (bytes + [0, 0, 0, 0], text(20) + Array("123".utf8) + Array("abcd!".utf8))
  }

  private func decode(_ frame: [UInt8], byteCount: Int) -> [UInt8]? {
    let memory = Memory(byteCount: byteCount)
    return LZ4Frame.decode(Buffer(frame), into: memory, byteCount: byteCount)
      ? memory.bytes.elements : nil
  }

  @Test("reads frames, whose blocks refer to earlier ones")
  func frames() {
    let (bytes, text) = frame()
    #expect(decode(bytes, byteCount: text.count) == text)
    #expect(decode(bytes, byteCount: text.count - 1) == nil)
    #expect(decode(bytes, byteCount: text.count + 1) == nil)
    for count in 0..<bytes.count {
      #expect(decode(Array(bytes[0..<count]), byteCount: text.count) == nil)
    }
  }
}
