import Columnar
import Diagnostics
import Scalars

extension Function {
  static let jsonFunctions: [Function] = [
    Function(
      "get_json_object", in: .text, "get_json_object(text, path)",
      "what a path leads to in a JSON text, as text; null when there is nothing",
      "get_json_object('{\"a\":[1,2]}', '$.a[1]')", count: 2...2
    ) { call in
      let (text, path) = (try call.argument(0, .text), try call.argument(1, .text))
      let constant = call.constantText(1)
      let steps = constant.flatMap { JSONPath($0) }
      if constant != nil, steps == nil { return Node.null(.string, range: call.range) }
      return call.call(JSONQueries.object(steps), [text, path], .string)
    },
    Function(
      "json_array_length", in: .text, "json_array_length(text)",
      "the number of elements of a JSON array", "json_array_length('[1,2]')", takes: [.text],
      gives: .int, JSONQueries.length),
    Function(
      "json_object_keys", in: .text, "json_object_keys(text)", "the names of a JSON object",
      "json_object_keys('{\"a\":1}')", takes: [.text], gives: .array(.string), JSONQueries.keys),
    Function(
      "from_json", in: .conversion, "from_json(text, schema[, options])",
      "a JSON text as a struct, an array or a map; null where it does not fit",
      "from_json('{\"a\":1}', 'a INT')", count: 2...3, bind: JSONBinding.read),
    Function(
      "to_json", in: .conversion, "to_json(value[, options])",
      "a struct, an array or a map as JSON", "to_json(named_struct('a', 1))", count: 1...2,
      bind: JSONBinding.write),
    Function(
      "schema_of_json", in: .conversion, "schema_of_json(text)",
      "the schema of a JSON text that is a constant", "schema_of_json('{\"a\":1}')", count: 1...2
    ) { call in
      guard let text = call.constantText(0) else {
        throw call.failure("schema_of_json() needs a text that is a constant", call[0].range)
      }
      guard let schema = JSONSchema(text) else {
        throw call.failure("schema_of_json(): the text is not JSON", call[0].range)
      }
      return Node(.constant(Column([schema.text])), .string, range: call.range)
    },
  ]
}

enum JSONBinding {
  static func read(_ call: CallBinder) throws -> Node {
    guard call[0].type == .string || call[0].type == .void else { throw call.misfit(0, "a string") }
    guard let schema = call.constantText(1) else {
      throw call.failure(
        "from_json(): the schema is a text such as 'a INT, b STRING'", call[1].range)
    }
    let type = try self.type(schema, call)
    let text = try call.argument(0, .text)
    let options = try options(call, 2)
    if text.isConstantNull { return Node.null(type, range: call.range) }
    return call.call(JSONReading.kernel(options), [text], type)
  }

  /// `a INT, b STRING`, or one nested type.
  private static func type(_ schema: String, _ call: CallBinder) throws -> DataType {
    if let type = try? DataType(parsing: schema) {
      guard type.isNested else {
        throw call.failure(
          "from_json() makes structs, arrays and maps, not \(phrase(type))", call[1].range,
          hint: "get_json_object(text, '$') is a single value as text")
      }
      return type
    }
    do {
      return .structure(try Schema(parsing: schema).fields)
    } catch let error as StreamError {
      throw call.failure("from_json(): schema '\(schema)': \(error.message)", call[1].range)
    }
  }

  static func write(_ call: CallBinder) throws -> Node {
    if call[0].type == .void { return Node.null(.string, range: call.range) }
    guard call[0].type.isNested else { throw call.misfit(0, "a struct, an array or a map") }
    let kernel = JSONWriting.kernel(call[0].type, try options(call, 1))
    return call.call(kernel, [call[0]], .string)
  }

  static func options(_ call: CallBinder, _ index: Int) throws -> JSONOptions {
    let entries = try call.optionEntries(index)
    do throws(PatternError) {
      return try JSONOptions(entries)
    } catch {
      throw call.failure("\(call.name)(): \(error.message)", call[index].range)
    }
  }
}

extension CallBinder {
  /// The keys and values of `map('timestampFormat', 'dd/MM/yyyy')`; none when it is left out.
  func optionEntries(_ index: Int) throws -> [(key: String, value: String)] {
    guard index < count else { return [] }
    guard self[index].type == .map(key: .string, value: .string),
      case .list(let entries)? = self[index].constant?.value(0)
    else {
      throw failure(
        "\(name)(): options are a map of constants", self[index].range,
        hint: "map('timestampFormat', 'dd/MM/yyyy')")
    }
    return entries.compactMap { entry -> (key: String, value: String)? in
      guard case .structure(let members) = entry, case .string(let key) = members[0],
        case .string(let value) = members[1]
      else { return nil }
      return (key, value)
    }
  }
}
