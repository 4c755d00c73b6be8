import Columnar
import Scalars

/// Checks and conversions of texts that are rarely asked for.
enum TextChecks {
  /// `luhn_check(digits)`: whether the last digit is the check digit of the others.
  static let luhn = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeBooleans { row in
      let text = texts[row]
      guard text.count > 0 else { return false }
      var sum = 0
      for index in text.indices {
        let digit = Int(text[index] &- 0x30)
        guard digit <= 9 else { return false }
        let isDoubled = (text.count - index) % 2 == 0
        sum += isDoubled ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
      }
      return sum % 10 == 0
    }
  }

  /// `quote(text)`: as a literal of SQL.
  static let quote = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      output.append(0x27)
      let text = texts[row]
      for index in text.indices {
        if text[index] == 0x27 { output.append(0x5C) }
        output.append(text[index])
      }
      output.append(0x27)
      return true
    }
  }

  /// The bytes as a text: an error, or null, where they are no UTF-8.
  static let validated = Kernel(canFail: true) { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      guard firstInvalidUTF8(texts[row]) == nil else {
        throw Reason("INVALID_UTF8_STRING", "the bytes are not UTF-8")
      }
      output.append(short: texts[row])
      return true
    }
  }

  static let repaired = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      output.append(texts.string(row))
      return true
    }
  }

  // MARK: - Base 32

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

  static let base32 = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      let bytes = texts[row]
      for start in stride(from: 0, to: bytes.count, by: 5) {
        let count = min(5, bytes.count - start)
        var group: UInt64 = 0
        for offset in 0..<5 {
          group = group << 8 | (offset < count ? UInt64(bytes[start + offset]) : 0)
        }
        let digits = (count * 8 + 4) / 5
        for digit in 0..<8 {
          let index = Int(group >> UInt64(35 - 5 * digit) & 31)
          output.append(digit < digits ? alphabet[index] : UInt8(ascii: "="))
        }
      }
      return true
    }
  }

  /// Characters that base 32 does not have are skipped.
  static let bytesOfBase32 = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      var (group, bits): (UInt64, UInt64) = (0, 0)
      for index in text.indices {
        let byte = text[index]
        let isSmall = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
        guard let digit = alphabet.firstIndex(of: isSmall ? byte & 0xDF : byte) else { continue }
        group = (group << 5 | UInt64(digit)) & 0xFFFF
        bits += 5
        if bits >= 8 {
          bits -= 8
          output.append(UInt8(truncatingIfNeeded: group >> bits))
        }
      }
      return true
    }
  }

  // MARK: - Similarity

  static let jaroWinkler = Kernel { arguments in
    let (lefts, rights) = (arguments.strings(0), arguments.strings(1))
    return try arguments.makeDoubles { row in
      jaroWinkler(
        Array(lefts.string(row).unicodeScalars), Array(rights.string(row).unicodeScalars))
    }
  }

  private static func jaroWinkler(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Double {
    if left == right { return 1 }
    if left.isEmpty || right.isEmpty { return 0 }
    let window = max(0, max(left.count, right.count) / 2 - 1)
    var taken = [Bool](repeating: false, count: right.count)
    var matches: [Unicode.Scalar] = []
    for (index, scalar) in left.enumerated() {
      let low = max(0, index - window)
      let high = min(right.count, index + window + 1)
      guard low < high,
        let found = (low..<high).first(where: { !taken[$0] && right[$0] == scalar })
      else { continue }
      taken[found] = true
      matches.append(scalar)
    }
    guard !matches.isEmpty else { return 0 }
    let others = right.indices.filter { taken[$0] }.map { right[$0] }
    let transposed = Swift.zip(matches, others).count { $0 != $1 } / 2
    let count = Double(matches.count)
    let similarity =
      (count / Double(left.count) + count / Double(right.count)
        + (count - Double(transposed)) / count) / 3
    let prefix = Swift.zip(left, right).prefix(4).prefix { $0 == $1 }.count
    return similarity + Double(prefix) * 0.1 * (1 - similarity)
  }

  // MARK: - Bits

  /// `bitmap_bit_position(number)` and `bitmap_bucket_number(number)`: of bitmaps of 4 KiB.
  static func bitmap(isBucket: Bool) -> Kernel {
    let size: Int64 = 32_768
    return Kernel { arguments in
      let values = arguments.int64s(0)
      return try arguments.makeInt64s { row in
        let value = values[row]
        if isBucket { return value > 0 ? 1 + (value - 1) / size : value / size }
        return value > 0 ? (value - 1) % size : (0 &- value) % size
      }
    }
  }

  static let bitmapCount = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeInt64s { row in
      let text = texts[row]
      var count: Int64 = 0
      for index in text.indices { count += Int64(text[index].nonzeroBitCount) }
      return count
    }
  }
}
