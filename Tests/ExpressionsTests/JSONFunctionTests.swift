import Columnar
import Diagnostics
import Expressions
import Testing

@Suite("Functions of JSON")
struct JSONFunctionTests {
  private let schema = Schema([Field("s", .string)])

  private func value(_ expression: String, _ text: String) throws -> Value {
    let batch = Batch(schema: schema, columns: [Column([text])])
    let bound = try Expression.parse(expression).bind(to: schema)
    return try bound.evaluate(over: batch, context: EvaluationContext(now: 0)).value(0)
  }

  private func nested(_ depth: Int, _ opening: String, _ inner: String, _ closing: String)
    -> String
  {
    String(repeating: opening, count: depth) + inner + String(repeating: closing, count: depth)
  }

  @Test(
    "take a text that is nested 1000 levels deep and none that is deeper",
    arguments: [("[", "1", "]"), (#"{"a":"#, "1", "}"), (#"[{"a":"#, "1", "}]")])
  func depth(opening: String, inner: String, closing: String) throws {
    let levels = opening.filter { "[{".contains($0) }.count
    let deepest = nested(1000 / levels, opening, inner, closing)
    #expect(try value("get_json_object(s, '$')", deepest) == .string(deepest))
    #expect(try value("from_json(s, 'MAP<STRING, STRING>') IS NULL", deepest) != .null)
    for depth in [1000 / levels + 1, 100_000] {
      for text in [nested(depth, opening, inner, closing), nested(depth, opening, "", "")] {
        #expect(try value("get_json_object(s, '$')", text) == .null)
        #expect(try value("json_array_length(s)", text) == .null)
        #expect(try value("json_object_keys(s)", text) == .null)
        #expect(try value("from_json(s, 'ARRAY<STRING>')", text) == .null)
      }
    }
  }

  @Test("find the type of a text that is deep, and refuse one that is deeper")
  func schemas() throws {
    let type = try value("schema_of_json('\(nested(1000, "[", "1", "]"))')", "")
    #expect(type == .string(nested(1000, "ARRAY<", "BIGINT", ">")))
    #expect(throws: StreamError.self) {
      try value("schema_of_json('\(nested(1001, "[", "1", "]"))')", "")
    }
  }

  @Test("follow a path as deep as the text, and give null for one that goes on")
  func paths() throws {
    let text = nested(1000, "[", "7", "]")
    #expect(
      try value("get_json_object(s, '$\(String(repeating: "[0]", count: 1000))')", text)
        == .string("7"))
    for step in ["[0]", ".a", "[*]", ".*"] {
      let path = "$" + String(repeating: step, count: 20_000)
      #expect(try value("get_json_object(s, '\(path)')", text) == .null, "\(step)")
    }
  }

  @Test("refuse a schema that is nested too deep")
  func deepSchema() {
    #expect(throws: StreamError.self) {
      try value("from_json(s, '\(nested(5000, "ARRAY<", "INT", ">"))')", "[]")
    }
  }

  @Test(
    "give null for a text that is cut off anywhere",
    arguments: [#"{"a":[1,-2.5e10,"x\u00e9\"",true,null],"b":{"c":'d'}}"#])
  func truncation(text: String) throws {
    let whole = Array(text.unicodeScalars)
    for count in 1..<whole.count {
      let part = String(String.UnicodeScalarView(whole[..<count]))
      #expect(try value("get_json_object(s, '$')", part) == .null, "\(part)")
    }
    #expect(try value("get_json_object(s, '$.b.c')", text) == .string("d"))
  }
}
