import Diagnostics
import Testing

import stream_sink

@Suite("Words of --also")
struct ShellWordsTests {
  @Test(
    "are those that a shell would see",
    arguments: [
      ("", []), ("  ", []), ("file out.csv", ["file", "out.csv"]), ("a  b\tc\n", ["a", "b", "c"]),
      ("'a b' c", ["a b", "c"]), ("\"a b\"c", ["a bc"]), ("a''b", ["ab"]), ("''", [""]),
      ("a\\ b", ["a b"]), ("'a\\b'", ["a\\b"]), ("\"a\\\"b\\n\"", ["a\"b\\n"]),
      ("\"it's\"", ["it's"]), ("a\\", ["a\\"]), ("é '日 本'", ["é", "日 本"]),
    ])
  func words(text: String, expected: [String]) throws {
    #expect(try shellWords(text) == expected)
  }

  @Test("end where a quote is not closed", arguments: ["'a", "a \"b", "\"a\\\""])
  func openQuote(text: String) {
    #expect(throws: StreamError.self) { try shellWords(text) }
  }
}
