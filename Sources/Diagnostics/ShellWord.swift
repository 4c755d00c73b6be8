/// In quotes where a shell would otherwise change it.
package func shellQuoted(_ word: String) -> String {
  let isPlain = word.allSatisfy {
    $0.isASCII && ($0.isLetter || $0.isNumber || "_-./:,=@%+".contains($0))
  }
  if isPlain, !word.isEmpty { return word }
  // Between double quotes these still mean something, the last one where a person types.
  let isQuotable = word.contains("'") && !word.contains { "\"\\$`!".contains($0) }
  if isQuotable { return "\"\(word)\"" }
  return "'"
    + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
