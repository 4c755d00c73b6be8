/// What is wrong with a regular expression, or with the format of a number.
struct PatternFault: Error, Equatable {
  let message: String

  init(_ message: String) { self.message = message }

  /// - Parameter place: the characters before the one that is wrong.
  init(_ message: String, at place: Int) {
    self.message = "at character \(place + 1): \(message)"
  }
}

/// A regular expression of Java's, put into PCRE's words: where the two differ, it says at length
/// what Java means.
///
/// Java's letters are those of ASCII unless `(?u)` says otherwise, its line ends are more than
/// `\n`, and its classes can be nested and intersected.
struct JavaPattern {
  /// The expression for PCRE, in which groups have the numbers that they have in Java.
  private(set) var text = ""
  private(set) var groupCount = 0

  private let source: [Unicode.Scalar]
  private var place = 0
  /// Where parts of the source begin, and in how many bytes of `text` the parts before them lie.
  private var marks: [(place: Int, offset: Int)] = []
  private var flags = Flags()

  struct Flags {
    var ignoresCase = false
    var isUnicode = false
    var hasLines = false
    var dotIsAll = false
    var hasComments = false
    var hasUnixLines = false
  }

  /// Far more than a person writes; PCRE has limits of its own.
  private static let lengthMax = 20_000
  private static let depthMax = 200

  init(_ pattern: String) throws(PatternFault) {
    source = Array(pattern.unicodeScalars)
    guard source.count <= JavaPattern.lengthMax else { throw PatternFault("it is too long") }
    try alternatives(depth: 0)
    guard place == source.count else { throw fault("a ')' has no partner", at: place) }
  }

