import Columnar
import Expressions
import Scalars

private let textSchema = Schema([Field("s", .string), Field("t", .string)])

/// The values of expressions over one row of two texts; errors are as good as values.
private func evaluate(_ expressions: [BoundExpression], _ s: String, _ t: String) {
  let row = Batch(schema: textSchema, columns: [Column([s]), Column([t])])
  for expression in expressions {
    _ = try? expression.evaluate(over: row, context: EvaluationContext(now: 0))
  }
}

private func bound(_ texts: [String]) -> [BoundExpression] {
  texts.map { text in
    guard let expression = try? Expression.parse(text).bind(to: textSchema) else {
      preconditionFailure("a fuzz target's own expression is good: \(text)")
    }
    return expression
  }
}

// MARK: - Zones

/// Reads a zone file and asks it for times near and far, then takes the bytes for a zone's name.
func readZone(_ bytes: [UInt8]) {
  _ = try? TimeZone(named: String(decoding: bytes.prefix(80), as: UTF8.self))
  guard let rules = try? ZoneRules(name: "fuzz", file: bytes.span) else { return }
  for second: Int64 in [.min, -1 << 40, -1, 0, 1_800_000_000, 99_999_999_999, 1 << 40, .max] {
    let period = rules.period(at: second)
    precondition(period.start <= second && (second < period.end || period.end == .max))
    let local = rules.period(ofLocal: second)
    precondition(-90_000...94_000 ~= local.offset)
  }
  var clocks = ZoneCursor(.region(rules))
  for time: Int64 in [.min, -1, 0, 1_800_000_000_000_000, .max] {
    _ = (clocks.local(time), clocks.timestamp(ofLocal: time))
  }
}

/// Files of version 2, as they stand in the system's folder, with the rules of various places.
func zoneSeeds() -> [[UInt8]] {
  [
    "CET-1CEST,M3.5.0,M10.5.0/3", "<+0330>-3:30<+0430>,J79/24,J263/24", "<-03>3", "",
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "EET-2EEST,99/50,300/-7",
  ].map(zoneFile)
}

private func zoneFile(rule: String) -> [UInt8] {
  func word(_ value: Int64, _ count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> Int64($0 * 8)) }
  }
  func header(times: Int64, types: Int64, letters: Int64) -> [UInt8] {
    let counts = [0, 0, 0, times, types, letters].flatMap { word($0, 4) }
    return Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15) + counts
  }
  let times: [Int64] = [-2_000_000_000, 0, 1_000_000_000]
  return header(times: 0, types: 1, letters: 1) + word(0, 4) + [0, 0] + [0]
    + header(times: 3, types: 2, letters: 4)
    + times.flatMap { word($0, 8) } + [1, 0, 1]
    + word(3600, 4) + [0, 0] + word(-7200, 4) + [1, 0] + Array("LMT\0".utf8)
    + Array("\n\(rule)\n".utf8)
}

// MARK: - Regular expressions

private let patternUses = bound([
  "s RLIKE t", "regexp_replace(s, t, '<$0>')", "regexp_extract_all(s, t, 0)", "split(s, t, 3)",
  "regexp_count(s, t)",
])

/// Matches a pattern with texts that have line ends, long characters and repeats.
func matchPattern(_ bytes: [UInt8]) {
  let pattern = String(decoding: bytes.prefix(200), as: UTF8.self)
  for text in ["", "aab\r\né😀", String(repeating: "a", count: 40) + "!", "2026-03-01 x=1,y='z'"] {
    evaluate(patternUses, text, pattern)
  }
}

func patternSeeds() -> [[UInt8]] {
  [
    #"(?i)^(\d{4})-(?<m>\d\d)\b.*?[a-z&&[^aeiou]]+$"#, #"(a+)+b|\p{Lu}\Q.\E(?<=x)\1"#,
    #"(?m)^[^\]\s]*+(?:\x{1F600}|\uD83D\uDE00|\0101)\R\z"#,
  ].map { Array($0.utf8) }
}

// MARK: - JSON

private let jsonUses = bound([
  "get_json_object(s, '$.a[*].b')", "get_json_object(s, '$')", "get_json_object('[[1],{}]', s)",
  "json_array_length(s)", "json_object_keys(s)",
  "from_json(s, 'a INT, b STRING, c STRUCT<d: DOUBLE, e: ARRAY<STRING>>')",
  "from_json(s, 'MAP<STRING, ARRAY<DECIMAL(10, 2)>>')",
  "to_json(from_json(s, 'ARRAY<STRUCT<a: TIMESTAMP, b: DATE>>'))",
])

/// Reads a text by all functions of JSON.
func queryJSON(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  evaluate(jsonUses, text, "")
  let literal = text.replacing("\\", with: "\\\\").replacing("'", with: "''")
  _ = try? Expression.parse("schema_of_json('\(literal)')").bind(to: textSchema)
}

func jsonQuerySeeds() -> [[UInt8]] {
  [
    #"{"a":[{"b":1},{"b":"x\u00e9\ud83d\ude00"},[{"b":null}]],"c":{"d":-1.5e10,"e":["p",null]}}"#,
    #"[{"a":"2026-03-01T12:00:00Z","b":"2026-03-01"},{'a':3}]"#, "$['a b'][0].*[*]",
  ].map { Array($0.utf8) }
}

// MARK: - CSV in a column

private let csvUses = bound([
  "from_csv(s, 'a STRING, b BIGINT, c DOUBLE, d STRING, e TIMESTAMP, _corrupt_record STRING')",
  "from_csv(s, 'a INT, b DECIMAL(9,3), c DATE, d BOOLEAN', map('sep', ';', 'mode', 'FAILFAST'))",
  "from_csv(s, 'a BINARY, b STRING', map('sep', '||', 'quote', '', 'comment', '#'))",
  """
  from_csv(s, 'a STRING, b FLOAT', map('escape', '"', 'ignoreLeadingWhiteSpace', 'true',
    'ignoreTrailingWhiteSpace', 'true', 'nullValue', 'x'))
  """,
])

func readCSVRecord(_ bytes: [UInt8]) {
  evaluate(csvUses, String(decoding: bytes, as: UTF8.self), "")
}

// MARK: - Sketches

/// What can be read can be united and written, and is the same when it is read again.
func readSketch(_ bytes: [UInt8]) {
  guard var sketch = try? DistinctSketch(bytes.span) else { return }
  precondition(sketch.estimate >= 0)
  sketch.unite(with: sketch)
  let written = sketch.bytes
  guard let again = try? DistinctSketch(written.span) else {
    preconditionFailure("a sketch that was written cannot be read")
  }
  precondition(again == sketch)
}

/// Lists and tables of coupons, and registers of all three widths.
func sketchSeeds() -> [[UInt8]] {
  [5, 30, 300].map { (count: Int64) -> [UInt8] in
    var sketch = DistinctSketch(precision: 8)
    for value in 0..<count { sketch.add(value) }
    return sketch.bytes
  } + [
    [10, 1, 7, 4, 2, 8, 2, 2] + [UInt8](repeating: 0, count: 28) + [1, 0, 0, 0]
      + [36, 50, 2, 49, 0, 2, 243, 64] + [13, 0, 0, 68],
    [10, 1, 7, 4, 0, 16, 0, 6] + [UInt8](repeating: 0, count: 32)
      + [UInt8](repeating: 33, count: 13),
  ]
}
