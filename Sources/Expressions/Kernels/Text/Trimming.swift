import Columnar
import Scalars

/// Taking away characters at the ends, and adding some.
enum Trimming: Sendable {
  case both
  case start
  case end

  /// Takes the text, then the characters to trim: spaces when there are none.
  var kernel: Kernel {
    Kernel { arguments in
      let texts = arguments.strings(0)
      guard arguments.count > 1 else {
        return try arguments.makeStrings { row, output in
          let text = texts[row]
          output.append(short: text.extracting(spaces(text)))
          return true
        }
      }
      let sets = arguments.strings(1)
      return try arguments.makeStrings { row, output in
        let text = texts[row]
        output.append(short: text.extracting(range(of: text, without: sets[row])))
        return true
      }
    }
  }

  @inline(__always)
  private func spaces(_ text: Span<UInt8>) -> Range<Int> {
    var (start, end) = (0, text.count)
    if self != .end { while start < end, text[start] == 0x20 { start += 1 } }
    if self != .start { while end > start, text[end - 1] == 0x20 { end -= 1 } }
    return start..<end
  }

  private func range(of text: Span<UInt8>, without set: Span<UInt8>) -> Range<Int> {
    var (start, end) = (0, text.count)
    while self != .end, start < end {
      let next = sequenceEnd(text, start)
      guard contains(set, text.extracting(start..<next)) else { break }
      start = next
    }
    while self != .start, end > start {
      var last = end - 1
      while last > start, text[last] & 0xC0 == 0x80 { last -= 1 }
      guard contains(set, text.extracting(last..<end)) else { break }
      end = last
    }
    return start..<end
  }

  /// Whether the character is one of those in the set.
  private func contains(_ set: Span<UInt8>, _ character: Span<UInt8>) -> Bool {
    var start = 0
    while start < set.count {
      let end = sequenceEnd(set, start)
      if equalBytes(set.extracting(start..<end), character) { return true }
      start = end
    }
    return false
  }

  private func sequenceEnd(_ text: Span<UInt8>, _ start: Int) -> Int {
    var end = start + 1
    while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
    return end
  }
}

enum Padding: Sendable {
  case left
  case right

  /// `lpad(text, length[, pad])`: cut or filled to that many characters.
  var kernel: Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, lengths) = (arguments.strings(0), arguments.int32s(1))
      let pads =
        arguments.count > 2
        ? arguments.strings(2) : StringLane(ByteStrings([" "]), isConstant: true)
      return try arguments.makeStrings { row, output in
        let (text, pad) = (texts[row], pads[row])
        let length = Int(lengths[row])
        let missing = length - codePointCount(text)
        if missing <= 0 || pad.count == 0 {
          output.append(short: text.extracting(text.codePoints(0, length)))
          return true
        }
        guard output.count + missing * 4 < Int(Int32.max) else { throw Reason.tooLarge }
        if self == .right { output.append(short: text) }
        let padLength = codePointCount(pad)
        for _ in 0..<missing / padLength { output.append(short: pad) }
        output.append(short: pad.extracting(pad.codePoints(0, missing % padLength)))
        if self == .left { output.append(short: text) }
        return true
      }
    }
  }

  static let `repeat` = Kernel(canFail: true) { arguments in
    let (texts, counts) = (arguments.strings(0), arguments.int32s(1))
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      let count = max(0, Int(counts[row]))
      guard output.count + count * text.count < Int(Int32.max) else { throw Reason.tooLarge }
      for _ in 0..<count { output.append(short: text) }
      return true
    }
  }
}
