import Columnar

/// `sentences(text)`: the words of each sentence.
enum Sentences {
  static let kernel = Kernel { arguments in
    let texts = arguments.strings(0)
    let builder = ColumnBuilder(arguments.type)
    let valid = arguments.validity
    for row in 0..<arguments.rowCount {
      guard valid.map({ $0[row] }) ?? true else {
        builder.appendNull()
        continue
      }
      let sentences = split(Array(texts.string(row).unicodeScalars))
      builder.append(.list(sentences.map { .list($0.map { .string($0) }) }))
    }
    return builder.take()
  }

  /// A sentence ends with '!' or '?', or with a '.' that no small letter follows.
  private static func split(_ text: [Unicode.Scalar]) -> [[String]] {
    var sentences: [[String]] = []
    var words: [String] = []
    var place = 0
    while place < text.count {
      if isWord(text[place]) {
        words.append(word(text, &place))
        continue
      }
      if isEnd(text, place) {
        if !words.isEmpty { sentences.append(words) }
        words = []
      }
      place += 1
    }
    if !words.isEmpty { sentences.append(words) }
    return sentences
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
  }

  /// Takes letters and digits, and a mark between two of them: `it's`, `1.5`, `e-mail`.
  private static func word(_ text: [Unicode.Scalar], _ place: inout Int) -> String {
    var word = String.UnicodeScalarView()
    while place < text.count {
      let isInside =
        ["'", ".", ",", "-", "’"].contains(text[place]) && place + 1 < text.count
        && isWord(text[place + 1])
      guard isWord(text[place]) || isInside else { break }
      word.append(text[place])
      place += 1
    }
    return String(word)
  }

  private static func isEnd(_ text: [Unicode.Scalar], _ place: Int) -> Bool {
    if text[place] == "!" || text[place] == "?" { return true }
    guard text[place] == "." else { return false }
    let next = text[(place + 1)...].first { !$0.properties.isWhitespace }
    return next.map { !$0.properties.isLowercase } ?? true
  }
}