  /// Where in the source the part begins that became what stands at an offset of `text`.
  func place(ofOffset offset: Int) -> Int {
    var (low, high) = (0, marks.count)
    while low < high {
      let middle = (low + high) / 2
      if marks[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? 0 : marks[low - 1].place
  }

  // MARK: - Reading

  private func fault(_ message: String, at place: Int) -> PatternFault {
    PatternFault(message, at: min(max(0, place), max(0, source.count - 1)))
  }

  private var next: Unicode.Scalar? { place < source.count ? source[place] : nil }

  private mutating func take() -> Unicode.Scalar? {
    guard let scalar = next else { return nil }
    place += 1
    return scalar
  }

  private mutating func take(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    guard source[place...].starts(with: scalars) else { return false }
    place += scalars.count
    return true
  }

  private mutating func skipComments() {
    guard flags.hasComments else { return }
    while let scalar = next {
      if JavaPattern.isSpace(scalar) {
        place += 1
      } else if scalar == "#" {
        while let skipped = take(), skipped != "\n" {}
      } else {
        return
      }
    }
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || 9...13 ~= scalar.value
  }

  // MARK: - Outside of classes

  private mutating func alternatives(depth: Int) throws(PatternFault) {
    guard depth <= JavaPattern.depthMax else {
      throw fault("groups are nested too deep", at: place)
    }
    while true {
      skipComments()
      guard let scalar = next, scalar != ")" else { return }
      let start = place
      marks.append((start, text.utf8.count))
      place += 1
      switch scalar {
      case "(": try group(depth: depth)
      case "[": text += try characterClass(depth: depth)
      case "\\": try escape()
      case ".": text += any
      case "^": text += lineStart
      case "$": text += flags.hasLines ? lineEnd : textEnd
      case "|", "*", "+", "?": text.unicodeScalars.append(scalar)
      case "{":
        guard let quantifier = quantifier() else {
          throw fault("'{' does not begin a count; write '\\{'", at: start)
        }
        text += quantifier
      default: append(scalar)
      }
    }
  }

  /// The rest of `{2}`, `{2,}`, `{2,5}`.
  private mutating func quantifier() -> String? {
    guard let end = source[place...].firstIndex(of: "}") else { return nil }
    let body = source[place..<end]
    let parts = body.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first, !first.isEmpty,
      parts.allSatisfy({ $0.count <= 5 && $0.allSatisfy { 0x30...0x39 ~= $0.value } })
    else { return nil }
    place = end + 1
    return "{" + String(String.UnicodeScalarView(body)) + "}"
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    text += CharacterSet.atom(of: scalar, flags)
  }

  private mutating func group(depth: Int) throws(PatternFault) {
    let saved = flags
    let start = place - 1
    if take("?") {
      guard try special() else { return }
    } else {
      groupCount += 1
      text += "("
    }
    try alternatives(depth: depth + 1)
    guard take() == ")" else { throw fault("a '(' has no partner", at: start) }
    text += ")"
    flags = saved
  }

  /// What stands behind `(?`.
  ///
  /// - Returns: false when it is not a group but flags for what follows.
  private mutating func special() throws(PatternFault) -> Bool {
    let start = place - 2
    for opening in [":", "=", "!", ">", "<=", "<!"] where take(opening) {
      text += "(?" + opening
      return true
    }
    if take("<") {
      text += "(?<" + (try groupName()) + ">"
      groupCount += 1
      return true
    }
    var isOn = true
    while let scalar = take() {
      switch scalar {
      case "-": isOn = false
      case "i": flags.ignoresCase = isOn
      case "u", "U": flags.isUnicode = isOn
      case "m": flags.hasLines = isOn
      case "s": flags.dotIsAll = isOn
      case "x": flags.hasComments = isOn
      case "d": flags.hasUnixLines = isOn
      case ":":
        text += "(?:"
        return true
      case ")": return false
      default: throw fault("'(?\(scalar)' has no meaning", at: place - 1)
      }
    }
    throw fault("a '(' has no partner", at: start)
  }

  private mutating func groupName() throws(PatternFault) -> String {
    var name = ""
    while let scalar = take(), scalar != ">" {
      guard scalar.isASCII, scalar.properties.isAlphabetic || 0x30...0x39 ~= scalar.value else {
        throw fault("the name of a group has letters and digits", at: place - 1)
      }
      name.unicodeScalars.append(scalar)
    }
    guard !name.isEmpty, name.utf8.count <= 32 else {
      throw fault("the name of a group has 1 to 32 letters", at: place - 1)
    }
    return name
  }

  private mutating func escape() throws(PatternFault) {
    guard let scalar = take() else { throw fault("it ends with a single '\\'", at: place - 1) }
    switch scalar {
    case "b": text += JavaPattern.wordBoundary
    case "B": text += "(?!" + JavaPattern.wordBoundary + ")"
    case "A", "z", "G", "X": text += "\\" + String(scalar)
    case "Z": text += textEnd
    case "R": text += "(?:\\r\\n|[\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}])"
    case "Q":
      while place < source.count, !take("\\E") { append(source[place]); place += 1 }
    case "k":
      guard take("<") else { throw fault("\\k is followed by '<name>'", at: place - 1) }
      text += backreference("\\k<" + (try groupName()) + ">")
    case "1"..."9": text += backreference(to: scalar)
    default:
      if let content = try shorthand(scalar) {
        text += CharacterSet.atom(content: content, flags)
      } else {
        append(try escaped(scalar))
      }
    }
  }

  private func backreference(_ reference: String) -> String {
    flags.ignoresCase ? "(?i:\(reference))" : reference
  }

  /// As many digits as there are groups for.
  private mutating func backreference(to first: Unicode.Scalar) -> String {
    var number = Int(first.value) - 0x30
    while let digit = next, 0x30...0x39 ~= digit.value {
      let longer = number * 10 + Int(digit.value) - 0x30
      guard longer <= groupCount else { break }
      number = longer
      place += 1
    }
    // A group that is not there matches nothing.
    return number <= groupCount ? backreference("\\g{\(number)}") : "(?!)"
  }

  /// The characters of `\d`, `\p{Alpha}` and the like, as they stand in a class of PCRE's; nil for
  /// the escape of a single character.
  private mutating func shorthand(_ scalar: Unicode.Scalar) throws(PatternFault) -> String? {
    switch scalar {
    case "d", "D", "w", "W", "s", "S", "h", "H", "v", "V": return "\\" + String(scalar)
    case "p", "P":
      var name = ""
      if take("{") {
        while let scalar = take(), scalar != "}" { name.unicodeScalars.append(scalar) }
      } else if let letter = take() {
        name = String(letter)
      }
      guard
        let content = CharacterSet.property(
          name, isNegated: scalar == "P", ignoresCase: flags.ignoresCase)
      else { throw fault("no class of characters is called '\(name.prefix(40))'", at: place - 1) }
      return content
    default: return nil
    }
  }

  /// A single character written with a backslash.
  private mutating func escaped(_ scalar: Unicode.Scalar) throws(PatternFault) -> Unicode.Scalar {
    switch scalar {
    case "t": return "\t"
    case "n": return "\n"
    case "r": return "\r"
    case "f": return "\u{0C}"
    case "a": return "\u{07}"
    case "e": return "\u{1B}"
    case "0": return try number(radix: 8, 1...3)
    case "x":
      guard take("{") else { return try number(radix: 16, 2...2) }
      let scalar = try number(radix: 16, 1...6)
      guard take("}") else { throw fault("a '\\x{' is not closed", at: place - 1) }
      return scalar
    case "u": return try codeUnits()
    case "c":
      guard let control = take(), control.isASCII,
        let scalar = Unicode.Scalar(control.value ^ 64)
      else { throw fault("'\\c' is followed by a letter", at: place - 1) }
      return scalar
    default:
      guard !(scalar.isASCII && scalar.properties.isAlphabetic) else {
        throw fault("'\\\(scalar)' has no meaning", at: place - 1)
      }
      return scalar
    }
  }

  /// `\uHHHH`, or two of them for a character beyond 16 bits.
  private mutating func codeUnits() throws(PatternFault) -> Unicode.Scalar {
    let high = try digits(radix: 16, 4...4)
    if 0xD800...0xDBFF ~= high, take("\\u") {
      let low = try digits(radix: 16, 4...4)
      guard 0xDC00...0xDFFF ~= low,
        let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
      else { throw fault("half of a character stands behind '\\u'", at: place - 1) }
      return scalar
    }
    guard let scalar = Unicode.Scalar(high) else {
      throw fault("half of a character stands behind '\\u'", at: place - 1)
    }
    return scalar
  }

  private mutating func number(
    radix: UInt32, _ widths: ClosedRange<Int>
  ) throws(PatternFault) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(try digits(radix: radix, widths)) else {
      throw fault("there is no such character", at: place - 1)
    }
    return scalar
  }

  private mutating func digits(
    radix: UInt32, _ widths: ClosedRange<Int>
  ) throws(PatternFault) -> UInt32 {
    var value: UInt32 = 0
    var count = 0
    while count < widths.upperBound, let scalar = next,
      let digit = Int(String(scalar), radix: Int(radix))
    {
      value = value * radix + UInt32(digit)
      count += 1
      place += 1
    }
    guard count >= widths.lowerBound else {
      throw fault("a code has too few digits", at: place - 1)
    }
    return value
  }

  // MARK: - Lines

  private static let wordBoundary =
    "(?:(?<=[\\p{L}\\p{Nd}_])(?![\\p{L}\\p{Nd}_])|(?<![\\p{L}\\p{Nd}_])(?=[\\p{L}\\p{Nd}_]))"

  private var any: String {
    if flags.dotIsAll { return "[\\x{0}-\\x{10FFFF}]" }
    return flags.hasUnixLines ? "[^\\n]" : "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]"
  }

  private var lineStart: String {
    if !flags.hasLines { return "\\A" }
    if flags.hasUnixLines { return "(?:\\A|(?<=\\n)(?!\\z))" }
    return "(?:\\A|(?:(?<=[\\n\\x{85}\\x{2028}\\x{2029}])|(?<=\\r)(?!\\n))(?!\\z))"
  }

  private var lineEnd: String {
    if flags.hasUnixLines { return "(?=\\n|\\z)" }
    return "(?=\\r|(?<!\\r)\\n|[\\x{85}\\x{2028}\\x{2029}]|\\z)"
  }

  private var textEnd: String {
    if flags.hasUnixLines { return "(?=\\n?\\z)" }
    return "(?=(?:\\r\\n?|(?<!\\r)\\n|[\\x{85}\\x{2028}\\x{2029}])?\\z)"
  }
}

// MARK: - Classes

extension JavaPattern {
  /// What stands behind a `[`, as an expression that matches one character.
  private mutating func characterClass(depth: Int) throws(PatternFault) -> String {
    let start = place - 1
    guard depth <= JavaPattern.depthMax else {
      throw fault("classes are nested too deep", at: start)
    }
    let isNegated = take("^")
    var operands: [CharacterSet] = []
    var current = CharacterSet()
    var isFirst = true
    while true {
      skipComments()
      guard let scalar = take() else { throw fault("a '[' has no partner", at: start) }
      if scalar == "]", !isFirst { break }
      isFirst = false
      switch scalar {
      case "[": current.atoms.append(try characterClass(depth: depth + 1))
      case "&" where next == "&":
        place += 1
        // An empty side says nothing.
        if !current.isEmpty { operands.append(current) }
        current = CharacterSet()
      default: try add(scalar, to: &current)
      }
    }
    if !current.isEmpty || operands.isEmpty { operands.append(current) }
    return CharacterSet.atom(intersection: operands, isNegated: isNegated, flags)
  }

  /// A character, a range or a shorthand.
  private mutating func add(
    _ first: Unicode.Scalar, to set: inout CharacterSet
  ) throws(PatternFault) {
    var low = first
    if first == "\\" {
      guard let scalar = take() else { throw fault("it ends with a single '\\'", at: place - 1) }
      if scalar == "Q" {
        while place < source.count, !take("\\E") {
          set.add(source[place]...source[place], flags)
          place += 1
        }
        return
      }
      if let content = try shorthand(scalar) {
        set.content += content
        return
      }
      low = try escaped(scalar)
    }
    guard next == "-", place + 1 < source.count, source[place + 1] != "]",
      source[place + 1] != "["
    else { return set.add(low...low, flags) }
    place += 1
    var high = take() ?? low
    if high == "\\" {
      guard let scalar = take() else { throw fault("it ends with a single '\\'", at: place - 1) }
      high = try escaped(scalar)
    }
    guard low <= high else { throw fault("a range of characters runs backwards", at: place - 1) }
    set.add(low...high, flags)
  }
}
