import Columnar
import TestSupport

/// Makes JSON text that fits a schema, mostly.
struct RandomJSON {
  var random: SplitMix64
  /// How many of a hundred values are of another type than the schema says.
  var noise = 4

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements.randomElement(using: &random)!
  }

  mutating func record(_ schema: Schema) -> String {
    value(.structure(schema.fields)) + pick(["", "", "", " ", "\r"])
  }

  mutating func lines(_ schema: Schema, count: Int) -> [UInt8] {
    (0..<count).map { _ in record(schema) + "\n" }.joined().utf8.map { $0 }
  }

  private mutating func space() -> String { chance(80) ? "" : pick([" ", "  ", "\t", "\r "]) }

  mutating func value(_ type: DataType) -> String {
    if chance(noise) { return anything(depth: 2) }
    if chance(8) { return "null" }
    switch type {
    case .void: return "null"
    case .boolean: return pick(["true", "false"])
    case .tinyint: return "\(Int.random(in: -130...130, using: &random))"
    case .smallint: return "\(Int.random(in: -32_800...32_800, using: &random))"
    case .int, .bigint: return integer()
    case .float, .double:
      return chance(10) ? pick(["\"NaN\"", "\"-Infinity\"", "\"INF\""]) : number()
    case .decimal: return chance(20) ? "\"\(number())\"" : number()
    case .timestamp: return chance(30) ? integer() : "\"\(pick(timestamps))\""
    case .date: return "\"\(pick(["2026-01-31", "1969-12-31", "0001-01-01", "2024-02-29"]))\""
    case .binary: return "\"\(pick(["", "AA==", "AAE=", "AAEC", "+/+/", "AAECAw"]))\""
    case .array(let element):
      let elements = (0..<Int.random(in: 0...3, using: &random)).map { _ in value(element) }
      return list("[", elements, "]")
    case .map(_, let value):
      let members = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        "\(string())\(space()):\(space())\(self.value(value))"
      }
      return list("{", members, "}")
    case .structure(let fields): return object(fields)
    default: return string()
    }
  }

  private let timestamps = [
    "2026-01-01T00:00:22.192Z", "2026-01-01T00:00:22Z", "2026-01-01 10:11:12",
    "2026-06-30T23:59:59+02:00",
    "2026-01-01", "1969-12-31T23:59:59.999999Z",
  ]

  private mutating func list(_ open: String, _ elements: [String], _ close: String) -> String {
    var text = open + space()
    for (index, element) in elements.enumerated() {
      text += (index == 0 ? "" : space() + "," + space()) + element
    }
    return text + space() + close
  }

  private mutating func object(_ fields: [Field]) -> String {
    var members: [String] = []
    for field in fields where !chance(10) {
      members.append("\"\(field.name)\"\(space()):\(space())\(value(field.type))")
    }
    if chance(10) { members.append("\(string()):\(anything(depth: 2))") }
    if chance(5), let field = fields.randomElement(using: &random) {
      members.append("\"\(field.name)\":\(value(field.type))")
    }
    if chance(20) { members.shuffle(using: &random) }
    return list("{", members, "}")
  }

  private mutating func integer() -> String {
    let value = Int64(truncatingIfNeeded: random.next())
    return "\(value >> Int64.random(in: 0...63, using: &random))"
  }

  private mutating func number() -> String {
    var text = integer()
    if chance(60) { text += ".\(random.next() >> UInt64.random(in: 0...63, using: &random))" }
    if chance(20) { text += pick(["e", "E"]) + pick(["", "+", "-"]) + "\(random.next() % 30)" }
    return text
  }

  mutating func string() -> String {
    let pieces = [
      "a", "bc", "def", " ", "-", "0", "é", "日本", "😀", "\u{7F}", "\\n", "\\\"", "\\\\", "\\/",
      "\\u0000",
      "\\u00e9", "\\uD83D\\uDE00", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ]
    let count = Int.random(in: 0...(chance(10) ? 40 : 6), using: &random)
    return "\"" + (0..<count).map { _ in pick(pieces) }.joined() + "\""
  }

  mutating func anything(depth: Int) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
    case 0: return pick(["null", "true", "false"])
    case 1: return integer()
    case 2: return number()
    case 3, 4: return string()
    case 5: return list("[", (0..<3).map { _ in anything(depth: depth - 1) }, "]")
    default:
      return list("{", (0..<2).map { _ in "\(string()):\(anything(depth: depth - 1))" }, "}")
    }
  }
}
