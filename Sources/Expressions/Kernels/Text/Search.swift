import Columnar
import Scalars

/// Where one text stands in another.
enum Search {
  static let contains = Kernel { arguments in
    let (texts, needles) = (arguments.strings(0), arguments.strings(1))
    return Column(
      .boolean,
      .boolean(bits(arguments.rowCount) { texts[$0].offset(of: needles[$0]) != nil }),
      validity: arguments.validity)
  }

  static let startsWith = Kernel { arguments in
    let (texts, prefixes) = (arguments.strings(0), arguments.strings(1))
    return Column(
      .boolean, .boolean(bits(arguments.rowCount) { texts[$0].hasPrefix(prefixes[$0]) }),
      validity: arguments.validity)
  }

  static let endsWith = Kernel { arguments in
    let (texts, suffixes) = (arguments.strings(0), arguments.strings(1))
    return Column(
      .boolean, .boolean(bits(arguments.rowCount) { texts[$0].hasSuffix(suffixes[$0]) }),
      validity: arguments.validity)
  }

  /// `instr(text, part)`: the place from 1, 0 when it does not occur.
  static let instr = Kernel { arguments in
    let (texts, needles) = (arguments.strings(0), arguments.strings(1))
    return try arguments.makeInt32s { row in place(of: needles[row], in: texts[row], from: 0) }
  }

  /// `locate(part, text[, start])`: the place from 1 at or behind `start`.
  static let locate = Kernel { arguments in
    let (needles, texts) = (arguments.strings(0), arguments.strings(1))
    let starts = arguments.count > 2 ? arguments.int32s(2) : nil
    return try arguments.makeInt32s { row in
      let start = starts.map { Int($0[row]) } ?? 1
      return start <= 0 ? 0 : place(of: needles[row], in: texts[row], from: start - 1)
    }
  }

  /// - Parameter start: a code point.
  private static func place(of needle: Span<UInt8>, in text: Span<UInt8>, from start: Int) -> Int32
  {
    if needle.count == 0 { return 1 }
    let offset = start <= 0 ? 0 : codePointOffset(text, start)
    guard let found = text.offset(of: needle, from: offset) else { return 0 }
    return Int32(truncatingIfNeeded: codePointCount(text.extracting(0..<found)) + 1)
  }

  /// `find_in_set(text, list)`: which part of a comma-separated list it is, from 1.
  static let findInSet = Kernel { arguments in
    let (texts, lists) = (arguments.strings(0), arguments.strings(1))
    return try arguments.makeInt32s { row in
      let (text, list) = (texts[row], lists[row])
      var (start, number): (Int, Int32) = (0, 1)
      for end in 0...list.count where end == list.count || list[end] == UInt8(ascii: ",") {
        if equalBytes(list.extracting(start..<end), text) { return number }
        start = end + 1
        number += 1
      }
      return 0
    }
  }

  /// The edit distance; with a limit, -1 beyond it.
  static let levenshtein = Kernel { arguments in
    let (lefts, rights) = (arguments.strings(0), arguments.strings(1))
    let limits = arguments.count > 2 ? arguments.int32s(2) : nil
    return try arguments.makeInt32s { row in
      let left = Array(lefts.string(row).unicodeScalars)
      let right = Array(rights.string(row).unicodeScalars)
      let distance = Int32(truncatingIfNeeded: editDistance(left, right))
      if let limit = limits?[row], distance > limit { return -1 }
      return distance
    }
  }

  private static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var last = Array(0...right.count)
    for (row, scalar) in left.enumerated() {
      var current = [row + 1]
      current.reserveCapacity(right.count + 1)
      for column in right.indices {
        let substituted = last[column] + (scalar == right[column] ? 0 : 1)
        current.append(min(substituted, last[column + 1] + 1, current[column] + 1))
      }
      last = current
    }
    return last[right.count]
  }
}
