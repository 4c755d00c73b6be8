import Columnar
import Diagnostics
import Expressions
import TestSupport
import Testing

@Suite("Regular expressions")
struct RegexTests {
  private let schema = Schema([Field("s", .string), Field("p", .string)])
  private let context = EvaluationContext(now: 0)

  private func value(_ expression: String, _ text: String?, _ pattern: String? = nil) throws
    -> Value
  {
    let batch = Batch(schema: schema, columns: [Column([text]), Column([pattern])])
    let bound = try Expression.parse(expression).bind(to: schema)
    return try bound.evaluate(over: batch, context: context).value(0)
  }

  @Test(
    "mean what Java means",
    arguments: [
      ("(?i)STRASSE", "strasse", true), ("(?i)É", "é", false), ("(?iu)É", "é", true),
      ("(?i)k", "\u{212A}", false), ("[a-c&&[^b]]", "b", false), ("[a-c&&[^b]]", "c", true),
      ("[a[0-9]]", "7", true), ("[^a[0-9]]", "7", false), ("[a-z&&]", "q", true),
      ("^.$", "\u{2028}", false), ("(?s)^.$", "\u{2028}", true), ("a$", "a\r\n", true),
      ("a$", "a\n\n", false), ("a\\z", "a\n", false), ("(?m)^b", "a\r\nb", true),
      ("(?m)^$", "a\r\n", false), ("(?d)a.b", "a\rb", true), ("\\p{javaLowerCase}", "ß", true),
      ("\\p{Punct}", "+", true), ("\\P{Alpha}", "a", false), ("\\bé", "aé", false),
      ("(a)(b)?\\2", "a", false), ("(?<x>a)\\k<x>", "aa", true), ("\\Qa.b\\E", "axb", false),
      ("\\x{1F600}", "😀", true), ("\\uD83D\\uDE00", "😀", true), ("a{2,3}+a", "aaa", false),
      ("(?x) a b # c", "ab", true), ("\\0101", "A", true), ("", "", true), ("\\R", "\r\n", true),
    ])
  func meaning(pattern: String, text: String, expected: Bool) throws {
    #expect(try value("s RLIKE p", text, pattern) == .boolean(expected), "\(pattern)")
  }

