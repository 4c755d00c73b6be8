import Columnar
import Scalars

/// Capital and small letters, and other changes of one character into another.
enum Case {
  static let upper = Kernel { arguments in
    try mapped(arguments, asciiFrom: UInt8(ascii: "a")) { $0.uppercased() }
  }

  static let lower = Kernel { arguments in
    try mapped(arguments, asciiFrom: UInt8(ascii: "A")) { $0.lowercased() }
  }

  /// ASCII in one loop over all texts; anything else by Unicode's rules.
  private static func mapped(
    _ arguments: Arguments, asciiFrom first: UInt8, _ change: (String) -> String
  ) throws -> Column {
    let texts = arguments.strings(0)
    let strings = texts.strings
    let start = Int(strings.offsets[0])
    let used = strings.bytes[start..<start + strings.totalLength]
    if !arguments[0].isConstant, isASCII(used) {
      let changed = map(used) { byte in byte ^ (byte &- first < 26 ? 0x20 : 0) }
      let shift = strings.offsets[0]
      let offsets = shift == 0 ? strings.offsets : map(strings.offsets) { $0 &- shift }
      return Column(
        .string, .bytes(ByteStrings(offsets: offsets, bytes: changed)),
        validity: arguments[0].column.validity)
    }
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      if isASCII(text) {
        for offset in text.indices {
          let byte = text[offset]
          output.append(byte ^ (byte &- first < 26 ? 0x20 : 0))
        }
      } else {
        output.append(change(texts.string(row)))
      }
      return true
    }
  }

  private static func isASCII(_ bytes: Buffer<UInt8>) -> Bool { isASCII(bytes.span) }

  private static func isASCII(_ bytes: Span<UInt8>) -> Bool {
    var union: UInt8 = 0
    for offset in bytes.indices { union |= bytes[offset] }
    return union < 0x80
  }

  /// The first letter of each word in capitals, the others small; words are parted by spaces.
  static let initial = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      var isFirst = true
      for character in texts.string(row).lowercased() {
        let text = isFirst ? titlecased(character) : String(character)
        output.append(text)
        isFirst = character == " "
      }
      return true
    }
  }

  private static func titlecased(_ character: Character) -> String {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return "" }
    return first.properties.titlecaseMapping + String(String.UnicodeScalarView(scalars.dropFirst()))
  }

  /// `mask(text[, upper, lower, digit, other])`; a null keeps those characters.
  static let mask = Kernel(propagatesNulls: false) { arguments in
    let texts = arguments.strings(0)
    let defaults: [String?] = ["X", "x", "n", nil]
    let valid = commonValidity(of: [arguments[0]], count: arguments.rowCount)
    return try Arguments(
      vectors: [arguments[0]], type: .string, rowCount: arguments.rowCount, isTrying: false,
      context: arguments.context
    ).makeStrings { row, output in
      if let valid, !valid[row] { return false }
      let masks = (0..<4).map { index -> String? in
        guard arguments.count > index + 1 else { return defaults[index] }
        let argument = arguments[index + 1]
        return argument.isNull(row) ? nil : arguments.strings(index + 1).string(row)
      }
      for scalar in texts.string(row).unicodeScalars {
        let kind: Int =
          scalar.properties.isUppercase
          ? 0
          : scalar.properties.isLowercase
            ? 1
            : scalar.properties.generalCategory == .decimalNumber ? 2 : 3
        output.append((masks[kind] ?? String(scalar)))
      }
      return true
    }
  }

  static let reverse = Kernel { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      var end = text.count
      while end > 0 {
        var start = end - 1
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        output.append(short: text.extracting(start..<end))
        end = start
      }
      return true
    }
  }

  /// `translate(text, from, to)`: character by character; those without a partner go.
  static let translate = Kernel { arguments in
    let (texts, sources, targets) = (
      arguments.strings(0), arguments.strings(1), arguments.strings(2)
    )
    var known: (from: String, to: String, table: [Unicode.Scalar: Unicode.Scalar?])?
    return try arguments.makeStrings { row, output in
      let (from, to) = (sources.string(row), targets.string(row))
      if known?.from != from || known?.to != to { known = (from, to, table(from, to)) }
      for scalar in texts.string(row).unicodeScalars {
        guard let entry = known?.table[scalar] else {
          output.append(String(scalar))
          continue
        }
        if let replacement = entry { output.append(String(replacement)) }
      }
      return true
    }
  }

  private static func table(_ from: String, _ to: String) -> [Unicode.Scalar: Unicode.Scalar?] {
    var table: [Unicode.Scalar: Unicode.Scalar?] = [:]
    let targets = Array(to.unicodeScalars)
    for (index, scalar) in from.unicodeScalars.enumerated() where table[scalar] == nil {
      table[scalar] = .some(index < targets.count ? targets[index] : nil)
    }
    return table
  }
}
