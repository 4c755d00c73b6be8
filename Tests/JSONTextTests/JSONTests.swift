import JSONText
import TestSupport
import Testing

@Suite("JSON text")
struct JSONTests {
  @Test(
    "reads values of every kind",
    arguments: [
      ("null", JSON.null), ("true", true), ("false", false), (" 1 ", 1), ("-0", 0), ("1.5", 1.5),
      ("1e3", 1000.0), ("-1.5E-2", -0.015), ("9223372036854775807", .integer(.max)),
      ("-9223372036854775808", .integer(.min)), ("\"\"", ""), ("[]", []), ("{}", .object([])),
      ("[1,[2,{\"a\":null}]]", [1, [2, ["a": nil]]]),
      (" { \"b\" : 1 ,\n\"a\" : [ ] } ", ["b": 1, "a": []]),
      (#""a\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00é😀""#, "a\"\\/\u{8}\u{C}\n\r\tAé😀é😀"),
      (#""\u0000""#, "\0"),
    ] as [(String, JSON)])
  func reads(text: String, expected: JSON) throws {
    #expect(try JSON(parsing: text) == expected)
  }

  @Test(
    "names what is wrong and where",
    arguments: [
      ("", "expected a value but found the end at offset 0"),
      ("  ", "expected a value but found the end at offset 2"),
      ("nul", "expected a value but found 'n' at offset 0"),
      ("[1,]", "expected a value but found ']' at offset 3"),
      ("[1 2]", "expected ',' or ']' but found '2' at offset 3"),
      ("[1", "expected ',' or ']' but found the end at offset 2"),
      ("{\"a\":1,}", "expected a key but found '}' at offset 7"),
      ("{a:1}", "expected a key but found 'a' at offset 1"),
      ("{\"a\" 1}", "expected ':' but found '1' at offset 5"),
      ("{\"a\":1]", "expected ',' or '}' but found ']' at offset 6"),
      ("1 2", "expected the end but found '2' at offset 2"),
      ("01", "expected the end but found '1' at offset 1"),
      ("1.", "expected a digit but found the end at offset 2"),
      (".5", "expected a value but found '.' at offset 0"),
      ("1e", "expected a digit but found the end at offset 2"),
      ("-", "expected a digit but found the end at offset 1"),
      ("+1", "expected a value but found '+' at offset 0"),
      ("NaN", "expected a value but found 'N' at offset 0"),
      ("'a'", "expected a value but found ''' at offset 0"),
      ("\"a", "expected '\"' but found the end at offset 2"),
      ("\"a\\", "expected '\"' but found the end at offset 3"),
      ("\"a\u{1}\"", "byte 0x01 in a string at offset 2"),
      ("\"a\nb\"", "byte 0x0A in a string at offset 2"),
      (#""a\x""#, "invalid escape at offset 2"),
      (#""\u12"#, "invalid escape at offset 1"),
      (#""\u12g4""#, "invalid escape at offset 1"),
      (#""\u+123""#, "invalid escape at offset 1"),
      (#""\ud800""#, "half of a surrogate pair at offset 1"),
      (#""\ud800x""#, "half of a surrogate pair at offset 1"),
      (#""\ud800\u0041""#, "half of a surrogate pair at offset 1"),
      (#""\udc00""#, "half of a surrogate pair at offset 1"),
      ("9223372036854775808", "number out of range at offset 0"),
      ("[1e999]", "number out of range at offset 1"),
      ("\u{FEFF}1", "expected a value but found byte 0xEF at offset 0"),
    ])
  func rejects(text: String, message: String) {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(error?.message == message)
  }

  @Test(
    "refuses invalid UTF-8, inside of strings and outside",
    arguments: [
      ([0x22, 0xFF, 0x22], 1), ([0x22, 0xC3, 0x22], 1), ([0x22, 0xED, 0xA0, 0x80, 0x22], 1),
      ([0x31, 0x80], 1),
    ] as [([UInt8], Int)])
  func invalidUTF8(bytes: [UInt8], offset: Int) {
    #expect(throws: JSONError.invalidUTF8(offset: offset)) { try JSON(parsing: bytes) }
  }

  @Test("goes as deep as it says and no deeper", arguments: ["[", "{\"a\":"])
  func depth(opening: String) throws {
    let closing = opening == "[" ? "]" : "}"
    let deep = String(repeating: opening, count: jsonDepthMax) + "1"
    let fits = deep + String(repeating: closing, count: jsonDepthMax)
    #expect(try JSON(parsing: "[\(fits)]".dropFirst().dropLast().description).text == fits)
    #expect(throws: JSONError.tooDeep(offset: opening.utf8.count * jsonDepthMax)) {
      try JSON(parsing: String(repeating: opening, count: 100_000))
    }
  }

  @Test(
    "keeps the last of equal keys at the place of the first", arguments: [2, 15, 16, 17, 18, 40])
  func duplicates(count: Int) throws {
    let keys = (0..<count).map { "k\($0)" }
    var text = keys.map { "\"\($0)\":0" }.joined(separator: ",")
    text += "," + keys.map { "\"\($0)\":\"\($0)\"" }.joined(separator: ",")
    let value = try JSON(parsing: "{\(text)}")
    #expect(value == .object(keys.map { JSON.Member($0, .string($0)) }))
  }

  @Test("tells composed from decomposed keys, also among many")
  func canonicalEquivalents() throws {
    let text = #"{"\u00e9":1,"e\u0301":2}"#
    #expect(try JSON(parsing: text).members?.count == 2)
    #expect(try JSON(parsing: text)["e\u{301}"] == 2)
    let many = (0..<20).map { "\"\($0)\":0," }.joined()
    #expect(try JSON(parsing: "{" + many + text.dropFirst()).members?.count == 22)
    #expect(JSON.string("\u{e9}") != .string("e\u{301}"))
  }

  @Test("reads a hundred thousand keys at once")
  func manyKeys() throws {
    let text = (0..<100_000).map { "\"key\($0 % 50_000)\":\($0)" }.joined(separator: ",")
    #expect(try JSON(parsing: "{\(text)}").members?.count == 50_000)
  }

  private static let texts: [(JSON, String)] = [
    ([nil, true, 1, -2.5, "a\"b"], #"[null,true,1,-2.5,"a\"b"]"#),
    (["b": 1, "a": [:]], #"{"b":1,"a":{}}"#),
    (.integer(1 << 53), "9007199254740992"), (.integer(1 << 53 + 1), "\"9007199254740993\""),
    (.integer(-1 << 53), "-9007199254740992"), (.integer(.min), "\"-9223372036854775808\""),
    (.double(.nan), "\"NaN\""), (.double(-.infinity), "\"-Infinity\""), (1e300, "1e+300"),
    (
      "\u{0}\u{8}\t\n\u{B}\u{C}\r\u{1F}\u{7F}/é", "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\u{7F}/é\""
    ),
  ]

  @Test("writes compact text", arguments: texts)
  func writes(value: JSON, expected: String) {
    #expect(value.text == expected)
  }

  @Test("reads integers and doubles from the strings that stand for them")
  func numbers() {
    #expect(JSON.string("9007199254740993").int64 == 9_007_199_254_740_993)
    #expect(JSON.integer(5).int64 == 5)
    #expect(JSON.integer(-(1 << 53) + 1).safeInteger == -(1 << 53) + 1)
    #expect(JSON.integer(1 << 53).safeInteger == nil)
    #expect(JSON.integer(.min).safeInteger == nil)
    #expect(JSON.double(5).int64 == nil)
    for text in ["", "+5", "5.0", " 5", "x", "9223372036854775808"] {
      #expect(JSON.string(text).int64 == nil)
    }
    #expect(JSON.string("-Infinity").double == -.infinity)
    #expect(JSON.string("NaN").double?.isNaN == true)
    #expect(JSON.integer(3).double == 3)
  }

  @Test("changes members in place")
  func subscripts() {
    var value: JSON = ["a": 1, "b": 2]
    value["a"] = 3
    value["c"] = [4, 5]
    value["b"] = nil as JSON?
    #expect(value.text == #"{"a":3,"c":[4,5]}"#)
    #expect(value["c"]?[1] == 5)
    #expect(value["c"]?[2] == nil)
    #expect(value["c"]?[-1] == nil)
    #expect(value["x"] == nil)
  }

  @Test("escapes what is special at every place of a string")
  func escapePlaces() throws {
    for length in [0, 1, 7, 8, 9, 63, 64, 65] {
      for place in 0..<length {
        for special in ["\"", "\\", "\n", "\u{1F}", "é", "\u{7F}", "!", "\u{80}"] {
          var parts = [String](repeating: "x", count: length)
          parts[place] = special
          let value = JSON.string(parts.joined())
          #expect(try JSON(parsing: value.text) == value)
        }
      }
    }
  }

  @Test("reads back random values, and their text is always the same")
  func roundTrip() throws {
    var random = SplitMix64(seed: 20)
    for _ in 0..<3_000 {
      let value = randomValue(&random, depth: 4)
      let text = value.text
      let again = try JSON(parsing: text)
      #expect(again == value)
      #expect(again.text == text)
      for _ in 0..<8 { try? damage(text, &random) }
    }
  }

  /// Whatever the damage, the parser answers, and what it accepts it writes and reads again.
  private func damage(_ text: String, _ random: inout SplitMix64) throws {
    var bytes = Array(text.utf8)
    let place = Int.random(in: bytes.indices, using: &random)
    switch random.next() % 3 {
    case 0: bytes.removeSubrange(place...)
    case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
    default: bytes.insert(Array("\"\\{}[],:0e-".utf8).randomElement(using: &random)!, at: place)
    }
    let value = try JSON(parsing: bytes)
    let again = try? JSON(parsing: value.text)
    #expect(again?.text == value.text)
  }

  private func randomValue(_ random: inout SplitMix64, depth: Int) -> JSON {
    switch random.next() % (depth > 0 ? 8 : 6) {
    case 0: return .null
    case 1: return .bool(random.next() % 2 == 0)
    case 2: return .integer(Int64.random(in: -1 << 53...1 << 53, using: &random))
    case 3:
      let value = Double(bitPattern: random.next())
      return value.isFinite ? .double(value) : 0.5
    case 4, 5: return .string(randomString(&random))
    case 6:
      return .array((0..<random.next() % 5).map { _ in randomValue(&random, depth: depth - 1) })
    default:
      return .object(
        (0..<random.next() % 20).map {
          JSON.Member("\($0)" + randomString(&random), randomValue(&random, depth: depth - 1))
        })
    }
  }

  private func randomString(_ random: inout SplitMix64) -> String {
    let alphabet = Array("abcxyz 0\"\\/\u{0}\n\u{1F}é€😀\u{10FFFF}".unicodeScalars)
    var text = String.UnicodeScalarView()
    for _ in 0..<random.next() % 12 { text.append(alphabet.randomElement(using: &random)!) }
    return String(text)
  }
}
