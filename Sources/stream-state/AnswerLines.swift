import Columnar

/// Collects bytes until they are whole lines.
struct AnswerLines: ~Copyable {
  /// A longer line is no answer.
  static let lineBytesMax = 64 << 20

  private var bytes = MutableBuffer<UInt8>()
  private var lineStart = 0
  /// Whole lines.
  private(set) var count = 0

  var byteCount: Int { bytes.count }

  /// Whether the last line has not ended.
  var isOpen: Bool { lineStart < bytes.count }

  /// The line that has not ended is too long.
  var isTooLong: Bool { bytes.count - lineStart > AnswerLines.lineBytesMax }

  mutating func append(_ added: Span<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: added)
    for index in added.indices where added[index] == 0x0A {
      lineStart = start + index + 1
      count += 1
    }
  }

  /// The whole lines; the beginning of another one stays.
  mutating func take() -> Buffer<UInt8> {
    let rest = lineStart..<bytes.count
    let all = bytes.take()
    bytes.append(contentsOf: all[rest].span)
    lineStart = 0
    count = 0
    return all[0..<rest.lowerBound]
  }

  /// What is there, for people.
  var excerpt: String {
    let length = min(bytes.count, 400)
    let text = String(decoding: (0..<length).map { bytes[$0] }, as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .first.map { String($0).shortened } ?? ""
  }
}