  @Test(
    "that are malformed are refused before any row comes",
    arguments: [
      "(", ")", "[a", "a{", "*a", "\\", "\\y", "(?<1>a)", "(?<a", "\\p{Nope}", "[b-a]", "(?q)a",
      "\\x1", "\\uD83D", "\\u12", "(?<=a+)b", "a**b(",
    ])
  func malformed(pattern: String) {
    let quoted = pattern.replacing("\\", with: "\\\\")
    #expect(throws: StreamError.self) {
      try Expression.parse("s RLIKE '\(quoted)'").bind(to: schema)
    }
    #expect(throws: EvaluationError.self) { try value("s RLIKE p", "a", pattern) }
  }

  @Test(
    "that are malformed say where",
    arguments: [
      ("ab(c", "at character 3: a '(' has no partner"), ("ab)", "at character 3: a ')' has"),
      ("é[a", "at character 2: a '[' has no partner"), ("a{x", "at character 2: '{' does not"),
      ("xyz\\y", "at character 5: '\\y' has no meaning"), ("ab\\", "at character 3: it ends"),
      ("a\\bcd*+*", "at character 8: quantifier"), ("..*(?<n>a)(?<n>b)", "at character 11: "),
      ("[a-z](?<=a+)b", "at character 6: lookbehind"), ("[z-a]", "at character 4: a range"),
    ])
  func places(pattern: String, part: String) throws {
    do {
      _ = try value("s RLIKE p", "a", pattern)
      Issue.record("\(pattern) was not refused")
    } catch let error as EvaluationError {
      #expect(error.message.contains(part), "\(error.message)")
    }
  }

  @Test("that explode are stopped")
  func limits() throws {
    let text = String(repeating: "a", count: 60) + "!"
    for pattern in ["^(a|a)*$", "^(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"] {
      do {
        _ = try value("s RLIKE p", text, pattern)
        Issue.record("\(pattern) was not stopped")
      } catch let error as EvaluationError {
        #expect(error.errorClass == "REGEX_LIMIT_EXCEEDED")
      }
    }
  }

  @Test("that take long from each place of a long text are stopped by the clock")
  func clock() throws {
    let text = String(repeating: "a", count: 20_000)
    do {
      _ = try value("s RLIKE p", text, "(?:a|b|a){0,16}[xy]")
      Issue.record("it was not stopped")
    } catch let error as EvaluationError {
      #expect(error.errorClass == "REGEX_LIMIT_EXCEEDED")
    }
    // Places of long texts are found as those of short ones are.
    #expect(try value("regexp_count(s, p)", text, "a") == .integer(20_000))
    #expect(try value("regexp_instr(s, p)", text + "b", "(?<=a)b$") == .integer(20_001))
    #expect(try value("regexp_replace(s, p, '<$1>')", text + "xyz", "^a*(x)") == .string("<x>yz"))
  }

  @Test("that are nested too deep, or too long, are refused")
  func depth() {
    let deep = String(repeating: "(", count: 5000) + String(repeating: ")", count: 5000)
    for pattern in [
      deep, String(repeating: "[", count: 5000), String(repeating: "a", count: 50_000),
    ] {
      #expect(throws: EvaluationError.self) { try value("s RLIKE p", "a", pattern) }
    }
  }

  @Test("of random letters are refused or matched, never a crash")
  func random() throws {
    let pieces = [
      "a", "b", "(", ")", "[", "]", "[^", "&&", "-", "*", "+", "?", "{2}", "|", "^", "$", ".", "\\",
      "\\d", "\\b", "\\p{L}", "(?:", "(?=", "(?<!", "(?i)", "é", "\\Q", "\\E", "\\1", "{", "}", "x",
    ]
    var random = SplitMix64(seed: 5)
    for _ in 0..<4000 {
      var pattern = ""
      for _ in 0...random.next() % 8 {
        pattern += pieces[Int(random.next() % UInt64(pieces.count))]
      }
      _ = try? value("regexp_replace(s, p, '<$0>')", "aab\r\né😀", pattern)
    }
  }

  @Test("nulls stay null, and an empty text has an empty match")
  func edges() throws {
    #expect(try value("s RLIKE p", nil, "a") == .null)
    #expect(try value("s RLIKE p", "a", nil) == .null)
    #expect(try value("regexp_replace(s, p, '-')", "", "") == .string("-"))
    #expect(try value("regexp_count(s, p)", "", "x*") == .integer(1))
    #expect(try value("split(s, p)", "", "x*") == .list([.string("")]))
  }
}

@Suite("Further errors of expressions")
struct FurtherErrorTests {
  private func error(_ expression: String) -> String {
    do {
      _ = try Expression.parse(expression).bind(to: Schema([Field("s", .string)]))
      return "no error"
    } catch let error as StreamError {
      return error.message
    } catch {
      return "\(error)"
    }
  }

  @Test(
    "say what to write instead",
    arguments: [
      ("s RLIKE '('", "a '(' has no partner"), ("to_number(s, 'x')", "it has no digit"),
      ("to_number(s, '9,')", "a ',' stands between digits"),
      ("to_number(s, s)", "the format is a constant"),
      ("from_json(s, s)", "the schema is a text such as 'a INT, b STRING'"),
      ("from_json(s, 'int')", "from_json() makes structs, arrays and maps, not an int"),
      ("to_json(s)", "to_json() needs a struct, an array or a map"),
      ("hash(map(s, 1))", "maps that are equal may be in different orders"),
      ("array_sort(array(s), (a, b) -> a)", "needs an int that is below, at or above 0"),
      ("regexp_replace(s, 'a', 'b', 0)", "places are counted from 1"),
    ])
  func messages(expression: String, part: String) {
    #expect(error(expression).contains(part), "\(error(expression))")
  }

  @Test("a zone that is not there is an error of its row")
  func zones() throws {
    let schema = Schema([Field("s", .string)])
    let batch = Batch(schema: schema, columns: [Column(["Europe/Zurich", nil, "Mars/Olympus"])])
    let bound = try Expression.parse("from_utc_timestamp(TIMESTAMP '2026-07-01 00:00:00', s)")
      .bind(to: schema)
    do {
      _ = try bound.evaluate(over: batch, context: EvaluationContext(now: 0))
      Issue.record("no error")
    } catch let error as EvaluationError {
      #expect(error.errorClass == "INVALID_TIMEZONE" && error.row == 2)
    }
  }
}
