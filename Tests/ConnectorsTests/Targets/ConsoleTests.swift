import Columnar
import Connectors
import Testing

@Suite("Tables for people")
struct ConsoleTests {
  @Test(
    "counts cells as terminals do",
    arguments: [
      ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한", 2),
      ("\u{1112}\u{1161}\u{11AB}", 2),
      ("👍", 2), ("👍🏽", 2), ("👨‍👩‍👧", 2), ("🇩🇪", 2), ("❤️", 2), ("ﬁ", 1), ("ｆ", 2), ("\u{200B}", 0),
      ("naïve", 5), ("שלום", 4), ("क्षि", 3),
    ])
  func width(text: String, expected: Int) {
    #expect(displayWidth(text) == expected)
  }

  @Test("cuts texts between characters, never through a wide one")
  func truncation() {
    #expect(truncated("abcdef", cells: 6).text == "abcdef")
    #expect(truncated("abcdef", cells: 5).text == "abcd…")
    #expect(truncated("日本語", cells: 6).text == "日本語")
    #expect(truncated("日本語", cells: 5) == ("日本…", 5))
    #expect(truncated("日本語", cells: 4) == ("日…", 3))
    #expect(truncated("e\u{301}e\u{301}e\u{301}", cells: 2).text == "e\u{301}…")
    #expect(truncated("ab", cells: 1).text == "…")
  }

  @Test("spells out what a terminal would act on")
  func escapes() {
    #expect(escaped("a\u{1B}[31mred") == "a\\u{1b}[31mred")
    #expect(escaped("1\n2\t3\r") == "1\\n2\\t3\\r")
    #expect(escaped("\u{9B}2J\u{7F}\u{0}") == "\\u{9b}2J\\u{7f}\\u{0}")
    #expect(escaped("abc\u{202E}fed") == "abc\\u{202e}fed")
    #expect(escaped("日本 é 👍🏽") == "日本 é 👍🏽")
  }

  @Test("stands numbers on the right, texts on the left")
  func alignment() throws {
    let text = try captured { descriptor in
      var console = ConsoleTarget(descriptor: descriptor)
      try console.begin(form(.append))
      try console.write(rows([(1, "日本"), (-1000, nil), (nil, "a")]), isDeletion: false)
      try console.commit(epoch(1))
      try console.write(rows([(7, "longer than before")]), isDeletion: false)
      try console.end()
    }
    #expect(
      text == """
            n  name
        -----  ----
            1  日本
        -1000  NULL
         NULL  a
            7  longer than before

        """)
  }

  @Test("shows values of all types")
  func values() throws {
    let schema = Schema([
      Field("t", .timestamp), Field("d", .date), Field("m", .decimal(precision: 5, scale: 2)),
      Field("b", .binary), Field("l", .array(.string)),
      Field("k", .map(key: .string, value: .bigint)),
      Field("s", .structure([Field("x", .double), Field("y", .boolean)])),
    ])
    let row: [Value] = [
      .integer(1_500_000), .integer(1), .decimal(-105), .binary([0, 255]),
      .list([.string("a\n"), .null]), .list([.structure([.string("k"), .integer(1)])]),
      .structure([.double(0.5), .boolean(true)]),
    ]
    let columns = zip(schema.fields, row).map { Column($0.type, values: [$1]) }
    let text = try captured { descriptor in
      var console = ConsoleTarget(descriptor: descriptor)
      try console.begin(form(.append, schema: schema))
      try console.write(Batch(schema: schema, columns: columns), isDeletion: false)
      try console.end()
    }
    let expected =
      "1970-01-01T00:00:01.5Z  1970-01-02  -1.05  x'00ff'  [\"a\\n\", NULL]  {\"k\": 1}  {x: 0.5, y: true}"
    #expect(text.split(separator: "\n").last.map(String.init) == expected)
  }

  @Test("prints the last whole result of a bounded input, once")
  func complete() throws {
    let text = try captured { descriptor in
      var console = ConsoleTarget(descriptor: descriptor)
      try console.begin(form(.complete))
      try console.write(rows([(1, "a")]), isDeletion: false)
      try console.commit(epoch(1, replaces: true))
      try console.write(rows([(2, "a")]), isDeletion: false)
      try console.write(rows([(1, "b")]), isDeletion: false)
      try console.commit(epoch(2, replaces: true))
      try console.commit(epoch(3, isFinal: true))
      try console.end()
    }
    #expect(text == "n  name\n-  ----\n2  a\n1  b\n")
  }

  @Test("prints each whole result of an endless input")
  func endlessComplete() throws {
    let text = try captured { descriptor in
      var console = ConsoleTarget(descriptor: descriptor)
      try console.begin(form(.complete, isBounded: false))
      try console.commit(epoch(1))
      try console.write(rows([(1, "a")]), isDeletion: false)
      try console.commit(epoch(2, replaces: true))
      try console.commit(epoch(3))
      try console.commit(epoch(4, replaces: true))
      try console.end()
    }
    #expect(text == "n  name\n-  ----\n1  a\n\nn  name\n-  ----\nno rows\n")
  }

  @Test("says how many rows it leaves out, and when there are none")
  func limits() throws {
    let text = try captured { descriptor in
      var console = ConsoleTarget(descriptor: descriptor, rows: 2)
      try console.begin(form(.append))
      try console.write(rows([(1, "a"), (2, "b"), (3, "c")]), isDeletion: false)
      try console.write(rows([(4, "d")]), isDeletion: false)
      try console.end()
    }
    #expect(text == "n  name\n-  ----\n1  a\n2  b\n… 2 more rows\n")
    let empty = try captured { descriptor in
      var console = ConsoleTarget(descriptor: descriptor)
      try console.begin(form(.append))
      try console.end()
    }
    #expect(empty == "n  name\n-  ----\nno rows\n")
  }

  @Test(
    "says that nothing is new when an earlier run may have had rows",
    arguments: [ResultForm.Mode.append, .update, .complete])
  func nothingNew(mode: ResultForm.Mode) throws {
    let text = try captured { descriptor in
      var console = ConsoleTarget(descriptor: descriptor)
      try console.begin(form(mode, keys: ["n"], isDurable: true))
      try console.commit(epoch(1))
      try console.end()
    }
    #expect(text == "n  name\n-  ----\nnothing new\n")
    guard mode == .complete else { return }
    let empty = try captured { descriptor in
      var console = ConsoleTarget(descriptor: descriptor)
      try console.begin(form(mode, isDurable: true))
      try console.commit(epoch(1, replaces: true))
      try console.end()
    }
    #expect(empty == "n  name\n-  ----\nno rows\n")
  }
}
