package import Diagnostics

/// Splits a text into words as a shell does: at blanks, but for quotes and backslashes. Nothing is
/// expanded.
///
/// - Throws: a usage error when a quote is not closed.
package func shellWords(_ text: String) throws(StreamError) -> [String] {
  var words: [String] = []
  var word: String?
  var characters = text[...]
  while let character = characters.popFirst() {
    switch character {
    case " ", "\t", "\n", "\r\n":
      if let done = word { words.append(done) }
      word = nil
    case "'", "\"":
      word = (word ?? "") + (try quotedPart(&characters, closing: character, of: text))
    case "\\":
      // A backslash at the end stands for itself.
      word = (word ?? "") + String(characters.popFirst() ?? character)
    default: word = (word ?? "") + String(character)
    }
  }
  if let word { words.append(word) }
  return words
}

private func quotedPart(
  _ characters: inout Substring, closing quote: Character, of text: String
) throws(StreamError) -> String {
  var part = ""
  while let character = characters.popFirst() {
    if character == quote { return part }
    if character == "\\", quote == "\"", let next = characters.first, "\"\\$`".contains(next) {
      part.append(next)
      characters.removeFirst()
    } else {
      part.append(character)
    }
  }
  throw StreamError(.usage, "--also '\(text)': a quote (\(quote)) is not closed")
}
