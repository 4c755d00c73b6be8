import Columnar
import Glibc
import Scalars

extension Span<UInt8> {
  /// Where `needle` begins at or behind a byte; nil when it does not occur.
  @inline(__always)
  func offset(of needle: Span<UInt8>, from start: Int = 0) -> Int? {
    guard needle.count > 0 else { return start <= count ? start : nil }
    guard start + needle.count <= count else { return nil }
    return unsafe withUnsafeBufferPointer { hay in
      unsafe needle.withUnsafeBufferPointer { needle in
        guard let base = hay.baseAddress, let wanted = needle.baseAddress else { return nil }
        let last = hay.count - needle.count
        var offset = start
        while offset <= last {
          let first = unsafe Int32(wanted[0])
          guard let found = unsafe memchr(base + offset, first, last - offset + 1) else {
            return nil
          }
          offset = unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
          if unsafe memcmp(base + offset, wanted, needle.count) == 0 { return offset }
          offset += 1
        }
        return nil
      }
    }
  }

  @inline(__always)
  func hasPrefix(_ prefix: Span<UInt8>) -> Bool {
    count >= prefix.count && equalBytes(extracting(first: prefix.count), prefix)
  }

  @inline(__always)
  func hasSuffix(_ suffix: Span<UInt8>) -> Bool {
    count >= suffix.count && equalBytes(extracting(last: suffix.count), suffix)
  }

  /// The bytes from code point `first` up to code point `end`, counted from 0; what lies outside
  /// of the text is cut off.
  func codePoints(_ first: Int, _ end: Int) -> Range<Int> {
    guard end > first, end > 0 else { return 0..<0 }
    let start = first <= 0 ? 0 : codePointOffset(self, first)
    if end == .max { return start..<count }
    let rest = extracting(start...)
    return start..<start + codePointOffset(rest, end - Swift.max(first, 0))
  }

  /// SQL's `substring`: from 1, or from the end when negative.
  func substring(_ position: Int, _ length: Int) -> Range<Int> {
    let first = position > 0 ? position - 1 : position < 0 ? codePointCount(self) + position : 0
    let (end, overflows) = first.addingReportingOverflow(length)
    return codePoints(first, overflows ? .max : end)
  }
}

/// Parts of texts.
enum Substrings {
  static let substring = Kernel { arguments in
    let texts = arguments.strings(0)
    let positions = arguments.int32s(1)
    let lengths = arguments.count > 2 ? arguments.int32s(2) : nil
    let isBinary = arguments.type == .binary
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      let length = lengths.map { Int($0[row]) } ?? .max
      let range =
        isBinary
        ? bytes(text.count, Int(positions[row]), length)
        : text.substring(Int(positions[row]), length)
      output.append(short: text.extracting(range))
      return true
    }
  }

  private static func bytes(_ count: Int, _ position: Int, _ length: Int) -> Range<Int> {
    let first = position > 0 ? position - 1 : position < 0 ? count + position : 0
    let (sum, overflows) = first.addingReportingOverflow(length)
    let end = overflows ? count : min(sum, count)
    let start = max(0, first)
    return start < end ? start..<end : 0..<0
  }

  static let left = Kernel { arguments in
    let (texts, counts) = (arguments.strings(0), arguments.int32s(1))
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      output.append(short: text.extracting(text.codePoints(0, Int(counts[row]))))
      return true
    }
  }

  static let right = Kernel { arguments in
    let (texts, counts) = (arguments.strings(0), arguments.int32s(1))
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      let count = Int(counts[row])
      guard count > 0 else { return true }
      output.append(short: text.extracting(text.substring(-count, .max)))
      return true
    }
  }

  /// `split_part(text, delimiter, n)`: the n-th part from 1, from the end when negative.
  static let part = Kernel(canFail: true) { arguments in
    let (texts, delimiters) = (arguments.strings(0), arguments.strings(1))
    let numbers = arguments.int32s(2)
    return try arguments.makeStrings { row, output in
      let (text, delimiter) = (texts[row], delimiters[row])
      let number = Int(numbers[row])
      guard number != 0 else {
        throw Reason("INVALID_INDEX_OF_ZERO", "parts are counted from 1, or from -1 at the end")
      }
      let parts = ranges(of: text, between: delimiter)
      let index = number > 0 ? number - 1 : parts.count + number
      guard parts.indices.contains(index) else { return true }
      output.append(short: text.extracting(parts[index]))
      return true
    }
  }

  /// The pieces between delimiters; the whole text when the delimiter is empty.
  static func ranges(of text: Span<UInt8>, between delimiter: Span<UInt8>) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    while delimiter.count > 0, let next = text.offset(of: delimiter, from: start) {
      ranges.append(start..<next)
      start = next + delimiter.count
    }
    ranges.append(start..<text.count)
    return ranges
  }

  /// `substring_index(text, delimiter, n)`: all before the n-th delimiter, or behind it, counted
  /// from the end, when negative.
  static let untilDelimiter = Kernel { arguments in
    let (texts, delimiters) = (arguments.strings(0), arguments.strings(1))
    let counts = arguments.int32s(2)
    return try arguments.makeStrings { row, output in
      let (text, delimiter) = (texts[row], delimiters[row])
      let count = Int(counts[row])
      guard count != 0, delimiter.count > 0 else { return true }
      var places: [Int] = []
      var start = 0
      while let next = text.offset(of: delimiter, from: start) {
        places.append(next)
        start = next + (count > 0 ? delimiter.count : 1)
        if count > 0, places.count == count { break }
      }
      if count > 0 {
        let end = places.count == count ? places[count - 1] : text.count
        output.append(short: text.extracting(0..<end))
      } else {
        let start = places.count >= -count ? places[places.count + count] + delimiter.count : 0
        output.append(short: text.extracting(start..<text.count))
      }
      return true
    }
  }

  /// `overlay(text, replacement, position[, length])`.
  static let overlay = Kernel { arguments in
    let (texts, replacements) = (arguments.strings(0), arguments.strings(1))
    let positions = arguments.int32s(2)
    let lengths = arguments.count > 3 ? arguments.int32s(3) : nil
    return try arguments.makeStrings { row, output in
      let (text, replacement) = (texts[row], replacements[row])
      let position = Int(positions[row])
      let given = lengths.map { Int($0[row]) } ?? -1
      let length = given >= 0 ? given : codePointCount(replacement)
      output.append(short: text.extracting(text.substring(1, position - 1)))
      output.append(short: replacement)
      output.append(short: text.extracting(text.substring(position + length, .max)))
      return true
    }
  }
}
