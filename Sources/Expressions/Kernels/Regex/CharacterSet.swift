/// A class of characters for PCRE.
struct CharacterSet {
  /// What stands between the brackets.
  var content = ""
  /// Expressions that match one character each: nested classes.
  var atoms: [String] = []

  var isEmpty: Bool { content.isEmpty && atoms.isEmpty }

  /// Adds a range; without regard to case, the ASCII letters' partners too.
  mutating func add(_ range: ClosedRange<Unicode.Scalar>, _ flags: JavaPattern.Flags) {
    content += CharacterSet.written(range.lowerBound.value...range.upperBound.value)
    guard flags.ignoresCase, !flags.isUnicode else { return }
    for (letters, shift) in [(0x61...0x7A, -32), (0x41...0x5A, 32)] as [(ClosedRange<Int>, Int)] {
      let low = max(Int(range.lowerBound.value), letters.lowerBound)
      let high = min(Int(range.upperBound.value), letters.upperBound)
      guard low <= high else { continue }
      content += CharacterSet.written(UInt32(low + shift)...UInt32(high + shift))
    }
  }

  private static func written(_ range: ClosedRange<UInt32>) -> String {
    let low = "\\x{\(String(range.lowerBound, radix: 16))}"
    return range.count == 1 ? low : low + "-\\x{\(String(range.upperBound, radix: 16))}"
  }

  // MARK: - Atoms

  static func atom(of scalar: Unicode.Scalar, _ flags: JavaPattern.Flags) -> String {
    let isPlain = scalar.isASCII && scalar.properties.isAlphabetic || 0x30...0x39 ~= scalar.value
    guard flags.ignoresCase else {
      return isPlain ? String(scalar) : written(scalar.value...scalar.value)
    }
    var set = CharacterSet()
    set.add(scalar...scalar, flags)
    return atom(content: set.content, flags)
  }

  static func atom(content: String, _ flags: JavaPattern.Flags) -> String {
    flags.ignoresCase && flags.isUnicode ? "(?i:[\(content)])" : "[\(content)]"
  }

  /// The characters that are in all of the sets, or not.
  static func atom(
    intersection sets: [CharacterSet], isNegated: Bool, _ flags: JavaPattern.Flags
  ) -> String {
    let folds = flags.ignoresCase && flags.isUnicode
    if sets.count == 1, sets[0].atoms.isEmpty, !folds {
      // A class of nothing is none of PCRE's.
      if sets[0].content.isEmpty { return isNegated ? anything : "(?!)" }
      return "[" + (isNegated ? "^" : "") + sets[0].content + "]"
    }
    let atoms = sets.map { set in
      let own = set.content.isEmpty ? [] : [atom(content: set.content, flags)]
      return "(?:" + (own + set.atoms).joined(separator: "|") + ")"
    }
    let conditions = atoms.dropLast().map { "(?=\($0))" }.joined()
    let whole = "(?:" + conditions + (atoms.last ?? "(?!)") + ")"
    return isNegated ? "(?:(?!\(whole))\(anything))" : whole
  }

  private static let anything = "[\\x{0}-\\x{10FFFF}]"

  // MARK: - Properties

  /// The class that Java calls by a name, as it stands between brackets; nil when it knows none.
  static func property(_ name: String, isNegated: Bool, ignoresCase: Bool) -> String? {
    if let range = ranges[name] {
      let isCased = ignoresCase && (name == "Lower" || name == "Upper")
      return isNegated ? complement(isCased ? "a-zA-Z" : range) : isCased ? "a-zA-Z" : range
    }
    let sign = isNegated ? "P" : "p"
    if let property = javaProperties[name] { return "\\\(sign){\(property)}" }
    var rest = name
    for prefix in ["general_category=", "gc=", "script=", "sc=", "Is"] where name.hasPrefix(prefix)
    {
      rest = String(name.dropFirst(prefix.count))
      break
    }
    let isWord = rest.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || $0 == "_")
    }
    guard isWord, !rest.isEmpty, rest.utf8.count <= 40, !name.hasPrefix("In") else { return nil }
    return "\\\(sign){\(binaryProperties[rest] ?? rest)}"
  }

  /// All characters but some of ASCII.
  private static func complement(_ content: String) -> String? { complements[content] }

  private static let ranges: [String: String] = [
    "Lower": "a-z", "Upper": "A-Z", "ASCII": "\\x{0}-\\x{7f}", "Alpha": "a-zA-Z", "Digit": "0-9",
    "Alnum": "0-9a-zA-Z", "Punct": "!-\\/:-@\\[-`{-~", "Graph": "!-~", "Print": "\\x20-~",
    "Blank": "\\x20\\t", "Cntrl": "\\x{0}-\\x{1f}\\x{7f}", "XDigit": "0-9a-fA-F",
    "Space": "\\x20\\t-\\r",
  ]

  private static let complements: [String: String] = [
    "a-z": "\\x{0}-`{-\\x{10ffff}", "A-Z": "\\x{0}-@\\[-\\x{10ffff}",
    "\\x{0}-\\x{7f}": "\\x{80}-\\x{10ffff}",
    "a-zA-Z": "\\x{0}-@\\[-`{-\\x{10ffff}", "0-9": "\\x{0}-\\/:-\\x{10ffff}",
    "0-9a-zA-Z": "\\x{0}-\\/:-@\\[-`{-\\x{10ffff}",
    "!-\\/:-@\\[-`{-~": "\\x{0}-\\x200-9A-Za-z\\x{7f}-\\x{10ffff}",
    "!-~": "\\x{0}-\\x20\\x{7f}-\\x{10ffff}", "\\x20-~": "\\x{0}-\\x{1f}\\x{7f}-\\x{10ffff}",
    "\\x20\\t": "\\x{0}-\\x{8}\\x{a}-\\x{1f}!-\\x{10ffff}",
    "\\x{0}-\\x{1f}\\x{7f}": "\\x20-~\\x{80}-\\x{10ffff}",
    "0-9a-fA-F": "\\x{0}-\\/:-@G-`g-\\x{10ffff}",
    "\\x20\\t-\\r": "\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{10ffff}",
  ]

  private static let javaProperties: [String: String] = [
    "javaLowerCase": "Lowercase", "javaUpperCase": "Uppercase", "javaAlphabetic": "Alphabetic",
    "javaLetter": "L", "javaDigit": "Nd", "javaLetterOrDigit": "Xan", "javaWhitespace": "Xsp",
    "javaTitleCase": "Lt",
  ]

  private static let binaryProperties: [String: String] = [
    "ALPHABETIC": "Alphabetic", "LETTER": "L", "Letter": "L", "DIGIT": "Nd", "Digit": "Nd",
    "LOWERCASE": "Lowercase", "UPPERCASE": "Uppercase", "PUNCTUATION": "P", "Punctuation": "P",
    "WHITE_SPACE": "White_Space", "CONTROL": "Cc", "Control": "Cc",
  ]
}
