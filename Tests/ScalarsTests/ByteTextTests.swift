import Scalars
import Testing

@Suite("Byte text")
struct ByteTextTests {
  @Test("keeps what was appended while it grows", arguments: [0, 1, 63, 64, 65, 1000, 100_000])
  func growth(count: Int) {
    var text = ByteText(capacity: 1)
    var expected: [UInt8] = []
    for index in 0..<count {
      text.append(UInt8(truncatingIfNeeded: index))
      expected.append(UInt8(truncatingIfNeeded: index))
    }
    text.append(expected.span)
    text.append("é")
    let bytes = text.bytes
    #expect(bytes == expected + expected + [0xC3, 0xA9])
    let written = text.count
    #expect(written == text.span.count)
  }

  @Test("forgets its text but can be filled again")
  func reuse() {
    var text = ByteText()
    text.append("first")
    text.truncate(to: 2)
    let cut = text.string
    #expect(cut == "fi")
    text.removeAll()
    let isEmpty = text.isEmpty
    #expect(isEmpty)
    text.append("second")
    let second = text.string
    #expect(second == "second")
  }
}
