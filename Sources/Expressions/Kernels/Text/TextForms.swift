import Columnar
import Scalars

/// Lengths, codes and other forms of texts.
enum TextForms {
  static let length = Kernel { arguments in
    let texts = arguments.strings(0)
    let isBinary = arguments[0].type == .binary
    return try arguments.makeInt32s { row in
      let text = texts[row]
      return Int32(truncatingIfNeeded: isBinary ? text.count : codePointCount(text))
    }
  }

  static func byteLength(times factor: Int32) -> Kernel {
    Kernel { arguments in
      let texts = arguments.strings(0)
      return try arguments.makeInt32s { row in Int32(truncatingIfNeeded: texts[row].count) &* factor
      }
    }
  }

  /// The code point of the first character.
  static let ascii = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeInt32s { row in
      Int32(texts.string(row).unicodeScalars.first?.value ?? 0)
    }
  }

  /// The character of a code, which wraps at 256; nothing for negative ones.
  static let character = Kernel { arguments in
    let codes = arguments.int64s(0)
    return try arguments.makeStrings { row, output in
      let code = codes[row]
      if code >= 0 { append(UInt8(truncatingIfNeeded: code), to: &output) }
      return true
    }
  }

  private static func append(_ code: UInt8, to output: inout MutableBuffer<UInt8>) {
    if code < 0x80 { return output.append(code) }
    output.append(0xC0 | code >> 6)
    output.append(0x80 | code & 0x3F)
  }

  static let binaryDigits = Kernel { arguments in
    let values = arguments.int64s(0)
    return try arguments.makeStrings { row, output in
      output.append(String(UInt64(bitPattern: values[row]), radix: 2))
      return true
    }
  }

  static let hexOfInteger = Kernel { arguments in
    let values = arguments.int64s(0)
    return try arguments.makeStrings { row, output in
      let digits = String(UInt64(bitPattern: values[row]), radix: 16, uppercase: true)
      output.append(digits)
      return true
    }
  }

  static let hexOfBytes = Kernel { arguments in
    let texts = arguments.strings(0)
    let digits = Array("0123456789ABCDEF".utf8)
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      for offset in text.indices {
        output.append(digits[Int(text[offset] >> 4)])
        output.append(digits[Int(text[offset] & 15)])
      }
      return true
    }
  }

  /// Null for what is not hexadecimal.
  static let unhex = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      var pending: UInt8? = text.count % 2 == 1 ? 0 : nil
      for offset in text.indices {
        guard let digit = Character(Unicode.Scalar(text[offset])).hexDigitValue else {
          return false
        }
        if let high = pending {
          output.append(high << 4 | UInt8(digit))
          pending = nil
        } else {
          pending = UInt8(digit)
        }
      }
      return true
    }
  }

  static let isValid = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeBooleans { row in firstInvalidUTF8(texts[row]) == nil }
  }

  /// `replace(text, search[, replacement])`.
  static let replace = Kernel { arguments in
    let (texts, needles) = (arguments.strings(0), arguments.strings(1))
    let replacements =
      arguments.count > 2 ? arguments.strings(2) : StringLane(ByteStrings([""]), isConstant: true)
    return try arguments.makeStrings { row, output in
      let (text, needle, replacement) = (texts[row], needles[row], replacements[row])
      var start = 0
      while needle.count > 0, let next = text.offset(of: needle, from: start) {
        output.append(short: text.extracting(start..<next))
        output.append(short: replacement)
        start = next + needle.count
      }
      output.append(short: text.extracting(start..<text.count))
      return true
    }
  }

  static let space = Kernel(canFail: true) { arguments in
    let counts = arguments.int32s(0)
    return try arguments.makeStrings { row, output in
      let count = max(0, Int(counts[row]))
      guard output.count + count < Int(Int32.max) else { throw Reason.tooLarge }
      output.append(repeating: 0x20, count: count)
      return true
    }
  }

  /// `conv(number, from, to)`: between bases of 2 to 36; a negative base reads as signed.
  static let convert = Kernel(canFail: true) { arguments in
    let texts = arguments.strings(0)
    let (sources, targets) = (arguments.int32s(1), arguments.int32s(2))
    return try arguments.makeStrings { row, output in
      let (source, target) = (Int(sources[row]), Int(targets[row]))
      guard 2...36 ~= source, 2...36 ~= target.magnitude else { return false }
      var digits = texts.string(row).trimmed
      let isNegative = digits.first == "-"
      if isNegative { digits.removeFirst() }
      guard !digits.isEmpty else { return false }
      var value: UInt64 = 0
      for character in digits {
        guard let digit = character.isASCII ? Int(String(character), radix: 36) : nil,
          digit < source
        else { break }
        let (product, overflows) = value.multipliedReportingOverflow(by: UInt64(source))
        let (sum, overflowsToo) = product.addingReportingOverflow(UInt64(digit))
        guard !overflows, !overflowsToo else {
          throw Reason("ARITHMETIC_OVERFLOW", "'\(digits)' has more than 64 bits")
        }
        value = sum
      }
      if isNegative { value = 0 &- value }
      let text: String
      if target < 0 {
        text = String(Int64(bitPattern: value), radix: -target, uppercase: true)
      } else {
        text = String(value, radix: target, uppercase: true)
      }
      output.append(text)
      return true
    }
  }

  /// `elt(n, a, b, …)`: the n-th of the texts.
  static let choice = Kernel(canFail: true, propagatesNulls: false) { arguments in
    let numbers = arguments[0]
    return try Arguments(
      vectors: [numbers], type: arguments.type, rowCount: arguments.rowCount,
      isTrying: arguments.isTrying, context: arguments.context
    ).makeStrings { row, output in
      let number = Int(numbers.column.int32s[numbers.slot(row)])
      guard number >= 1, number < arguments.count else {
        throw Reason(
          "INVALID_ARRAY_INDEX", "number \(number) is not one of the \(arguments.count - 1) texts")
      }
      let vector = arguments[number]
      guard !vector.isNull(row) else { return false }
      output.append(short: vector.column.strings[vector.slot(row)])
      return true
    }
  }
}
